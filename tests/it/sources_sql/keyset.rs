//! No row is skipped and none comes for nothing, however the times of the rows lie.

use std::time::Duration;

use chrono::{FixedOffset, TimeDelta};
use petitiond::sources::sql::{Mode, Overlap, cursor_at};

use super::{config, expected, ids, keyset, now, pull, whole};
use crate::support::table::{AgencyDatabase, MAKES, Make};

/// Groups that share one time: smaller than a page, over its boundary, larger than a page.
fn in_groups(sizes: &[usize]) -> Vec<(String, String)> {
    let group = |(group, size): (usize, &usize)| {
        let row = move |row| (format!("r{group:02}-{row:03}"), format!("2026-03-05 08:{group:02}:00.123456"));
        (0..*size).map(row).collect::<Vec<_>>()
    };
    sizes.iter().enumerate().flat_map(group).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_one_time_over_a_page_boundary_all_come_and_come_once() {
    for make in MAKES {
        let database = AgencyDatabase::with_table(make).await;
        let rows = in_groups(&[7, 7, 1, 25, 9, 60, 1, 1, 10, 10, 3]);
        database.add(rows.clone()).await;
        // with a column that tells rows apart, with the time alone, and with the time alone and `>=`
        let alone = "SELECT * FROM don WHERE cap_nhat > $1 ORDER BY cap_nhat LIMIT $2";
        let from = "SELECT * FROM don WHERE cap_nhat >= $1 ORDER BY cap_nhat LIMIT $2";
        for config in [
            keyset(&database),
            config(database.url(), make, alone, &["cap_nhat"]),
            config(database.url(), make, from, &["cap_nhat"]),
        ] {
            let pulled = whole(&super::client(&config), None).await;
            assert_eq!(ids(&pulled.records), expected(rows.iter().map(|(id, _)| id)), "{make:?} {:?}", config.cursor);
            assert!(pulled.pages > 2, "{}", pulled.pages);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_committed_late_comes_with_the_next_pull() {
    for make in MAKES {
        let database = AgencyDatabase::with_table(make).await;
        let at = |minutes| (now() - TimeDelta::minutes(minutes)).format("%Y-%m-%d %H:%M:%S").to_string();
        database.add((0..30).map(|n| (format!("r{n:02}"), at(60 - n)))).await;
        let mut late = database.open().await;
        late.run("BEGIN").await;
        late.run(&format!("INSERT INTO don VALUES ('late', '{}', '2026-03-05', 'muộn')", at(35))).await;
        let client = super::client(&keyset(&database));
        let first = whole(&client, None).await;
        assert_eq!(first.records.len(), 30, "{make:?}");
        late.run("COMMIT").await;
        let second = whole(&client, first.cursor).await;
        assert!(ids(&second.records).contains("late"), "{make:?}");
        // the overlap and no more
        assert!(second.records.len() < 15, "{make:?}: {}", second.records.len());
        let third = whole(&client, second.cursor).await;
        assert_eq!(ids(&third.records), ids(&second.records), "{make:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_dated_into_the_future_hides_nothing() {
    for make in MAKES {
        let database = AgencyDatabase::with_table(make).await;
        let at = |minutes| (now() + TimeDelta::minutes(minutes)).format("%Y-%m-%d %H:%M:%S").to_string();
        // a slip of the year, and a clock that is five minutes ahead
        database.add([("year".to_owned(), "2036-03-05 08:00:00".to_owned()), ("ahead".to_owned(), at(5))]).await;
        let client = super::client(&keyset(&database));
        let first = whole(&client, None).await;
        assert_eq!(ids(&first.records), expected(["year", "ahead"]), "{make:?}");
        database.add([("now".to_owned(), at(0))]).await;
        let second = whole(&client, first.cursor).await;
        assert!(ids(&second.records).contains("now"), "{make:?}");
    }
}

/// A wall clock with no zone: news of this minute comes, on both sides of UTC, and old rows do not come for ever.
#[tokio::test(flavor = "multi_thread")]
async fn times_without_a_zone_are_taken_in_the_declared_one() {
    for make in MAKES {
        for hours in [7, -5, 0] {
            let zone = FixedOffset::east_opt(hours * 3600).unwrap();
            let database = AgencyDatabase::create(make).await;
            let time = if make == Make::Postgres { "timestamp" } else { "datetime(6)" };
            database.run(&format!("CREATE TABLE don (ma varchar(9) PRIMARY KEY, cap_nhat {time})")).await;
            let wall = |minutes| {
                let at = now().with_timezone(&zone) - TimeDelta::minutes(minutes);
                at.format("%Y-%m-%d %H:%M:%S").to_string()
            };
            let row = |id: &str, minutes| format!("INSERT INTO don VALUES ('{id}', '{}')", wall(minutes));
            database.run(&row("old", 600)).await;
            database.run(&row("new", 0)).await;
            let query = "SELECT ma, cap_nhat FROM don WHERE (cap_nhat, ma) > ($1, $2) ORDER BY 2, 1 LIMIT $3";
            let mut config = config(database.url(), make, query, &["cap_nhat", "ma"]);
            config.zone = Some(zone);
            let client = super::client(&config);
            let first = whole(&client, None).await;
            assert_eq!(ids(&first.records), expected(["old", "new"]), "{make:?} {hours}");
            let told = chrono::DateTime::parse_from_rfc3339(first.records[0]["cap_nhat"].as_str().unwrap()).unwrap();
            assert_eq!(told.offset(), &zone);
            database.run(&row("newest", 0)).await;
            let second = whole(&client, first.cursor).await;
            assert_eq!(ids(&second.records), expected(["new", "newest"]), "{make:?} {hours}");
            // wound back by hand to an hour ago, and to before everything
            let back = whole(&client, cursor_at(now() - TimeDelta::hours(1))).await;
            assert_eq!(ids(&back.records), expected(["new", "newest"]), "{make:?} {hours}");
            let back = whole(&client, cursor_at(now() - TimeDelta::hours(11))).await;
            assert_eq!(back.records.len(), 3, "{make:?} {hours}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_and_texts_order_rows_too() {
    for make in MAKES {
        let database = AgencyDatabase::create(make).await;
        database.run("CREATE TABLE don (so bigint PRIMARY KEY, ma varchar(20) NOT NULL)").await;
        let rows: Vec<String> =
            (-20..60).map(|n| format!("({}, 'm{:03}')", 9_007_199_254_740_993_i64 + n, n + 20)).collect();
        database.run(&format!("INSERT INTO don VALUES {}", rows.join(", "))).await;
        for (query, cursor) in [
            ("SELECT * FROM don WHERE so > $1 ORDER BY so LIMIT $2", "so"),
            ("SELECT * FROM don WHERE ma > $1 ORDER BY ma LIMIT $2", "ma"),
        ] {
            let mut config = config(database.url(), make, query, &[cursor]);
            config.mode = Mode::Incremental { overlap: Overlap { time: Duration::ZERO, count: 5 }, start: None };
            let client = super::client(&config);
            let first = whole(&client, None).await;
            assert_eq!(ids(&first.records).len(), 80, "{make:?} {cursor}");
            let again = whole(&client, first.cursor).await;
            assert!(again.records.len() <= 5, "{make:?} {cursor}: {}", again.records.len());
        }
    }
}

/// Collations overlook case and marks: rows that differ in nothing else share a cursor.
#[tokio::test(flavor = "multi_thread")]
async fn texts_that_a_collation_takes_for_the_same_are_not_skipped() {
    let database = AgencyDatabase::create(Make::MariaDb).await;
    database.run("CREATE TABLE don (ma varchar(20) COLLATE utf8mb4_general_ci NOT NULL, n int PRIMARY KEY)").await;
    let forms = ["don", "DON", "đon", "dòn", "don ", "Dôn"];
    let rows: Vec<String> = (0..60).map(|n| format!("('{}{:02}', {n})", forms[n % 6], n / 6)).collect();
    database.run(&format!("INSERT INTO don VALUES {}", rows.join(", "))).await;
    let query = "SELECT * FROM don WHERE ma > $1 ORDER BY ma LIMIT $2";
    let pulled = whole(&super::client(&config(database.url(), database.make, query, &["ma"])), None).await;
    let numbers: std::collections::BTreeSet<i64> =
        pulled.records.iter().map(|row| row["n"].as_i64().unwrap()).collect();
    assert_eq!(numbers.len(), 60);
}

/// A pull that was cut off goes on from its last saved page, and its end is as if it had not been.
#[tokio::test(flavor = "multi_thread")]
async fn a_pull_goes_on_where_it_was_cut_off() {
    for make in MAKES {
        let database = AgencyDatabase::with_table(make).await;
        database
            .add((0..200).map(|n| (format!("r{n:03}"), format!("2026-03-05 {:02}:{:02}:00", 8 + n / 60, n % 60))))
            .await;
        let client = super::client(&keyset(&database));
        let mut cut = client.pull(None, now());
        let (mut seen, mut cursor) = (Vec::new(), None);
        for _ in 0..7 {
            let page = cut.next_page().await.unwrap().unwrap();
            seen.extend(page.records.iter().map(|raw| serde_json::from_str(raw.0.get()).unwrap()));
            cursor = page.checkpoint.or(cursor);
        }
        drop(cut);
        let rest = whole(&client, cursor).await;
        assert!(rest.records.len() < 150, "{make:?}: {}", rest.records.len());
        seen.extend(rest.records);
        assert_eq!(ids(&seen).len(), 200, "{make:?}");
        assert_eq!(pull(&client, rest.cursor).await.records.len(), 11, "{make:?}: an overlap of ten minutes");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_cursor_one_query_reads_everything() {
    for make in MAKES {
        let database = AgencyDatabase::with_table(make).await;
        database.add((0..2500).map(|n| (format!("r{n:04}"), "2026-03-05 08:00:00".to_owned()))).await;
        let config = config(database.url(), make, "SELECT * FROM don", &[]);
        let pulled = whole(&super::client(&config), None).await;
        assert_eq!((ids(&pulled.records).len(), pulled.records.len()), (2500, 2500), "{make:?}");
        assert!(pulled.pages >= 250, "{make:?}: {}", pulled.pages);
    }
}
