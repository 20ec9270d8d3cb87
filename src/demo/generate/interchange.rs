//! Records as interchange JSON: of the world, for the agency that speaks it, and by the hundred thousand, for
//! measuring.

use std::fmt::{self, Write as _};

use serde_json::{Map, Value, json};

use super::chance::Dice;
use super::record::{Against, Document, Filer, Item, Link, Record, Results, Step, Turn};
use crate::clock::HANOI;

/// The interchange record of `record`, whole, with Indochina times.
pub fn interchange(record: &Record) -> Map<String, Value> {
    let content = &record.content;
    let (decision, petition) = (content.decision.as_ref(), content.reception.is_none());
    let fields = [
        ("record_id", json!(record.record_id)),
        ("version", json!(time(record.updated_at))),
        ("deleted", json!(record.deleted)),
        ("kind", json!(content.kind)),
        ("type", json!(content.petition_type)),
        ("agency", json!(content.unit)),
        ("received_on", json!(content.received_on)),
        ("written_on", json!(content.written_on)),
        ("instance", json!(petition.then_some(content.instance))),
        ("channel", json!(content.channel)),
        ("category", json!(content.category)),
        ("summary", json!(content.summary)),
        ("items", content.items.iter().map(item).collect()),
        ("confidential", json!(content.confidential)),
        ("anonymous", json!(content.anonymous)),
        ("petitioners", content.petitioners.iter().map(petitioner).collect()),
        ("petitioner_count", json!(content.petitioner_count)),
        ("against", json!(content.against.as_ref().map(against))),
        ("references", content.references.iter().map(reference).collect()),
        ("events", content.events.iter().map(event).collect()),
        ("stage", json!(content.stage)),
        ("outcome", json!(content.outcome)),
        ("decision_no", json!(decision.map(|decision| &decision.number))),
        ("decision_on", json!(decision.map(|decision| decision.on))),
        ("deadline_on", json!(content.deadline_on)),
        ("results", json!(content.results.as_ref().map(results))),
        ("reception", json!(content.reception.as_ref().map(turn))),
    ];
    let told = fields.into_iter().filter(|(_, value)| !is_empty(value));
    told.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Nothing that has to be said: absent, false, or no entries.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}

fn item(item: &Item) -> Value {
    json!({"type": item.petition_type, "category": item.category, "summary": item.summary})
}

fn against(against: &Against) -> Value {
    let decision = against.decision.as_ref();
    json!({"name": against.name, "agency": against.agency,
           "decision_no": decision.map(|decision| &decision.number), "decision_on": decision.map(|decision| decision.on)})
}

fn results(results: &Results) -> Value {
    json!({
        "vnd_to_people": results.vnd_to_people,
        "vnd_to_people_executed": results.vnd_to_people_executed,
        "land_m2_to_people": results.land_m2_to_people,
        "people_restored": results.people_restored,
        "officials_disciplined": results.officials_disciplined,
    })
}

fn turn(turn: &Turn) -> Value {
    json!({"mode": turn.mode, "online": turn.online, "at": time(turn.at), "by_leader": turn.by_leader,
           "delegation_size": turn.delegation_size, "result": turn.result})
}

/// RFC 3339 in Indochina time.
fn time(at: chrono::DateTime<chrono::Utc>) -> String {
    at.with_timezone(&HANOI).to_rfc3339()
}

fn petitioner(filer: &Filer) -> Value {
    json!({
        "name": filer.name, "id_number": filer.id_number,
        "id_kind": filer.id_number.as_ref().map(|_| filer.id_kind),
        "birth_date": filer.birth_date, "birth_year": filer.birth_year, "gender": filer.gender,
        "phone": filer.phone, "email": filer.email, "representative": filer.representative,
        "address": {"street": filer.address.street, "commune": filer.address.commune,
                    "district": filer.address.district, "province": filer.address.province},
    })
}

fn reference(link: &Link) -> Value {
    let letter: Option<&Document> = link.letter();
    json!({"relation": link.relation, "source": link.source(), "agency": link.agency(), "record_id": link.record_id(),
           "document_no": letter.map(|l| &l.number), "document_on": letter.map(|l| l.on)})
}

fn event(step: &Step) -> Value {
    json!({"action": step.action, "at": time(step.at), "to_agency": step.to.map(super::Office::code),
           "document_no": step.document, "note": step.note})
}

