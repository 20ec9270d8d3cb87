//! What a person sees whose `[sql]` or `[amqp]` is wrong.

use std::time::Duration;

use expect_test::expect;

use super::support::{Folder, HEAD, problems_of};
use crate::clock::HANOI;
use crate::config::Config;
use crate::sources::KindConfig;
use crate::sources::pull::MaxMissing;
use crate::sources::sql::{Dialect, Mode, Overlap};

const MAP: &str = "[map]\nrecord_id = \".ma\"\nkind = '\"petition\"'\nreceived_on = \".ngay\"\n";
const QUERY: &str =
    "query = \"SELECT * FROM v WHERE (a, b) > ($1, $2) ORDER BY a, b LIMIT $3\"\ncursor = [\"a\", \"b\"]\n";

fn sql(rest: &str) -> String {
    format!("{HEAD}[sql]\nurl = \"postgres://reader@db.vn/don\"\n{rest}{MAP}")
}

fn kind(config: &Config) -> &KindConfig {
    &config.sources[0].kind
}

fn load(source: &str) -> Config {
    Folder::new().with("sources.d/bxd.toml", source).load().unwrap()
}

#[test]
fn a_query_and_its_cursor_are_all_it_takes() {
    let config = load(&sql(QUERY));
    let KindConfig::Sql(read) = kind(&config) else { panic!("{:?}", kind(&config)) };
    assert_eq!((read.dialect, read.page_size, read.timeout), (Dialect::Postgres, 1000, Duration::from_mins(1)));
    assert_eq!(read.mode, Mode::Incremental { overlap: Overlap::default(), start: None });
    let more = "zone = \"+07:00\"\nincremental = { overlap = 50 }\n";
    let config = load(&sql(&format!("{QUERY}{more}")).replace("postgres:", "mariadb:"));
    let KindConfig::Sql(read) = kind(&config) else { panic!("{:?}", kind(&config)) };
    assert_eq!((read.dialect, read.zone), (Dialect::MySql, Some(HANOI)));
    assert_eq!(read.mode, Mode::Incremental { overlap: Overlap { count: 50, ..Overlap::default() }, start: None });
    let config = load(&sql("query = \"TABLE v\"\nsnapshot = { max_missing = 7 }\n"));
    let KindConfig::Sql(read) = kind(&config) else { panic!("{:?}", kind(&config)) };
    assert_eq!(read.mode, Mode::Snapshot { max_missing: MaxMissing::Records(7) });
    assert_eq!(read.timeout, Duration::from_hours(1));
}

