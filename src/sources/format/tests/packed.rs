//! Files within files.

use serde_json::json;

use super::support::{archive, book, csv, decoder, gzip, read, read_with, row, whole, xlsx, xml};
use crate::sources::Limits;
use crate::sources::format::{Encoding, Format, ReadError};

const UTF8: Encoding = Encoding::Utf8;

#[test]
fn every_format_is_read_out_of_gzip_and_zip() {
    let sheet = book(&[("Đơn", &(row(1, &["a", "b"]) + &row(2, &["1", "2"])), "")]);
    let cases: [(Format, &str, Vec<u8>, serde_json::Value); 5] = [
        (csv(), "x.csv", b"a,b\n1,2\n".to_vec(), json!([{ "a": "1", "b": "2" }])),
        (Format::Json, "x.json", b"[{\"a\":1}]".to_vec(), json!([{ "a": 1 }])),
        (Format::Ndjson, "x.ndjson", b"{\"a\":1}\n".to_vec(), json!([{ "a": 1 }])),
        (xml("d", &[]), "x.xml", b"<x><d a='1'/></x>".to_vec(), json!([{ "@a": "1" }])),
        (xlsx(), "x.xlsx", sheet, json!([{ "a": "1", "b": "2" }])),
    ];
    for (format, name, bytes, expected) in cases {
        let plain = whole(format.clone(), UTF8, &bytes);
        assert_eq!((plain.values(), plain.entries[0]), (expected.clone(), None), "{name}");
        assert_eq!(whole(format.clone(), UTF8, &gzip(&bytes)).values(), expected, "{name}");
        let packed = archive(&[
            ("đọc tôi.pdf", b"%PDF"),
            ("thư mục/một.".to_owned().as_str(), b""),
            (name, &bytes),
            (".an.csv", b"x"),
        ]);
        let read = whole(format, UTF8, &packed);
        assert_eq!((read.values(), read.entries[0], read.reading.left_out), (expected, Some(3), 2), "{name}");
    }
}

#[test]
fn all_files_of_an_archive_are_read_whatever_their_names() {
    let packed = archive(&[("../../../etc/passwd.csv", b"a\n1\n"), ("/b.CSV", b"a\n2\n"), ("c\\d.csv", b"b\n3\n")]);
    let read = whole(csv(), UTF8, &packed);
    assert_eq!(read.values(), json!([{ "a": "1" }, { "a": "2" }, { "b": "3" }]));
    assert_eq!(read.entries, [Some(1), Some(2), Some(3)]);
}

#[test]
fn archives_that_cannot_be_right_are_refused() {
    let many: Vec<(String, Vec<u8>)> = (0..1001).map(|number| (format!("{number}.csv"), Vec::new())).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    assert_eq!(read(csv(), UTF8, &archive(&many)).error(), ReadError::TooManyEntries { limit: 1000 });
    assert_eq!(read(csv(), UTF8, &archive(&[("a.pdf", b"")])).error(), ReadError::NothingInside);
    assert_eq!(read(csv(), UTF8, &archive(&[])).error(), ReadError::NothingInside);
    let mut cut = archive(&[("a.csv", b"a\n1\n")]);
    cut.truncate(cut.len() - 30);
    assert_eq!(read(csv(), UTF8, &cut).error(), ReadError::Broken { what: "zip", number: 0 });
    let mut cut = gzip(&b"a,b\n1,2\n".repeat(10_000));
    cut.truncate(cut.len() / 2);
    assert!(matches!(read(csv(), UTF8, &cut).error(), ReadError::Broken { what: "gzip", .. }));
}

#[test]
fn bombs_are_stopped_at_the_limit() {
    let limits = || Limits { file_bytes: 1_000_000, decompressed_bytes: 1_000_000, ..Limits::default() };
    let bomb = [b"a,b\n".to_vec(), b"1,2\n".repeat(5_000_000)].concat();
    for packed in [gzip(&bomb), archive(&[("a.csv", &bomb)])] {
        assert!(packed.len() * 50 < bomb.len());
        let read = read_with(&decoder(csv(), UTF8, None, limits()), &packed);
        assert_eq!(read.error(), ReadError::TooLarge { limit: 1_000_000 });
    }
    // the entries of an archive together
    let half = bomb.get(..600_000).unwrap();
    let read = read_with(&decoder(csv(), UTF8, None, limits()), &archive(&[("a.csv", half), ("b.csv", half)]));
    assert_eq!(read.error(), ReadError::TooLarge { limit: 1_000_000 });
    let rows = row(1, &["a", "b"]) + &" ".repeat(5_000_000);
    for packed in [
        book(&[("S", &rows, "")]),
        gzip(&book(&[("S", &rows, "")])),
        archive(&[("b.xlsx", &book(&[("S", &rows, "")]))]),
    ] {
        let read = read_with(&decoder(xlsx(), UTF8, None, limits()), &packed);
        assert_eq!(read.error(), ReadError::TooLargeForMemory { limit: 1_000_000 });
    }
}
