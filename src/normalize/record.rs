//! One whole record: every interchange field through its rules.

use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::reader::{Path, Reader, storable, take};
use super::{Context, Incomplete, code, part, party, restricted};
use crate::domain::{Finding, Flag, Kind, NormalizedRecord, PetitionType, RecordKey};

/// Normalizes one record in interchange fields (whole, or its parts laid over one another).
///
/// Reads leniently: a value of the wrong type, one that no rule understands, a field nobody knows is kept in `extra`
/// under its path and told of in a finding. `findings` are those of the mapping; they come first.
///
/// # Errors
/// [`Incomplete`] where a required field has not come or cannot be understood.
pub fn record(
    context: &Context<'_>,
    key: RecordKey,
    mut fields: Map<String, Value>,
    findings: Vec<Finding>,
) -> Result<NormalizedRecord, Incomplete> {
    let kind = kind(&take(&mut fields, "kind"))?;
    let mut reader = Reader { extra: Map::new(), findings, today: context.today };
    extra(&mut reader, take(&mut fields, "extra"));
    let received_on = received_on(&mut reader, take(&mut fields, "received_on"))?;
    let (petition_type, said_instance) = petition_type(&mut reader, take(&mut fields, "type"));
    let mut record = NormalizedRecord {
        key,
        kind,
        received_on,
        petition_type,
        agency: party::agency(&mut reader, take(&mut fields, "agency"), &Path::root("agency"), Some(received_on))
            .unwrap_or_else(|| context.agency.to_owned()),
        written_on: reader.date(take(&mut fields, "written_on"), &Path::root("written_on"), false),
        instance: reader.count(take(&mut fields, "instance"), &Path::root("instance")).or(said_instance),
        channel: reader.code(take(&mut fields, "channel"), &Path::root("channel"), code::channel),
        category: part::category(&mut reader, take(&mut fields, "category"), &Path::root("category")),
        language: reader.line(take(&mut fields, "language"), &Path::root("language")),
        summary: reader.text(take(&mut fields, "summary"), &Path::root("summary")),
        items: part::items(&mut reader, take(&mut fields, "items")),
        confidential: reader.boolean(take(&mut fields, "confidential"), &Path::root("confidential"), true),
        restricted: reader.boolean(take(&mut fields, "restricted"), &Path::root("restricted"), true),
        anonymous: reader.boolean(take(&mut fields, "anonymous"), &Path::root("anonymous"), false),
        petitioners: Vec::new(),
        petitioner_count: reader.count(take(&mut fields, "petitioner_count"), &Path::root("petitioner_count")),
        against: party::against(&mut reader, take(&mut fields, "against")),
        references: part::references(&mut reader, take(&mut fields, "references")),
        events: part::events(&mut reader, take(&mut fields, "events")),
        stage: reader.code(take(&mut fields, "stage"), &Path::root("stage"), code::stage),
        outcome: reader.code(take(&mut fields, "outcome"), &Path::root("outcome"), code::outcome),
        decision_no: reader.document_no(take(&mut fields, "decision_no"), &Path::root("decision_no")),
        decision_on: reader.date(take(&mut fields, "decision_on"), &Path::root("decision_on"), false),
        deadline_on: reader.date(take(&mut fields, "deadline_on"), &Path::root("deadline_on"), true),
        remote_area: reader.boolean(take(&mut fields, "remote_area"), &Path::root("remote_area"), false),
        complexity: part::complexity(&mut reader, take(&mut fields, "complexity")),
        results: part::results(&mut reader, take(&mut fields, "results")),
        reception: part::reception(&mut reader, take(&mut fields, "reception")),
        extra: Map::new(),
        findings: Vec::new(),
    };
    party::petitioners(&mut reader, take(&mut fields, "petitioners"), &mut record);
    fields.retain(|_, value| !value.is_null());
    reader.leftover(fields, None);
    missing_petitioner(&mut reader, &record);
    record.extra = reader.extra;
    record.findings = reader.findings;
    restricted::strip(&mut record);
    Ok(record)
}

fn kind(value: &Value) -> Result<Kind, Incomplete> {
    match value {
        Value::Null => Err(Incomplete::NoKind),
        Value::String(text) if text.trim().is_empty() => Err(Incomplete::NoKind),
        Value::String(text) => code::kind(text).ok_or(Incomplete::KindUnknown),
        _ => Err(Incomplete::KindUnknown),
    }
}

fn received_on(reader: &mut Reader, value: Value) -> Result<NaiveDate, Incomplete> {
    match &value {
        Value::Null => return Err(Incomplete::NoReceivedOn),
        Value::String(text) if text.trim().is_empty() => return Err(Incomplete::NoReceivedOn),
        _ => {}
    }
    reader.date(value, &Path::root("received_on"), false).ok_or(Incomplete::ReceivedOnInvalid)
}

