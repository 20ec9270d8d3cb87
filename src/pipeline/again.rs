//! Records that are read from the archive once more: how they stand to what is stored, and what became of them.
//!
//! A row names the bundle in which its version came. What comes out of that bundle is this version, whatever the
//! mapping of today makes of it; it is worked out and linked anew, and where that gives what is stored, nothing is
//! written. Everything else in the archive stands to the rows as if it had just come: older, or lost and to be restored.

use std::collections::BTreeMap;

use crate::domain::{Kind, Version};
use crate::seal::Purpose;
use crate::store::change::Entity;
use crate::store::quarantine::Held;
use crate::store::record_part::RecordPart;
use crate::store::source_record::SourceRecord;
use crate::store::{self, PgConnection};

use super::Error;
use super::arrival::{Arrival, Bundled, Candidate};
use super::batch::Reject;
use super::link::{Linked, Piece};
use super::person::People;
use super::prepare;
use super::writer::Writer;

/// What became of records of one source that were read from the archive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Again {
    /// Worked out once more, they are what is stored.
    pub same: u64,
    /// Worked out once more, they are something else.
    pub changed: u64,
    /// They were not stored, or not in this version.
    pub restored: u64,
    /// They cannot be stored, by the reason.
    pub refused: BTreeMap<&'static str, u64>,
}

impl Again {
    /// Adds what became of others.
    pub fn add(&mut self, other: &Self) {
        self.same += other.same;
        self.changed += other.changed;
        self.restored += other.restored;
        for (reason, records) in &other.refused {
            *self.refused.entry(reason).or_default() += records;
        }
    }
}

/// The records of the archive that cannot be stored: there they stay, and can be read again.
pub(super) fn refused(rejects: &[&Reject]) -> BTreeMap<String, Again> {
    let mut sources: BTreeMap<String, Again> = BTreeMap::new();
    for Held { source_id, reason, .. } in rejects.iter().map(|reject| &reject.held) {
        *sources.entry(source_id.clone()).or_default().refused.entry(reason).or_default() += 1;
    }
    sources
}

/// Counts what became of the pieces that were read from the archive.
pub(super) fn count(pieces: &[Piece], sources: &mut BTreeMap<String, Again>) {
    for piece in pieces.iter().filter(|piece| piece.is_fresh || piece.is_again) {
        let of_source = sources.entry(piece.row.key.source_id.as_str().to_owned()).or_default();
        match (piece.is_again, piece.is_fresh) {
            (true, false) => of_source.same += 1,
            (true, true) => of_source.changed += 1,
            _ => of_source.restored += 1,
        }
    }
}

/// An id that was merged into another before all was lost may come back by itself first: until it is merged again it
/// is no alias.
pub(super) async fn revive(conn: &mut PgConnection, linked: &Linked, people: &People) -> Result<(), Error> {
    let of_kind = |kind| {
        let new = linked.entities.iter().filter(move |entity| entity.kind == kind && entity.known.is_none());
        new.map(|entity| entity.id).collect::<Vec<_>>()
    };
    let cases: Vec<_> = linked.cases.iter().filter(|case| case.known.is_none()).map(|case| case.id).collect();
    store::alias::revive(conn, Entity::Petition, &of_kind(Kind::Petition)).await?;
    store::alias::revive(conn, Entity::Reception, &of_kind(Kind::Reception)).await?;
    store::alias::revive(conn, Entity::Case, &cases).await?;
    let new = people.named.heads.iter().filter(|head| head.founding.is_some() && head.revision == 1);
    store::alias::revive(conn, Entity::Person, &new.map(|head| head.person_id).collect::<Vec<_>>()).await?;
    Ok(())
}

/// Whether this is what a row was made of.
pub(super) fn is_of_row(arrival: &Arrival, row: &SourceRecord) -> bool {
    let is_older = arrival.versioned && row.versioned && arrival.version.ordinal < row.version.ordinal;
    row.part_count == 0 && is_in(arrival, row.archive_id) && !is_older
}

/// Whether this is what a part was made of; `all`: what else there is of the record.
pub(super) fn is_of_part<'a>(arrival: &Arrival, part: &RecordPart, mut all: impl Iterator<Item = &'a Arrival>) -> bool {
    let is_older = arrival.versioned && arrival.version.ordinal < part.version.ordinal;
    // a part says not whether its version is its source's own, so of one bundle the newest is asked for
    let overtakes = |other: &Arrival| {
        other.part == arrival.part && is_in(other, part.archive_id) && other.version > arrival.version
    };
    is_in(arrival, part.archive_id) && !is_older && !all.any(overtakes)
}

fn is_in(arrival: &Arrival, archive_id: i64) -> bool {
    arrival.bundled.is_some_and(|bundled| bundled.archive_id == archive_id)
}

/// The version of what is stored, worked out once more. What came again under a later order keeps that one, of which
/// the archive knows nothing.
pub(super) fn version(arrival: &Arrival, stored: &Version, is_versioned: bool) -> Version {
    let order = |version: &Version| (version.ordinal, version.tie.clone());
    if arrival.versioned || is_versioned || order(stored) <= order(&arrival.version) {
        return arrival.version.clone();
    }
    Version { content_hash: arrival.version.content_hash, ..stored.clone() }
}

/// The last of the bundles from which these were read.
pub(super) fn last<'a>(arrivals: impl Iterator<Item = &'a Arrival>) -> Option<Bundled> {
    arrivals.filter_map(|arrival| arrival.bundled).max_by_key(|bundled| bundled.archive_id)
}

#[expect(clippy::indexing_slicing, reason = "indices count the arrivals of the batch")]
impl Writer<'_> {
    /// Gives what is restored the times at which it came.
    pub(super) fn date(
        &self,
        piece: &mut Piece,
        candidate: &Candidate,
        bundled: Option<Bundled>,
        row: Option<&SourceRecord>,
    ) {
        let Some(bundled) = bundled else { return };
        piece.row.changed_at = bundled.received_at;
        if row.is_none() {
            let all = candidate.all().filter_map(|index| self.batch.arrivals[index].bundled);
            let first = all.map(|bundled| bundled.received_at).min();
            piece.row.first_seen_at = first.unwrap_or(bundled.received_at);
        }
    }

    /// Compares what is stored with what it is once worked out anew: the same is not written again, and what only its
    /// keys tell apart did not change for anybody.
    pub(super) fn settle(&self, piece: &mut Piece, row: &SourceRecord) {
        let shows = |row: &SourceRecord| {
            let said = (row.kind, row.versioned, row.agency.clone(), row.received_on, row.deleted, row.incomplete);
            (said, row.version.clone(), row.quality_flags.clone(), row.gaps.clone(), row.part_count)
        };
        let rests_on = |row: &SourceRecord| {
            (row.links.clone(), row.says_sealed, row.last_said.clone(), row.archive_id, row.source_record_id)
        };
        piece.is_again = true;
        let is_shown = shows(&piece.row) == shows(row) && self.is_content(&piece.row.content, row);
        piece.row.changed_at = if is_shown { row.changed_at } else { self.now };
        if is_shown && rests_on(&piece.row) == rests_on(row) {
            piece.row = row.clone();
            piece.is_fresh = false;
        }
    }

    /// Whether two sealed contents of a record are the same. One that cannot be opened is to be replaced.
    fn is_content(&self, content: &[u8], row: &SourceRecord) -> bool {
        let open = |sealed| self.desk.ring.open(Purpose::Content, &prepare::owner(&row.key), sealed).ok();
        let stored = open(row.content.as_slice());
        stored.is_some() && open(content) == stored
    }
}
