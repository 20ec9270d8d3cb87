//! Text that cannot be read, and how a place in a text is shown.

use expect_test::expect;
use unicode_normalization::UnicodeNormalization;

use super::support::{Folder, HEAD, TAIL, check, problems_of};

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
