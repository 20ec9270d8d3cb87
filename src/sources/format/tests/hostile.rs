//! Any bytes at all do no harm: no panic, no end of memory, and the same bytes give the same records.

use proptest::prelude::*;

use super::support::{archive, book, csv, csv_at, decoder, gzip, read_with, row, xlsx, xml};
use crate::sources::Limits;
use crate::sources::format::{Encoding, Format, Header, ReadError};

/// Cases of each law: as many as run in a few seconds.
const CASES: u32 = 1000;

fn formats() -> Vec<Format> {
    vec![
        csv(),
        csv_at(Header::Found),
        csv_at(Header::None),
        xml("don", &["a"]),
        xml("l/don", &[]),
        xlsx(),
        Format::Json,
        Format::Ndjson,
        Format::Record,
    ]
}

fn check(format: usize, encoding: usize, bytes: &[u8]) {
    let formats = formats();
    let format = formats[format % formats.len()].clone();
    let encoding = Encoding::ALL[encoding % Encoding::ALL.len()];
    let limits = Limits { record_bytes: 4000, file_bytes: 200_000, decompressed_bytes: 200_000, ..Limits::default() };
    let decoder = decoder(format.clone(), encoding, None, limits);
    let (one, two) = (read_with(&decoder, bytes), read_with(&decoder, bytes));
    assert_eq!((&one.rows, &one.reading), (&two.rows, &two.reading));
    if !matches!(format, Format::Xlsx(_)) {
        assert_ne!(one.reading.end, Err(ReadError::Panicked));
    }
    drop(decoder.records(bytes));
}

/// Bytes that a format is made of, in any order.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"<don>".to_vec()),
        Just(b"</don>".to_vec()),
        Just(b"<l a='1'>".to_vec()),
        Just(b"</l>".to_vec()),
        Just(b"<![CDATA[".to_vec()),
        Just(b"]]>".to_vec()),
        Just(b"<!--".to_vec()),
        Just(b"<!DOCTYPE l [".to_vec()),
        Just(b"&#x1EA1;".to_vec()),
        Just(b"&amp;".to_vec()),
        Just(b"&".to_vec()),
        Just(b"{\"a\":".to_vec()),
        Just(b"}".to_vec()),
        Just(b"[".to_vec()),
        Just(b"]".to_vec()),
        Just(b",".to_vec()),
        Just(b";".to_vec()),
        Just(b"\"".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"sep=;\n".to_vec()),
        Just(b"\xef\xbb\xbf".to_vec()),
        Just(b"\xff\xfe".to_vec()),
        Just("Nguyễn".as_bytes().to_vec()),
        Just(b"Nguy\xd4n".to_vec()),
        prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// One byte of a good file changed, put in or taken out, several times.
fn damaged(good: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let edits = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..3), 1..8);
    (prop::sample::select(good), edits).prop_map(|(mut bytes, edits)| {
        for (at, byte, kind) in edits {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
        }
        bytes
    })
}

fn good() -> Vec<Vec<u8>> {
    let rows = row(1, &["a", "b"]) + &row(2, &["1", "2"]);
    let sheet = book(&[("S", &rows, "<mergeCells><mergeCell ref=\"A1:B1\"/></mergeCells>")]);
    let text = b"a,b\n1,\"2\"\n".to_vec();
    vec![
        sheet.clone(),
        archive(&[("a.csv", &text), ("b.xml", b"<l><don>1</don></l>"), ("c.json", b"[{}]"), ("d.xlsx", &sheet)]),
        gzip(&text),
        include_bytes!("../../../../tests/fixtures/files/so-don.xls").to_vec(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn any_bytes_do_no_harm(
        format in any::<usize>(), encoding in any::<usize>(), bytes in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        check(format, encoding, &bytes);
    }

    #[test]
    fn pieces_in_any_order_do_no_harm(format in any::<usize>(), encoding in any::<usize>(), bytes in pieces()) {
        check(format, encoding, &bytes);
    }

    #[test]
    fn damaged_files_do_no_harm(format in any::<usize>(), bytes in damaged(good())) {
        check(format, 0, &bytes);
    }
}
