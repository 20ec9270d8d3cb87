//! UBND tỉnh Nghệ An: a `next` address in each page, the key as a parameter; dates without a time, day first, and
//! bare numbers for codes; people with their honorifics.

use serde_json::{Value, json};

use super::shape::{DAY_FIRST, date, decision_against, document, list, local, received, rfc3339};
use super::{Auth, Http, Listing, Paging, Simulated, Since, Transport, Wording};
use crate::compression::Encoding;
use crate::demo::generate::{Filer, Link, Office, Record, Step};
use crate::domain::Gender;

pub const WORDING: Wording = Wording::Number { step: 1 };

pub static AGENCY: Simulated = Simulated {
    office: Office::NgheAn,
    wording: Some(WORDING),
    shape,
    transport: Transport::Http(Http {
        path: "/igate/rest/donthu",
        auth: Auth::ApiKeyParameter { name: "khoa" },
        paging: Paging::Cursor { param: "tiep", size: 40, as_url: true },
        since: Some(Since { param: "sua_tu_ngay", read: Since::day_first }),
        encoding: Encoding::Identity,
        tombstones: false,
        envelope,
        busy_on: &[2],
        slow_on: &[4],
    }),
};

fn envelope(listing: &Listing) -> Value {
    json!({"ma_loi": 0, "du_lieu": listing.records, "lien_ket": {"tiep_theo": listing.next}})
}

fn shape(record: &Record) -> Value {
    let content = &record.content;
    let (decision_no, decision_on) = document(content.decision.as_ref(), DAY_FIRST);
    let (against_no, against_on) = decision_against(record, DAY_FIRST);
    json!({
        "ma_ho_so": record.record_id,
        "lan_sua": record.revision,
        "ngay_sua": local(record.updated_at, DAY_FIRST),
        "la": WORDING.of(content.kind),
        "loai": WORDING.maybe(content.petition_type),
        "ma_don_vi": content.unit,
        "ngay_nhan": received(record, DAY_FIRST),
        "ngay_don": date(content.written_on, DAY_FIRST),
        "lan_khieu_nai": content.reception.is_none().then_some(content.instance),
        "nguon": WORDING.of(content.channel),
        "linh_vuc": category_number(content.category),
        "noi_dung": content.summary,
        "noi_dung_khac": list(&content.items, |item| json!({
            "loai": WORDING.of(item.petition_type), "linh_vuc": category_number(item.category), "noi_dung": item.summary,
        })),
        "bi_mat": u8::from(content.confidential),
        "nac_danh": u8::from(content.anonymous),
        "dong_nguoi": content.petitioner_count.map(|count| format!("và {count} hộ dân")),
        "nguoi_gui": list(&content.petitioners, petitioner),
        "doi_tuong": content.against.as_ref().map(|against| json!({
            "ten": against.name, "ma": against.agency, "so_qd": against_no, "ngay_qd": against_on,
        })),
        "don_lien_quan": list(&content.references, reference),
        "nhat_ky": list(&content.events, step),
        "trang_thai": WORDING.maybe(content.stage),
        "ket_qua": WORDING.maybe(content.outcome),
        "so_qd": decision_no,
        "ngay_qd": decision_on,
        "han": date(content.deadline_on, DAY_FIRST),
        "tiep_dan": content.reception.as_ref().map(|turn| json!({
            "che_do": WORDING.of(turn.mode), "luc": rfc3339(turn.at), "lanh_dao": WORDING.maybe(turn.by_leader),
            "so_nguoi": turn.delegation_size, "ket_qua": turn.result,
        })),
    })
}

/// `01.2.1` is 10201 in their list.
pub fn category_number(category: &str) -> u32 {
    let mut levels = category.split('.').map(|level| level.parse().unwrap_or(0));
    let mut level = || levels.next().unwrap_or(0);
    level() * 10_000 + level() * 100 + level()
}

fn petitioner(filer: &Filer) -> Value {
    let honorific = if filer.gender == Gender::Female { "Bà" } else { "Ông" };
    json!({
        "ten": format!("{honorific} {}", filer.name),
        "so_cccd": filer.id_number,
        "nam_sinh": filer.birth_year,
        "gioi_tinh": WORDING.of(filer.gender),
        "dt": filer.phone,
        "thon_xom": filer.address.street,
        "xa": filer.address.commune,
        "huyen": filer.address.district,
        "tinh": filer.address.province,
    })
}

fn reference(link: &Link) -> Value {
    let (number, on) = document(link.letter(), DAY_FIRST);
    json!({
        "kieu": WORDING.of(link.relation), "nguon": link.source(), "co_quan": link.agency(), "ma": link.record_id(),
        "so_vb": number, "ngay_vb": on,
    })
}

fn step(step: &Step) -> Value {
    json!({
        "viec": WORDING.of(step.action), "ngay": local(step.at, DAY_FIRST), "noi_den": step.to.map(Office::code),
        "so_vb": step.document, "ghi_chu": step.note,
    })
}
