//! The broker module against a real RabbitMQ: what is published arrives, what is settled stays settled, and no fault
//! of connections, queues or messages changes that.

use std::collections::HashSet;
use std::num::NonZeroU16;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{BasicProperties, Connection, ConnectionProperties};
use petitiond::broker::{
    Broker, BrokerConfig, Consumer, Delivery, Error, Message, Outcome, Packing, Route, State, account_commands,
};
use petitiond::dial::Tls;
use petitiond::domain::SourceId;
use petitiond::secret::Secret;
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::support::broker::{install_tls, manage};
use crate::support::proxy::Line;
use crate::support::tls::TlsLine;
use crate::support::{PrivateServers, Proxy, TestBroker, eventually};

/// Long enough for a loaded machine, short enough to tell a hang.
const PATIENCE: Duration = Duration::from_secs(30);

fn source(name: &str) -> SourceId {
    SourceId::parse(name).unwrap()
}

fn config(url: &str) -> BrokerConfig {
    install_tls();
    BrokerConfig { delivery_limit: 3, heartbeat: Duration::from_secs(2), ..BrokerConfig::new(Secret::from(url)) }
}

/// Connected, with the queues of `bxd`.
async fn connected(config: BrokerConfig) -> Broker {
    let broker = Broker::connect(config, "test").unwrap();
    broker.ready(PATIENCE).await.unwrap();
    broker.declare(&[source("bxd")]).await.unwrap();
    broker
}

fn prefetch(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).unwrap()
}

async fn next(consumer: &mut Consumer) -> Delivery {
    timeout(PATIENCE, consumer.next()).await.expect("a delivery in time").expect("a consumer that goes on")
}

async fn several(consumer: &mut Consumer, count: usize) -> Vec<Delivery> {
    let mut all = Vec::new();
    while all.len() < count {
        all.push(next(consumer).await);
    }
    all
}

