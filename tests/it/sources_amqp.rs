//! A queue on an agency's own broker: everything in it comes in, once, and nothing there is changed.

use std::time::Duration;

use lapin::options::{
    BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions, QueueDeleteOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection};
use petitiond::broker::{Broker, BrokerConfig};
use petitiond::dial::Tls;
use petitiond::domain::SourceId;
use petitiond::pipeline::forward::Forward;
use petitiond::pipeline::progress::Progress;
use petitiond::pipeline::pull;
use petitiond::secret::Secret;
use petitiond::sources::amqp::{AmqpConfig, Error, Line, probe};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::intake::House;
use crate::support::agency::{petition, petitions};
use crate::support::broker::install_tls;
use crate::support::daemon::{counts, feed_is_dense, last_error, let_the_lease_run_out, records};
use crate::support::proxy::Line as Wire;
use crate::support::tls::TlsLine;
use crate::support::{Proxy, Site, TestBroker, TestDatabase, eventually};

const QUEUE: &str = "kntc.export";

/// An agency's broker with its queue.
struct Agency {
    broker: TestBroker,
    _connection: Connection,
    channel: Channel,
}

impl Agency {
    async fn open() -> Self {
        let broker = TestBroker::create().await;
        let connection = broker.connect().await;
        let channel = connection.create_channel().await.unwrap();
        channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
        let this = Self { broker, _connection: connection, channel };
        this.declare().await;
        this
    }

    async fn declare(&self) {
        self.channel.queue_declare(QUEUE.into(), QueueDeclareOptions::durable(), FieldTable::default()).await.unwrap();
    }

    async fn send(&self, body: &[u8], properties: BasicProperties) {
        let sent =
            self.channel.basic_publish("".into(), QUEUE.into(), BasicPublishOptions::default(), body, properties);
        assert!(sent.await.unwrap().await.unwrap().is_ack());
    }

    async fn records(&self, records: &[Value]) {
        for record in records {
            let properties =
                BasicProperties::default().with_delivery_mode(2).with_content_type("application/json".into());
            self.send(&serde_json::to_vec(record).unwrap(), properties).await;
        }
    }

    async fn empty(&self) {
        self.broker.await_depth(QUEUE, 0).await;
    }
}

/// A source's file for the queue of a broker, by way of `url`.
fn source(site: &Site, url: &str) {
    site.secret("byt.url", url);
    let queue = format!("[amqp]\nurl_file = \"byt.url\"\nqueue = \"{QUEUE}\"\nprefetch = 20\n[format.record]\n");
    site.source("byt", &queue);
}

