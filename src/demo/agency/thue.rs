//! Cục Thuế: publishes batches under a key, zstd; numbers for codes, a row version for a version, dates with hyphens.

use serde_json::{Value, json};

use super::shape::{date, decision_against, document, list, local, received};
use super::{Amqp, Sent, Simulated, Transport, Wording};
use crate::compression::Encoding;
use crate::demo::generate::{Filer, Link, Office, Record, Step};

pub const WORDING: Wording = Wording::Number { step: 10 };
const HYPHENS: &str = "%d-%m-%Y";
const CLOCK: &str = "%Y-%m-%dT%H:%M:%S";

pub static AGENCY: Simulated = Simulated {
    office: Office::Thue,
    wording: Some(WORDING),
    shape,
    transport: Transport::Amqp(Amqp {
        batch: 10,
        encoding: Encoding::Zstd,
        sent: |record| vec![Sent { at: record.updated_at, value: shape(record) }],
        pack: |records| json!({"hdr": {"sys": "TMS", "n": records.len()}, "rows": records}),
        again_every: 5,
    }),
};

fn shape(record: &Record) -> Value {
    let content = &record.content;
    let (decision_no, decision_on) = document(content.decision.as_ref(), HYPHENS);
    let (against_no, against_on) = decision_against(record, HYPHENS);
    json!({
        "ID": record.record_id,
        "RowVer": record.updated_at.timestamp_millis() - 1_700_000_000_000,
        "LoaiBG": WORDING.of(content.kind),
        "LoaiDon": WORDING.maybe(content.petition_type),
        "NgayNhan": received(record, HYPHENS),
        "NgayDon": date(content.written_on, HYPHENS),
        "Lan": content.reception.is_none().then_some(content.instance),
        "Nguon": WORDING.of(content.channel),
        "LinhVuc": content.category,
        "NoiDung": content.summary,
        "NoiDungCT": list(&content.items, |item| json!({
            "Loai": WORDING.of(item.petition_type), "LinhVuc": item.category, "NoiDung": item.summary,
        })),
        "BiMat": u8::from(content.confidential),
        "NacDanh": u8::from(content.anonymous),
        "SoNguoi": content.petitioner_count,
        "DanhSach": list(&content.petitioners, petitioner),
        "BiKN": content.against.as_ref().map(|against| &against.name),
        "BiKN_QD": against_no,
        "BiKN_NgayQD": against_on,
        "LienKet": list(&content.references, reference),
        "NhatKy": list(&content.events, step),
        "TrangThai": WORDING.maybe(content.stage),
        "KetQua": WORDING.maybe(content.outcome),
        "SoQD": decision_no,
        "NgayQD": decision_on,
        "Han": date(content.deadline_on, HYPHENS),
        "Tiep": content.reception.as_ref().map(|turn| json!({
            "CheDo": WORDING.of(turn.mode), "Luc": local(turn.at, CLOCK), "LanhDao": WORDING.maybe(turn.by_leader),
            "SoNguoi": turn.delegation_size, "KetQua": turn.result,
        })),
    })
}

fn petitioner(filer: &Filer) -> Value {
    json!({
        "Ten": filer.name,
        "MaSo": filer.id_number,
        "NgaySinh": date(filer.birth_date, HYPHENS),
        "Nam": filer.birth_year,
        "GT": WORDING.of(filer.gender),
        "DT": filer.phone,
        "DC": filer.address.street,
        "DC_Xa": filer.address.commune,
        "DC_Huyen": filer.address.district,
        "DC_Tinh": filer.address.province,
    })
}

fn reference(link: &Link) -> Value {
    let (number, on) = document(link.letter(), HYPHENS);
    json!({
        "Kieu": WORDING.of(link.relation), "HT": link.source(), "CQ": link.agency(), "So": link.record_id(),
        "VB": number, "NgayVB": on,
    })
}

fn step(step: &Step) -> Value {
    json!({"B": WORDING.of(step.action), "T": local(step.at, CLOCK), "D": step.to.map(Office::code), "V": step.document})
}
