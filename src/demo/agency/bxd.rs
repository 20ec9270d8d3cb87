//! Bộ Xây dựng: cursor, OAuth 2, `updated_since`, gzip; nested fields named in Vietnamese, as web services of
//! ministries often are.

use std::time::Duration;

use serde_json::{Value, json};

use super::shape::{ISO, date, decision_against, document, list, received, rfc3339};
use super::{Auth, Http, Listing, Paging, Simulated, Since, Transport, Wording};
use crate::compression::Encoding;
use crate::demo::generate::{Filer, Link, Office, Record, Step};

pub const WORDING: Wording = Wording::Abbreviation;

pub static AGENCY: Simulated = Simulated {
    office: Office::Bxd,
    wording: Some(WORDING),
    shape,
    transport: Transport::Http(Http {
        path: "/api/v2/don-thu",
        auth: Auth::OAuth2 { client_id: "csdlqg-tcd", token_path: "/oauth2/token", lives: Duration::from_mins(3) },
        paging: Paging::Cursor { param: "cursor", size: 60, as_url: false },
        since: Some(Since { param: "updated_since", read: Since::rfc3339 }),
        encoding: Encoding::Gzip,
        tombstones: true,
        envelope,
        busy_on: &[2, 40],
        slow_on: &[],
    }),
};

fn envelope(listing: &Listing) -> Value {
    json!({
        "meta": {"next": listing.next, "total": listing.total},
        "data": {"items": listing.records},
    })
}

fn shape(record: &Record) -> Value {
    let content = &record.content;
    let (decision_no, decision_on) = document(content.decision.as_ref(), ISO);
    let (against_no, against_on) = decision_against(record, ISO);
    json!({
        "MaDon": record.record_id,
        "NgayCapNhat": rfc3339(record.updated_at),
        "DaXoa": record.deleted,
        "Loai": WORDING.of(content.kind),
        "LoaiDon": WORDING.maybe(content.petition_type),
        "MaDonVi": content.unit,
        "NgayNhan": received(record, ISO),
        "NgayViet": date(content.written_on, ISO),
        "LanGiaiQuyet": content.reception.is_none().then_some(content.instance),
        "HinhThuc": WORDING.of(content.channel),
        "LinhVuc": content.category.replace('.', ""),
        "NoiDung": content.summary,
        "CacNoiDung": list(&content.items, |item| json!({
            "Loai": WORDING.of(item.petition_type), "LinhVuc": item.category.replace('.', ""), "NoiDung": item.summary,
        })),
        "GiuBiMat": content.confidential,
        "NacDanh": content.anonymous,
        "SoNguoi": content.petitioner_count,
        "NguoiNop": list(&content.petitioners, petitioner),
        "DoiTuong": content.against.as_ref().map(|against| json!({
            "Ten": against.name, "MaCoQuan": against.agency, "SoQuyetDinh": against_no, "NgayQuyetDinh": against_on,
        })),
        "LienQuan": list(&content.references, reference),
        "QuaTrinh": list(&content.events, step),
        "TrangThai": WORDING.maybe(content.stage),
        "KetQua": WORDING.maybe(content.outcome),
        "SoQuyetDinhGQ": decision_no,
        "NgayQuyetDinhGQ": decision_on,
        "HanGiaiQuyet": date(content.deadline_on, ISO),
        "ThuHoi": content.results.map(|results| json!({
            "TraDan": results.vnd_to_people, "DaTraDan": results.vnd_to_people_executed,
            "DatTraDan": results.land_m2_to_people, "KyLuatCanBo": results.officials_disciplined,
        })),
        "TiepDan": content.reception.as_ref().map(|turn| json!({
            "CheDo": WORDING.of(turn.mode), "ThoiDiem": rfc3339(turn.at), "TrucTuyen": turn.online,
            "LanhDao": WORDING.maybe(turn.by_leader), "SoNguoiDen": turn.delegation_size, "KetQua": turn.result,
        })),
    })
}

fn petitioner(filer: &Filer) -> Value {
    json!({
        "HoTen": filer.name,
        "SoGiayTo": filer.id_number,
        "LoaiGiayTo": filer.id_number.as_ref().map(|_| WORDING.of(filer.id_kind)),
        "NamSinh": filer.birth_year,
        "GioiTinh": WORDING.of(filer.gender),
        "DienThoai": filer.phone,
        "DiaChi": filer.address.line(),
        "DaiDien": filer.representative,
    })
}

fn reference(link: &Link) -> Value {
    let (number, on) = document(link.letter(), ISO);
    json!({
        "QuanHe": WORDING.of(link.relation), "HeThong": link.source(), "CoQuan": link.agency(),
        "MaDon": link.record_id(), "SoVanBan": number, "NgayVanBan": on,
    })
}

fn step(step: &Step) -> Value {
    json!({
        "BuocXuLy": WORDING.of(step.action), "ThoiDiem": rfc3339(step.at), "ChuyenDen": step.to.map(Office::code),
        "SoVanBan": step.document, "GhiChu": step.note,
    })
}