fn config(url: &str, queue: &str) -> AmqpConfig {
    install_tls();
    AmqpConfig { url: Secret::from(url), queue: queue.to_owned(), prefetch: 5.try_into().unwrap(), tls: Tls::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_in_the_queue_comes_in_and_what_is_sent_later_too() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let agency = Agency::open().await;
    agency.records(&petitions(120)).await;
    source(&site, agency.broker.url());
    let said = site.done(&["check", "--connect"]);
    assert!(said.contains("source byt: answered") && said.contains("120 messages wait in \"kntc.export\""), "{said}");
    assert_eq!(agency.broker.depth(QUEUE).await, Some(120));
    let mut daemon = site.start().await;
    records(&pool, "byt", 120).await;
    agency.empty().await;
    assert!(site.fails(1, &["source", "pull", "byt"]).contains("as they come"));

    // an array, compressed; and two edits of a record without version and time: the later one is the newer
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    serde_json::to_writer(&mut packed, &petitions(150)[120..]).unwrap();
    agency.send(&packed.finish().unwrap(), BasicProperties::default().with_content_encoding("gzip".into())).await;
    records(&pool, "byt", 150).await;
    for summary in ["thứ nhất", "thứ hai", "thứ ba"] {
        let mut record = petition(500, 1);
        record["summary"] = json!(summary);
        record.as_object_mut().unwrap().remove("version");
        agency.records(&[record]).await;
    }
    let last = "SELECT count(*) FROM national_v1.petition WHERE summary = 'thứ ba'";
    counts(&pool, last, 1).await;

    // paused, messages wait where they are
    site.done(&["source", "pause", "byt"]);
    eventually("nobody consumes", Duration::from_secs(30), || async {
        (probe(&config(agency.broker.url(), QUEUE)).await.unwrap().consumers == 0).then_some(())
    })
    .await;
    agency.records(&petitions(160)[150..]).await;
    assert_eq!(agency.broker.depth(QUEUE).await, Some(10));
    site.done(&["source", "resume", "byt"]);
    records(&pool, "byt", 161).await;
    agency.empty().await;
    daemon.terminate().await;
    feed_is_dense(&pool).await;
}

/// Killed between the confirm here and the acknowledgement there, again and again; and the line cut.
#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_is_killed_and_a_line_that_breaks_lose_nothing_and_double_nothing() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let agency = Agency::open().await;
    agency.records(&petitions(1500)).await;
    let proxy = Proxy::before(agency.broker.url()).await;
    source(&site, &proxy.url(agency.broker.url()));
    proxy.set(Wire::Slow(Duration::from_millis(5)));
    for round in 1..5 {
        let mut daemon = site.launch();
        let some = format!("SELECT (count(*) > {})::int::bigint FROM petitiond.source_record", round * 40);
        counts(&pool, &some, 1).await;
        if round % 2 == 0 {
            proxy.cut();
            let more = format!("SELECT (count(*) > {})::int::bigint FROM petitiond.source_record", round * 40 + 20);
            counts(&pool, &more, 1).await;
        }
        daemon.kill9();
        let_the_lease_run_out(&pool).await;
    }
    proxy.set(Wire::Open);
    let _daemon = site.start().await;
    records(&pool, "byt", 1500).await;
    agency.empty().await;
    counts(&pool, "SELECT count(*) FROM national_v1.petition", 1500).await;
    feed_is_dense(&pool).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_the_inbox_refuses_goes_to_quarantine_and_holds_nobody_up() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (mut site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    site.set("PETITIOND__BROKER__MESSAGE_BYTES", "20KB");
    let agency = Agency::open().await;
    let mut large = petition(1, 1);
    large["summary"] = json!("x".repeat(30_000));
    agency.records(&[petition(0, 1), large.clone(), petition(2, 1)]).await;
    source(&site, agency.broker.url());
    let daemon = site.start().await;
    records(&pool, "byt", 2).await;
    agency.empty().await;
    let held =
        "SELECT count(*) FROM petitiond.quarantine WHERE source_id = 'byt' AND reason = 'too_large' AND state = 'held'";
    counts(&pool, held, 1).await;
    let shown = site.done(&["quarantine", "list"]);
    assert!(shown.contains("30") && shown.contains("message_bytes"), "{shown}");
    // the same once more is the same
    agency.records(&[large]).await;
    agency.empty().await;
    counts(&pool, held, 1).await;
    drop(daemon);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_is_not_there_is_not_made_and_is_found_when_it_is() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let agency = Agency::open().await;
    agency.channel.queue_delete(QUEUE.into(), QueueDeleteOptions::default()).await.unwrap();
    source(&site, agency.broker.url());
    let said = site.fails(1, &["check", "--connect"]);
    assert!(said.contains("FAIL  source byt") && said.contains("there is no queue \"kntc.export\""), "{said}");
    let _daemon = site.start().await;
    last_error(&pool, "byt", "there is no queue").await;
    assert_eq!(agency.broker.depth(QUEUE).await, None);
    agency.declare().await;
    agency.records(&petitions(3)).await;
    // half a minute passes between two looks at what a person must mend
    records(&pool, "byt", 3).await;
    assert!(site.status("byt")["last_error"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_line_is_said_and_no_password_with_it() {
    let agency = Agency::open().await;
    let url = agency.broker.url();
    let mut wrong = reqwest::Url::parse(url).unwrap();
    wrong.set_password(Some("geheim")).unwrap();
    let refused = Line::open(&config(wrong.as_str(), QUEUE), "test", false).await.err().unwrap();
    assert!(matches!(refused, Error::Refused { .. }), "{refused}");
    assert!(refused.to_string().contains("refuses the login") && !refused.to_string().contains("geheim"), "{refused}");
    let nowhere = Line::open(&config("amqp://u:geheim@127.0.0.1:1/%2f", QUEUE), "test", false).await.err().unwrap();
    assert!(nowhere.is_transient() && !nowhere.to_string().contains("geheim"), "{nowhere}");

    // somebody's own queue
    let exclusive = BasicConsumeOptions { exclusive: true, ..BasicConsumeOptions::default() };
    let _consumer =
        agency.channel.basic_consume(QUEUE.into(), "alone".into(), exclusive, FieldTable::default()).await.unwrap();
    let alone = Line::open(&config(url, QUEUE), "test", false).await.err().unwrap();
    assert!(matches!(alone, Error::Refused { .. }), "{alone}");
}

/// A dead router: no word, no end.
#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_says_nothing_is_given_up() {
    let agency = Agency::open().await;
    let proxy = Proxy::before(agency.broker.url()).await;
    proxy.set(Wire::Stalled);
    let error = Line::open(&config(&proxy.url(agency.broker.url()), QUEUE), "test", false).await.err().unwrap();
    assert!(error.is_transient(), "{error}");
    proxy.set(Wire::Open);
    // seconds instead of the usual forty
    let url = format!("{}?heartbeat=1", proxy.url(agency.broker.url()));
    let mut line = Line::open(&config(&url, QUEUE), "test", false).await.unwrap();
    proxy.set(Wire::Stalled);
    let error = tokio::time::timeout(Duration::from_secs(60), line.next()).await.expect("an end").unwrap_err();
    assert!(error.is_transient(), "{error}");
}

/// The client library gives every attempt a thread and a socket, and lets go of neither where the peer says nothing: so
/// such a peer is asked for a word first, and what asks is closed again.
#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_accepts_and_says_nothing_holds_one_connection_and_no_more() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let site = Site::new(database.url(), broker.url());
    let mute = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    source(&site, &format!("amqp://u:p@{}/%2f", mute.local_addr().unwrap()));
    let _daemon = site.start().await;
    let patience = Duration::from_secs(90);
    let attempt = async || tokio::time::timeout(patience, mute.accept()).await.expect("an attempt").unwrap().0;
    let _first = attempt().await;
    let mut second = attempt().await;
    let closed = async { while !matches!(second.read(&mut [0; 64]).await, Ok(0) | Err(_)) {} };
    tokio::time::timeout(patience, closed).await.expect("the second attempt is closed");
}

/// Paused between the taking of the source and the line: nothing has failed.
#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_was_paused_has_not_failed() {
    let (house, ours, agency) = tokio::join!(House::open(), TestBroker::create(), Agency::open());
    let source_id = SourceId::parse("byt").unwrap();
    install_tls();
    let broker = Broker::connect(BrokerConfig::new(Secret::from(ours.url())), "test").unwrap();
    broker.declare(std::slice::from_ref(&source_id)).await.unwrap();
    let proxy = Proxy::before(agency.broker.url()).await;
    proxy.set(Wire::Stalled);
    let config = config(&proxy.url(agency.broker.url()), QUEUE);
    let forward = Forward {
        desk: &house.desk,
        broker: &broker,
        source_id: &source_id,
        config: &config,
        cautious: false,
        stop: &CancellationToken::new(),
        holder: Uuid::now_v7(),
        progress: &Progress::default(),
        worker: "forward byt",
    };
    let pausing = async {
        let taken = "SELECT count(*) FROM petitiond.source WHERE source_id = 'byt' AND pull_holder IS NOT NULL";
        counts(&house.pool, taken, 1).await;
        house.execute("UPDATE petitiond.source SET paused = true WHERE source_id = 'byt'").await;
        proxy.set(Wire::Open);
    };
    let (outcome, ()) = tokio::join!(forward.run(), pausing);
    assert!(matches!(outcome, Err(pull::Error::Superseded)), "{outcome:?}");
    let row = house.row("SELECT * FROM petitiond.source WHERE source_id = 'byt'").await;
    assert_eq!((&row["last_error"], &row["consecutive_failures"]), (&Value::Null, &json!(0)), "{row}");
    broker.stop().await;
}

/// AMQPS with a client certificate; without it, or with an authority that is not the broker's, nobody comes in.
#[tokio::test(flavor = "multi_thread")]
async fn a_line_under_tls_shows_its_certificate_and_looks_at_the_brokers() {
    let agency = Agency::open().await;
    agency.records(&petitions(2)).await;
    let line = TlsLine::before(agency.broker.url()).await;
    let url = line.url("amqps", agency.broker.url());
    let (user, _) = url.trim_start_matches("amqps://").split_once('@').unwrap();
    let (cert, key) = line.client();
    let tls = Tls { ca_file: Some(line.ca_file()), cert_file: Some(cert), key_file: Some(key) };
    let config = AmqpConfig { tls: tls.clone(), ..config(&url, QUEUE) };
    assert_eq!(probe(&config).await.unwrap().messages, 2);
    let mut open = Line::open(&config, "test", false).await.unwrap();
    let letter = open.next().await.unwrap();
    assert_eq!(letter.content_type.as_deref(), Some("application/json"));
    open.acknowledge(&letter).await.unwrap();
    open.close().await;
    agency.broker.await_depth(QUEUE, 1).await;

    let bare = AmqpConfig { tls: Tls { cert_file: None, key_file: None, ..tls.clone() }, ..config.clone() };
    let error = Line::open(&bare, "test", false).await.err().unwrap();
    assert!(!error.to_string().contains(user), "{error}");
    let stranger = AmqpConfig { tls: Tls { ca_file: None, ..tls }, ..config };
    let error = Line::open(&stranger, "test", false).await.err().unwrap();
    assert!(!error.to_string().contains(user), "{error}");
}
