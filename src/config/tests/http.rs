//! Wrong `[http]` sections.

use expect_test::expect;

use super::support::{Folder, HEAD, TAIL, check, problems_of, problems_of_http};

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
