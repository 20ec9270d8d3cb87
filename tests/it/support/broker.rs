//! A virtual host of its own for each test, and a look into its queues.

use std::sync::Once;
use std::time::Duration;

use base64::Engine as _;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use reqwest::Method;
use serde_json::{Value, json};

use super::{clean_up, eventually, services, unique};

/// Takes the one TLS provider into use; every client of `reqwest` or `lapin` in a test needs it first.
pub fn install_tls() {
    static ONCE: Once = Once::new();
    // An error says that the code under test was faster.
    ONCE.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
}

/// A fresh virtual host, deleted with this value.
pub struct TestBroker {
    vhost: String,
    url: String,
}

/// A message as it lies in a queue.
#[derive(Debug, Clone)]
pub struct QueuedMessage {
    pub exchange: String,
    pub routing_key: String,
    /// AMQP properties, headers under `headers`.
    pub properties: Value,
    pub body: Vec<u8>,
}

impl TestBroker {
    pub async fn create() -> Self {
        let vhost = unique("test");
        manage(Method::PUT, &["vhosts", &vhost], None).await.expect("a virtual host");
        let mut url = reqwest::Url::parse(&services().amqp).expect("an AMQP URL");
        url.set_path(&vhost);
        let all = json!({"configure": ".*", "write": ".*", "read": ".*"});
        let this = Self { vhost, url: url.into() };
        let user = reqwest::Url::parse(&this.url).map(|url| url.username().to_owned()).unwrap_or_default();
        manage(Method::PUT, &["permissions", &this.vhost, &user], Some(all)).await.expect("its permissions");
        this
    }

    /// The administrator's AMQP URL of this virtual host.
    pub fn url(&self) -> &str {
        &self.url
    }

    pub async fn connect(&self) -> Connection {
        install_tls();
        Connection::connect(&self.url, ConnectionProperties::default()).await.expect("a connection to the broker")
    }

    /// Messages ready in a queue, now; `None` where there is no such queue.
    pub async fn depth(&self, queue: &str) -> Option<u32> {
        let connection = self.connect().await;
        let channel = connection.create_channel().await.expect("a channel");
        let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let depth = channel.queue_declare(queue.into(), passive, FieldTable::default()).await.ok();
        connection.close(200, "done".into()).await.ok();
        depth.map(|queue| queue.message_count())
    }

    /// Waits until a queue holds exactly so many ready messages.
    pub async fn await_depth(&self, queue: &str, depth: u32) {
        eventually(&format!("{depth} messages in {queue}"), Duration::from_secs(30), || async {
            (self.depth(queue).await == Some(depth)).then_some(())
        })
        .await;
    }

    /// Waits until a source has its inbox, bound to the exchange; before that nobody can publish to it.
    pub async fn inbox(&self, source: &str) {
        let queue = format!("petition.inbox.{source}");
        eventually(&format!("{queue}, bound"), Duration::from_secs(30), || async {
            let bindings = manage(Method::GET, &["queues", &self.vhost, &queue, "bindings"], None).await.ok()?;
            bindings.as_array()?.iter().any(|binding| binding["source"] == "petition.inbox").then_some(())
        })
        .await;
    }

    /// The oldest messages of a queue, which stay in it (marked as redelivered).
    pub async fn peek(&self, queue: &str, count: usize) -> Vec<QueuedMessage> {
        self.get(queue, count, "ack_requeue_true").await
    }

    /// The oldest messages of a queue, taken out of it.
    pub async fn take(&self, queue: &str, count: usize) -> Vec<QueuedMessage> {
        self.get(queue, count, "ack_requeue_false").await
    }

    async fn get(&self, queue: &str, count: usize, ackmode: &str) -> Vec<QueuedMessage> {
        let ask = json!({"count": count, "ackmode": ackmode, "encoding": "base64"});
        let answer = manage(Method::POST, &["queues", &self.vhost, queue, "get"], Some(ask)).await.expect("messages");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let message = |message: &Value| QueuedMessage {
            exchange: text(&message["exchange"]),
            routing_key: text(&message["routing_key"]),
            properties: message["properties"].clone(),
            body: base64::engine::general_purpose::STANDARD.decode(text(&message["payload"])).expect("base64"),
        };
        answer.as_array().map(|messages| messages.iter().map(message).collect()).unwrap_or_default()
    }

    /// Publishes one message and waits until the broker has it; fails when no queue takes it.
    pub async fn publish(&self, exchange: &str, routing_key: &str, properties: BasicProperties, body: &[u8]) {
        let connection = self.connect().await;
        let channel: Channel = connection.create_channel().await.expect("a channel");
        channel.confirm_select(ConfirmSelectOptions::default()).await.expect("confirms");
        let mandatory = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let confirmation = channel
            .basic_publish(exchange.into(), routing_key.into(), mandatory, body, properties)
            .await
            .expect("a publish")
            .await
            .expect("a confirmation");
        let arrived = confirmation.is_ack() && confirmation.take_message().is_none();
        assert!(arrived, "no queue took the message for {exchange}/{routing_key}");
        connection.close(200, "done".into()).await.ok();
    }
}

impl Drop for TestBroker {
    fn drop(&mut self) {
        let vhost = std::mem::take(&mut self.vhost);
        clean_up(&format!("virtual host {vhost}"), async move {
            manage(Method::DELETE, &["vhosts", &vhost], None).await.map(drop)
        });
    }
}

/// One request to the management API; the path in segments, each of which may hold anything.
pub async fn manage(method: Method, path: &[&str], body: Option<Value>) -> Result<Value, String> {
    install_tls();
    let mut url = reqwest::Url::parse(&services().management).map_err(|e| e.to_string())?;
    url.path_segments_mut().map_err(|()| "no path")?.push("api").extend(path);
    let (user, password) = (url.username().to_owned(), url.password().map(ToOwned::to_owned));
    url.set_username("").and_then(|()| url.set_password(None)).map_err(|()| "no user")?;
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_mins(1)).build();
    let mut request = client.map_err(|e| e.to_string())?.request(method, url).basic_auth(user, password);
    if let Some(body) = body {
        request = request.json(&body);
    }
    let hint = "deploy/services.sh up starts a RabbitMQ with its management plugin, and says what to install";
    let answer = request.send().await.map_err(|e| format!("no RabbitMQ management: {e:?} ({hint})"))?;
    let status = answer.status();
    let text = answer.text().await.map_err(|e| e.to_string())?;
    if !status.is_success() {
        return Err(format!("RabbitMQ management says {status}: {text}"));
    }
    Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
}
