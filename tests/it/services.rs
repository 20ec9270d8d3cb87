//! The supports do what the other tests lean on them for.

use std::time::{Duration, Instant};

use lapin::BasicProperties;
use lapin::options::QueueDeclareOptions;
use lapin::types::FieldTable;
use sqlx::{Connection, MySqlConnection, PgConnection};

use crate::support::agency::{Agency, petitions};
use crate::support::broker::install_tls;
use crate::support::proxy::Line;
use crate::support::table::{AgencyDatabase, MAKES, Make};
use crate::support::tls::TlsLine;
use crate::support::{PrivateServers, Proxy, Scratch, TestBroker, TestDatabase, database, eventually, services};

async fn answer(url: &str) -> Result<i32, sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::query_scalar("SELECT 1").fetch_one(&mut connection).await
}

#[tokio::test(flavor = "multi_thread")]
async fn databases_are_separate_and_vanish() {
    let (one, two) = tokio::join!(TestDatabase::create(), TestDatabase::create());
    let pool = one.pool().await;
    sqlx::raw_sql("CREATE TABLE only_here (n int)").execute(&pool).await.unwrap();
    let elsewhere = sqlx::raw_sql("SELECT * FROM only_here").execute(&two.pool().await).await;
    assert!(elsewhere.is_err());

    let url = one.url().to_owned();
    drop(one); // with the pool's connections still open
    assert!(answer(&url).await.is_err());
    assert_eq!(answer(two.url()).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_database_can_be_migrated() {
    let empty = TestDatabase::empty().await;
    database::migrate(empty.url()).await;
    let made = TestDatabase::create().await;
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')";
    let count = async |database: &TestDatabase| {
        sqlx::query_scalar::<_, i64>(tables).fetch_one(&database.pool().await).await.unwrap()
    };
    assert_eq!(count(&empty).await, count(&made).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn brokers_are_separate_and_vanish() {
    let (one, two) = tokio::join!(TestBroker::create(), TestBroker::create());
    let connection = one.connect().await;
    let channel = connection.create_channel().await.unwrap();
    channel.queue_declare("q".into(), QueueDeclareOptions::durable(), FieldTable::default()).await.unwrap();
    for body in ["first", "second"] {
        let properties = BasicProperties::default().with_content_type("text/plain".into());
        one.publish("", "q", properties, body.as_bytes()).await;
    }
    one.await_depth("q", 2).await;
    assert_eq!(two.depth("q").await, None);

    let peeked = one.peek("q", 10).await;
    assert_eq!(peeked.iter().map(|m| m.body.as_slice()).collect::<Vec<_>>(), [b"first".as_slice(), b"second"]);
    assert_eq!((peeked[0].exchange.as_str(), peeked[0].routing_key.as_str()), ("", "q"));
    assert_eq!(peeked[0].properties["content_type"], "text/plain");
    one.await_depth("q", 2).await;
    assert_eq!(one.take("q", 1).await[0].body, b"first");
    one.await_depth("q", 1).await;

    let url = one.url().to_owned();
    drop(one);
    assert!(lapin::Connection::connect(&url, lapin::ConnectionProperties::default()).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_slows_stalls_cuts_and_refuses() {
    let server = &services().database;
    let line = Proxy::before(server).await;
    let url = line.url(server);
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let within = Duration::from_millis(300);

    line.set(Line::Slow(Duration::from_millis(100)));
    let began = Instant::now();
    connection.ping().await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(200), "100 ms each way");

    line.set(Line::Stalled);
    assert!(tokio::time::timeout(within, answer(&url)).await.is_err(), "a stalled line gives no answer and no error");
    line.set(Line::Open);
    assert_eq!(answer(&url).await.unwrap(), 1);

    line.cut();
    // the reset travels: a ping that overtakes it is still answered
    let failing = async { while connection.ping().await.is_ok() {} };
    tokio::time::timeout(Duration::from_secs(10), failing).await.expect("a connection that was cut fails");
    line.set(Line::Refusing);
    assert!(answer(&url).await.is_err());
    line.set(Line::Open);
    assert_eq!(answer(&url).await.unwrap(), 1);
}

/// Whoever shows a certificate of its authority comes through to the server; nobody else does.
#[tokio::test(flavor = "multi_thread")]
async fn a_line_under_tls_lets_in_those_whom_its_authority_knows() {
    install_tls();
    let agency = Agency::open(petitions(1), 10).await;
    let (line, strange) = tokio::join!(TlsLine::before(agency.url()), TlsLine::before(agency.url()));
    let ask = async |trusted: &TlsLine, shown: Option<&TlsLine>| {
        let authority = reqwest::Certificate::from_pem(&std::fs::read(trusted.ca_file()).unwrap()).unwrap();
        let mut client = reqwest::Client::builder().no_proxy().tls_certs_only([authority]);
        if let Some(shown) = shown {
            let (certificate, key) = shown.client();
            let pem = [std::fs::read(certificate).unwrap(), std::fs::read(key).unwrap()].concat();
            client = client.identity(reqwest::Identity::from_pem(&pem).unwrap());
        }
        client.build().unwrap().get(line.url("https", agency.url())).send().await
    };
    let asked = agency.asked();
    assert!(ask(&line, Some(&line)).await.is_ok());
    assert_eq!(agency.asked(), asked + 1);
    for (trusted, shown) in [(&line, None), (&line, Some(&strange)), (&strange, Some(&line))] {
        assert!(ask(trusted, shown).await.is_err());
    }
    assert_eq!(agency.asked(), asked + 1, "nothing came through");
}

/// How many rows of an agency's table are of 8 o'clock in UTC.
async fn rows_of_eight(make: Make, url: &str) -> Result<i64, sqlx::Error> {
    match make {
        Make::Postgres => {
            let sql = "SELECT count(*) FROM don WHERE extract(epoch FROM cap_nhat) = 1772697600";
            sqlx::query_scalar(sql).fetch_one(&mut PgConnection::connect(url).await?).await
        }
        Make::MariaDb => {
            let sql = "SELECT count(*) FROM don WHERE unix_timestamp(cap_nhat) = 1772697600";
            sqlx::query_scalar(sql).fetch_one(&mut MySqlConnection::connect(url).await?).await
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agencys_database_has_its_rows_and_vanishes() {
    for make in MAKES {
        let (one, two) = tokio::join!(AgencyDatabase::with_table(make), AgencyDatabase::create(make));
        one.add([("a".to_owned(), "2026-03-05 08:00:00".to_owned())]).await;
        let row = "INSERT INTO don VALUES ('b', '2026-03-05 08:00:00', '2026-03-05', 'b')";
        let mut open = one.open().await;
        open.run(row).await;
        assert_eq!(rows_of_eight(make, one.url()).await.unwrap(), 2, "{make:?}");
        assert!(rows_of_eight(make, two.url()).await.is_err(), "each has tables of its own");
        let url = one.url().to_owned();
        drop(one); // with a connection still open
        assert!(rows_of_eight(make, &url).await.is_err(), "{make:?}");
    }
}

#[test]
fn a_scratch_folder_vanishes() {
    let folder = Scratch::new();
    let file = folder.write("sources.d/one.toml", "id = \"one\"");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "id = \"one\"");
    drop(folder);
    assert!(!file.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn chaos_killed_servers_come_back_where_they_were() {
    let own = PrivateServers::start();
    assert_eq!(own.open_to_others(), Vec::<String>::new(), "nobody else may reach them");
    let url = &own.servers.database;
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)").execute(&mut connection).await.unwrap();

    own.kill("pg");
    assert!(connection.ping().await.is_err());
    own.kill("amqp");
    own.restart("pg");
    own.restart("amqp");
    let mut connection = PgConnection::connect(url).await.unwrap();
    assert_eq!(sqlx::query_scalar::<_, i32>("SELECT n FROM kept").fetch_one(&mut connection).await.unwrap(), 7);
    let amqp = &own.servers.amqp;
    eventually("a connection to the restarted broker", Duration::from_secs(10), || async {
        lapin::Connection::connect(amqp, lapin::ConnectionProperties::default()).await.ok()
    })
    .await;
    own.stop("pg");
    assert!(answer(url).await.is_err());
}

/// Needs no server: only what the script remembers is looked at.
#[test]
fn a_server_that_was_wiped_is_forgotten() {
    let folder = Scratch::new();
    folder.write("ports", "PG_PORT=1\nMARIA_PORT=2\n");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/services.sh");
    let run = |args: &[&str]| {
        let done = std::process::Command::new(script).args(args).env("SERVICES_DIR", folder.path()).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).into_owned()
    };
    assert!(run(&["env"]).contains("MARIADB_URL"));
    run(&["wipe", "maria"]);
    let left = run(&["env"]);
    assert!(!left.contains("MARIADB_URL") && left.contains("DATABASE_URL"), "{left}");
}
