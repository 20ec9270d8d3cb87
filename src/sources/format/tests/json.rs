//! JSON as a stream.

use std::io::Cursor;
use std::ops::ControlFlow;

use serde_json::json;

use super::support::{decoder, read, read_with, whole};
use crate::sources::Limits;
use crate::sources::format::{Encoding, Format, ReadError};

#[test]
fn documents_are_cut_as_they_come() {
    let check = |records: Option<&str>, text: &str, expected: serde_json::Value| {
        let read = read_with(&decoder(Format::Json, Encoding::Utf8, records, Limits::default()), text.as_bytes());
        assert_eq!((read.reading.end.clone(), read.values()), (Ok(()), expected), "{records:?} {text}");
    };
    check(None, " [ {\"a\":1} , {\"a\":2} ] ", json!([{ "a": 1 }, { "a": 2 }]));
    check(None, "{\"a\":1}", json!([{ "a": 1 }]));
    check(None, "[]", json!([]));
    check(
        Some(".data.items[]"),
        r#"{"n":[1],"data":{"x":0,"items":[{"a":1},{"a":2}]},"z":1}"#,
        json!([{ "a": 1 }, { "a": 2 }]),
    );
    check(Some(".[].d[]"), r#"[{"d":[1,2]},{"d":[3]}]"#, json!([1, 2, 3]));
    // what only an expression finds
    check(Some(".[] | select(.a > 1)"), r#"[{"a":1},{"a":2}]"#, json!([{ "a": 2 }]));
    check(Some(".[0]"), r#"[{"a":1},{"a":2}]"#, json!([{ "a": 1 }]));
}

#[test]
fn what_is_broken_in_the_middle_keeps_what_came_before() {
    let error = |records: Option<&str>, text: &str| {
        let read = read_with(&decoder(Format::Json, Encoding::Utf8, records, Limits::default()), text.as_bytes());
        (read.rows.len(), read.error())
    };
    let broken = |number| ReadError::Broken { what: "JSON", number };
    assert_eq!(error(None, r#"[{"a":1},{"a":2},{"a":"#), (2, broken(2)));
    assert_eq!(error(None, r#"[{"a":1}] x"#), (1, broken(1)));
    assert_eq!(error(None, "7"), (0, broken(0)));
    assert_eq!(error(None, ""), (0, broken(0)));
    assert_eq!(error(Some(".data[]"), r#"{"dat":[]}"#), (0, ReadError::NoRecords));
    assert_eq!(error(Some(".data[]"), r#"{"data":{"a":1}}"#), (0, ReadError::NoRecords));
    assert_eq!(error(Some(".data[]"), r#"{"data":null}"#), (0, ReadError::NoRecords));
}

#[test]
fn a_line_that_is_no_json_is_its_own_fault() {
    let lines = whole(Format::Ndjson, Encoding::Utf8, b"\xef\xbb\xbf{\"a\":1}\r\n\n{\"a\":\n{\"a\":3}");
    assert_eq!(lines.values(), json!([{ "a": 1 }, "{\"a\":", { "a": 3 }]));
    assert_eq!(lines.numbers(), [1, 3, 4]);
    let read = read(Format::Ndjson, Encoding::Utf8, b"{\"a\":1}\n\xff\n");
    assert!(matches!(read.error(), ReadError::NotText { at: 8, .. }));
}

#[test]
fn one_record_cannot_take_all_memory() {
    let limits = || Limits { record_bytes: 10_000, ..Limits::default() };
    let huge = format!("[{{\"a\":1}},{{\"b\":\"{}\"}}]", "x".repeat(3_000_000));
    let read_json = read_with(&decoder(Format::Json, Encoding::Utf8, None, limits()), huge.as_bytes());
    assert_eq!(read_json.error(), ReadError::RecordTooLarge { number: 1, limit: 10_000 });
    let line = format!("{{\"a\":1}}\n\"{}\"\n", "x".repeat(3_000_000));
    let lines = read_with(&decoder(Format::Ndjson, Encoding::Utf8, None, limits()), line.as_bytes());
    assert_eq!(lines.error(), ReadError::RecordTooLarge { number: 1, limit: 10_000 });
    let limits = Limits { decompressed_bytes: 10_000, ..Limits::default() };
    let whole = decoder(Format::Json, Encoding::Utf8, Some(".[] | ."), limits);
    assert_eq!(read_with(&whole, huge.as_bytes()).error(), ReadError::TooLargeForMemory { limit: 10_000 });
}

#[test]
fn deep_documents_do_not_overflow_the_stack() {
    let deep = format!("[{}{}]", "[".repeat(200_000), "]".repeat(200_000));
    for encoding in [Encoding::Utf8, Encoding::Tcvn3] {
        let decoder = decoder(Format::Json, encoding, None, Limits::default());
        let mut texts = Vec::new();
        let reading = decoder.read(&mut Cursor::new(deep.as_bytes()), &mut |row| {
            texts.push(row.record);
            ControlFlow::Continue(())
        });
        // one record of arrays, which is refused when it is mapped
        assert_eq!((reading.end, texts.len()), (Ok(()), 1), "{encoding}");
        assert!(decoder.map(&texts[0]).unwrap_err().to_string().contains("deeper"));
    }
}

#[test]
fn interchange_records_are_read_alike() {
    assert_eq!(read(Format::Record, Encoding::Utf8, b"[{\"record_id\":\"1\"}]").numbers(), [1]);
}