#[test]
fn a_query_that_would_skip_rows_is_refused() {
    let problems: Vec<String> = [
        "query = \"SELECT * FROM v WHERE a > $1 LIMIT $2\"\ncursor = [\"a\"]\n",
        "query = \"SELECT * FROM v ORDER BY a\"\ncursor = [\"a\"]\n",
        "query = \"SELECT * FROM v WHERE a > $1\"\n",
        "query = \"DELETE FROM v\"\n",
        "query = \"SELECT 1\"\nincremental = { overlap = \"1m\" }\n",
        "query = \"SELECT 1\"\nzone = \"Asia/Ho_Chi_Minh\"\n",
        "query = \"SELECT 1\"\n[format.json]\n",
    ]
    .map(|rest| problems_of(&sql(rest)))
    .into();
    expect![[r#"
        sources.d/bxd.toml:8:9: error: `sql.query` has no ORDER BY: rows would be skipped
         8 | query = "SELECT * FROM v WHERE a > $1 LIMIT $2"
           |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        help: order by the cursor: `ORDER BY a`

        1 error
        ────
        sources.d/bxd.toml:8:9: error: `sql.query` must have the placeholders $1, $2; it has none
         8 | query = "SELECT * FROM v ORDER BY a"
           |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        help: one for each column of `cursor`, and $2 for the page size: `WHERE a > $1 … LIMIT $2`

        1 error
        ────
        sources.d/bxd.toml:8:9: error: `sql.query` has placeholders and there is no `sql.cursor`
         8 | query = "SELECT * FROM v WHERE a > $1"
           |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        help: name the columns that order the rows: `cursor = ["cap_nhat", "ma"]`

        1 error
        ────
        sources.d/bxd.toml:8:9: error: `sql.query`: it is no SELECT
         8 | query = "DELETE FROM v"
           |         ^^^^^^^^^^^^^^^
        help: one SELECT; with a cursor `… WHERE (cap_nhat, ma) > ($1, $2) ORDER BY cap_nhat, ma LIMIT $3`

        1 error
        ────
        sources.d/bxd.toml:9:15: error: `sql.incremental` without `sql.cursor`
         9 | incremental = { overlap = "1m" }
           |               ^^^^^^^^^^^^^^^^^^
        help: name the columns that order the rows: `cursor = ["cap_nhat", "ma"]`

        1 error
        ────
        sources.d/bxd.toml:9:8: error: `sql.zone`: "Asia/Ho_Chi_Minh" is no zone: hours and minutes from UTC, as in "+07:00"
         9 | zone = "Asia/Ho_Chi_Minh"
           |        ^^^^^^^^^^^^^^^^^^

        1 error
        ────
        sources.d/bxd.toml:9:2: error: [format] beside [sql]
         9 | [format.json]
           |  ^^^^^^
        help: rows have columns, which [map] names: remove the table

        1 error
    "#]].assert_eq(&problems.join("────\n"));
}

#[test]
fn a_password_of_a_database_or_a_broker_is_not_shown() {
    let shown = [
        sql(QUERY).replace("reader@", "reader:hunter2@"),
        sql(QUERY).replace("postgres://reader@", "oracle://reader:hunter2@"),
        format!("{HEAD}[amqp]\nurl = \"amqp://u:hunter2@mq.vn/%2f\"\nqueue = \"q\"\n[format.record]\n"),
    ]
    .map(|text| problems_of(&text));
    for text in &shown {
        assert!(text.contains("error") && !text.contains("hunter2"), "{text}");
    }
    let folder = Folder::new()
        .with("sources.d/bxd.toml", sql(QUERY).replace("url = \"postgres://reader@db.vn/don\"", "url_file = \"db\""));
    let folder = folder.with("db", "mysql://reader:hunter2@db.vn/don");
    assert!(!format!("{:?}", folder.load().unwrap()).contains("hunter2"));
}

#[test]
fn a_queue_of_another_broker_needs_no_schedule() {
    let amqp = |rest: &str| {
        format!("{HEAD}[amqp]\nurl = \"amqps://ttcp@mq.vn/%2f\"\n{rest}[format.record]\n")
            .replace("schedule = \"every 5m\"\n", "")
    };
    let config = load(&amqp("queue = \"kntc.export\"\nprefetch = 7\n"));
    let KindConfig::Amqp(queue) = kind(&config) else { panic!("{:?}", kind(&config)) };
    assert_eq!((queue.queue.as_str(), queue.prefetch.get()), ("kntc.export", 7));
    let problems = [
        problems_of(&amqp("")),
        problems_of(&amqp("queue = \"q\"\n").replace("[amqp]", "schedule = \"every 5m\"\n[amqp]")),
        problems_of(&amqp("queue = \"q\"\n").replace(
            "[amqp]\nurl = \"amqps://ttcp@mq.vn/%2f\"",
            "[amqp]\nurl = \"amqp://mq.vn\"\ntls = { ca_file = \"ca.pem\" }",
        )),
    ];
    expect![[r#"
        sources.d/bxd.toml:5:1: error: [amqp] has no `queue`
         5 | [amqp]
           | ^^^^^^
        help: the queue there that petitiond reads, as in "kntc.export"

        1 error
        ────
        sources.d/bxd.toml:5:1: error: `schedule` beside [amqp]
         5 | schedule = "every 5m"
           | ^^^^^^^^
        help: messages are taken as they come: remove this line

        1 error
        ────
        sources.d/bxd.toml:7:19: error: `amqp.tls.ca_file`: ca.pem cannot be read: there is no such file
         7 | tls = { ca_file = "ca.pem" }
           |                   ^^^^^^^^

        1 error
    "#]]
    .assert_eq(&problems.join("────\n"));
}
