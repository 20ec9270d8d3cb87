//! UBND thành phố Hà Nội: publishes arrays, gzip, an earlier version of some records before the newest; the columns
//! of the book in which it all began are the names of the fields.

use serde_json::{Value, json};

use super::shape::{DAY_FIRST, date, decision_against, document, list, local, received, rfc3339};
use super::{Amqp, Sent, Simulated, Transport, Wording};
use crate::compression::Encoding;
use crate::demo::generate::{Filer, Link, Office, Record, Step};

pub const WORDING: Wording = Wording::Kebab;

pub static AGENCY: Simulated = Simulated {
    office: Office::HaNoi,
    wording: Some(WORDING),
    shape,
    transport: Transport::Amqp(Amqp { batch: 40, encoding: Encoding::Gzip, sent, pack: Value::Array, again_every: 0 }),
};

/// Every third record with a history is sent twice, as it was after its first step and as it is.
fn sent(record: &Record) -> Vec<Sent> {
    let newest = Sent { at: record.updated_at, value: shape(record) };
    if record.content.events.len() > 2 && record.record_id.bytes().map(u32::from).sum::<u32>().is_multiple_of(3) {
        let first = record.after(1);
        return vec![Sent { at: first.updated_at, value: shape(&first) }, newest];
    }
    vec![newest]
}

fn shape(record: &Record) -> Value {
    let content = &record.content;
    let (decision_no, decision_on) = document(content.decision.as_ref(), DAY_FIRST);
    let (against_no, against_on) = decision_against(record, DAY_FIRST);
    json!({
        "Số": record.record_id,
        "Cập nhật": rfc3339(record.updated_at),
        "Đã hủy": record.deleted,
        "Sổ": WORDING.of(content.kind),
        "Loại đơn": WORDING.maybe(content.petition_type),
        "Đơn vị": content.unit,
        "Ngày nhận": received(record, DAY_FIRST),
        "Ngày viết đơn": date(content.written_on, DAY_FIRST),
        "Lần": content.reception.is_none().then_some(content.instance),
        "Hình thức": WORDING.of(content.channel),
        "Lĩnh vực": content.category,
        "Trích yếu": content.summary,
        "Các nội dung": list(&content.items, |item| json!({
            "Loại": WORDING.of(item.petition_type), "Lĩnh vực": item.category, "Trích yếu": item.summary,
        })),
        "Giữ bí mật": content.confidential,
        "Nặc danh": content.anonymous,
        "Số người": content.petitioner_count,
        "Người gửi": list(&content.petitioners, petitioner),
        "Bị khiếu nại": content.against.as_ref().map(|against| json!({
            "Tên": against.name, "Mã": against.agency, "Số QĐ": against_no, "Ngày QĐ": against_on,
        })),
        "Liên quan": list(&content.references, reference),
        "Quá trình": list(&content.events, step),
        "Trạng thái": WORDING.maybe(content.stage),
        "Kết quả": WORDING.maybe(content.outcome),
        "Số QĐ": decision_no,
        "Ngày QĐ": decision_on,
        "Hạn": date(content.deadline_on, DAY_FIRST),
        "Tiếp công dân": content.reception.as_ref().map(|turn| json!({
            "Chế độ": WORDING.of(turn.mode), "Lúc": rfc3339(turn.at), "Trực tuyến": turn.online,
            "Lãnh đạo": WORDING.maybe(turn.by_leader), "Số người": turn.delegation_size, "Kết quả": turn.result,
        })),
    })
}

fn petitioner(filer: &Filer) -> Value {
    json!({
        "Họ và tên": filer.name,
        "CCCD/CMND": filer.id_number,
        "Năm sinh": filer.birth_year,
        "Giới tính": WORDING.of(filer.gender),
        "Điện thoại": filer.phone,
        "Địa chỉ": filer.address.line(),
    })
}

fn reference(link: &Link) -> Value {
    let (number, on) = document(link.letter(), DAY_FIRST);
    json!({
        "Quan hệ": WORDING.of(link.relation), "Hệ thống": link.source(), "Cơ quan": link.agency(),
        "Số đơn": link.record_id(), "Số văn bản": number, "Ngày văn bản": on,
    })
}

fn step(step: &Step) -> Value {
    json!({
        "Việc": WORDING.of(step.action), "Lúc": local(step.at, "%d/%m/%Y %H:%M:%S"),
        "Chuyển đến": step.to.map(Office::code), "Văn bản": step.document, "Ghi chú": step.note,
    })
}
