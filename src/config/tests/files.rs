//! `[files]` and the formats of files: each thing that cannot be right, with its place and the next step.

use std::time::Duration;

use expect_test::{Expect, expect};

use super::support::{Folder, HEAD};
use crate::sources::KindConfig;
use crate::sources::files::{Done, Pattern};
use crate::sources::format::{CsvLayout, Encoding, Format, Header, Sheet, SheetLayout, XmlLayout};

const MAP: &str = "[map]\nrecord_id = \".MaDon\"\nkind = '\"petition\"'\nreceived_on = \".NgayNhan\"\n";

fn folder(text: &str) -> Folder {
    Folder::new().with("drop/.keep", "").with("sources.d/bxd.toml", text)
}

fn source(files: &str, format: &str) -> String {
    format!("{HEAD}{files}{format}{MAP}")
}

fn check(text: &str, expected: &Expect) {
    expected.assert_eq(&folder(text).problems());
}

#[test]
fn what_is_not_said_has_a_default() {
    let config = folder(&source("[files]\npath = \"drop\"\npattern = \"*.csv\"\n", "[format.csv]\n")).load().unwrap();
    let source = &config.sources[0];
    let KindConfig::Files(files) = &source.kind else { panic!("{:?}", source.kind) };
    assert!(files.path.ends_with("drop") && files.path.is_absolute());
    assert_eq!((files.settle, files.done), (Duration::from_secs(10), Done::Move));
    assert_eq!(files.pattern, Pattern::parse("*.csv").unwrap());
    assert_eq!(source.decoder.format(), &Format::Csv(CsvLayout::default()));
}

#[test]
fn every_choice_is_read() {
    let format = |text: &str| {
        let text = source("[files]\npath = \"drop\"\npattern = \"*\"\nsettle = \"2m\"\ndone = \"leave\"\n", text);
        folder(&text).load().unwrap().sources[0].decoder.format().clone()
    };
    let csv = |delimiter, quote, header| Format::Csv(CsvLayout { delimiter, quote, header });
    assert_eq!(
        format("[format.csv]\ndelimiter = \"\\t\"\nquote = \"none\"\nheader = 0\n"),
        csv(Some(b'\t'), None, Header::None)
    );
    assert_eq!(
        format("[format.csv]\ndelimiter = \"auto\"\nheader = \"Mã đơn\"\n"),
        csv(None, Some(b'"'), Header::With("Mã đơn".to_owned()))
    );
    assert_eq!(
        format("[format.csv]\nquote = \"'\"\nheader = \"auto\"\nencoding = \"tcvn3\"\n"),
        csv(None, Some(b'\''), Header::Found)
    );
    let sheet = |sheet, header| Format::Xlsx(SheetLayout { sheet, header });
    assert_eq!(format("[format.xlsx]\n"), sheet(Sheet::Number(1), Header::Found));
    assert_eq!(format("[format.xlsx]\nsheet = 3\nheader = 5\n"), sheet(Sheet::Number(3), Header::At(5)));
    assert_eq!(format("[format.xlsx]\nsheet = \"Sổ đơn\"\n"), sheet(Sheet::Name("Sổ đơn".to_owned()), Header::Found));
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(
        format("[format.xml]\nrecord = \"/DanhSach/DonThu\"\nlists = [\"NguoiNop\"]\n"),
        Format::Xml(XmlLayout { record: names(&["DanhSach", "DonThu"]), lists: names(&["NguoiNop"]) })
    );
    for encoding in Encoding::ALL {
        assert_eq!(format(&format!("[format.ndjson]\nencoding = \"{encoding}\"\n")), Format::Ndjson);
    }
}

