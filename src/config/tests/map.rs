//! Wrong `[map]` and `[codes]` sections.

use expect_test::expect;

use super::support::{HEAD, TAIL, check, problems_of};

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
