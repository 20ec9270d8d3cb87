//! State secrets: of a restricted record only ids, clocks and codes stay; content sent with it is refused.

use crate::domain::{Against, Finding, Flag, NormalizedRecord};

use super::document;

/// Takes everything but ids, clocks and codes out of a restricted record, flagging where content had come.
pub(super) fn strip(record: &mut NormalizedRecord) {
    if !record.restricted {
        return;
    }
    let mut came = record.summary.take().is_some()
        | !std::mem::take(&mut record.items).is_empty()
        | !std::mem::take(&mut record.petitioners).is_empty()
        | record.petitioner_count.take().is_some()
        | !std::mem::take(&mut record.complexity).is_empty()
        | !std::mem::take(&mut record.results).is_empty()
        | !std::mem::take(&mut record.extra).is_empty()
        | record.against.name.is_some();
    record.against = Against { name: None, ..std::mem::take(&mut record.against) };
    came |= only_number(&mut record.decision_no) | only_number(&mut record.against.decision_no);
    record.language = None;
    for event in &mut record.events {
        came |= event.note.take().is_some() | only_number(&mut event.document_no);
    }
    for reference in &mut record.references {
        came |= only_number(&mut reference.document_no);
    }
    if let Some(reception) = &mut record.reception {
        came |= reception.result.take().is_some() | reception.delegation_size.take().is_some();
    }
    // what a finding quotes is content too, and so is the name of a field that nobody knows
    record.findings.retain(|finding| finding.flag.is_none_or(|flag| flag != Flag::UnknownField));
    for finding in &mut record.findings {
        finding.original = None;
    }
    record.findings.retain(|finding| finding.flag != Some(Flag::PetitionerMissing));
    if came {
        record.findings.push(Finding::doubt(Flag::RestrictedContent, "restricted", "content_refused"));
    }
}

/// A document's number stays; a text in its place goes. Whether one went.
fn only_number(number: &mut Option<String>) -> bool {
    let is_text = number.as_deref().is_some_and(|text| !document::is_number(text));
    if is_text {
        *number = None;
    }
    is_text
}
