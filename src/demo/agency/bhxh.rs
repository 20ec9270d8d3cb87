//! Bảo hiểm xã hội Việt Nam: one document with everything in it, inside the state network and so without
//! credentials; no versions and no tombstones, two-digit codes, names in capitals.

use serde_json::{Value, json};

use super::shape::{DAY_FIRST, date, decision_against, document, list, local, received};
use super::{Auth, Http, Listing, Paging, Simulated, Transport, Wording};
use crate::compression::Encoding;
use crate::demo::generate::{Filer, Link, Office, Record, Step};

pub const WORDING: Wording = Wording::Digits;
const CLOCK: &str = "%H:%M:%S %d/%m/%Y";

pub static AGENCY: Simulated = Simulated {
    office: Office::Bhxh,
    wording: Some(WORDING),
    shape,
    transport: Transport::Http(Http {
        path: "/ketxuat/khieunai.json",
        auth: Auth::None,
        paging: Paging::Everything,
        since: None,
        encoding: Encoding::Gzip,
        tombstones: false,
        envelope,
        busy_on: &[1],
        slow_on: &[],
    }),
};

fn envelope(listing: &Listing) -> Value {
    let (turns, petitions): (Vec<Value>, Vec<Value>) =
        listing.records.iter().cloned().partition(|record| record.get("CHE_DO_TIEP").is_some());
    json!({"PHIEN_BAN": "3.1", "DU_LIEU": {"DON": petitions, "LUOT_TIEP": turns}})
}

fn shape(record: &Record) -> Value {
    let content = &record.content;
    let (decision_no, decision_on) = document(content.decision.as_ref(), DAY_FIRST);
    let (against_no, against_on) = decision_against(record, DAY_FIRST);
    let people = list(&content.petitioners, petitioner);
    if let Some(turn) = &content.reception {
        return json!({
            "SO": record.record_id, "LOAI": WORDING.maybe(content.petition_type), "MAT": content.confidential,
            "NGAY_NHAN": received(record, DAY_FIRST), "LINH_VUC": content.category,
            "NOI_DUNG": content.summary, "NGUOI_DEN": people, "CHE_DO_TIEP": WORDING.of(turn.mode),
            "GIO_TIEP": local(turn.at, CLOCK), "LANH_DAO": WORDING.maybe(turn.by_leader),
            "SO_LUONG": turn.delegation_size, "KET_QUA_TIEP": turn.result,
            "LIEN_QUAN": list(&content.references, reference),
        });
    }
    json!({
        "SO": record.record_id,
        "LOAI": WORDING.maybe(content.petition_type),
        "NGAY_NHAN": received(record, DAY_FIRST),
        "NGAY_DON": date(content.written_on, DAY_FIRST),
        "LAN": content.instance.to_string(),
        "NGUON": WORDING.of(content.channel),
        "LINH_VUC": content.category,
        "NOI_DUNG": content.summary,
        "ND_KHAC": list(&content.items, |item| json!({
            "LOAI": WORDING.of(item.petition_type), "LINH_VUC": item.category, "NOI_DUNG": item.summary,
        })),
        "MAT": content.confidential,
        "KHONG_TEN": content.anonymous,
        "SO_LUONG": content.petitioner_count,
        "NGUOI_DEN": people,
        "BI_KN": content.against.as_ref().map(|against| &against.name),
        "QD_BI_KN": against_no,
        "NGAY_QD_BI_KN": against_on,
        "LIEN_QUAN": list(&content.references, reference),
        "DIEN_BIEN": list(&content.events, step),
        "TINH_TRANG": WORDING.maybe(content.stage),
        "KET_QUA": WORDING.maybe(content.outcome),
        "SO_QD": decision_no,
        "NGAY_QD": decision_on,
        "HAN": date(content.deadline_on, DAY_FIRST),
    })
}

fn petitioner(filer: &Filer) -> Value {
    json!({
        "HO_TEN": filer.name.to_uppercase(),
        "SO_DDCN": filer.id_number,
        "NAM_SINH": filer.birth_year,
        "GIOI_TINH": WORDING.of(filer.gender),
        "DIEN_THOAI": filer.phone.as_ref().map(|phone| format!("+84 {}", phone.trim_start_matches('0'))),
        "DIA_CHI": filer.address.line().to_uppercase(),
    })
}

fn reference(link: &Link) -> Value {
    let (number, on) = document(link.letter(), DAY_FIRST);
    json!({
        "KIEU": WORDING.of(link.relation), "NGUON": link.source(), "CQ": link.agency(), "SO": link.record_id(),
        "SO_VB": number, "NGAY_VB": on,
    })
}

fn step(step: &Step) -> Value {
    json!({
        "VIEC": WORDING.of(step.action), "LUC": local(step.at, CLOCK), "NOI_NHAN": step.to.map(Office::code),
        "SO_VB": step.document, "GHI_CHU": step.note,
    })
}