#[test]
fn a_folder_of_files_that_cannot_work() {
    check(
        &source(
            "[files]\npath = \"drop/.keep\"\npatern = \"*.csv\"\nsettle = \"0s\"\ndone = \"mov\"\n",
            "[format.csv]\ndelimiter = \"ab\"\nquote = \"x\"\nheader = -1\n",
        ),
        &expect![[r#"
            sources.d/bxd.toml:6:1: error: [files] has no `pattern`
             6 | [files]
               | ^^^^^^^
            help: which files are taken, as in "*.xlsx"

            sources.d/bxd.toml:7:8: error: drop/.keep is no folder
             7 | path = "drop/.keep"
               |        ^^^^^^^^^^^^
            help: name the folder, and the files in `pattern`

            sources.d/bxd.toml:8:1: error: unknown key `patern` in [files]
             8 | patern = "*.csv"
               | ^^^^^^
            help: did you mean `pattern`?

            sources.d/bxd.toml:9:10: error: `files.settle` must be from 1s to 1h
             9 | settle = "0s"
               |          ^^^^

            sources.d/bxd.toml:10:8: error: `files.done` is "mov"
             10 | done = "mov"
                |        ^^^^^
            help: did you mean "move"?

            sources.d/bxd.toml:12:13: error: "ab" is no single sign, and not "auto"
             12 | delimiter = "ab"
                |             ^^^^
            help: as in ";", "\t", or "auto"

            sources.d/bxd.toml:13:9: error: "x" is no single sign, and not "none"
             13 | quote = "x"
                |         ^^^
            help: as in "'", or "none"

            sources.d/bxd.toml:14:10: error: `format.csv.header` must be a whole number from 0 to 1000000
             14 | header = -1
                |          ^^

            8 errors
        "#]],
    );
    check(
        &source(
            "[files]\npath = \"drop\"\npattern = \"in/*.csv\"\ndone = \"delete\"\n",
            "[format.xml]\nlists = [\"a b\"]\n",
        ),
        &expect![[r#"
            sources.d/bxd.toml:8:11: error: `files.pattern`: "in/*.csv" has a folder in it, and only names of files are compared; write it like "*.xlsx" or "don-thu-*.csv"
             8 | pattern = "in/*.csv"
               |           ^^^^^^^^^^

            sources.d/bxd.toml:9:8: error: `files.done` is "delete"
             9 | done = "delete"
               |        ^^^^^^^^
            help: one of: "move" (to done/ or failed/ beside it) or "leave"

            sources.d/bxd.toml:10:1: error: [format.xml] has no `record`
             10 | [format.xml]
                | ^^^^^^^^^^^^
            help: the element of one record, as in "DonThu" or "GoiTin/DanhSach/DonThu"

            sources.d/bxd.toml:11:10: error: "a b" is no name of an element
             11 | lists = ["a b"]
                |          ^^^^^
            help: as in "NguoiNop"

            4 errors
        "#]],
    );
    check(
        &source("[files]\npattern = \"*.xml\"\n", "[format.xml]\nrecord = \"ns:Don\"\nelement = \"x\"\n"),
        &expect![[r#"
            sources.d/bxd.toml:6:1: error: [files] has no `path`
             6 | [files]
               | ^^^^^^^
            help: the folder where files are dropped, as in "/srv/petitiond/drop/tinh-27"

            sources.d/bxd.toml:9:10: error: "ns:Don" in `format.xml.record` is no name of an element
             9 | record = "ns:Don"
               |          ^^^^^^^^
            help: without a namespace's prefix: the element of one record, as in "DonThu" or "GoiTin/DanhSach/DonThu"

            sources.d/bxd.toml:10:1: error: unknown key `element` in [format.xml]
             10 | element = "x"
                | ^^^^^^^
            help: known here: record, lists, encoding

            3 errors
        "#]],
    );
    check(
        &source(
            "[files]\npath = \"drop\"\npattern = \"*.csv\"\n",
            "[format.csv]\ndelimiter = \";\"\nquote = \";\"\nheader = [1]\nencoding = \"tcvn\"\n",
        ),
        &expect![[r#"
            sources.d/bxd.toml:10:13: error: the delimiter and the quotation mark are the same sign
             10 | delimiter = ";"
                |             ^^^

            sources.d/bxd.toml:12:10: error: `format.csv.header` must be the number of a row or a text, not a list
             12 | header = [1]
                |          ^^^
            help: as in 4, 0 for none, "Mã đơn" for the row with that heading, or "auto"

            sources.d/bxd.toml:13:12: error: "tcvn" is no encoding
             13 | encoding = "tcvn"
                |            ^^^^^^
            help: did you mean "tcvn3"?

            3 errors
        "#]],
    );
}

/// A folder that is away may come later; that it is away is said all the same.
#[test]
fn a_folder_that_is_away_is_a_doubt() {
    let text = source("[files]\npath = \"nowhere\"\npattern = \"*.csv\"\n", "[format.csv]\n");
    check(
        &text,
        &expect![[r#"
        sources.d/bxd.toml:7:8: warning: the folder nowhere cannot be looked into: there is no such file
         7 | path = "nowhere"
           |        ^^^^^^^^^
        help: make it, or mount it; nothing is taken until then

        1 warning
    "#]],
    );
    assert!(folder(&text).load().is_ok());
}

#[test]
fn pages_of_http_that_are_no_json_cannot_say_what_comes_next() {
    let http = |pagination: &str| format!("[http]\nurl = \"https://a.vn\"\npagination.{pagination}\n");
    let format = "[format.xml]\nrecord = \"Don\"\n";
    let cursor = source(&http("cursor = { next = \".next\", param = \"c\" }"), format);
    check(
        &cursor,
        &expect![[r#"
            sources.d/bxd.toml:8:1: error: `http.pagination.cursor` looks into pages of JSON, and these are xml
             8 | pagination.cursor = { next = ".next", param = "c" }
               | ^^^^^^^^^^
            help: use `pagination.page` without `total_pages`, `offset`, `link_header` or `none`

            1 error
        "#]],
    );
    let total = source(&http("page = { param = \"p\", total_pages = \".n\" }"), format);
    check(
        &total,
        &expect![[r#"
            sources.d/bxd.toml:8:1: error: `http.pagination.page.total_pages` looks into pages of JSON, and these are xml
             8 | pagination.page = { param = "p", total_pages = ".n" }
               | ^^^^^^^^^^
            help: use `pagination.page` without `total_pages`, `offset`, `link_header` or `none`

            1 error
        "#]],
    );
    for fine in [
        "page = { param = \"p\" }",
        "offset = { param = \"o\", limit_param = \"l\", limit = 100 }",
        "link_header = true",
    ] {
        assert_eq!(folder(&source(&http(fine), format)).problems(), "", "{fine}");
    }
}
