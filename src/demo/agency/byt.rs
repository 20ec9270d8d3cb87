//! Bộ Y tế: numbered pages with their total, an API key in a header; snake_case without marks, a column for each
//! kind of identity paper.

use serde_json::{Value, json};

use super::shape::{ISO, date, decision_against, document, list, received, rfc3339};
use super::{Auth, Http, Listing, Paging, Simulated, Since, Transport, Wording};
use crate::compression::Encoding;
use crate::demo::generate::{Filer, Link, Office, Record, Step};
use crate::domain::IdKind;

pub const WORDING: Wording = Wording::Snake;

pub static AGENCY: Simulated = Simulated {
    office: Office::Byt,
    wording: Some(WORDING),
    shape,
    transport: Transport::Http(Http {
        path: "/kntc/danh_sach",
        auth: Auth::ApiKey { header: "X-Api-Key" },
        paging: Paging::Page { param: "trang", size_param: Some("so_dong"), size: 50 },
        since: Some(Since { param: "sua_sau", read: Since::epoch_seconds }),
        encoding: Encoding::Identity,
        tombstones: false,
        envelope,
        busy_on: &[3],
        slow_on: &[],
    }),
};

fn envelope(listing: &Listing) -> Value {
    json!({"trang": listing.page, "total_pages": listing.pages, "tong": listing.total, "rows": listing.records})
}

fn shape(record: &Record) -> Value {
    let content = &record.content;
    let (decision_no, decision_on) = document(content.decision.as_ref(), ISO);
    let (against_no, against_on) = decision_against(record, ISO);
    json!({
        "id": record.record_id,
        "loai_ban_ghi": WORDING.of(content.kind),
        "cap_nhat": record.updated_at.timestamp_millis(),
        "loai": WORDING.maybe(content.petition_type),
        "ngay_tiep_nhan": received(record, ISO),
        "ngay_ghi_tren_don": date(content.written_on, ISO),
        "lan": content.reception.is_none().then_some(content.instance),
        "kenh": WORDING.of(content.channel),
        "linh_vuc": content.category,
        "noi_dung": content.summary,
        "chi_tiet": list(&content.items, |item| json!({
            "loai": WORDING.of(item.petition_type), "linh_vuc": item.category, "noi_dung": item.summary,
        })),
        "giu_bi_mat": content.confidential,
        "an_danh": content.anonymous,
        "so_nguoi": content.petitioner_count,
        "nguoi": list(&content.petitioners, petitioner),
        "bi_khieu_nai": content.against.as_ref().map(|against| &against.name),
        "bi_khieu_nai_ma": content.against.as_ref().and_then(|against| against.agency.as_ref()),
        "so_qd_bi_khieu_nai": against_no,
        "ngay_qd_bi_khieu_nai": against_on,
        "lien_ket": list(&content.references, reference),
        "nhat_ky": list(&content.events, step),
        "trang_thai": WORDING.maybe(content.stage),
        "ket_qua": WORDING.maybe(content.outcome),
        "so_qd": decision_no,
        "ngay_qd": decision_on,
        "han": date(content.deadline_on, ISO),
        "tiep_cong_dan": content.reception.as_ref().map(|turn| json!({
            "che_do": WORDING.of(turn.mode), "luc": rfc3339(turn.at), "lanh_dao": WORDING.maybe(turn.by_leader),
            "so_nguoi": turn.delegation_size, "ket_qua": turn.result,
        })),
    })
}

fn petitioner(filer: &Filer) -> Value {
    let number = |kind: IdKind| filer.id_number.as_ref().filter(|_| filer.id_kind == kind);
    json!({
        "ho_va_ten": filer.name,
        "cccd": number(IdKind::Cccd),
        "cmnd": number(IdKind::Cmnd),
        "ngay_sinh": date(filer.birth_date, ISO),
        "nam_sinh": filer.birth_year,
        "gioi": WORDING.of(filer.gender),
        "sdt": filer.phone,
        "thu_dien_tu": filer.email,
        "dia_chi": {
            "so_nha": filer.address.street, "xa": filer.address.commune,
            "huyen": filer.address.district, "tinh": filer.address.province,
        },
        "dai_dien": filer.representative,
    })
}

fn reference(link: &Link) -> Value {
    let (number, on) = document(link.letter(), ISO);
    json!({
        "kieu": WORDING.of(link.relation), "he_thong": link.source(), "co_quan": link.agency(),
        "ban_ghi": link.record_id(), "so_vb": number, "ngay_vb": on,
    })
}

fn step(step: &Step) -> Value {
    json!({
        "viec": WORDING.of(step.action), "luc": rfc3339(step.at), "den": step.to.map(Office::code),
        "so_vb": step.document, "ghi_chu": step.note,
    })
}