async fn publish(broker: &Broker, count: usize) {
    let (publisher, route) = (broker.publisher(), broker.topology().to_inbox(&source("bxd")));
    let sending: FuturesUnordered<_> =
        (0..count).map(|n| publisher.publish(route.clone(), Message::new(n.to_string(), b"{}".to_vec()))).collect();
    let results: Vec<_> = timeout(PATIENCE, sending.collect()).await.expect("confirms in time");
    assert!(results.iter().all(Result::is_ok), "{results:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_publisher_says_of_a_message_arrives_with_it() {
    let host = TestBroker::create().await;
    let broker = connected(config(host.url())).await;
    let route = broker.topology().to_inbox(&source("bxd"));
    let mut message = Message::packed("pull-7/3", Packing::Records, 1_763_990_000_000_001, b"[{}]".to_vec());
    message.content_encoding = Some("gzip".into());
    broker.publisher().publish(route, message).await.unwrap();

    let mut consumer = broker.consume(&source("bxd"), prefetch(10));
    let delivery = next(&mut consumer).await;
    assert_eq!(delivery.body, b"[{}]");
    let envelope = &delivery.envelope;
    assert_eq!((envelope.message_id.as_str(), envelope.source.as_str()), ("pull-7/3", "bxd"));
    assert_eq!((envelope.packing, envelope.pulled_at), (Packing::Records, Some(1_763_990_000_000_001)));
    assert_eq!(envelope.content_type.as_deref(), Some("application/json"));
    assert_eq!(envelope.content_encoding.as_deref(), Some("gzip"));
    assert!(!envelope.redelivered && envelope.delivery_count == 0);
    delivery.settle(Outcome::Done);
    consumer.handle().stop(PATIENCE).await;
    assert!(consumer.next().await.is_none());
    host.await_depth("petition.inbox.bxd", 0).await;
}

/// The client gives a returned message to whichever confirm comes next; every publisher must hear of its own.
#[tokio::test(flavor = "multi_thread")]
async fn an_unroutable_message_is_an_error_and_only_that_one() {
    let host = TestBroker::create().await;
    let broker = connected(config(host.url())).await;
    let publisher = broker.publisher();
    let good = broker.topology().to_inbox(&source("bxd"));
    let lost = broker.topology().to_inbox(&source("nobody"));
    let sending: FuturesUnordered<_> = (0..20000_u32)
        .map(|n| {
            let (publisher, route) = (&publisher, if n % 2 == 0 { lost.clone() } else { good.clone() });
            async move { (n, publisher.publish(route, Message::new(n.to_string(), b"{}".to_vec())).await) }
        })
        .collect();
    let results: Vec<_> = timeout(PATIENCE, sending.collect()).await.unwrap();
    for (n, result) in results {
        match result {
            Err(Error::Unroutable { route }) => {
                assert!(n % 2 == 0 && route == "petition.inbox → nobody", "{n} {route}");
            }
            other => assert!(n % 2 != 0 && other.is_ok(), "{n}: {other:?}"),
        }
    }
    // Nobody need listen to changes.
    let change = broker.topology().to_changes("petition.insert.complaint.24");
    publisher.publish(change, Message::new("c", b"{}".to_vec())).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_wrong_message_is_told_from_those_that_were_under_way_with_it() {
    let host = TestBroker::create().await;
    let broker = connected(config(host.url())).await;
    let publisher = broker.publisher();
    let good = broker.topology().to_inbox(&source("bxd"));
    let wrong = Route { exchange: "petition.elsewhere".into(), routing_key: "x".into(), mandatory: true };
    let sending: FuturesUnordered<_> = (0..200_u32)
        .map(|n| {
            let (publisher, route) = (&publisher, if n == 100 { wrong.clone() } else { good.clone() });
            async move { (n, publisher.publish(route, Message::new(n.to_string(), b"{}".to_vec())).await) }
        })
        .collect();
    for (n, result) in timeout(PATIENCE, sending.collect::<Vec<_>>()).await.unwrap() {
        match result {
            Err(Error::Misconfigured { what, .. }) => {
                assert!(n == 100 && what.contains("petition.elsewhere"), "{what}");
            }
            other => assert!(n != 100 && other.is_ok(), "{n}: {other:?}"),
        }
    }
    let too_large = vec![b' '; 17 << 20];
    let error = publisher.publish(good, Message::new("large", too_large)).await.unwrap_err();
    assert!(matches!(&error, Error::Rejected { what, .. } if what.contains("17825792")), "{error}");
}

/// A queue that is full says so to the publisher, who can wait; other queues go on.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_refuses() {
    let host = TestBroker::create().await;
    let broker = connected(config(host.url())).await;
    broker.declare(&[source("byt")]).await.unwrap();
    let vhost = host.url().rsplit('/').next().unwrap();
    let policy = json!({"pattern": "bxd$", "definition": {"max-length": 1}, "apply-to": "queues"});
    manage(Method::PUT, &["policies", vhost, "tight"], Some(policy)).await.unwrap();
    let publisher = broker.publisher();
    let (full, free) = (broker.topology().to_inbox(&source("bxd")), broker.topology().to_inbox(&source("byt")));
    let refusal = eventually("a refusal", PATIENCE, || async {
        publisher.publish(full.clone(), Message::new("m", b"{}".to_vec())).await.err()
    })
    .await;
    assert_eq!(refusal, Error::Refused { route: "petition.inbox → bxd".into() });
    publisher.publish(free, Message::new("m", b"{}".to_vec())).await.unwrap();
}

/// 20,000 messages, both connections cut twice on the way, once by the line and once by the broker.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_connections_are_cut() {
    const COUNT: usize = 20_000;
    let host = TestBroker::create().await;
    let proxy = Proxy::before(host.url()).await;
    let broker = connected(config(&proxy.url(host.url()))).await;
    let mut consumer = broker.consume(&source("bxd"), prefetch(500));
    let handle = consumer.handle();

    let (publisher, route) = (broker.publisher(), broker.topology().to_inbox(&source("bxd")));
    let publishing = tokio::spawn(async move {
        let mut sending = futures_util::stream::iter(0..COUNT)
            .map(|n| publisher.publish(route.clone(), Message::new(n.to_string(), vec![b'x'; 200])))
            .buffer_unordered(1000);
        while let Some(result) = sending.next().await {
            result.unwrap();
        }
    });
    let mut seen = HashSet::new();
    let mut cuts = 0;
    while seen.len() < COUNT {
        let delivery = next(&mut consumer).await;
        seen.insert(delivery.envelope.message_id.clone());
        delivery.settle(Outcome::Done);
        if cuts == 0 && seen.len() == COUNT / 4 {
            cuts = 1;
            proxy.cut();
        }
        if cuts == 1 && seen.len() == COUNT / 2 {
            cuts = 2;
            close_all_connections(&host).await;
        }
    }
    timeout(PATIENCE, publishing).await.expect("all confirmed").unwrap();
    handle.stop(PATIENCE).await;
    host.await_depth("petition.inbox.bxd", 0).await;
    let counters = handle.counters();
    assert_eq!((counters.in_hand, counters.dropped, counters.requeued, counters.dead), (0, 0, 0, 0));
    assert_eq!(counters.received, counters.done + counters.stale, "{counters:?}");
    assert!(counters.done >= COUNT as u64, "{counters:?}");
}

