//! What the tables tell of the petitioners and of the events of a record.

use std::borrow::Cow;

use crate::domain::{Event, NormalizedRecord, Petitioner, RecordKey};
use crate::linkage::survivorship;
use crate::store::petitioner::{Identity, PetitionerRow};
use crate::store::{self, PgConnection};

use super::Error;
use super::evidence::Name;
use super::link::Linked;
use super::person::People;

/// Writes the petitioners and events of the pieces, and who petitioners of other records are now.
///
/// # Errors
/// [`Error`] of the database.
pub async fn write(conn: &mut PgConnection, linked: &Linked, people: &People) -> Result<(), Error> {
    let (mut stale, mut petitioners, mut events) = (Vec::new(), Vec::new(), Vec::new());
    for piece in linked.pieces.iter().filter(|piece| piece.is_rewritten()) {
        if piece.before.is_some() {
            stale.push(&piece.row.key);
        }
        let Some(record) = &piece.record else { continue };
        petitioners.extend(rows(&piece.row.key, record, piece.row.is_sealed, people));
        let numbered = record.events.iter().enumerate().take(i16::MAX as usize);
        events.extend(numbered.map(|(position, event)| {
            (
                &piece.row.key,
                position as i16,
                if piece.row.is_sealed { Cow::Owned(sealed_event(event)) } else { Cow::Borrowed(event) },
            )
        }));
    }
    store::petitioner::delete(conn, &stale).await?;
    store::petitioner::insert(conn, &petitioners).await?;
    store::petitioner::resolve(conn, &people.moved).await?;
    store::event::delete(conn, &stale).await?;
    store::event::insert(conn, &events).await?;
    Ok(())
}

/// An event of a sealed record: its day, and no number of a document. A number or a minute that an open record has too
/// would lead from one to the other.
fn sealed_event(event: &Event) -> Event {
    Event { document_no: None, at: event.at.map(survivorship::start_of_day), ..event.clone() }
}

/// The rows of a record's petitioners; of a sealed one only that there are some.
fn rows(key: &RecordKey, record: &NormalizedRecord, is_sealed: bool, people: &People) -> Vec<PetitionerRow> {
    let numbered = record.petitioners.iter().enumerate().take(i16::MAX as usize);
    let row = |(position, petitioner): (usize, &Petitioner)| {
        let open = (!is_sealed).then_some(petitioner);
        let name = Name { record: key.clone(), position: position as i16 };
        PetitionerRow {
            person_id: open.and_then(|_| people.ids.get(&name).copied()),
            key: name.record,
            position: name.position,
            is_representative: petitioner.is_representative && !is_sealed,
            is_sealed,
            gender: open.and_then(|p| p.gender),
            birth_year: open.and_then(|p| p.birth_date.map(|d| chrono::Datelike::year(&d)).or(p.birth_year)),
            province_code: open.and_then(|p| p.place.province_code.clone()),
            commune_code: open.and_then(|p| p.place.commune_code.clone()),
            identity: open.map(identity),
        }
    };
    numbered.map(row).collect()
}

fn identity(petitioner: &Petitioner) -> Identity {
    Identity {
        full_name: petitioner.name.clone().or_else(|| petitioner.organization.clone()),
        id_number_masked: petitioner.id_number.as_deref().map(masked),
        phone_masked: petitioner.phones.first().map(String::as_str).map(masked),
        address: petitioner.place.text.clone(),
    }
}

/// All but the last three characters hidden; what is as short as that, wholly.
pub(super) fn masked(number: &str) -> String {
    let length = number.chars().count();
    let shown = if length > 6 { 3 } else { 0 };
    number.chars().enumerate().map(|(position, c)| if position + shown < length { '*' } else { c }).collect()
}
