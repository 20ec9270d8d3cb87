//! Tables and laws of decoding: limits, packings, mapping, codes, ids, versions.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{BodyError, Decoded, Decoder, DecoderConfig, Expression, Mapping, MappingFault, RecordError};
use crate::domain::{ParsedRecord, SourceId};
use crate::sources::Limits;
use crate::sources::format::{Encoding, Format, Packing};

fn config(format: Format) -> DecoderConfig {
    DecoderConfig {
        source: SourceId::parse("bxd").unwrap(),
        format,
        encoding: Encoding::Utf8,
        records: None,
        mapping: None,
        limits: Limits::default(),
    }
}

fn mapping(fields: &[(&str, &str)], codes: &Value) -> Result<Mapping, Vec<MappingFault>> {
    let fields = fields.iter().map(|(field, source)| ((*field).to_owned(), Expression::compile(source).unwrap()));
    Mapping::new(fields.collect(), codes.as_object().unwrap())
}

fn mapped(fields: &[(&str, &str)], codes: &Value) -> Decoder {
    let records = Some(Expression::compile(".data.items[]").unwrap());
    Decoder::new(DecoderConfig { records, mapping: Some(mapping(fields, codes).unwrap()), ..config(Format::Json) })
}

fn interchange() -> Decoder {
    Decoder::new(config(Format::Record))
}

fn decode_one(decoder: &Decoder, packing: Packing, body: &str) -> Result<ParsedRecord, RecordError> {
    let mut decoded = decoder.decode(packing, body.as_bytes()).unwrap();
    assert_eq!(decoded.len(), 1, "{body}");
    decoded.remove(0).result
}

