//! Wrong `sources.d/*.toml`.

use expect_test::{Expect, expect};
use unicode_normalization::UnicodeNormalization;

use super::support::{Folder, HEAD, TAIL, problems_of, problems_of_http};

fn check(problems: &str, expected: &Expect) {
    expected.assert_eq(problems);
}

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
fn http_without_a_format_or_a_map() {
    check(
        &problems_of(&format!("{HEAD}[http]\nurl = \"https://a.vn\"\n")),
        &expect![[r#"
        sources.d/bxd.toml:1:1: error: there is no [format.json] or other [format.…]
         1 | id = "bxd"
           | ^
        help: say what the source sends, exactly one of: json, ndjson, csv, xlsx, xml, record

        sources.d/bxd.toml:1:1: error: there is no [map]
         1 | id = "bxd"
           | ^
        help: say which interchange field is which of the source's: `record_id = ".MaDon"` and so on

        2 errors
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
fn codes_that_do_not_exist() {
    let source = format!("{HEAD}[http]\nurl = \"https://a.vn\"\n{TAIL}summry = \".NoiDung\"\nextra.ward = \".Xa\"\ninstance = 1\n[codes.type]\nKN = \"complant\"\nTC = \"denunciation\"\n\"*\" = 5\n[codes.colour]\nx = \"y\"\n")
        .replace("\"ministry\"", "\"minstry\"").replace("\"G17\"", "\"Bộ 17\"");
    check(
        &problems_of(&source),
        &expect![[r#"
        sources.d/bxd.toml:3:8: error: "minstry" is no tier
         3 | tier = "minstry"
           |        ^^^^^^^^^
        help: did you mean "ministry"?

        sources.d/bxd.toml:4:10: error: "Bộ 17" is no agency code: 1 to 35 of A-Z, 0-9 and `.`, as in "H26.14.3"
         4 | agency = "Bộ 17"
           |          ^^^^^^^

        sources.d/bxd.toml:15:1: error: summry is no field of the interchange record; what has none goes to extra.<name>
         15 | summry = ".NoiDung"
            | ^^^^^^
        help: did you mean "summary"?

        sources.d/bxd.toml:17:12: error: `map.instance` must be a jq expression in quotes, not an integer
         17 | instance = 1
            |            ^
        help: a constant stands in quotes too: `instance = "1"`

        sources.d/bxd.toml:19:6: error: "complant" is no code of type; there are complaint, denunciation, recommendation, reflection, mixed
         19 | KN = "complant"
            |      ^^^^^^^^^^
        help: did you mean "complaint"?

        sources.d/bxd.toml:21:7: error: a code is a text in quotes
         21 | "*" = 5
            |       ^

        sources.d/bxd.toml:22:8: error: colour is no field that holds codes
         22 | [codes.colour]
            |        ^^^^^^

        7 errors
    "#]],
    );
}

#[test]
fn a_wrong_jq_expression_is_pointed_into() {
    let source = format!(
        "{HEAD}[http]\nurl = \"https://a.vn\"\n{TAIL}summary = \".NoiDung | frobnicate\"\npetitioners = '''\n[.NguoiNop[]\n | {{name: .HoTen]\n'''\ncategory = \".\\\"LĩnhVực\\\" | ltrim(\\\"x\\\"\"\n"
    );
    check(
        &problems_of(&source),
        &expect![[r#"
        sources.d/bxd.toml:15:23: error: `map.summary` is no jq expression: there is no filter frobnicate; did you mean fromdate, or the field .frobnicate?
         15 | summary = ".NoiDung | frobnicate"
            |                       ^^^^^^^^^^

        sources.d/bxd.toml:18:4: error: `map.petitioners` is no jq expression: this { is never closed
         18 |  | {name: .HoTen]
            |    ^

        sources.d/bxd.toml:20:33: error: `map.category` is no jq expression: this ( is never closed
         20 | category = ".\"LĩnhVực\" | ltrim(\"x\""
            |                                 ^

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
    for known in ["G17", "G17.3.1", "H26.14.3"] {
        assert_eq!(problems_of(&source.replace("\"G17\"", &format!("{known:?}"))), "");
    }
}

#[test]
fn addresses_that_cannot_be_asked() {
    for url in ["kntc.example.vn/api", "ftp://kntc.example.vn", "https://ttcp:hunter2@kntc.example.vn", ""] {
        let shown = problems_of(&format!("{HEAD}[http]\nurl = \"{url}\"\n{TAIL}"));
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    let source = format!("{HEAD}[http]\nurl = \"https://ttcp:hunter2@kntc.example.vn\"\n{TAIL}");
    check(
        &problems_of(&source),
        &expect![[r#"
        sources.d/bxd.toml:7:7: error: `http.url` has a user or a password in it
         7 | url = **************************************
           |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        help: use `http.auth.basic = { username, password_file }`

        1 error
    "#]],
    );
    check(
        &problems_of(&source.replace("https://ttcp:hunter2@", "")),
        &expect![[r#"
        sources.d/bxd.toml:7:7: error: `http.url` is no url: relative URL without a base
         7 | url = *****************
           |       ^^^^^^^^^^^^^^^^^
        help: where the records are fetched, as in "https://kntc.example.vn/api/don-thu"

        1 error
    "#]],
    );
}

#[test]
fn literal_secrets_are_refused_and_not_shown() {
    let http = "auth.basic = { username = \"ttcp\", password = \"hunter2\", pasword_file = \"x\" }\nheaders = { Authorization = \"Bearer hunter2\", Accept = \"application/json\", \"bad name\" = \"x\" }\n";
    let shown = problems_of_http(http);
    assert!(!shown.contains("hunter2"), "{shown}");
    check(
        &shown,
        &expect![[r#"
            sources.d/bxd.toml:8:35: error: a secret must not stand in this file: `password` in [http.auth.basic]
             8 | auth.basic = { username = "ttcp", password = *********, pasword_file = "x" }
               |                                   ^^^^^^^^
            help: put it into a file of mode 600 and write `password_file = "/path/to/it"`, or `password_file = "credential:NAME"`

            sources.d/bxd.toml:8:57: error: unknown key `pasword_file` in [http.auth.basic]
             8 | auth.basic = { username = "ttcp", password = *********, pasword_file = "x" }
               |                                                         ^^^^^^^^^^^^
            help: did you mean `password_file`?

            sources.d/bxd.toml:9:13: error: a secret must not stand in this file: the header `Authorization`
             9 | headers = { Authorization = ****************, Accept = "application/json", "bad name" = "x" }
               |             ^^^^^^^^^^^^^
            help: use `http.auth` with a `*_file`

            sources.d/bxd.toml:9:76: error: "bad name" is no name of a header
             9 | headers = { Authorization = ****************, Accept = "application/json", "bad name" = "x" }
               |                                                                            ^^^^^^^^^^

            4 errors
        "#]],
    );
    let shown = problems_of_http("auth.bearer = { token = \"\"\"\nhunter2\"\"\" }\n");
    assert!(!shown.contains("hunter2"), "{shown}");
    check(
        &shown,
        &expect![[r#"
            sources.d/bxd.toml:8:17: error: a secret must not stand in this file: `token` in [http.auth.bearer]
             8 | auth.bearer = { token = ***
               |                 ^^^^^
            help: put it into a file of mode 600 and write `token_file = "/path/to/it"`, or `token_file = "credential:NAME"`

            1 error
        "#]],
    );
}

#[test]
fn secret_files_that_cannot_be_used() {
    let http = |auth: &str| format!("{HEAD}[http]\nurl = \"https://a.vn\"\n{auth}\n{TAIL}");
    let folder = Folder::new()
        .with("open.secret", "hunter2\n")
        .with_mode("open.secret", 0o644)
        .with("empty.secret", "\n")
        .with("sources.d/bxd.toml", http("auth.basic = { username = \"u\", password_file = \"open.secret\" }"));
    let shown = folder.problems();
    assert!(!shown.contains("hunter2"), "{shown}");
    check(
        &shown,
        &expect![[r#"
        sources.d/bxd.toml:8:48: error: `http.auth.basic.password_file`: open.secret holds a secret and others may read it
         8 | auth.basic = { username = "u", password_file = "open.secret" }
           |                                                ^^^^^^^^^^^^^
        help: run: chmod 600 open.secret

        1 error
    "#]],
    );
    let folder = folder.with(
        "sources.d/bxd.toml",
        http("auth.bearer = { token_file = \"empty.secret\" }\ntls = { cert_file = \"empty.secret\" }"),
    );
    check(
        &folder.problems(),
        &expect![[r#"
        sources.d/bxd.toml:8:30: error: `http.auth.bearer.token_file`: empty.secret is empty
         8 | auth.bearer = { token_file = "empty.secret" }
           |                              ^^^^^^^^^^^^^^
        help: put the secret into that file, alone on its only line, and let nobody else read it (mode 600)

        sources.d/bxd.toml:9:7: error: [http.tls] has no `key_file`
         9 | tls = { cert_file = "empty.secret" }
           |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        help: a client certificate has both: the certificate and its key

        sources.d/bxd.toml:9:21: error: `http.tls.cert_file`: empty.secret holds no certificate in PEM
         9 | tls = { cert_file = "empty.secret" }
           |                     ^^^^^^^^^^^^^^
        help: it begins with -----BEGIN CERTIFICATE-----

        3 errors
    "#]],
    );
    let folder = folder
        .with("sources.d/bxd.toml", http("auth.api_key = { header = \"X-Api-Key\", key_file = \"missing.secret\" }"));
    check(
        &folder.problems(),
        &expect![[r#"
            sources.d/bxd.toml:8:51: error: `http.auth.api_key.key_file`: missing.secret cannot be read: there is no such file
             8 | auth.api_key = { header = "X-Api-Key", key_file = "missing.secret" }
               |                                                   ^^^^^^^^^^^^^^^^
            help: put the secret into that file, alone on its only line, and let nobody else read it (mode 600)

            1 error
        "#]],
    );
    let credential = http("auth.bearer = { token_file = \"credential:bxd-secret\" }");
    let folder = folder.with("sources.d/bxd.toml", credential);
    check(
        &folder.problems(),
        &expect![[r#"
        sources.d/bxd.toml:8:30: error: `http.auth.bearer.token_file`: there is no credential bxd-secret: $CREDENTIALS_DIRECTORY is not set
         8 | auth.bearer = { token_file = "credential:bxd-secret" }
           |                              ^^^^^^^^^^^^^^^^^^^^^^^
        help: run as the systemd service with LoadCredential=bxd-secret:/path/to/it, or name a file of mode 600

        1 error
    "#]],
    );
    let folder = folder.with("credentials/other", "x");
    check(
        &folder.problems(),
        &expect![[r#"
            sources.d/bxd.toml:8:30: error: `http.auth.bearer.token_file`: credentials/bxd-secret cannot be read: there is no such file
             8 | auth.bearer = { token_file = "credential:bxd-secret" }
               |                              ^^^^^^^^^^^^^^^^^^^^^^^
            help: add LoadCredential=bxd-secret:/path/to/it to the service

            1 error
        "#]],
    );
    let folder = folder.with("credentials/bxd-secret", "x").with_mode("credentials/bxd-secret", 0o440);
    check(&folder.problems(), &expect![[""]]);
}

#[test]
fn authentication_is_one_kind_with_its_parts() {
    check(
        &problems_of_http("auth = { none = true, basic = { username = \"u\" } }\n"),
        &expect![[r#"
        sources.d/bxd.toml:8:23: error: `http.auth.basic` beside `http.auth.none`
         8 | auth = { none = true, basic = { username = "u" } }
           |                       ^^^^^
        help: keep exactly one of `none`, `basic`, `bearer`, `api_key`, `oauth2`

        1 error
    "#]],
    );
    check(
        &problems_of_http("auth = \"none\"\n"),
        &expect![[r#"
        sources.d/bxd.toml:8:8: error: `http.auth` must be a table, not text
         8 | auth = "none"
           |        ^^^^^^

        1 error
    "#]],
    );
    check(
        &problems_of_http("auth.none = \"yes\"\n"),
        &expect![[r#"
        sources.d/bxd.toml:8:13: error: `http.auth.none` has no settings: write `http.auth.none = true`
         8 | auth.none = "yes"
           |             ^^^^^

        1 error
    "#]],
    );
    let keys = Folder::new().with("key", "k");
    let source = format!(
        "{HEAD}[http]\nurl = \"http://10.1.2.3/api?v=1\"\nauth.api_key = {{ header = \"X Key\", key_file = \"key\" }}\n{TAIL}"
    );
    check(
        &keys.with("sources.d/bxd.toml", source).problems(),
        &expect![[r#"
        sources.d/bxd.toml:7:7: warning: a secret goes to this address unencrypted, for everybody on the way to read
         7 | url = "http://10.1.2.3/api?v=1"
           |       ^^^^^^^^^^^^^^^^^^^^^^^^^
        help: use https://

        sources.d/bxd.toml:8:27: error: "X Key" is no name of a header
         8 | auth.api_key = { header = "X Key", key_file = "key" }
           |                           ^^^^^^^

        1 error, 1 warning
    "#]],
    );
}

#[test]
fn pagination_that_does_not_hold_together() {
    check(
        &problems_of_http("pagination.page = { size = 0, size_param = \"\", frst = 1 }\n"),
        &expect![[r#"
        sources.d/bxd.toml:8:19: error: [http.pagination.page] has no `param`
         8 | pagination.page = { size = 0, size_param = "", frst = 1 }
           |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        help: the name of the parameter, as in "page"

        sources.d/bxd.toml:8:28: error: `http.pagination.page.size` must be a whole number from 1 to 1000000
         8 | pagination.page = { size = 0, size_param = "", frst = 1 }
           |                            ^

        sources.d/bxd.toml:8:44: error: `http.pagination.page.size_param` is empty
         8 | pagination.page = { size = 0, size_param = "", frst = 1 }
           |                                            ^^
        help: the name of the parameter, as in "page_size"

        sources.d/bxd.toml:8:48: error: unknown key `frst` in [http.pagination.page]
         8 | pagination.page = { size = 0, size_param = "", frst = 1 }
           |                                                ^^^^
        help: did you mean `first`?

        4 errors
    "#]],
    );
    check(
        &problems_of_http("pagination.cursor = { next = \".meta.next |\" }\npagination.offset = { param = \"o\" }\n"),
        &expect![[r#"
            sources.d/bxd.toml:9:12: error: `http.pagination.offset` beside `http.pagination.cursor`
             9 | pagination.offset = { param = "o" }
               |            ^^^^^^
            help: keep exactly one of `none`, `page`, `offset`, `cursor`, `link_header`

            1 error
        "#]],
    );
    check(
        &problems_of_http(
            "pagination.offset = { param = \"p\", limit_param = \"p\", limit = 500 }\nincremental = { param = \"p\", format = \"epoch_s\" }\n",
        ),
        &expect![[r#"
            sources.d/bxd.toml:8:50: error: `http.pagination.offset.limit_param` and `http.pagination.offset.param` both send the parameter "p"
             8 | pagination.offset = { param = "p", limit_param = "p", limit = 500 }
               |                                                  ^^^

            sources.d/bxd.toml:9:25: error: `http.incremental.param` and `http.pagination.offset.param` both send the parameter "p"
             9 | incremental = { param = "p", format = "epoch_s" }
               |                         ^^^

            2 errors
        "#]],
    );
    check(
        &problems_of_http("pagination.page = { param = \"p\", size = 5 }\n"),
        &expect![[r#"
        sources.d/bxd.toml:8:41: error: `http.pagination.page.size` without `size_param`
         8 | pagination.page = { param = "p", size = 5 }
           |                                         ^
        help: the size is sent under a name: give both or neither

        1 error
    "#]],
    );
}

#[test]
fn what_a_pull_covers() {
    check(
        &problems_of_http(
            "incremental = { param = \"since\", format = \"%Q\", overlap = \"-1m\", start = \"yesterday\" }\n",
        ),
        &expect![[r#"
            sources.d/bxd.toml:8:43: error: incremental.format "%Q" holds a sign that strftime does not know; write it like "%Y-%m-%dT%H:%M:%S%:z", "epoch_s" or "epoch_ms"
             8 | incremental = { param = "since", format = "%Q", overlap = "-1m", start = "yesterday" }
               |                                           ^^^^

            sources.d/bxd.toml:8:59: error: `http.incremental.overlap`: "-1m" is no duration; write it like "30s", "10m" or "1h30m" (ms, s, m, h, d)
             8 | incremental = { param = "since", format = "%Q", overlap = "-1m", start = "yesterday" }
               |                                                           ^^^^^

            sources.d/bxd.toml:8:74: error: `http.incremental.start` is neither a date nor a time with its zone
             8 | incremental = { param = "since", format = "%Q", overlap = "-1m", start = "yesterday" }
               |                                                                          ^^^^^^^^^^^
            help: as in "2024-01-01" or "2024-01-01T00:00:00+07:00"

            3 errors
        "#]],
    );
    check(
        &problems_of_http(
            "snapshot = { max_missing = \"105%\" }\nincremental = { param = \"since\", format = \"%F\" }\n",
        ),
        &expect![[r#"
            sources.d/bxd.toml:9:1: error: `http.incremental` beside `http.snapshot`
             9 | incremental = { param = "since", format = "%F" }
               | ^^^^^^^^^^^
            help: keep exactly one of `incremental`, `snapshot`

            1 error
        "#]],
    );
    check(
        &problems_of_http("snapshot = { max_missing = \"five\" }\n"),
        &expect![[r#"
        sources.d/bxd.toml:8:28: error: `http.snapshot.max_missing`: "five" is no share: a percentage from 0% to 100%, as in "5%", or a whole number of records
         8 | snapshot = { max_missing = "five" }
           |                            ^^^^^^

        1 error
    "#]],
    );
    check(
        &problems_of_http("incremental = { param = \"since\", format = \"%F\", overlap = \"30d\" }\n"),
        &expect![[r#"
            sources.d/bxd.toml:8:59: warning: every record is fetched about 8640 times: `overlap` is that much longer than the schedule
             8 | incremental = { param = "since", format = "%F", overlap = "30d" }
               |                                                           ^^^^^
            help: shorten the overlap, or pull less often

            1 warning
        "#]],
    );
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

#[test]
fn text_that_is_no_toml() {
    check(
        &problems_of("id = \"bxd\nname = \"x\"\n"),
        &expect![[r#"
        sources.d/bxd.toml:1:10: error: this is no TOML: invalid basic string, expected `"`
         1 | id = "bxd
           |          ^

        1 error
    "#]],
    );
    check(
        &problems_of("id = \"bxd\"\nid = \"bxd\"\n"),
        &expect![[r#"
        sources.d/bxd.toml:2:1: error: this is no TOML: duplicate key
         2 | id = "bxd"
           | ^^

        1 error
    "#]],
    );
    let shown = problems_of("[http]\nauth.basic = { username = \"u\", password = \"hunter2\" \n");
    assert!(!shown.contains("hunter2"), "{shown}");
    check(
        &shown,
        &expect![[r#"
        sources.d/bxd.toml:2:52: error: this is no TOML: unclosed inline table, expected `}`
         2 | auth.basic = { username = "u", password = **********
           |                                                    ^

        1 error
    "#]],
    );
    let folder = Folder::new().with("sources.d/bxd.toml", b"id = \"bxd\"\nname = \"B\xe9 X\"\n");
    check(
        &folder.problems(),
        &expect![[r#"
        sources.d/bxd.toml:2:10: error: the text is not UTF-8 from here on
        help: save the file as UTF-8

        1 error
    "#]],
    );
}

#[test]
fn columns_count_characters_and_long_lines_are_cut() {
    let source = format!(
        "{HEAD}[http]\nurl = \"https://a.vn\"\n{TAIL}\"Nô\u{323}i\tdung\" = \".x\"\nextra.a = \"{} | frobnicate\"\n",
        ".a".repeat(200)
    );
    // composed, so that letters and carets stand over one another here too
    let shown: String = problems_of(&source).nfc().collect();
    check(
        &shown,
        &expect![[r#"
            sources.d/bxd.toml:15:1: error: Nội�dung is no field of the interchange record; what has none goes to extra.<name>
             15 | "Nội	dung" = ".x"
                | ^^^^^^^^^^

            sources.d/bxd.toml:16:415: error: `map.extra.a` is no jq expression: there is no filter frobnicate; did you mean fromdate, or the field .frobnicate?
             16 | … a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a | frobnicate"
                |                                                                                   ^^^^^^^^^^

            2 errors
        "#]],
    );
}