/// As `rabbitmqctl close_all_connections`, for one virtual host.
async fn close_all_connections(host: &TestBroker) {
    let vhost = host.url().rsplit('/').next().unwrap();
    // The broker's list of connections is some seconds behind.
    let names = eventually("two connections in the broker's list", PATIENCE, || async {
        let list = manage(Method::GET, &["vhosts", vhost, "connections"], None).await.unwrap();
        let names: Vec<_> = list.as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap().to_owned()).collect();
        (names.len() >= 2).then_some(names)
    })
    .await;
    for name in names {
        // Fails for one that has been cut already and is still listed.
        manage(Method::DELETE, &["connections", &name], None).await.ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_always_given_back_ends_in_the_dead_queue() {
    let host = TestBroker::create().await;
    let broker = connected(config(host.url())).await;
    publish(&broker, 1).await;
    let mut consumer = broker.consume(&source("bxd"), prefetch(10));
    for count in 0..=3 {
        let delivery = next(&mut consumer).await;
        assert_eq!(delivery.envelope.delivery_count, count);
        delivery.settle(Outcome::Requeue);
    }
    host.await_depth("petition.dead", 1).await;
    assert_eq!(broker.dead_backlog().await.unwrap(), Some((1, 0)));
    let dead = host.peek("petition.dead", 1).await;
    assert_eq!(dead[0].properties["headers"]["x-first-death-reason"], "delivery_limit");
    assert_eq!(dead[0].properties["headers"]["x-first-death-queue"], "petition.inbox.bxd");

    publish(&broker, 1).await;
    next(&mut consumer).await.settle(Outcome::Dead);
    host.await_depth("petition.dead", 2).await;
    consumer.handle().flush().await;
    let counters = consumer.handle().counters();
    assert_eq!((counters.received, counters.requeued, counters.dead, counters.done), (5, 4, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_is_dropped_comes_again() {
    let host = TestBroker::create().await;
    let broker = connected(config(host.url())).await;
    publish(&broker, 1).await;
    let mut consumer = broker.consume(&source("bxd"), prefetch(10));
    drop(next(&mut consumer).await);
    let again = next(&mut consumer).await;
    assert!(again.envelope.redelivered && again.envelope.delivery_count == 1);
    again.settle(Outcome::Done);
    consumer.handle().stop(PATIENCE).await;
    host.await_depth("petition.inbox.bxd", 0).await;
    let counters = consumer.handle().counters();
    assert_eq!((counters.received, counters.dropped, counters.requeued, counters.done), (2, 1, 1, 1));
}

/// Tags 1 to 10 of a channel that is gone, acknowledged in multiples, would take ten messages of the next channel
/// with them that nobody has handled.
#[tokio::test(flavor = "multi_thread")]
async fn a_settlement_never_reaches_another_channel() {
    let host = TestBroker::create().await;
    let proxy = Proxy::before(host.url()).await;
    let broker = connected(config(&proxy.url(host.url()))).await;
    publish(&broker, 10).await;
    let mut consumer = broker.consume(&source("bxd"), prefetch(10));
    let handle = consumer.handle();
    let old = several(&mut consumer, 10).await;
    proxy.cut();
    let new = several(&mut consumer, 10).await;
    assert!(new.iter().all(|delivery| delivery.envelope.redelivered));
    for delivery in old {
        delivery.settle(Outcome::Done);
    }
    handle.flush().await;
    assert_eq!((handle.counters().stale, handle.counters().done), (10, 0));

    // Of the new ones the last is handled: an acknowledgement of many would take the nine before it.
    let mut new = new;
    new.pop().unwrap().settle(Outcome::Done);
    handle.flush().await;
    let stopping = tokio::spawn(async move { handle.stop(Duration::ZERO).await });
    stopping.await.unwrap();
    drop(new);
    host.await_depth("petition.inbox.bxd", 9).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_lets_what_is_in_hand_be_settled_and_gives_back_the_rest() {
    let host = TestBroker::create().await;
    let broker = connected(config(host.url())).await;
    publish(&broker, 20).await;
    let mut consumer = broker.consume(&source("bxd"), prefetch(20));
    let handle = consumer.handle();
    let in_hand = several(&mut consumer, 5).await;
    let stopping = tokio::spawn({
        let handle = handle.clone();
        async move { handle.stop(PATIENCE).await }
    });
    while consumer.next().await.is_some() {
        // What was on its way when the order came; dropped, it goes back.
    }
    assert!(!stopping.is_finished(), "five deliveries are still in hand");
    for delivery in in_hand {
        delivery.settle(Outcome::Done);
    }
    timeout(PATIENCE, stopping).await.unwrap().unwrap();
    host.await_depth("petition.inbox.bxd", 15).await;
    assert_eq!((handle.counters().done, handle.counters().in_hand), (5, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_outlives_its_queue() {
    let host = TestBroker::create().await;
    let broker = connected(config(host.url())).await;
    let mut consumer = broker.consume(&source("bxd"), prefetch(10));
    publish(&broker, 1).await;
    next(&mut consumer).await.settle(Outcome::Done);
    let vhost = host.url().rsplit('/').next().unwrap();
    manage(Method::DELETE, &["queues", vhost, "petition.inbox.bxd"], None).await.unwrap();
    eventually("the queue again, consumed", PATIENCE, || async {
        (broker.backlog(&source("bxd")).await.unwrap() == Some((0, 1))).then_some(())
    })
    .await;
    publish(&broker, 1).await;
    next(&mut consumer).await.settle(Outcome::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_with_other_properties_is_named_and_harms_no_other() {
    let host = TestBroker::create().await;
    let vhost = host.url().rsplit('/').next().unwrap();
    let other = json!({"durable": true, "arguments": {"x-queue-type": "classic"}});
    manage(Method::PUT, &["queues", vhost, "petition.inbox.bxd"], Some(other)).await.unwrap();
    let broker = Broker::connect(config(host.url()), "test").unwrap();
    let error = broker.declare(&[source("bxd"), source("byt")]).await.unwrap_err();
    assert!(matches!(error, Error::Misconfigured { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("petition.inbox.bxd") && text.contains("delete it"), "{text}");

    assert_eq!(broker.backlog(&source("byt")).await.unwrap(), Some((0, 0)), "the other source has its queue");
    assert_eq!(broker.backlog(&source("nobody")).await.unwrap(), None);
    let route = broker.topology().to_inbox(&source("byt"));
    broker.publisher().publish(route, Message::new("m", b"{}".to_vec())).await.unwrap();
    next(&mut broker.consume(&source("byt"), prefetch(1))).await.settle(Outcome::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_line_is_noticed_and_left() {
    let host = TestBroker::create().await;
    let proxy = Proxy::before(host.url()).await;
    let broker = connected(config(&proxy.url(host.url()))).await;
    let mut consumer = broker.consume(&source("bxd"), prefetch(10));
    publish(&broker, 1).await;
    next(&mut consumer).await.settle(Outcome::Done);

    proxy.set(Line::Stalled);
    let route = broker.topology().to_inbox(&source("bxd"));
    let publisher = broker.publisher();
    let publishing = tokio::spawn(async move { publisher.publish(route, Message::new("late", b"{}".to_vec())).await });
    let mut state = broker.state();
    timeout(PATIENCE, state.wait_for(|state| matches!(state, State::Down { error: Some(_), .. })))
        .await
        .unwrap()
        .unwrap();
    assert!(!publishing.is_finished());

    proxy.set(Line::Open);
    timeout(PATIENCE, publishing).await.expect("confirmed after the silence").unwrap().unwrap();
    let late = next(&mut consumer).await;
    assert_eq!(late.envelope.message_id, "late");
    late.settle(Outcome::Done);
    broker.ready(PATIENCE).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_says_so_and_no_password() {
    let host = TestBroker::create().await;
    let mut url = reqwest::Url::parse(host.url()).unwrap();
    url.set_password(Some("hunter2")).unwrap();
    let broker = Broker::connect(config(url.as_str()), "test").unwrap();
    let mut state = broker.state();
    let down = state.wait_for(|state| matches!(state, State::Down { error: Some(Error::Misconfigured { .. }), .. }));
    let text = format!("{:?}", *timeout(PATIENCE, down).await.unwrap().unwrap());
    assert!(text.contains("refuses the login") && !text.contains("hunter2"), "{text}");
    assert!(matches!(broker.ready(Duration::from_millis(10)).await, Err(Error::Misconfigured { .. })));
}

/// Dropping every handle ends the connections; stopping ends publications that can no longer be confirmed.
#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_broker_answers_everybody() {
    let host = TestBroker::create().await;
    let proxy = Proxy::before(host.url()).await;
    let broker = connected(config(&proxy.url(host.url()))).await;
    let mut consumer = broker.consume(&source("bxd"), prefetch(10));
    proxy.set(Line::Refusing);
    proxy.cut();
    let (publisher, route) = (broker.publisher(), broker.topology().to_inbox(&source("bxd")));
    let publishing = tokio::spawn(async move { publisher.publish(route, Message::new("never", Vec::new())).await });
    timeout(PATIENCE, broker.stop()).await.unwrap();
    assert_eq!(timeout(PATIENCE, publishing).await.unwrap().unwrap(), Err(Error::Stopped));
    assert!(timeout(PATIENCE, consumer.next()).await.unwrap().is_none());
    timeout(PATIENCE, consumer.handle().stop(PATIENCE)).await.unwrap();
}

/// A memory alarm: publications wait, deliveries and acknowledgements go on, and nobody takes it for a fault.
#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_broker_is_waited_for() {
    let servers = tokio::task::spawn_blocking(PrivateServers::start).await.unwrap();
    let settings = BrokerConfig { confirm_timeout: Duration::from_secs(1), ..config(&servers.servers.amqp) };
    let broker = connected(settings).await;
    let mut consumer = broker.consume(&source("bxd"), prefetch(10));
    publish(&broker, 5).await;
    let waiting = several(&mut consumer, 5).await;

    let servers = Arc::new(servers);
    let ctl = async |watermark: &'static str| {
        let servers = Arc::clone(&servers);
        tokio::task::spawn_blocking(move || servers.ctl(&["set_vm_memory_high_watermark", watermark])).await.unwrap();
    };
    ctl("0.00001").await;
    // The broker says so when the next message comes.
    let (publisher, route) = (broker.publisher(), broker.topology().to_inbox(&source("bxd")));
    let publishing = tokio::spawn(async move { publisher.publish(route, Message::new("held", b"{}".to_vec())).await });
    let mut state = broker.state();
    timeout(PATIENCE, state.wait_for(|state| matches!(state, State::Blocked { .. }))).await.unwrap().unwrap();
    assert!(broker.is_blocked());

    for delivery in waiting {
        delivery.settle(Outcome::Done);
    }
    consumer.handle().flush().await;
    assert_eq!(consumer.handle().counters().done, 5, "acknowledgements get through");
    // Longer than the timeout of a confirm and than two heartbeats: still the same connection, still waiting.
    let changed = state.wait_for(|state| !matches!(state, State::Blocked { .. }));
    assert!(timeout(Duration::from_secs(6), changed).await.is_err(), "the connection was given up");
    assert!(!publishing.is_finished());

    ctl("0.6").await;
    timeout(PATIENCE, publishing).await.expect("confirmed after the alarm").unwrap().unwrap();
    timeout(PATIENCE, state.wait_for(|state| *state == State::Connected)).await.unwrap().unwrap();
    assert_eq!(next(&mut consumer).await.envelope.message_id, "held");
    tokio::task::spawn_blocking(move || drop(servers)).await.unwrap();
}

/// A relay to the broker that turns `~~~~` into bytes that are no UTF-8, which the client library cannot be made to send.
async fn garbling_relay(server: &str) -> String {
    let mut url = reqwest::Url::parse(server).unwrap();
    let address = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
    tokio::spawn(async move {
        let (client, _) = listener.accept().await.unwrap();
        let server = TcpStream::connect(address).await.unwrap();
        let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
            (client.into_split(), server.into_split());
        tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
        let mut piece = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from_client.read(&mut piece).await {
            let piece = &mut piece[..length];
            while let Some(at) = piece.windows(4).position(|bytes| bytes == b"~~~~") {
                piece[at..at + 4].fill(0xff);
            }
            to_server.write_all(piece).await.unwrap();
        }
    });
    url.into()
}

/// The client cannot read such a message and gives up the whole connection, every time it is delivered.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_the_client_cannot_read_ends_in_the_dead_queue_and_stops_nobody() {
    let host = TestBroker::create().await;
    let broker = connected(config(host.url())).await;
    broker.declare(&[source("byt")]).await.unwrap();
    let hostile =
        Connection::connect(&garbling_relay(host.url()).await, ConnectionProperties::default()).await.unwrap();
    let properties = BasicProperties::default().with_content_type("text/~~~~".into());
    let channel = hostile.create_channel().await.unwrap();
    channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
    let options = BasicPublishOptions::default();
    let confirm =
        channel.basic_publish("petition.inbox".into(), "bxd".into(), options, b"{}", properties).await.unwrap();
    assert!(confirm.await.unwrap().is_ack());
    host.await_depth("petition.inbox.bxd", 1).await;

    let mut victim = broker.consume(&source("bxd"), prefetch(10));
    let mut bystander = broker.consume(&source("byt"), prefetch(10));
    host.await_depth("petition.dead", 1).await;
    for name in ["bxd", "byt"] {
        let route = broker.topology().to_inbox(&source(name));
        broker.publisher().publish(route, Message::new(name, b"{}".to_vec())).await.unwrap();
    }
    assert_eq!(next(&mut victim).await.envelope.message_id, "bxd");
    assert_eq!(next(&mut bystander).await.envelope.message_id, "byt");
}

/// `amqps` with an authority of its own and a client certificate, ended by a TLS server in front of the broker.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_over_tls_trusts_the_given_authority_and_shows_its_certificate() {
    install_tls();
    let host = TestBroker::create().await;
    let line = TlsLine::before(host.url()).await;
    let (cert, key) = line.client();
    let tls = Tls { ca_file: Some(line.ca_file()), cert_file: Some(cert), key_file: Some(key) };
    let url = line.url("amqps", host.url());

    let trusting = BrokerConfig { tls, ..config(&url) };
    let broker = connected(trusting.clone()).await;
    publish(&broker, 1).await;
    next(&mut broker.consume(&source("bxd"), prefetch(1))).await.settle(Outcome::Done);

    for unfit in
        [Tls { ca_file: None, ..trusting.tls.clone() }, Tls { cert_file: None, key_file: None, ..trusting.tls }]
    {
        let broker = Broker::connect(BrokerConfig { tls: unfit, ..config(&url) }, "test").unwrap();
        let error = broker.ready(Duration::from_secs(2)).await.unwrap_err();
        assert!(matches!(error, Error::Unavailable { .. }), "{error}");
    }
}

/// An administrator may make everything beforehand and give the daemon no right to change it.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_to_declare_what_exists_is_enough() {
    let host = TestBroker::create().await;
    connected(config(host.url())).await.stop().await;
    let vhost = host.url().rsplit('/').next().unwrap();
    manage(Method::PUT, &["users", vhost], Some(json!({"password": "p", "tags": ""}))).await.unwrap();
    let rights = json!({"configure": "^$", "write": "^petition\\.", "read": "^petition\\."});
    manage(Method::PUT, &["permissions", vhost, vhost], Some(rights)).await.unwrap();
    let mut url = reqwest::Url::parse(host.url()).unwrap();
    url.set_username(vhost).and_then(|()| url.set_password(Some("p"))).unwrap();

    let broker = connected(config(url.as_str())).await;
    publish(&broker, 1).await;
    next(&mut broker.consume(&source("bxd"), prefetch(1))).await.settle(Outcome::Done);
    let error = broker.declare(&[source("byt")]).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("petition.inbox.byt") && text.contains("grant"), "{text}");
    manage(Method::DELETE, &["users", vhost], None).await.unwrap();
}

/// The words of a command of the reference as rights: what an administrator would paste, set through the management API.
fn rights(command: &str) -> Vec<String> {
    let words = command.split_whitespace().filter(|word| word.starts_with('\''));
    words.map(|word| word.trim_matches('\'').to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_publishes_under_its_own_name_and_reads_its_own_receipts_only() {
    let host = TestBroker::create().await;
    let broker = connected(config(host.url())).await;
    broker.declare(&[source("byt")]).await.unwrap();
    let account = host.url().rsplit('/').next().unwrap();
    manage(Method::PUT, &["users", account], Some(json!({"password": "p", "tags": ""}))).await.unwrap();
    let [permissions, topics] = account_commands("petition", &source("bxd"), account);
    let (permissions, topics) = (rights(&permissions), rights(&topics));
    let rights = json!({"configure": permissions[0], "write": permissions[1], "read": permissions[2]});
    manage(Method::PUT, &["permissions", account, account], Some(rights)).await.unwrap();
    let rights = json!({"exchange": "petition.inbox", "write": topics[0], "read": topics[1]});
    manage(Method::PUT, &["topic-permissions", account, account], Some(rights)).await.unwrap();
    let mut url = reqwest::Url::parse(host.url()).unwrap();
    url.set_username(account).and_then(|()| url.set_password(Some("p"))).unwrap();

    for (exchange, key, may) in [
        ("petition.inbox", "bxd", true),
        ("petition.inbox", "byt", false),
        ("petition.inbox", "bxd.byt", false),
        ("petition.receipts", "bxd", false),
        ("", "petition.inbox.byt", false),
        ("petition.dead", "", false),
    ] {
        let connection = Connection::connect(url.as_str(), ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
        let sent = channel
            .basic_publish(
                exchange.into(),
                key.into(),
                BasicPublishOptions::default(),
                b"{}",
                BasicProperties::default(),
            )
            .await
            .unwrap()
            .await;
        assert_eq!(sent.is_ok(), may, "{exchange} {key}: {sent:?}");
        connection.close(200, "done".into()).await.ok();
    }
    for (queue, may) in
        [("petition.receipts.bxd", true), ("petition.receipts.byt", false), ("petition.inbox.bxd", false)]
    {
        let connection = Connection::connect(url.as_str(), ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        let got = channel.basic_get(queue.into(), lapin::options::BasicGetOptions::default()).await;
        assert_eq!(got.is_ok(), may, "{queue}");
        connection.close(200, "done".into()).await.ok();
    }
    assert_eq!(host.depth("petition.inbox.bxd").await, Some(1));
    assert_eq!(host.depth("petition.inbox.byt").await, Some(0));
    // these headers bring a copy into queues that nobody asks about; there it says under which name it was published
    for header in ["CC", "BCC"] {
        let connection = Connection::connect(url.as_str(), ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
        let mut headers = lapin::types::FieldTable::default();
        let others = vec![lapin::types::AMQPValue::LongString("byt".into())];
        headers.insert(header.into(), lapin::types::AMQPValue::FieldArray(others.into()));
        let properties = BasicProperties::default().with_headers(headers);
        let (exchange, key) = ("petition.inbox".into(), "bxd".into());
        let sent =
            channel.basic_publish(exchange, key, BasicPublishOptions::default(), b"{}", properties).await.unwrap();
        sent.await.unwrap();
        connection.close(200, "done".into()).await.ok();
        let delivery = next(&mut broker.consume(&source("byt"), prefetch(1))).await;
        assert!(!delivery.envelope.is_addressed(), "{:?}", delivery.envelope);
        delivery.settle(Outcome::Dead);
        let own = next(&mut broker.consume(&source("bxd"), prefetch(1))).await;
        assert!(own.envelope.is_addressed(), "{:?}", own.envelope);
        own.settle(Outcome::Done);
    }
    manage(Method::DELETE, &["users", account], None).await.unwrap();
}