fn rules(record: &ParsedRecord) -> Vec<(&str, &str)> {
    record.findings.iter().map(|finding| (finding.field.as_str(), finding.rule.as_str())).collect()
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// A ministry's mapping: plain paths, a list of objects, a rest under extra.
fn ministry() -> Decoder {
    mapped(
        &[
            ("record_id", ".MaDon"),
            ("version", ".NgayCapNhat"),
            ("kind", r#""petition""#),
            ("type", ".LoaiDon"),
            ("received_on", ".NgayNhan"),
            ("summary", ".NoiDung"),
            (
                "petitioners",
                "[.NguoiNop[] | {name: .HoTen, id_number: .SoGiayTo, address: .DiaChi, gender: .GioiTinh}]",
            ),
            ("events", ".QuaTrinh[]? | {action: .Buoc, at: .Ngay}"),
            ("extra.phong", ".Phong"),
        ],
        &json!({
            "type": {"KN": "complaint", "TC": "denunciation", "*": "reflection"},
            "petitioners": {"gender": {"1": "male", "0": "female"}},
            "events.action": {"TL": "accepted"},
        }),
    )
}

#[test]
fn a_page_of_a_ministry_is_mapped() {
    let decoder = ministry();
    let body = r#"{"data": {"items": [
        {"MaDon": 123, "NgayCapNhat": "2024-03-05T10:00:00", "LoaiDon": "KN", "NgayNhan": "05/03/2024", "NoiDung": "Đất",
         "NguoiNop": [{"HoTen": "Nguyễn Thị Huệ", "SoGiayTo": "001", "DiaChi": null, "GioiTinh": 0}],
         "QuaTrinh": [{"Buoc": "TL", "Ngay": "06/03/2024"}, {"Buoc": "??"}], "Phong": "TD"},
        {"MaDon": "D-2", "LoaiDon": "KNPA", "NguoiNop": "hỏng"},
        {"LoaiDon": "KN"}
    ]}}"#;
    let decoded = decoder.decode(Packing::Foreign, body.as_bytes()).unwrap();
    let first = decoded[0].result.as_ref().unwrap();
    assert_eq!(
        (first.record_id.as_str(), first.version, first.part.as_str()),
        ("123", Some(1_709_607_600_000_000), "whole")
    );
    assert_eq!(
        Value::Object(first.fields.clone()),
        json!({
            "kind": "petition", "type": "complaint", "received_on": "05/03/2024", "summary": "Đất",
            "petitioners": [{"name": "Nguyễn Thị Huệ", "id_number": "001", "address": null, "gender": "female"}],
            "events": [{"action": "accepted", "at": "06/03/2024"}, {"action": "??", "at": null}],
            "extra": {"phong": "TD"},
        })
    );
    assert!(first.findings.is_empty(), "{:?}", first.findings);
    let second = decoded[1].result.as_ref().unwrap();
    assert_eq!(Value::Object(second.fields.clone()), json!({"kind": "petition", "type": "reflection"}));
    assert_eq!(rules(second), [("petitioners", "mapping_failed")]);
    assert_eq!(decoded[2].result, Err(RecordError::NoRecordId));
    assert_eq!(decoded[2].raw, r#"{"LoaiDon": "KN"}"#);
    // what a connector publishes comes out the same
    let published: Vec<Value> =
        decoder.records(body.as_bytes()).unwrap().iter().map(|r| serde_json::from_str(r.0.get()).unwrap()).collect();
    let message = serde_json::to_string(&published).unwrap();
    let again = decoder.decode(Packing::Records, message.as_bytes()).unwrap();
    let results = |decoded: &[Decoded<'_>]| decoded.iter().map(|d| d.result.clone()).collect::<Vec<_>>();
    assert_eq!(results(&again), results(&decoded));
    // and is left alone when it is interchange already
    let own = decode_one(&decoder, Packing::Interchange, r#"[{"record_id": "x", "kind": "reception"}]"#).unwrap();
    assert_eq!(Value::Object(own.fields), json!({"kind": "reception"}));
}

#[test]
fn the_id_of_a_record_is_text_as_it_came() {
    let plain = mapped(&[("record_id", ".id")], &json!({}));
    let computed = mapped(&[("record_id", r#""\(.id)""#)], &json!({}));
    for (id, expected) in [
        ("\"A-1\"", Ok("A-1")),
        ("123", Ok("123")),
        ("-5", Ok("-5")),
        ("1.0", Ok("1.0")),
        ("1.50", Ok("1.50")),
        ("123456789012345678901234567890", Ok("123456789012345678901234567890")),
        ("18446744073709551615", Ok("18446744073709551615")),
        ("\" x \"", Ok(" x ")),
        ("\"\"", Err(RecordError::NoRecordId)),
        ("\"  \"", Err(RecordError::NoRecordId)),
        ("null", Err(RecordError::NoRecordId)),
        ("true", Err(RecordError::RecordIdNotText)),
        ("[1]", Err(RecordError::RecordIdNotText)),
        ("{}", Err(RecordError::RecordIdNotText)),
        (r#""a\u0000b""#, Err(RecordError::RecordIdControl)),
        (r#""a\tb""#, Err(RecordError::RecordIdControl)),
        (r#""a\u0085b""#, Err(RecordError::RecordIdControl)),
    ] {
        let expected = expected.map(str::to_owned);
        let body = format!(r#"[{{"id": {id}, "record_id": {id}}}]"#);
        for (decoder, packing) in
            [(&plain, Packing::Records), (&plain, Packing::Interchange), (&interchange(), Packing::Foreign)]
        {
            let result = decode_one(decoder, packing, &body).map(|record| record.record_id);
            assert_eq!(result, expected, "{id} {packing:?}");
        }
        for decoder in [&plain, &interchange()] {
            let raw = serde_json::value::RawValue::from_string(body[1..body.len() - 1].to_owned()).unwrap();
            assert_eq!(decoder.record_id(&crate::domain::RawRecord(raw)), expected, "{id}");
        }
    }
    let long = |n: usize| format!(r#"[{{"record_id": "{}"}}]"#, "ệ".repeat(n));
    assert!(decode_one(&interchange(), Packing::Interchange, &long(200)).is_ok());
    let too_long = decode_one(&interchange(), Packing::Interchange, &long(201));
    assert_eq!(too_long, Err(RecordError::RecordIdTooLong { limit: 200 }));
    let record = decode_one(&computed, Packing::Records, r#"[{"id": 7}]"#).unwrap();
    assert_eq!(record.record_id, "7");
    let failing = mapped(&[("record_id", ".id.x")], &json!({}));
    assert!(matches!(decode_one(&failing, Packing::Records, r#"[{"id": 7}]"#), Err(RecordError::MappingFailed(_))));
}

#[test]
fn what_orders_a_record_is_read() {
    let one = |body: &str| {
        decode_one(&interchange(), Packing::Interchange, &format!("[{{\"record_id\": 1, {body}}}]")).unwrap()
    };
    let record = one(r#""version": "7", "part": " kết quả ", "deleted": true, "summary": null"#);
    assert_eq!((record.version, record.part.as_str(), record.deleted), (Some(7), "kết quả", true));
    assert!(record.fields.is_empty() && record.findings.is_empty());
    let record = one(r#""version": "hôm qua", "part": ["x"], "deleted": "có""#);
    assert_eq!((record.version, record.part.as_str(), record.deleted), (None, "whole", false));
    assert_eq!(
        rules(&record),
        [("version", "version_unreadable"), ("part", "part_unreadable"), ("deleted", "deleted_unreadable")]
    );
    let record = one(r#""version": "", "part": null, "deleted": "0""#);
    assert_eq!(
        (record.version, record.part.as_str(), record.deleted, record.findings.len()),
        (None, "whole", false, 0)
    );
    assert_eq!(one(r#""part": 3"#).part, "3");
}

#[test]
fn unknown_fields_are_kept_under_extra() {
    let body =
        r#"[{"record_id": "1", "kind": "petition", "summay": "x", "extra": {"a": 1, "summay": 2}, "mau": null}]"#;
    let record = decode_one(&interchange(), Packing::Interchange, body).unwrap();
    assert_eq!(
        Value::Object(record.fields.clone()),
        json!({"kind": "petition", "extra": {"a": 1, "summay": 2, "summay_": "x"}})
    );
    assert_eq!(rules(&record), [("summay", "unknown_field")]);
    let record =
        decode_one(&interchange(), Packing::Interchange, r#"[{"record_id": "1", "extra": 5, "x": 6}]"#).unwrap();
    assert_eq!(Value::Object(record.fields.clone()), json!({"extra": {"value": 5, "x": 6}}));
    let many: Vec<String> = (0..1000).map(|i| format!("\"k{i}\": {i}")).collect();
    let body = format!(r#"[{{"record_id": "1", {}}}]"#, many.join(","));
    let record = decode_one(&interchange(), Packing::Interchange, &body).unwrap();
    assert_eq!(record.fields["extra"].as_object().unwrap().len(), 1000);
    assert!(record.findings.len() < 100);
}

#[test]
fn nul_characters_are_taken_out_with_a_finding() {
    let body = r#"[{"record_id": "1", "summary": "a\u0000b", "petitioners": [{"na\u0000me": ["\u0000"]}], "decision_no": "\\u0000"}]"#;
    let record = decode_one(&interchange(), Packing::Interchange, body).unwrap();
    assert_eq!(
        Value::Object(record.fields.clone()),
        json!({"summary": "ab", "petitioners": [{"name": [""]}], "decision_no": "\\u0000"})
    );
    assert_eq!(rules(&record), [("petitioners", "nul_removed"), ("summary", "nul_removed")]);
    let made =
        mapped(&[("record_id", ".id"), ("summary", "[97, 0] | implode"), ("decision_no", r#""\u0000x""#)], &json!({}));
    let record = decode_one(&made, Packing::Records, r#"[{"id": 1}]"#).unwrap();
    assert_eq!(Value::Object(record.fields.clone()), json!({"summary": "a", "decision_no": "x"}));
}

#[test]
fn one_bad_record_harms_no_other() {
    let limits = Limits { record_bytes: 200, json_depth: 8, ..Limits::default() };
    let decoder = Decoder::new(DecoderConfig { limits, ..config(Format::Record) });
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let body = format!(
        r#"[{{"record_id": "ok"}}, 5, {{"record_id": "\ud800"}}, {{"record_id": "a", "x": 1e999}}, {{"record_id": "b", "x": {}}},
            {{"record_id": "c", "x": "{}"}}, {{"record_id": "d", "record_id": "e"}}, [[[[[[[[[]]]]]]]]], null]"#,
        "[[[[[[[[]]]]]]]]",
        "x".repeat(300),
    );
    let results: Vec<_> = decoder
        .decode(Packing::Interchange, body.as_bytes())
        .unwrap()
        .into_iter()
        .map(|d| d.result.map(|r| r.record_id))
        .collect();
    assert_eq!(results[0], Ok("ok".into()));
    assert_eq!(results[1], Err(RecordError::NotAnObject));
    assert!(matches!(results[2], Err(RecordError::Invalid { .. })));
    assert!(matches!(results[3], Err(RecordError::Invalid { .. })));
    assert_eq!(results[4], Err(RecordError::TooDeep { limit: 8 }));
    assert_eq!(results[5], Err(RecordError::TooLarge { limit: 200 }));
    assert_eq!(results[6], Ok("e".into()));
    assert_eq!(results[7], Err(RecordError::TooDeep { limit: 8 }));
    assert_eq!(results[8], Err(RecordError::NotAnObject));
    // ten thousand levels are found before anything recurses, whatever the limits say
    let wide = Decoder::new(DecoderConfig {
        limits: Limits { json_depth: usize::MAX, ..Limits::default() },
        ..config(Format::Json)
    });
    let body = format!(r#"[{{"record_id": {deep}}}, {{"record_id": "x"}}]"#);
    let results = wide.decode(Packing::Records, body.as_bytes()).unwrap();
    assert_eq!(results[0].result, Err(RecordError::TooDeep { limit: 96 }));
    assert!(results[1].result.is_ok());
}

#[test]
fn a_body_of_too_many_records_is_refused_before_they_are_made() {
    let many = |format: Format, records: &str| {
        let limits = Limits { records: 3, ..Limits::default() };
        let records = Some(records).filter(|text| !text.is_empty()).map(|text| Expression::compile(text).unwrap());
        Decoder::new(DecoderConfig { records, limits, ..config(format) })
    };
    for (decoder, three, four) in [
        (many(Format::Json, ""), "[{},{},{}]", "[{},{},{},{}]"),
        (many(Format::Ndjson, ""), "{}\n{}\n\n{}", "{}\n{}\n{}\n{}"),
        (many(Format::Json, ".data[]"), r#"{"data":[1,2,3]}"#, r#"{"data":[1,2,3,4]}"#),
        (
            many(Format::Json, ".data[].x[]"),
            r#"{"data":[{"x":[1,2]},{"x":[3]}]}"#,
            r#"{"data":[{"x":[1,2]},{"x":[3,4]}]}"#,
        ),
        (many(Format::Json, ".data | .[]"), r#"{"data":[1,2,3]}"#, r#"{"data":[1,2,3,4]}"#),
        (many(Format::Ndjson, ".[]"), "[1,2]\n[3]", "[1,2]\n[3]\n[4]"),
    ] {
        assert_eq!(decoder.decode(Packing::Foreign, three.as_bytes()).unwrap().len(), 3, "{three}");
        let refused = decoder.decode(Packing::Foreign, four.as_bytes()).unwrap_err();
        assert_eq!(refused, BodyError::TooMany { limit: 3 }, "{four}");
        assert!(decoder.records(four.as_bytes()).is_err());
    }
}

#[test]
fn a_body_that_cannot_be_read_says_why_and_where() {
    let limits = Limits { decompressed_bytes: 1000, ..Limits::default() };
    let decoder = Decoder::new(DecoderConfig { limits, ..config(Format::Json) });
    let error = |body: &[u8]| decoder.decode(Packing::Foreign, body).unwrap_err();
    assert_eq!(error(&[b' '; 1001]), BodyError::TooLarge { limit: 1000 });
    assert_eq!(error(b"[\"a\xff\"]"), BodyError::NotText { encoding: Encoding::Utf8, at: 3 });
    assert_eq!(error(b"[1, 2] x"), BodyError::Invalid { line: 1, column: 8 });
    assert_eq!(error(b"<html>"), BodyError::Invalid { line: 1, column: 1 });
    assert!(matches!(error(b""), BodyError::Invalid { .. }));
    assert!(matches!(error(b"{\"a\": 1"), BodyError::Invalid { .. }));
    for scalar in ["1", "null", "\"x\"", "true"] {
        assert_eq!(error(scalar.as_bytes()), BodyError::NoRecords);
    }
    let with = |records: &str| {
        Decoder::new(DecoderConfig { records: Some(Expression::compile(records).unwrap()), ..config(Format::Json) })
    };
    assert!(matches!(with(".data[]").decode(Packing::Foreign, b"{}"), Err(BodyError::Records(_))));
    assert!(matches!(with(".data[]").decode(Packing::Foreign, b"{"), Err(BodyError::Invalid { .. })));
    assert_eq!(with(".data[]?").decode(Packing::Foreign, b"{}").map(|d| d.len()), Ok(0));
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(
        with(".[] | .").decode(Packing::Foreign, deep.as_bytes()).unwrap_err(),
        BodyError::TooDeep { limit: 96 }
    );
}

#[test]
fn records_are_found_wherever_the_source_puts_them() {
    let ids = |decoder: &Decoder, body: &str| -> Vec<String> {
        let decoded = decoder.decode(Packing::Foreign, body.as_bytes()).unwrap();
        let records = decoder.records(body.as_bytes()).unwrap();
        assert_eq!(decoded.len(), records.len());
        decoded.into_iter().map(|d| d.result.map_or_else(|e| e.to_string(), |r| r.record_id)).collect()
    };
    let with = |format, records: Option<&str>| {
        Decoder::new(DecoderConfig { records: records.map(|r| Expression::compile(r).unwrap()), ..config(format) })
    };
    let (a, b) = (r#"{"record_id": "a"}"#, r#"{"record_id":"b"}"#);
    assert_eq!(ids(&with(Format::Json, None), &format!(" [{a}, {b}] ")), ["a", "b"]);
    assert_eq!(ids(&with(Format::Json, None), a), ["a"]);
    assert_eq!(ids(&with(Format::Json, None), "[]"), [""; 0]);
    assert_eq!(
        ids(&with(Format::Json, Some(".x[].y")), &format!(r#"{{"x": [{{"y": {a}}}, {{"y": {b}}}]}}"#)),
        ["a", "b"]
    );
    assert_eq!(ids(&with(Format::Json, Some(".x | fromjson[]")), r#"{"x": "[{\"record_id\": \"a\"}]"}"#), ["a"]);
    assert_eq!(ids(&with(Format::Json, Some(".[] | select(.record_id != \"a\")")), &format!("[{a}, {b}]")), ["b"]);
    assert_eq!(ids(&with(Format::Ndjson, None), &format!("{a}\r\n\n{b}")), ["a", "b"]);
    assert_eq!(ids(&with(Format::Ndjson, Some(".data")), &format!("{{\"data\":{a}}}\n{{\"data\":{b}}}\n")), ["a", "b"]);
    let broken = ids(&with(Format::Ndjson, None), &format!("{a}\n{{\"record_id\": \n{b}"));
    assert_eq!((broken[0].as_str(), broken[2].as_str()), ("a", "b"));
    assert_eq!(broken[1], "the record is no JSON at line 1, column 13");
    // what cannot be a record is published nevertheless, and refused where it can be kept
    let records = with(Format::Ndjson, None).records(b"nonsense").unwrap();
    assert_eq!(records[0].0.get(), "\"nonsense\"");
    assert_eq!(decode_one(&interchange(), Packing::Interchange, "[\"nonsense\"]"), Err(RecordError::NotAnObject));
}

#[test]
fn encodings_hold_for_what_the_source_packed() {
    let text = r#"[{"record_id": "1", "summary": "khiếu nại"}]"#;
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let decoder = Decoder::new(DecoderConfig { encoding: Encoding::Utf16, ..config(Format::Json) });
    let foreign = decoder.decode(Packing::Foreign, &utf16).unwrap();
    assert_eq!(foreign[0].result.as_ref().unwrap().fields["summary"], "khiếu nại");
    // a connector publishes UTF-8, whatever its source writes
    assert_eq!(decoder.decode(Packing::Records, text.as_bytes()).unwrap()[0].result, foreign[0].result);
}

#[test]
fn code_tables_reach_into_lists_and_objects() {
    let decoder = mapped(
        &[
            ("record_id", ".id"),
            ("items", ".items"),
            ("reception", ".r"),
            ("complexity", ".c"),
            ("references", ".ref"),
            ("type", ".t"),
            ("against", ".ag"),
            ("part", ".p"),
        ],
        &json!({
            "items": {"type": {" KN ": "complaint", "2": "denunciation"}, "category": {"a": "land"}},
            "reception.mode": {"true": "regular"},
            "complexity": {"1": "many_people"},
            "references.relation": {"*": "repeat_of"},
            "type": {"x": "mixed"},
            "against.agency": {"UB": "H26"},
            "part": {"1": "intake"},
        }),
    );
    let body = r#"[{"id": 1, "items": [{"type": "KN"}, {"type": 2, "category": "a"}, {"type": " KN "}, {"type": null}, 5, {"type": ["KN"]}],
        "r": {"mode": true}, "c": [1, "2"], "ref": {"relation": "?"}, "t": "y", "ag": {"agency": "UB"}, "p": 1}]"#;
    let record = decode_one(&decoder, Packing::Records, body).unwrap();
    assert_eq!(record.part, "intake");
    assert_eq!(
        Value::Object(record.fields),
        json!({
            "items": [{"type": "complaint"}, {"type": "denunciation", "category": "land"}, {"type": "complaint"}, {"type": null}, 5, {"type": ["complaint"]}],
            "reception": {"mode": "regular"}, "complexity": ["many_people", "2"], "references": [{"relation": "repeat_of"}], "type": "y",
            "against": {"agency": "H26"},
        })
    );
}

#[test]
fn lists_are_lists_however_they_are_mapped() {
    for (source, expected) in [
        ("[.a[] | {name: .}]", json!([{"name": 1}, {"name": 2}])),
        (".a[] | {name: .}", json!([{"name": 1}, {"name": 2}])),
        ("{name: .a[0]}", json!([{"name": 1}])),
        ("null, {name: 1}, null", json!([{"name": 1}])),
        ("[]", json!([])),
        ("\"Nguyễn A\"", json!("Nguyễn A")),
    ] {
        let decoder = mapped(&[("record_id", "1"), ("petitioners", source)], &json!({}));
        let record = decode_one(&decoder, Packing::Records, r#"[{"a": [1, 2]}]"#).unwrap();
        assert_eq!(record.fields.get("petitioners"), Some(&expected), "{source}");
    }
    let decoder =
        mapped(&[("record_id", "1"), ("extra", ".e"), ("extra.x", "2"), ("petitioners", "empty")], &json!({}));
    let fields = |body: &str| decode_one(&decoder, Packing::Records, body).unwrap().fields;
    assert_eq!(fields(r#"[{"e": {"x": 1, "y": 3}}]"#), object(&json!({"extra": {"x": 2, "y": 3}})));
    assert_eq!(fields(r#"[{"e": 4}]"#), object(&json!({"extra": {"x": 2, "value": 4}})));
    assert_eq!(fields("[{}]"), object(&json!({"extra": {"x": 2}})));
}

#[test]
fn faults_of_the_tables_are_all_named() {
    let faults = mapping(
        &[("record_idd", ".a"), ("recieved_on", ".b"), ("extra.", ".c"), ("extra.ok", ".d"), ("zzz", ".e")],
        &json!({
            "typo": {"a": "b"}, "type": {"KN": "complain", "TC": 1, "x": "mixed"}, "kind": "petition", "events": {"action": {"x": "sent"}},
            "channel": {"a": "post", "b": {"c": "d"}}, "category": {"1": "anything"},
        }),
    ).unwrap_err();
    let mut told: Vec<_> = faults.iter().map(|f| (f.path.join("/"), f.nearest.as_deref())).collect();
    told.sort();
    assert_eq!(
        told,
        [
            ("codes/channel/a".to_owned(), None),
            ("codes/channel/b".to_owned(), Some("channel")),
            ("codes/events/action/x".to_owned(), None),
            ("codes/kind".to_owned(), None),
            ("codes/type/KN".to_owned(), Some("complaint")),
            ("codes/type/TC".to_owned(), None),
            ("codes/typo".to_owned(), Some("type")),
            ("map".to_owned(), None),
            ("map/extra/".to_owned(), Some("extra")),
            ("map/recieved_on".to_owned(), Some("received_on")),
            ("map/record_idd".to_owned(), Some("record_id")),
            ("map/zzz".to_owned(), None),
        ]
    );
}

#[test]
fn errors_never_show_what_is_in_a_record() {
    let decoder = mapped(&[("record_id", ".id.x"), ("summary", ".s - 1")], &json!({}));
    for body in [
        r#"[{"id": "Bí Mật"}]"#,
        r#"[{"id": {"x": ["Bí Mật"]}}]"#,
        r#"["Bí Mật"]"#,
        r#"[{"id": {"x": "Bí Mật\ud800"}}]"#,
    ] {
        let error = decode_one(&decoder, Packing::Records, body).unwrap_err();
        assert!(!error.to_string().contains("Mật"), "{error}");
    }
    let error = decoder.decode(Packing::Foreign, "Bí Mật".as_bytes()).unwrap_err();
    assert!(!error.to_string().contains("Mật"), "{error}");
}

proptest! {
    #[test]
    fn no_body_breaks_the_decoder(body: Vec<u8>, packing in 0..3_usize, format in 0..3_usize) {
        let packing = [Packing::Foreign, Packing::Records, Packing::Interchange][packing];
        let format = [Format::Json, Format::Ndjson, Format::Record][format].clone();
        let mapping = mapping(&[("record_id", ".a"), ("summary", ".b | tostring")], &json!({})).unwrap();
        let decoder = Decoder::new(DecoderConfig { mapping: Some(mapping), ..config(format) });
        for record in decoder.records(&body).unwrap_or_default() {
            prop_assert!(decoder.record_id(&record).is_err() || record.0.get().contains("\"a\""));
        }
        for one in decoder.decode(packing, &body).unwrap_or_default() {
            prop_assert!(one.result.is_err() || one.raw.as_bytes().first() == Some(&b'{'), "a record that is no object");
        }
    }

    #[test]
    fn no_json_like_text_breaks_the_decoder(body in r#"(\[|\{|\]|\}|"record_id"|"a"|:|,|1|\\u0000|\\ud800|null| |\n){0,24}"#) {
        let decoder = mapped(&[("record_id", ".a"), ("summary", ".b")], &json!({}));
        for packing in [Packing::Foreign, Packing::Records, Packing::Interchange] {
            let decoded = decoder.decode(packing, body.as_bytes()).unwrap_or_default();
            for one in decoded {
                prop_assert!(body.contains(&*one.raw));
            }
        }
    }
}
