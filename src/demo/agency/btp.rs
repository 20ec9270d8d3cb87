//! Bộ Tư pháp: `Link` headers, basic authentication, zstd; a bare array of terse records, people as rows of cells,
//! times without a zone.

use serde_json::{Value, json};

use super::shape::{ISO, date, decision_against, document, list, local, received};
use super::{Auth, Http, Listing, Paging, Simulated, Transport, Wording};
use crate::compression::Encoding;
use crate::demo::generate::{Filer, Link, Office, Record, Step};

pub const WORDING: Wording = Wording::Prefixed('x');
const CLOCK: &str = "%Y-%m-%d %H:%M:%S";

pub static AGENCY: Simulated = Simulated {
    office: Office::Btp,
    wording: Some(WORDING),
    shape,
    transport: Transport::Http(Http {
        path: "/export/petitions",
        auth: Auth::Basic { username: "ttcp" },
        paging: Paging::Link { param: "after", size: 30 },
        since: None,
        encoding: Encoding::Zstd,
        tombstones: false,
        envelope,
        busy_on: &[4],
        slow_on: &[6],
    }),
};

fn envelope(listing: &Listing) -> Value {
    Value::Array(listing.records.clone())
}

fn shape(record: &Record) -> Value {
    let content = &record.content;
    let (decision_no, decision_on) = document(content.decision.as_ref(), ISO);
    let (against_no, against_on) = decision_against(record, ISO);
    let turn = content.reception.as_ref();
    json!({
        "no": record.record_id,
        "mod": local(record.updated_at, CLOCK),
        "cls": WORDING.of(content.kind),
        "typ": WORDING.maybe(content.petition_type),
        "rcv": received(record, ISO),
        "wrt": date(content.written_on, ISO),
        "lvl": turn.is_none().then_some(content.instance),
        "via": WORDING.of(content.channel),
        "fld": format!("F{}", content.category),
        "txt": content.summary,
        "sub": list(&content.items, |item| {
            json!([WORDING.of(item.petition_type), format!("F{}", item.category), item.summary])
        }),
        "sec": u8::from(content.confidential),
        "anon": u8::from(content.anonymous),
        "cnt": content.petitioner_count,
        "parties": list(&content.petitioners, party),
        "opp": content.against.as_ref().map(|against| json!([against.name, against.agency, against_no, against_on])),
        "refs": list(&content.references, reference),
        "log": list(&content.events, step),
        "st": WORDING.maybe(content.stage),
        "res": WORDING.maybe(content.outcome),
        "dec": [decision_no, decision_on],
        "due": date(content.deadline_on, ISO),
        "tcd": turn.map(|turn| json!([
            WORDING.of(turn.mode), local(turn.at, CLOCK), WORDING.maybe(turn.by_leader), turn.delegation_size, turn.result,
        ])),
    })
}

/// Name, number, birth date or year, sex, phone, address.
fn party(filer: &Filer) -> Value {
    let born = filer.birth_date.map_or_else(|| filer.birth_year.to_string(), |day| day.format(ISO).to_string());
    json!([filer.name, filer.id_number, born, WORDING.of(filer.gender), filer.phone, filer.address.line()])
}

/// Relation, system, agency, record, letter, date.
fn reference(link: &Link) -> Value {
    let (number, on) = document(link.letter(), ISO);
    json!([WORDING.of(link.relation), link.source(), link.agency(), link.record_id(), number, on])
}

/// Action, time, to whom, document.
fn step(step: &Step) -> Value {
    json!([WORDING.of(step.action), local(step.at, CLOCK), step.to.map(Office::code), step.document])
}