/// `extra` as it came: an object stays one, anything else stands under its own name.
fn extra(reader: &mut Reader, value: Value) {
    match storable(value) {
        Value::Null => {}
        Value::Object(extra) => reader.extra = extra,
        other => reader.keep(&Path::root("extra"), other, Flag::UnknownField, "wrong_type"),
    }
}

fn petition_type(reader: &mut Reader, value: Value) -> (Option<PetitionType>, Option<i32>) {
    match reader.code(value, &Path::root("type"), code::petition_type) {
        Some((code, instance)) => (Some(code), instance),
        None => (None, None),
    }
}

/// A petition that names nobody and does not say that it is anonymous.
fn missing_petitioner(reader: &mut Reader, record: &NormalizedRecord) {
    if record.kind == Kind::Petition && record.petitioners.is_empty() && !record.anonymous {
        reader.findings.push(Finding::doubt(Flag::PetitionerMissing, "petitioners", "nobody_named"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Channel, SourceId, Stage};
    use serde_json::json;

    fn normalize(value: Value) -> Result<NormalizedRecord, Incomplete> {
        let context = Context { agency: "G17", today: "2026-11-24".parse().unwrap() };
        let key = RecordKey { source_id: SourceId::parse("bxd").unwrap(), record_id: "1".to_owned() };
        let Value::Object(fields) = value else { panic!("not an object") };
        record(&context, key, fields, Vec::new())
    }

    fn flags(record: &NormalizedRecord) -> Vec<&'static str> {
        record.quality_flags().into_iter().map(Flag::as_str).collect()
    }

    #[test]
    fn a_plain_record() {
        let record = normalize(json!({
            "kind": "petition", "type": "KN", "received_on": "05/03/2024", "channel": "Bưu chính",
            "summary": "  Khiếu nại  Quyết định số 123/QÐ-UBND ", "stage": "Thụ lý", "category": "Đất đai",
            "petitioners": [{"name": "Nguyễn Văn A", "birth_year": "1950", "gender": "Nam",
                "id_number": "1050000001", "phone": "0162 1234567", "address": "Số 5, Phường Phúc Xá, Quận Ba Đình, Hà Nội"}],
            "against": {"decision_no": "số 123 / QĐ-UBND", "decision_on": "01/02/2024", "agency": "000.00.12.H29"},
            "events": [{"action": "Thụ lý", "at": "2024-03-06T08:00:00+07:00"}],
            "references": [{"relation": "transferred_from", "agency": "G20", "document_no": "5/VP"}],
            "results": {"vnd_to_state": "1.200.000", "land_m2_to_people_executed": 5},
            "decision_no": null, "extra": {"note": "x"}
        }))
        .unwrap();
        assert_eq!(record.petition_type, Some(PetitionType::Complaint));
        assert_eq!(record.received_on.to_string(), "2024-03-05");
        assert_eq!((record.channel, record.stage), (Some(Channel::Post), Some(Stage::Accepted)));
        assert_eq!(record.summary.as_deref(), Some("Khiếu nại Quyết định số 123/QĐ-UBND"));
        assert_eq!(record.category.as_deref(), Some("01.2"));
        assert_eq!(record.agency, "G17");
        assert_eq!(record.petitioners[0].birth_year, Some(1950));
        let one = &record.petitioners[0];
        assert_eq!((one.id_number.as_deref(), one.id_kind), (Some("001050000001"), Some(crate::domain::IdKind::Cccd)));
        assert_eq!(one.phones, ["+84321234567"]);
        assert_eq!(
            (one.place.province_code.as_deref(), one.place.commune_code.as_deref()),
            (Some("01"), Some("00097"))
        );
        assert_eq!(one.place.street.as_deref(), Some("Số 5"));
        assert_eq!(record.against.decision_no.as_deref(), Some("123/QĐ-UBND"));
        assert_eq!(record.against.agency.as_deref(), Some("H29.12"));
        assert_eq!(record.results["vnd_to_state"], 1_200_000);
        assert_eq!(record.extra["note"], "x");
        assert_eq!(flags(&record), [""; 0]);
        let rules: Vec<&str> = record.findings.iter().map(|finding| finding.rule.as_str()).collect();
        assert!(rules.contains(&"look_alike") && rules.contains(&"document_number"), "{rules:?}");
    }

    #[test]
    fn what_is_missing() {
        let date = "2024-03-05";
        for (value, wanted) in [
            (json!({}), Incomplete::NoKind),
            (json!({"kind": " "}), Incomplete::NoKind),
            (json!({"kind": "xyz", "received_on": date}), Incomplete::KindUnknown),
            (json!({"kind": ["petition"], "received_on": date}), Incomplete::KindUnknown),
            (json!({"kind": "petition"}), Incomplete::NoReceivedOn),
            (json!({"kind": "petition", "received_on": ""}), Incomplete::NoReceivedOn),
            (json!({"kind": "petition", "received_on": "hôm qua"}), Incomplete::ReceivedOnInvalid),
            (json!({"kind": "petition", "received_on": {}}), Incomplete::ReceivedOnInvalid),
        ] {
            assert_eq!(normalize(value.clone()).unwrap_err(), wanted, "{value}");
        }
    }

    #[test]
    fn nothing_odd_is_lost() {
        let record = normalize(json!({
            "kind": "petition", "type": "Đơn lạ", "received_on": "2027-01-01", "agency": "phòng họp",
            "summary": ["a"], "petitioners": [{"name": {"x": 1}, "màu": "đỏ"}], "instance": "hai",
            "category": "zz", "written_on": "15/8 âm lịch", "colour": "red", "stage": "lạ", "petitioner_count": -3,
            "events": [{"action": "bay"}], "references": [{"record_id": "7"}], "results": {"cows": 3}, "extra": {"type": "t"}
        }))
        .unwrap();
        assert_eq!(
            flags(&record),
            [
                "agency_unknown",
                "category_unmapped",
                "date_in_future",
                "date_invalid",
                "petitioner_missing",
                "type_unmapped",
                "unknown_field"
            ]
        );
        assert_eq!(record.agency, "G17");
        for (name, value) in [
            ("type", json!("t")),
            ("type (2)", json!("Đơn lạ")),
            ("agency", json!("phòng họp")),
            ("summary", json!(["a"])),
            ("petitioners[0].name", json!({"x": 1})),
            ("petitioners[0].màu", json!("đỏ")),
            ("instance", json!("hai")),
            ("category", json!("zz")),
            ("written_on", json!("15/8 âm lịch")),
            ("colour", json!("red")),
            ("stage", json!("lạ")),
            ("petitioner_count", json!(-3)),
            ("events[0]", json!({"action": "bay"})),
            ("references[0]", json!({"record_id": "7"})),
            ("results.cows", json!(3)),
        ] {
            assert_eq!(record.extra.get(name), Some(&value), "{name}");
        }
    }

    #[test]
    fn a_state_secret_is_a_stub() {
        let record = normalize(json!({
            "kind": "petition", "type": "complaint", "received_on": "2024-03-05", "restricted": "mật", "summary": "bí mật",
            "petitioners": ["Nguyễn Văn A"], "against": {"name": "B", "agency": "G17", "decision_no": "đóng cửa xưởng"},
            "events": [{"action": "accepted", "note": "bí mật", "document_no": "5/QĐ"}], "weird": "bí mật", "stage": "??bí mật",
            "category": "bí mật", "decision_no": "12/QÐ-BXD", "extra": {"x": "bí mật"}, "reception": {"result": "bí mật"}
        }))
        .unwrap();
        let text = serde_json::to_string(&record).unwrap();
        for secret in ["bí mật", "Nguyễn", "xưởng", "weird"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
        assert!(record.restricted && record.is_sealed());
        assert_eq!(record.against.agency.as_deref(), Some("G17"));
        assert_eq!(record.decision_no.as_deref(), Some("12/QĐ-BXD"));
        assert_eq!(record.events[0].document_no.as_deref(), Some("5/QĐ"));
        assert!(flags(&record).contains(&"restricted_content"));
        let stub = normalize(
            json!({"kind": "petition", "type": "complaint", "received_on": "2024-03-05", "restricted": true}),
        );
        assert_eq!(flags(&stub.unwrap()), [""; 0]);
    }

    #[test]
    fn a_cell_of_several_people() {
        let record = normalize(json!({
            "kind": "don", "type": "KN", "received_on": "2025-10-01",
            "petitioners": [{
                "name": "Hộ ông Nguyễn Văn A và bà Trần Thị B cùng 25 hộ dân", "phone": ["0912345678", "0987654321"],
                "id_number": "003075000001", "id_kind": "CCCD", "address": {"street": "thôn 3", "commune": "00097", "province": "01"}
            }, {"name": "Công ty ABC"}, "Nặc danh"]
        }))
        .unwrap();
        let names: Vec<Option<&str>> = record.petitioners.iter().map(|one| one.name.as_deref()).collect();
        assert_eq!(names, [Some("Nguyễn Văn A"), Some("Trần Thị B"), None]);
        assert_eq!(record.petitioners[0].gender, Some(crate::domain::Gender::Male));
        assert_eq!((record.petitioners[0].phones.len(), record.petitioners[1].phones.len()), (2, 0));
        assert_eq!(record.petitioners[0].id_number.as_deref(), Some("003075000001"));
        assert_eq!(record.petitioners[0].id_kind, None);
        assert_eq!(record.petitioners[1].place.commune_code.as_deref(), Some("00097"));
        assert_eq!(record.petitioners[0].place.street.as_deref(), Some("thôn 3"));
        assert_eq!(record.petitioners[2].organization.as_deref(), Some("Công ty ABC"));
        assert_eq!(record.petitioner_count, Some(28));
        assert!(record.anonymous);
        assert_eq!(flags(&record), ["id_number_invalid"]);
    }

    /// Numbers of an agency are found by its code as written, so a department takes no number of its province.
    #[test]
    fn an_agency_by_name() {
        let record = normalize(json!({
            "kind": "don", "type": "KN", "received_on": "2025-09-01", "agency": "Bộ GTVT", "anonymous": true,
            "against": {"agency": "Sở TN&MT tỉnh Bắc Giang", "decision_on": "2024-05-01"},
            "references": [
                {"relation": "transferred_from", "agency": "Thanh tra tỉnh Bắc Giang", "document_no": "5/PC", "document_on": "2025-08-01"},
                {"relation": "transferred_from", "agency": "UBND tỉnh Bắc Giang", "record_id": "1"},
                {"relation": "transferred_from", "agency": "H02", "record_id": "2", "document_on": "2025-08-01"},
            ],
            "events": [{"action": "accepted", "at": "2025-08-01T08:00:00+07:00", "agency": "UBND tỉnh Bắc Giang"}]
        }))
        .unwrap();
        assert_eq!(record.agency, "G17");
        assert_eq!(record.against.agency.as_deref(), Some("H02"));
        let referred: Vec<_> = record.references.iter().map(|one| one.agency.as_deref()).collect();
        assert_eq!(referred, [None, Some("H02"), Some("H02")]);
        assert_eq!(record.events[0].agency.as_deref(), Some("H05"));
        assert_eq!(record.extra["references[0].agency"], "Thanh tra tỉnh Bắc Giang");
        let spoken: Vec<_> = record.findings.iter().map(|one| (one.field.as_str(), one.rule.as_str())).collect();
        assert_eq!(
            spoken,
            [
                ("agency", "name"),
                ("agency", "successor"),
                ("against.agency", "within_province"),
                ("references[0].agency", "within_province"),
                ("references[1].agency", "name"),
                ("events[0].agency", "name"),
                ("events[0].agency", "successor"),
            ]
        );
    }

    #[test]
    fn doubt_protects() {
        let record =
            normalize(json!({"kind": "don", "type": "KN", "received_on": "2024-03-05", "confidential": "xin giữ kín"}));
        assert!(record.unwrap().is_sealed());
    }

    proptest::proptest! {
        /// Any JSON under any field: no panic, and every text that came is somewhere in the result.
        #[test]
        fn total(names in proptest::collection::vec(proptest::sample::select(crate::domain::CONTENT_FIELDS), 1..6), seed in proptest::num::u64::ANY) {
            let mut fields = Map::from_iter([("kind".to_owned(), json!("don")), ("received_on".to_owned(), json!("2024-03-05"))]);
            for (index, name) in names.iter().enumerate().filter(|(_, name)| !matches!(**name, "kind" | "received_on" | "restricted")) {
                let mark = format!("mark{index}x");
                let value = match (seed >> (index * 3)) & 7 {
                    0 => json!(mark),
                    1 => json!([mark]),
                    2 => json!({"name": mark}),
                    3 => json!([{"name": mark, "zz": [mark]}]),
                    4 => json!([[mark]]),
                    5 => json!({"a": {"b": [mark, 1.5, null]}}),
                    6 => json!(format!("{mark}\u{0}")),
                    _ => json!([1, true, mark]),
                };
                fields.insert((*name).to_owned(), value);
            }
            let sent = Value::Object(fields.clone()).to_string();
            let record = normalize(Value::Object(fields)).unwrap();
            let text = serde_json::to_string(&record).unwrap();
            for index in 0..names.len() {
                let mark = format!("mark{index}x");
                assert!(!sent.contains(&mark) || text.contains(&mark), "{mark} of {sent} is lost in {text}");
            }
            assert!(!text.contains("\\u0000"));
        }
    }
}
