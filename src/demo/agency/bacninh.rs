//! UBND tỉnh Bắc Ninh: publishes one record a message, ordered by nothing but the message's timestamp; grouped as on
//! its forms, decomposed Unicode (their clerks work on Macs), dates in words.

use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;

use super::shape::{DAY_FIRST, date, decision_against, document, list, local, received, rfc3339};
use super::{Amqp, Sent, Simulated, Transport, Wording};
use crate::compression::Encoding;
use crate::demo::generate::{Filer, Link, Office, Record, Step};

pub const WORDING: Wording = Wording::Upper;
const IN_WORDS: &str = "ngày %-d tháng %-m năm %Y";

pub static AGENCY: Simulated = Simulated {
    office: Office::BacNinh,
    wording: Some(WORDING),
    shape,
    transport: Transport::Amqp(Amqp {
        batch: 1,
        encoding: Encoding::Identity,
        sent: |record| vec![Sent { at: record.updated_at, value: shape(record) }],
        pack: |records| records.into_iter().next().unwrap_or_default(),
        again_every: 0,
    }),
};

/// Text as their machines store it: letters and marks apart (NFD).
fn apart(text: &str) -> String {
    text.nfd().collect()
}

fn shape(record: &Record) -> Value {
    let content = &record.content;
    let (decision_no, decision_on) = document(content.decision.as_ref(), DAY_FIRST);
    let (against_no, against_on) = decision_against(record, DAY_FIRST);
    let mut people = content.petitioners.iter().map(petitioner);
    let (first, others) = (people.next(), people.collect::<Vec<_>>());
    json!({
        "phieu": {"ma": record.record_id, "loai": WORDING.of(content.kind), "donVi": content.unit},
        "don": {
            "phanLoai": WORDING.maybe(content.petition_type),
            "ngayDen": received(record, IN_WORDS),
            "ngayTrenDon": date(content.written_on, DAY_FIRST),
            "lan": content.reception.is_none().then_some(content.instance),
            "denBang": WORDING.of(content.channel),
            "linhVuc": content.category,
            "tomTat": apart(&content.summary),
            "noiDungKhac": list(&content.items, |item| json!({
                "phanLoai": WORDING.of(item.petition_type), "linhVuc": item.category, "tomTat": apart(&item.summary),
            })),
            "deNghiGiuBiMat": content.confidential,
            "khongTen": content.anonymous,
        },
        "nguoiDungDon": first,
        "nguoiCungKy": others,
        "tongSoNguoi": content.petitioner_count,
        "biKhieuNai": content.against.as_ref().map(|against| json!({
            "ten": apart(&against.name), "ma": against.agency, "so": against_no, "ngay": against_on,
        })),
        "donLienQuan": list(&content.references, reference),
        "xuLy": {
            "cacBuoc": list(&content.events, step),
            "hienTai": WORDING.maybe(content.stage),
            "ketQua": WORDING.maybe(content.outcome),
            "quyetDinh": {"so": decision_no, "ngay": decision_on},
            "han": date(content.deadline_on, DAY_FIRST),
        },
        "tiepDan": content.reception.as_ref().map(|turn| json!({
            "cheDo": WORDING.of(turn.mode), "luc": rfc3339(turn.at), "lanhDao": WORDING.maybe(turn.by_leader),
            "doan": turn.delegation_size, "ketQua": turn.result,
        })),
    })
}

fn petitioner(filer: &Filer) -> Value {
    json!({
        "ten": apart(&filer.name),
        "giayTo": filer.id_number,
        "namSinh": filer.birth_year,
        "gioi": WORDING.of(filer.gender),
        "dienThoai": filer.phone.as_ref().map(|phone| phone.get(..4).map_or_else(
            || phone.clone(),
            |head| format!("{head} {}", phone.get(4..).unwrap_or_default()),
        )),
        "diaChi": apart(&filer.address.line()),
    })
}

fn reference(link: &Link) -> Value {
    let (number, on) = document(link.letter(), DAY_FIRST);
    json!({
        "loai": WORDING.of(link.relation), "heThong": link.source(), "coQuan": link.agency(), "ma": link.record_id(),
        "congVan": {"so": number, "ngay": on},
    })
}

fn step(step: &Step) -> Value {
    json!({
        "buoc": WORDING.of(step.action), "luc": local(step.at, "%Y-%m-%dT%H:%M:%S%:z"),
        "noiNhan": step.to.map(Office::code), "soCongVan": step.document, "ghiChu": step.note,
    })
}
