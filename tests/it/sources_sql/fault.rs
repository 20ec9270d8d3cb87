//! Whatever goes wrong is said in words that name what to do, nothing hangs, and afterwards everything comes.

use std::time::{Duration, Instant};

use petitiond::sources::sql::Error;

use super::{client, config, ids, keyset, now, pull, whole};
use crate::support::Proxy;
use crate::support::proxy::Line;
use crate::support::table::{AgencyDatabase, MAKES, Make};

/// A table of rows that are too large for the buffers between here and there.
async fn large_rows(make: Make) -> AgencyDatabase {
    let database = AgencyDatabase::with_table(make).await;
    database.add((0..60).map(|n| (format!("r{n:02}"), format!("2026-03-05 08:00:{n:02}")))).await;
    database.run("UPDATE don SET noi_dung = repeat('đ', 100000)").await;
    database
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_reset_in_the_middle_of_a_page_loses_nothing() {
    for make in MAKES {
        let database = large_rows(make).await;
        let proxy = Proxy::before(database.url()).await;
        let config = config(&proxy.url(database.url()), make, super::KEYSET, &["cap_nhat", "ma"]);
        let client = client(&config);
        let (mut seen, mut cursor, mut errors) = (Vec::new(), None, 0);
        for round in 0..40 {
            // each piece late, so that the cut finds a page half read
            proxy.set(if round % 2 == 0 { Line::Slow(Duration::from_millis(2)) } else { Line::Open });
            let pulling = pull(&client, cursor.take());
            let cutting = async {
                if round % 2 == 0 {
                    tokio::time::sleep(Duration::from_millis(60 + 40 * round)).await;
                    proxy.cut();
                }
            };
            let (pulled, ()) = tokio::join!(pulling, cutting);
            seen.extend(pulled.records);
            cursor = pulled.cursor;
            match pulled.error {
                None if errors > 2 => break,
                None => cursor = None,
                Some(error) => {
                    assert!(error.is_transient(), "{make:?}: {error}");
                    errors += 1;
                }
            }
        }
        assert!(errors > 2, "{make:?}: {errors}");
        assert_eq!(ids(&seen).len(), 60, "{make:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_down_is_waited_for_and_found_again() {
    for make in MAKES {
        let database = AgencyDatabase::with_table(make).await;
        database.add([("r1".to_owned(), "2026-03-05 08:00:00".to_owned())]).await;
        let proxy = Proxy::before(database.url()).await;
        let client = client(&config(&proxy.url(database.url()), make, super::KEYSET, &["cap_nhat", "ma"]));
        proxy.set(Line::Refusing);
        let error = pull(&client, None).await.error.unwrap();
        assert!(error.is_transient() && error.to_string().contains("127.0.0.1"), "{make:?}: {error}");
        assert!(client.probe(now()).await.is_err());
        proxy.set(Line::Open);
        assert_eq!(whole(&client, None).await.records.len(), 1, "{make:?}");
        // nobody listens there at all
        let nowhere = config("postgres://u:geheim@127.0.0.1:1/x", Make::Postgres, super::KEYSET, &["cap_nhat", "ma"]);
        let error = pull(&super::client(&nowhere), None).await.error.unwrap();
        assert!(error.is_transient() && !error.to_string().contains("geheim"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_nothing_any_more_is_given_up() {
    for make in MAKES {
        let database = AgencyDatabase::with_table(make).await;
        database.add((0..40).map(|n| (format!("r{n:02}"), format!("2026-03-05 08:00:{n:02}")))).await;
        let proxy = Proxy::before(database.url()).await;
        let mut config = config(&proxy.url(database.url()), make, super::KEYSET, &["cap_nhat", "ma"]);
        config.timeout = Duration::from_secs(1);
        let client = client(&config);
        let mut stalled = client.pull(None, now());
        assert_eq!(stalled.next_page().await.unwrap().unwrap().records.len(), 10);
        proxy.set(Line::Stalled);
        let began = Instant::now();
        let error = stalled.next_page().await.unwrap_err();
        assert!(error.is_transient() && error.to_string().contains("says nothing"), "{make:?}: {error}");
        assert!(began.elapsed() < Duration::from_secs(30), "{make:?}: {:?}", began.elapsed());
        proxy.set(Line::Open);
        assert_eq!(ids(&whole(&client, None).await.records).len(), 40, "{make:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_takes_too_long_is_stopped_by_the_server() {
    for make in MAKES {
        let database = AgencyDatabase::with_table(make).await;
        database.add([("r1".to_owned(), "2026-03-05 08:00:00".to_owned())]).await;
        let sleep = if make == Make::Postgres { "pg_sleep(30)::text" } else { "SLEEP(30)" };
        let query = format!(
            "SELECT ma, cap_nhat, {sleep} AS cham FROM don WHERE (cap_nhat, ma) > ($1, $2) ORDER BY cap_nhat, ma LIMIT $3"
        );
        let mut config = config(database.url(), make, &query, &["cap_nhat", "ma"]);
        config.timeout = Duration::from_secs(1);
        let began = Instant::now();
        let error = pull(&client(&config), None).await.error.unwrap();
        assert!(error.is_transient() && error.to_string().contains("sql.timeout"), "{make:?}: {error}");
        // the server's own timeout, not the longer one on this side
        assert!(began.elapsed() < Duration::from_secs(8), "{make:?}: {:?}", began.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_work_is_said_in_plain_words() {
    for make in MAKES {
        let database = AgencyDatabase::with_table(make).await;
        database.add((0..5).map(|n| (format!("Nguyễn{n}"), format!("2026-03-05 08:00:0{n}")))).await;
        database.run("CREATE TABLE khac (ma varchar(9), gio timestamp NULL, so int)").await;
        database.run("INSERT INTO khac VALUES ('x', NULL, 1)").await;
        let end = "WHERE cap_nhat > $1 ORDER BY cap_nhat LIMIT $2";
        for (query, cursor, part) in [
            (format!("SELECT ma, cap_nhat, sai FROM don {end}"), "cap_nhat", "sai"),
            (format!("SELECT ma, cap_nhat FROM khong_co {end}"), "cap_nhat", "khong_co"),
            (format!("SELEC ma FROM don {end}").replace("SELEC", "SELECT SELECT"), "cap_nhat", "sql.query"),
            (format!("SELECT ma, noi_dung FROM don {end}"), "cap_nhat", "it gives: ma, noi_dung"),
            (format!("SELECT ma, ma, cap_nhat FROM don {end}"), "cap_nhat", "two columns"),
            (
                "SELECT ma, cap_nhat FROM don WHERE cap_nhat > $1 ORDER BY cap_nhat DESC LIMIT $2".to_owned(),
                "cap_nhat",
                "in the order of sql.cursor",
            ),
            (
                "SELECT ma, so, coalesce(so, $1) AS k, gio FROM khac WHERE so >= 0 ORDER BY so LIMIT $2".to_owned(),
                "gio",
                if make == Make::Postgres { "no time zone" } else { "NULL" },
            ),
        ] {
            let error = pull(&client(&config(database.url(), make, &query, &[cursor])), None).await.error.unwrap();
            let text = error.to_string();
            assert!(matches!(error, Error::Protocol { .. }), "{make:?}: {text}");
            assert!(text.contains(part) && text.contains("127.0.0.1"), "{make:?} {query}: {text}");
            assert!(!text.contains("Nguyễn") && !text.contains("petitiond:petitiond"), "{text}");
        }
    }
}

/// What a server says of a value it cannot convert holds the value; it must not get into a log.
#[tokio::test(flavor = "multi_thread")]
async fn an_error_shows_no_value_of_a_row() {
    let database = AgencyDatabase::with_table(Make::Postgres).await;
    database.add([("NguyenThiHoa".to_owned(), "2026-03-05 08:00:00".to_owned())]).await;
    let query = "SELECT ma, cap_nhat, ma::int AS so FROM don WHERE cap_nhat > $1 ORDER BY cap_nhat LIMIT $2";
    let error = pull(&client(&config(database.url(), Make::Postgres, query, &["cap_nhat"])), None).await.error.unwrap();
    assert!(error.to_string().contains("22P02") && !error.to_string().contains("NguyenThiHoa"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_only_read_and_a_wrong_login_is_not_tried_again() {
    for make in MAKES {
        let database = AgencyDatabase::with_table(make).await;
        if make == Make::Postgres {
            database
                .run("CREATE FUNCTION ghi() RETURNS int LANGUAGE sql AS $$ INSERT INTO don VALUES ('x', now(), now(), 'x') RETURNING 1 $$")
                .await;
        } else {
            database
                .run("CREATE FUNCTION ghi() RETURNS int MODIFIES SQL DATA BEGIN INSERT INTO don VALUES ('x', now(), now(), 'x'); RETURN 1; END")
                .await;
        }
        let error = pull(&client(&config(database.url(), make, "SELECT ghi() AS ma", &[])), None).await.error.unwrap();
        assert!(error.to_string().contains("only read"), "{make:?}: {error}");

        let mut url = reqwest::Url::parse(database.url()).unwrap();
        url.set_password(Some("sai")).unwrap();
        let error = pull(&client(&config(url.as_str(), make, super::KEYSET, &["cap_nhat", "ma"])), None).await.error;
        let error = error.unwrap();
        assert!(matches!(error, Error::Refused { .. }), "{make:?}: {error}");
        assert!(error.to_string().contains("refuses the login") && !error.to_string().contains("sai@"), "{error}");
        let probe = client(&keyset(&database)).probe(now()).await.unwrap().to_string();
        let name = if make == Make::Postgres { "PostgreSQL" } else { "MariaDB" };
        assert!(probe.contains(name) && probe.contains("no row"), "{probe}");
    }
}
