//! What `source new` left open.

use expect_test::expect;

use super::support::{HEAD, problems_of};

/// A file as it is written, and one fault that is no mark.
const OPEN: &str = r#"id = "bxd"
name = "???"
tier = "???"
agency = "???"
schedule = "every 5m"
[http]
url = "https://kntc.example.vn/api"
pagination.page = { param = "???", total_pages = ".pages" }
tiemout = "5s"
[format.json]
records = ".data[]"
[map]
record_id = "???"
kind = '"petition"'
received_on = "???"
type = ".LoaiDon"
[codes.type]
KN = "complaint"
"01.2" = "???"
[codes.category]
"#;

#[test]
fn each_mark_is_one_fault_and_nothing_follows_from_it() {
    expect![[r#"
        sources.d/bxd.toml:2:8: error: `name` is not decided yet
         2 | name = "???"
           |        ^^^^^
        help: write the name of the source, for people, as in "Sở Xây dựng"

        sources.d/bxd.toml:3:8: error: `tier` is not decided yet
         3 | tier = "???"
           |        ^^^^^
        help: write one of: ministry, branch, local

        sources.d/bxd.toml:4:10: error: `agency` is not decided yet
         4 | agency = "???"
           |          ^^^^^
        help: write the identity code of the agency that the system belongs to, as in "G17" or "H26.14.3"

        sources.d/bxd.toml:8:29: error: `http.pagination.page.param` is not decided yet
         8 | pagination.page = { param = "???", total_pages = ".pages" }
           |                             ^^^^^
        help: write the name of the parameter with which the next page is asked for, as in "page" or "cursor"

        sources.d/bxd.toml:9:1: error: unknown key `tiemout` in [http]
         9 | tiemout = "5s"
           | ^^^^^^^
        help: did you mean `timeout`?

        sources.d/bxd.toml:13:13: error: `map.record_id` is not decided yet
         13 | record_id = "???"
            |             ^^^^^
        help: write the path of the field that names a record and never changes, as in ".MaDon"

        sources.d/bxd.toml:15:15: error: `map.received_on` is not decided yet
         15 | received_on = "???"
            |               ^^^^^
        help: write the path of the field with the day on which the agency received it, as in ".NgayNhan"

        sources.d/bxd.toml:19:10: error: `codes.type."01.2"` is not decided yet
         19 | "01.2" = "???"
            |          ^^^^^
        help: write one of: complaint, denunciation, recommendation, reflection, mixed; or remove the line: the value is then kept as it came, and flagged

        8 errors
    "#]].assert_eq(&problems_of(OPEN));
}

#[test]
fn a_folder_that_is_not_decided_is_not_looked_into() {
    let said = problems_of(&format!(
        "{HEAD}[files]\npath = \"???\"\npattern = \"*.csv\"\n[format.csv]\n[map]\nrecord_id = \".a\"\nkind = \"???\"\nreceived_on = \".b\"\n"
    ));
    expect![[r#"
        sources.d/bxd.toml:7:8: error: `files.path` is not decided yet
         7 | path = "???"
           |        ^^^^^
        help: write the folder where files are dropped, as in "/srv/petitiond/drop/tinh-27"

        sources.d/bxd.toml:12:8: error: `map.kind` is not decided yet
         12 | kind = "???"
            |        ^^^^^
        help: write '"petition"' or '"reception"', or the path of the field that tells, with [codes.kind]

        2 errors
    "#]]
    .assert_eq(&said);
}

#[test]
fn what_only_looks_like_a_mark_is_none() {
    let said = problems_of(&format!(
        "{HEAD}[http]\nurl = \"https://kntc.example.vn/api\"\n[format.json]\n[map]\nrecord_id = \".a\"\nkind = '\"petition\"'\nreceived_on = \".b\"\nextra.hoi = '\"???\"'\ntype = \".t\"\n[codes.type]\n\"???\" = \"complaint\"\n"
    ));
    assert_eq!(said, "");
}