/// Sentences of 100 to 190 bytes for [`interchange_record`], none of them naming anybody.
const SENTENCES: &[&str] = &[
    "Gia đình tôi sử dụng thửa đất ổn định từ trước năm 1993, không có tranh chấp, đóng thuế đầy đủ.",
    "Phương án bồi thường áp dụng đơn giá thấp hơn các hộ liền kề có cùng vị trí và cùng loại đất.",
    "Biên bản kiểm đếm ghi thiếu cây trồng và công trình xây dựng trước khi có quyết định thu hồi.",
    "Tôi đã nhiều lần gửi đơn nhưng chưa nhận được văn bản trả lời của cơ quan có thẩm quyền.",
    "Đề nghị xem xét lại quyết định nêu trên và bố trí tái định cư theo đúng quy định của pháp luật.",
    "Cơ sở sản xuất nằm giữa khu dân cư xả khói bụi suốt ngày đêm, bà con không thể sinh hoạt bình thường.",
    "Hồ sơ của tôi bị trả lại ba lần với những lý do khác nhau mà không có hướng dẫn bằng văn bản.",
    "Kèm theo đơn là bản sao giấy tờ có liên quan, tôi cam đoan nội dung trình bày là đúng sự thật.",
];
const TYPES: &[&str] = &["complaint", "complaint", "recommendation", "reflection", "denunciation"];
const CATEGORIES: &[&str] = &["01.2.1", "01.2.2", "01.1.3", "02.2", "01.9.1"];
const SURNAMES: &[&str] = &["Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng"];
const GIVEN: &[&str] = &["Hùng", "Lan", "Hải", "Hương", "Sơn", "Mai", "Minh", "Nga", "Long", "Thảo"];

/// Record number `i` of a large set for measuring: interchange JSON of about 1.7 kB with one petitioner, two events
/// and a summary of some 900 bytes. `record_id` is unique in `i`, whatever the seed.
#[expect(clippy::expect_used, reason = "writing into a String cannot fail")]
pub fn interchange_record(seed: u64, i: u64) -> String {
    let mut text = String::with_capacity(2_048);
    measured(&mut text, &mut Dice::new(seed).fork(i), i).expect("text into memory");
    text
}

fn measured(text: &mut String, dice: &mut Dice, i: u64) -> fmt::Result {
    let date = super::story::FIRST_DAY + chrono::Days::new(u64::from(dice.below(900)));
    let next = date + chrono::Days::new(u64::from(dice.between(2, 9)));
    let clock = format!("{:02}:{:02}:{:02}+07:00", dice.between(8, 16), dice.below(60), dice.below(60));
    let (petition_type, category) = (dice.word(TYPES), dice.word(CATEGORIES));
    write!(text, r#"{{"record_id":"R-{i:09}","version":"{next}T{clock}","kind":"petition","type":"{petition_type}","#)?;
    write!(
        text,
        r#""received_on":"{date}","written_on":"{date}","instance":1,"channel":"post","category":"{category}","summary":""#
    )?;
    let target = text.len() + dice.between(820, 940) as usize;
    let first = dice.below(SENTENCES.len() as u32) as usize;
    for sentence in SENTENCES.iter().cycle().skip(first) {
        if text.len() >= target {
            break;
        }
        write!(text, "{sentence} ")?;
    }
    text.push_str(r#"","petitioners":["#);
    petitioner_measured(text, dice, i)?;
    write!(text, r#"],"against":{{"name":"Ủy ban nhân dân","decision_no":"{i}/QĐ-UBND","decision_on":"{date}"}},"#)?;
    write!(text, r#""events":[{{"action":"received","at":"{date}T07:30:00+07:00"}},"#)?;
    write!(text, r#"{{"action":"screened","at":"{next}T{clock}","note":"Đã phân loại, đề xuất thụ lý"}}],"#)?;
    text.write_str(r#""stage":"screened"}"#)
}

fn petitioner_measured(text: &mut String, dice: &mut Dice, i: u64) -> fmt::Result {
    let place = dice.pick(super::Place::all());
    let year = dice.between(1945, 1999);
    let (century, middle, gender) = dice.pick(&[(0, "Văn", "male"), (1, "Thị", "female")]);
    let (surname, given) = (dice.word(SURNAMES), dice.word(GIVEN));
    write!(
        text,
        r#"{{"name":"{surname} {middle} {given}","id_kind":"cccd","id_number":"0{}"#,
        place.old_province_code
    )?;
    write!(text, r#"{century}{:02}{:06}","birth_year":{year},"gender":"{gender}","#, year % 100, i % 1_000_000)?;
    write!(text, r#""phone":"09{:08}","address":{{"#, dice.below(100_000_000))?;
    write!(text, r#""street":"số {} đường Trần Phú","commune":"{}","#, dice.between(1, 400), place.commune)?;
    write!(text, r#""province":"{}"}},"representative":true}}"#, place.province)
}
