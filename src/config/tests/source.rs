//! Wrong `sources.d/*.toml`: what every source has.

use expect_test::expect;

use super::support::{Folder, HEAD, TAIL, check, problems_of, problems_of_http};

#[test]
fn an_unknown_key_is_pointed_at_with_the_nearest_right_one() {
    check(
        &problems_of_http("tmeout = \"30s\"\nfollow_redirects = true\n"),
        &expect![[r#"
        sources.d/bxd.toml:8:1: error: unknown key `tmeout` in [http]
         8 | tmeout = "30s"
           | ^^^^^^
        help: did you mean `timeout`?

        sources.d/bxd.toml:9:1: error: unknown key `follow_redirects` in [http]
         9 | follow_redirects = true
           | ^^^^^^^^^^^^^^^^
        help: known here: url, timeout, rate_limit, headers, auth, tls, pagination, incremental, snapshot

        2 errors
    "#]],
    );
}

#[test]
fn a_wrong_type_says_what_is_wanted_and_what_was_found() {
    let source = format!("{HEAD}enabled = \"yes\"\nwindows = \"19:00-06:00\"\n[http]\nurl = 5\ntimeout = 30\n{TAIL}")
        .replace("name = \"Bộ Xây dựng\"", "name = [\"Bộ Xây dựng\"]");
    check(
        &problems_of(&source),
        &expect![[r#"
        sources.d/bxd.toml:2:8: error: `name` must be text in quotes, not a list
         2 | name = ["Bộ Xây dựng"]
           |        ^^^^^^^^^^^^^^^

        sources.d/bxd.toml:6:11: error: `enabled` must be true or false, not text
         6 | enabled = "yes"
           |           ^^^^^

        sources.d/bxd.toml:7:11: error: `windows` must be a list of texts, not text
         7 | windows = "19:00-06:00"
           |           ^^^^^^^^^^^^^

        sources.d/bxd.toml:9:7: error: `http.url` must be text in quotes, not an integer
         9 | url = 5
           |       ^

        sources.d/bxd.toml:10:11: error: `http.timeout` must be text in quotes, not an integer
         10 | timeout = 30
            |           ^^

        5 errors
    "#]],
    );
}

#[test]
fn what_is_missing_is_reported_where_it_should_stand() {
    check(
        &problems_of("id = \"bxd\"\n[http]\nauth.oauth2 = {}\n[format]\n[map]\n"),
        &expect![[r#"
        sources.d/bxd.toml:1:1: error: the file has no `agency`
         1 | id = "bxd"
           | ^
        help: the agency's identity code, as in "G17" or "H26.14.3"

        sources.d/bxd.toml:1:1: error: the file has no `name`
         1 | id = "bxd"
           | ^
        help: the name of the source, for people

        sources.d/bxd.toml:1:1: error: the file has no `schedule`
         1 | id = "bxd"
           | ^
        help: when to pull: "every 5m", or a cron expression like "30 2 * * *"

        sources.d/bxd.toml:1:1: error: the file has no `tier`
         1 | id = "bxd"
           | ^
        help: one of: ministry, branch, local

        sources.d/bxd.toml:2:1: error: [http] has no `url`
         2 | [http]
           | ^^^^^^
        help: where the records are fetched, as in "https://kntc.example.vn/api/don-thu"

        sources.d/bxd.toml:3:15: error: [http.auth.oauth2] has no `client_id`
         3 | auth.oauth2 = {}
           |               ^^
        help: the name of this client at the source

        sources.d/bxd.toml:3:15: error: [http.auth.oauth2] has no `client_secret_file`
         3 | auth.oauth2 = {}
           |               ^^
        help: name a file of mode 600, or one of systemd's credentials as "credential:NAME"

        sources.d/bxd.toml:3:15: error: [http.auth.oauth2] has no `token_url`
         3 | auth.oauth2 = {}
           |               ^^
        help: where tokens are issued, as in "https://kntc.example.vn/oauth/token"

        sources.d/bxd.toml:4:1: error: [format] must have exactly one of `json`, `ndjson`, `csv`, `xlsx`, `xml`, `record`; it has none
         4 | [format]
           | ^^^^^^^^

        sources.d/bxd.toml:5:1: error: [map] has no `kind`
         5 | [map]
           | ^^^^^
        help: every record would be quarantined; for example `kind = '"petition"'`

        sources.d/bxd.toml:5:1: error: [map] has no `received_on`
         5 | [map]
           | ^^^^^
        help: every record would be quarantined; for example `received_on = ".NgayNhan"`

        sources.d/bxd.toml:5:1: error: record_id is not mapped, and a record without one has no identity
         5 | [map]
           | ^^^^^

        12 errors
    "#]],
    );
}

#[test]
fn a_source_has_one_kind_and_one_format() {
    let two = format!(
        "{HEAD}[inbox]\n[http]\nurl = \"https://a.vn\"\n[format]\njson = {{}}\nrecord = {{}}\n[map]\nrecord_id = \".a\"\nkind = \".b\"\nreceived_on = \".c\"\n"
    );
    check(
        &problems_of(&two),
        &expect![[r#"
            sources.d/bxd.toml:7:2: error: `http` beside `inbox`
             7 | [http]
               |  ^^^^
            help: keep exactly one of `http`, `sql`, `files`, `amqp`, `inbox`

            sources.d/bxd.toml:11:1: error: `format.record` beside `format.json`
             11 | record = {}
                | ^^^^^^
            help: keep exactly one of `json`, `ndjson`, `csv`, `xlsx`, `xml`, `record`

            sources.d/bxd.toml:12:1: error: [map] beside [format.record]
             12 | [map]
                | ^^^^^
            help: an interchange record is not mapped: remove the table, or use [format.json]

            3 errors
        "#]],
    );
    check(
        &problems_of(&format!("{HEAD}{TAIL}")),
        &expect![[r#"
        sources.d/bxd.toml:1:1: error: the file must have exactly one of `http`, `sql`, `files`, `amqp`, `inbox`; it has none
         1 | id = "bxd"
           | ^

        1 error
    "#]],
    );
}

#[test]
fn an_id_is_the_name_of_its_file_and_belongs_to_one() {
    let good = format!("{HEAD}[http]\nurl = \"https://a.vn\"\n{TAIL}");
    let folder = Folder::new()
        .with("sources.d/bxd.toml", &good)
        .with("sources.d/copy.toml", &good)
        .with("sources.d/other.toml", good.replace("\"bxd\"", "\"othr\""))
        .with("sources.d/upper.toml", good.replace("\"bxd\"", "\"Bộ\""));
    check(
        &folder.problems(),
        &expect![[r#"
        sources.d/copy.toml:1:6: error: the id "bxd" belongs to the file bxd.toml beside this one
         1 | id = "bxd"
           |      ^^^^^
        help: an id names one source for ever: choose another, and name this file after it

        sources.d/other.toml:1:6: error: the id "othr" is not the name of the file, which is other.toml
         1 | id = "othr"
           |      ^^^^^^
        help: rename the file to othr.toml, or correct the id

        sources.d/upper.toml:1:6: error: "Bộ" is no source id: 2 to 41 characters of a-z, 0-9 and -, beginning with a letter
         1 | id = "Bộ"
           |      ^^^^

        3 errors
    "#]],
    );
}

#[test]
fn times_that_cannot_be_read() {
    let source = format!("{HEAD}windows = [\"19:00-06:00\", \"25:00-26:00\", 7]\n[http]\nurl = \"https://a.vn\"\ntimeout = \"soon\"\nrate_limit = \"fast\"\n{TAIL}[limits]\nmapping_time = \"2m\"\n")
        .replace("every 5m", "evry 5m");
    check(
        &problems_of(&source),
        &expect![[r#"
            sources.d/bxd.toml:5:12: error: schedule "evry 5m" is neither "every 5m" nor a cron expression like "30 2 * * *": Invalid pattern: Pattern must have 5 or 6 fields when years are disallowed
             5 | schedule = "evry 5m"
               |            ^^^^^^^^^

            sources.d/bxd.toml:6:27: error: window "25:00-26:00" is not two times of the day like "19:00-06:00"
             6 | windows = ["19:00-06:00", "25:00-26:00", 7]
               |                           ^^^^^^^^^^^^^

            sources.d/bxd.toml:6:42: error: `windows` must hold only texts in quotes, not an integer
             6 | windows = ["19:00-06:00", "25:00-26:00", 7]
               |                                          ^

            sources.d/bxd.toml:9:11: error: `http.timeout`: "soon" is no duration; write it like "30s", "10m" or "1h30m" (ms, s, m, h, d)
             9 | timeout = "soon"
               |           ^^^^^^

            sources.d/bxd.toml:10:14: error: `http.rate_limit`: "fast" is no rate: requests in a second, minute or hour, as in "10/s", "600/m", "5000/h"
             10 | rate_limit = "fast"
                |              ^^^^^^

            sources.d/bxd.toml:19:16: error: `limits.mapping_time` must be from 1ms to 1m
             19 | mapping_time = "2m"
                |                ^^^^

            6 errors
        "#]],
    );
}

/// The tables are never complete, so that the source works; but it is hardly meant.

#[test]
fn an_agency_that_no_table_has_is_doubted() {
    let source = format!("{HEAD}[http]\nurl = \"https://kntc.example.vn/api\"\n{TAIL}");
    check(
        &problems_of(&source.replace("\"G17\"", "\"ZZ9.4\"")),
        &expect![[r#"
        sources.d/bxd.toml:4:10: warning: the agency "ZZ9" is not in the table of agencies
         4 | agency = "ZZ9.4"
           |          ^^^^^^^
        help: did you mean "G17.4" (Bộ Xây dựng)?

        1 warning
    "#]],
    );
    let renamed = source.replace("Bộ Xây dựng", "Cổng tiếp nhận");
    check(
        &problems_of(&renamed.replace("\"G17\"", "\"ZZ9\"")),
        &expect![[r#"
        sources.d/bxd.toml:4:10: warning: the agency "ZZ9" is not in the table of agencies
         4 | agency = "ZZ9"
           |          ^^^^^
        help: `SELECT code, name FROM national_v1.agency` lists them, once the database is migrated

        1 warning
    "#]],
    );
    assert!(problems_of(&renamed.replace("\"G17\"", "\"G1\"")).contains("did you mean \"G01\" (Bộ Công an) or "));
    for known in ["G17", "G17.3.1", "G01.2"] {
        assert_eq!(problems_of(&source.replace("\"G17\"", &format!("{known:?}"))), "");
    }
}

#[test]
fn a_tier_and_an_agency_that_do_not_fit_are_doubted() {
    let source = format!("{HEAD}[http]\nurl = \"https://kntc.example.vn/api\"\n{TAIL}");
    check(
        &problems_of(&source.replace("\"G17\"", "\"H26.12\"")),
        &expect![[r#"
        sources.d/bxd.toml:4:10: warning: the tier is of the central level, and "H26.12" is not
         4 | agency = "H26.12"
           |          ^^^^^^^^
        help: the tier of this agency is local; or the code is another one

        1 warning
    "#]],
    );
    let local = source.replace("\"ministry\"", "\"local\"");
    assert!(problems_of(&local).contains("the tier is local, and \"G17\" is not"));
    assert_eq!(problems_of(&local.replace("\"G17\"", "\"H26\"")), "");
    assert_eq!(problems_of(&source.replace("\"ministry\"", "\"branch\"")), "");
}

#[test]
fn an_inbox_has_no_times_and_no_settings() {
    let source = format!(
        "{HEAD}windows = [\"19:00-06:00\"]\n[inbox]\nqueue = \"x\"\n[format.record]\n[map]\nrecord_id = \".a\"\n"
    );
    check(
        &problems_of(&source),
        &expect![[r#"
        sources.d/bxd.toml:5:1: error: `schedule` beside [inbox]
         5 | schedule = "every 5m"
           | ^^^^^^^^
        help: an inbox is filled by the source itself: remove this line

        sources.d/bxd.toml:6:1: error: `windows` beside [inbox]
         6 | windows = ["19:00-06:00"]
           | ^^^^^^^
        help: an inbox is filled by the source itself: remove this line

        sources.d/bxd.toml:8:1: error: unknown key `queue` in [inbox]
         8 | queue = "x"
           | ^^^^^
        help: nothing is set here

        sources.d/bxd.toml:10:1: error: [map] beside [format.record]
         10 | [map]
            | ^^^^^
        help: an interchange record is not mapped: remove the table, or use [format.json]

        4 errors
    "#]],
    );
}

#[test]
fn limits_have_sizes_and_ranges() {
    let source = format!(
        "{HEAD}[http]\nurl = \"https://a.vn\"\n{TAIL}[limits]\nresponse_bytes = \"64mb\"\nrecord_bytes = 12\njson_depth = 100000\npages = -1\ndecompressed_byte = \"1GB\"\n"
    );
    check(
        &problems_of(&source),
        &expect![[r#"
        sources.d/bxd.toml:16:18: error: `limits.response_bytes`: "64mb" is no size: a number and B, KB, MB, GB, KiB, MiB or GiB, as in "64MB"
         16 | response_bytes = "64mb"
            |                  ^^^^^^

        sources.d/bxd.toml:17:16: error: `limits.record_bytes` must be a whole number from 1024 to 4294967296
         17 | record_bytes = 12
            |                ^^

        sources.d/bxd.toml:18:14: error: `limits.json_depth` must be a whole number from 2 to 512
         18 | json_depth = 100000
            |              ^^^^^^

        sources.d/bxd.toml:19:9: error: `limits.pages` must be a whole number from 1 to 100000000
         19 | pages = -1
            |         ^^

        sources.d/bxd.toml:20:1: error: unknown key `decompressed_byte` in [limits]
         20 | decompressed_byte = "1GB"
            | ^^^^^^^^^^^^^^^^^
        help: did you mean `decompressed_bytes`?

        5 errors
    "#]],
    );
    check(
        &problems_of(&format!("{HEAD}[http]\nurl = \"https://a.vn\"\n{TAIL}[limits]\nrecord_bytes = \"1GB\"\n")),
        &expect![[r#"
            sources.d/bxd.toml:16:16: warning: `limits.record_bytes` is beyond `limits.decompressed_bytes`, which is reached first
             16 | record_bytes = "1GB"
                |                ^^^^^
            help: raise `decompressed_bytes` too

            1 warning
        "#]],
    );
}
