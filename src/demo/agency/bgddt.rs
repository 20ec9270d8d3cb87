//! Bộ Giáo dục và Đào tạo: offset, a bearer token; camelCase, full Vietnamese terms as values, dates day first.

use serde_json::{Value, json};

use super::shape::{DAY_FIRST, date, decision_against, document, list, received};
use super::{Auth, Http, Listing, Paging, Simulated, Since, Transport, Wording};
use crate::compression::Encoding;
use crate::demo::generate::{Blemish, Filer, Link, Office, Record, Step};

pub const WORDING: Wording = Wording::Full;

pub static AGENCY: Simulated = Simulated {
    office: Office::Bgddt,
    wording: Some(WORDING),
    shape,
    transport: Transport::Http(Http {
        path: "/dich-vu/hoSoKhieuNai",
        auth: Auth::Bearer,
        paging: Paging::Offset { param: "batDau", limit_param: "soLuong" },
        since: Some(Since { param: "tuNgay", read: Since::day }),
        encoding: Encoding::Identity,
        tombstones: false,
        envelope,
        busy_on: &[],
        slow_on: &[2],
    }),
};

fn envelope(listing: &Listing) -> Value {
    json!({"ketQua": {"tongSo": listing.total, "danhSach": listing.records}, "loi": null})
}

/// UTC, as their framework writes it.
fn utc(at: chrono::DateTime<chrono::Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

fn shape(record: &Record) -> Value {
    let content = &record.content;
    let (decision_no, decision_on) = document(content.decision.as_ref(), DAY_FIRST);
    let (against_no, against_on) = decision_against(record, DAY_FIRST);
    // a type that was abolished years ago and is still chosen now and then
    let unknown = record.blemishes.contains(&Blemish::TypeUnknown);
    let petition_type = if unknown { "Đơn hỗn hợp (cũ)".into() } else { WORDING.maybe(content.petition_type) };
    json!({
        "uuid": record.record_id,
        "suaLuc": utc(record.updated_at),
        "loaiHoSo": WORDING.of(content.kind),
        "loaiDon": petition_type,
        "ngayNhan": received(record, DAY_FIRST),
        "ngayViet": date(content.written_on, DAY_FIRST),
        "lanThu": content.reception.is_none().then_some(content.instance),
        "nguonDon": WORDING.of(content.channel),
        "linhVuc": {"ma": content.category},
        "trichYeu": content.summary,
        "noiDungDon": list(&content.items, |item| json!({
            "loai": WORDING.of(item.petition_type), "ma": item.category, "trichYeu": item.summary,
        })),
        "baoMat": if content.confidential { "Có" } else { "Không" },
        "khuyetDanh": if content.anonymous { "Có" } else { "Không" },
        "congDan": {"soLuong": content.petitioner_count, "danhSach": list(&content.petitioners, petitioner)},
        "doiTuong": content.against.as_ref().map(|against| json!({
            "ten": against.name, "ma": against.agency, "quyetDinh": {"so": against_no, "ngay": against_on},
        })),
        "quanHe": list(&content.references, reference),
        "tienTrinh": list(&content.events, step),
        "tinhTrang": WORDING.maybe(content.stage),
        "ketLuan": {"loai": WORDING.maybe(content.outcome), "so": decision_no, "ngay": decision_on},
        "hanXuLy": date(content.deadline_on, DAY_FIRST),
        "tiepDan": content.reception.as_ref().map(|turn| json!({
            "hinhThuc": WORDING.of(turn.mode), "batDau": utc(turn.at), "truc_tuyen": turn.online,
            "chuTri": WORDING.maybe(turn.by_leader), "soNguoi": turn.delegation_size, "ketQua": turn.result,
        })),
    })
}

fn petitioner(filer: &Filer) -> Value {
    json!({
        "hoTen": filer.name,
        "giayTo": {"so": filer.id_number, "loai": filer.id_number.as_ref().map(|_| WORDING.of(filer.id_kind))},
        "ngaySinh": date(filer.birth_date, DAY_FIRST),
        "namSinh": filer.birth_year.to_string(),
        "gioiTinh": WORDING.of(filer.gender),
        "soDienThoai": filer.phone,
        "noiO": filer.address.line(),
    })
}

fn reference(link: &Link) -> Value {
    let (number, on) = document(link.letter(), DAY_FIRST);
    json!({
        "loai": WORDING.of(link.relation),
        "den": {"heThong": link.source(), "coQuan": link.agency(), "so": link.record_id()},
        "vanBan": {"so": number, "ngay": on},
    })
}

fn step(step: &Step) -> Value {
    json!({
        "buoc": WORDING.of(step.action), "luc": utc(step.at), "noiNhan": step.to.map(Office::code),
        "vanBan": step.document, "ghiChu": step.note,
    })
}
