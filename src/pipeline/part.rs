//! Records that come in parts: the newest version of each part, laid over one another.
//!
//! Each part is kept by itself, sealed; of a withdrawn one, what it said last. The record is what the parts say that
//! are not withdrawn; whether it seals its petition is what all of them said last.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{RecordKey, Version, WHOLE};
use crate::linkage::key::LinkKey;
use crate::seal::{KeyRing, Purpose};
use crate::store::record_part::RecordPart;
use crate::store::source_record::SourceRecord;

use super::Error;
use super::again;
use super::arrival::{Arrival, Candidate, Content};
use super::link::{Piece, links_of};
use super::past;
use super::prepare;
use super::receipt::Status;
use super::verdict::{Verdicts, of_row};
use super::writer::{Standing, Writer, standing};

/// The parts of one record by name, with their contents; of a withdrawn one, what it said last.
type Parts = BTreeMap<String, (RecordPart, Content)>;

/// What came of laying new versions of parts over those that were there.
#[derive(Debug, Default)]
struct Taken {
    is_newer: bool,
    /// Something was said before that was not known.
    is_more: bool,
    /// What is stored was read from the archive once more.
    is_again: bool,
    /// The same under a later order.
    refreshed: Vec<usize>,
    /// What each says by itself.
    keys: Vec<LinkKey>,
}

fn put_part(parts: &mut Parts, part_rows: &mut Vec<RecordPart>, part: RecordPart, content: Content) {
    part_rows.retain(|row| (&row.key, &row.part) != (&part.key, &part.part));
    part_rows.push(part.clone());
    parts.insert(part.part.clone(), (part, content));
}

#[expect(clippy::indexing_slicing, reason = "indices count the arrivals of the batch")]
impl Writer<'_> {
    /// A record that comes in parts: its newest parts laid over one another.
    pub(super) fn in_parts(
        &mut self,
        candidate: &Candidate,
        row: Option<&SourceRecord>,
        stored: Vec<RecordPart>,
        part_rows: &mut Vec<RecordPart>,
        verdicts: &mut Verdicts,
    ) -> Result<Option<Piece>, Error> {
        let ring = &self.desk.ring;
        let mut parts = self.open_parts(candidate, row, stored, part_rows)?;
        let Taken { is_newer, mut is_more, is_again, refreshed, keys } =
            self.take_in(candidate, row, &mut parts, part_rows, verdicts);
        let past_keys = past::past(row.into_iter().flat_map(kept_keys).chain(keys), &[]);
        is_more |= row.is_none_or(|row| past_keys != past_of(row));
        if !is_newer && !is_more && !is_again && refreshed.is_empty() {
            return Ok(None);
        }
        refuse_secret(ring, &mut parts, part_rows);
        let arrival = &self.batch.arrivals[candidate.newest[0]];
        let part_count = i16::try_from(parts.len()).unwrap_or(i16::MAX);
        let as_said = as_said(&parts);
        let laid = laid_over(parts.into_values());
        let versioned = self.is_versioned(candidate, &laid.version, row);
        let version = Version {
            content_hash: ring.content_hash(&prepare::owner(&arrival.key), laid.deleted, &laid.content.fields),
            ..laid.version
        };
        let is_same = |row: &&SourceRecord| !is_newer && !is_again && row.version.content_hash == version.content_hash;
        if let Some(row) = row.filter(is_same) {
            // a later pull of the same parts: nothing is new but their order
            refreshed.iter().for_each(|index| verdicts.set(*index, of_row(Status::Unchanged, Some(row))));
            if !is_more {
                self.refreshed.push((row.key.clone(), version));
                return Ok(None);
            }
        }
        let agency = &arrival.origin.agency;
        let seals = prepare::said(ring, &arrival.key, agency, self.today, &as_said).seals;
        let ready = prepare::ready(ring, &arrival.key, agency, self.today, &laid.content);
        let mut piece = self.piece(arrival, version, versioned, laid.deleted, part_count, ready, row);
        piece.row.says_sealed = seals;
        let now = links_of(&piece.row);
        past::put_keys(&mut piece.row, &now, &past_keys);
        let last = again::last(candidate.all().map(|index| &self.batch.arrivals[index]));
        self.date(&mut piece, candidate, last, row);
        if let Some(row) = row.filter(|_| !is_newer) {
            piece.row.changed_at = row.changed_at;
        }
        if let Some(last) = last {
            piece.row.archive_id = row.map_or(0, |row| row.archive_id).max(last.archive_id);
        }
        if let Some(row) = row.filter(|_| is_again) {
            self.settle(&mut piece, row);
        }
        Ok(Some(piece))
    }

    /// Lays what has come over the parts that are there, each version over the one before it.
    fn take_in(
        &self,
        candidate: &Candidate,
        row: Option<&SourceRecord>,
        parts: &mut Parts,
        part_rows: &mut Vec<RecordPart>,
        verdicts: &mut Verdicts,
    ) -> Taken {
        let mut taken = Taken::default();
        // what has just been laid is no part that was stored of the same bundle
        let mut laid: BTreeSet<&str> = BTreeSet::new();
        let mut arrivals: Vec<usize> = candidate.all().collect();
        arrivals.sort_by(|a, b| self.batch.arrivals[*a].version.cmp(&self.batch.arrivals[*b].version));
        for index in arrivals {
            let arrival = &self.batch.arrivals[index];
            let there = parts.get(&arrival.part);
            let all = || candidate.all().map(|index| &self.batch.arrivals[index]);
            let stored = there.filter(|_| !laid.contains(arrival.part.as_str()));
            let standing = stored.filter(|(part, _)| again::is_of_part(arrival, part, all())).map_or_else(
                || standing(&arrival.version, arrival.versioned, there.map(|(part, _)| &part.version)),
                |_| Standing::Again,
            );
            if standing == Standing::Same {
                verdicts.set(index, of_row(Status::Unchanged, row));
                continue;
            }
            let said = self.said_by(arrival);
            taken.keys.extend(said.iter().flat_map(|said| said.links.iter().copied()));
            if standing == Standing::Older {
                verdicts.set(index, of_row(Status::Stale, row));
                taken.is_more |= self.part_said_late(arrival, parts, part_rows);
                continue;
            }
            if standing == Standing::Again {
                taken.is_again = true;
                self.part_again(arrival, parts, part_rows);
                continue;
            }
            taken.is_newer |= standing == Standing::Newer;
            taken.refreshed.extend((standing == Standing::Refreshed).then_some(index));
            // the same under a later order came when it came first
            let since = there.filter(|_| standing == Standing::Refreshed).map(|(part, _)| part.archive_id);
            self.replace_part(arrival, since, parts, part_rows);
            laid.insert(&arrival.part);
        }
        taken
    }

    /// The stored parts of a record, opened, and what was whole so far as one of them. What cannot be opened may be
    /// replaced.
    fn open_parts(
        &self,
        candidate: &Candidate,
        row: Option<&SourceRecord>,
        stored: Vec<RecordPart>,
        part_rows: &mut Vec<RecordPart>,
    ) -> Result<Parts, Error> {
        let ring = &self.desk.ring;
        let is_replaced = |part: &str, version: &Version| {
            let mut newest = candidate.newest.iter().map(|index| &self.batch.arrivals[*index]);
            newest.any(|arrival| arrival.part == part && arrival.version >= *version)
        };
        let mut parts = Parts::new();
        for part in stored {
            match prepare::open(ring, Purpose::Part, &part_owner(&part.key, &part.part), &part.content) {
                Ok(content) => drop(parts.insert(part.part.clone(), (part, content))),
                Err(_) if is_replaced(&part.part, &part.version) => {}
                Err(error) => return Err(error),
            }
        }
        if let Some(row) = row.filter(|row| row.part_count == 0) {
            match prepare::open(ring, Purpose::Content, &prepare::owner(&row.key), &row.content) {
                Ok(content) => {
                    let mut part = self.part_row(&row.key, WHOLE, row.version.clone(), row.deleted, &content);
                    part.last_said.clone_from(&row.last_said);
                    part.archive_id = row.archive_id;
                    put_part(&mut parts, part_rows, part, content);
                }
                Err(_) if is_replaced(WHOLE, &row.version) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(parts)
    }

    /// A newer version of a part; one that withdraws it leaves what it said.
    fn replace_part(&self, arrival: &Arrival, since: Option<i64>, parts: &mut Parts, part_rows: &mut Vec<RecordPart>) {
        let before = parts.remove(&arrival.part);
        let said = before.and_then(|(part, content)| {
            let version = if part.deleted { part.last_said? } else { part.version };
            Some((version, content))
        });
        let (last_said, content) = match said {
            // withdrawn before anything else of it was seen, or withdrawn as what it never said it was
            _ if arrival.deleted && self.said_by(arrival).is_some_and(|said| said.seals) => {
                (Some(arrival.version.clone()), arrival.content.clone())
            }
            Some((version, content)) if arrival.deleted => (Some(version), content),
            _ => (None, arrival.content.clone()),
        };
        let mut part = self.part_row(&arrival.key, &arrival.part, arrival.version.clone(), arrival.deleted, &content);
        part.last_said = last_said;
        part.archive_id = since.or(arrival.bundled.map(|bundled| bundled.archive_id)).unwrap_or_default();
        put_part(parts, part_rows, part, content);
    }

    /// A part read from the archive once more. A withdrawn one stays as it is.
    fn part_again(&self, arrival: &Arrival, parts: &mut Parts, part_rows: &mut Vec<RecordPart>) {
        let Some((part, content)) = parts.get(&arrival.part) else { return };
        let is_withdrawn = arrival.deleted && part.deleted;
        // of a state secret its other parts are kept without their content
        let is_same = *content == arrival.content || *content == prepare::unread_stub(&arrival.content);
        if is_withdrawn || (is_same && arrival.deleted == part.deleted) {
            return;
        }
        let version = again::version(arrival, &part.version, arrival.versioned);
        let mut part = self.part_row(&arrival.key, &arrival.part, version, arrival.deleted, &arrival.content);
        part.archive_id = arrival.bundled.map_or(0, |bundled| bundled.archive_id);
        put_part(parts, part_rows, part, arrival.content.clone());
    }

    /// What an arrival says of links and seals; `None`: it withdraws a part without a word.
    fn said_by(&self, arrival: &Arrival) -> Option<prepare::Said> {
        let (ring, key, agency) = (&self.desk.ring, &arrival.key, &arrival.origin.agency);
        if arrival.deleted {
            prepare::said_withdrawing(ring, key, agency, self.today, &arrival.content)
        } else {
            Some(prepare::said(ring, key, agency, self.today, &arrival.content))
        }
    }

    /// What a part said before it was withdrawn and what arrives only now; whether that is news.
    fn part_said_late(&self, arrival: &Arrival, parts: &mut Parts, part_rows: &mut Vec<RecordPart>) -> bool {
        let Some((part, _)) = parts.get(&arrival.part) else { return false };
        let is_said = !arrival.deleted || self.said_by(arrival).is_some_and(|said| said.seals);
        if !is_said || !part.deleted || part.last_said.as_ref() >= Some(&arrival.version) {
            return false;
        }
        let mut later = self.part_row(&part.key, &part.part, part.version.clone(), true, &arrival.content);
        later.archive_id = part.archive_id;
        later.last_said = Some(arrival.version.clone());
        put_part(parts, part_rows, later, arrival.content.clone());
        true
    }

    /// Whether the newest part carries a version of its source's own.
    fn is_versioned(&self, candidate: &Candidate, newest: &Version, row: Option<&SourceRecord>) -> bool {
        let here = candidate.newest.iter().map(|index| &self.batch.arrivals[*index]);
        let newest = here.filter(|arrival| arrival.version == *newest).map(|arrival| arrival.versioned).next();
        newest.unwrap_or_else(|| row.is_some_and(|row| row.versioned))
    }

    fn part_row(&self, key: &RecordKey, part: &str, version: Version, deleted: bool, content: &Content) -> RecordPart {
        let content = prepare::seal(&self.desk.ring, Purpose::Part, &part_owner(key, part), content);
        RecordPart {
            key: key.clone(),
            part: part.to_owned(),
            version,
            deleted,
            last_said: None,
            content,
            archive_id: 0,
        }
    }
}

/// The past keys of a row.
fn past_of(row: &SourceRecord) -> Vec<LinkKey> {
    links_of(row).into_iter().filter(|link| link.role.is_past()).collect()
}

/// The keys of a row that stay its past ones. What parts say together depends on which had come; what each says by
/// itself is kept when it comes.
fn kept_keys(row: &SourceRecord) -> Vec<LinkKey> {
    links_of(row).into_iter().filter(|link| link.role.is_past() || row.part_count == 0).collect()
}

fn part_owner(key: &RecordKey, part: &str) -> String {
    format!("{}#{part}", prepare::owner(key))
}

/// Where one part says that the record is a state secret, what the others brought is refused too.
fn refuse_secret(ring: &KeyRing, parts: &mut Parts, part_rows: &mut Vec<RecordPart>) {
    if !parts.values().any(|(_, content)| prepare::is_restricted(content)) {
        return;
    }
    for (part, content) in parts.values_mut() {
        let stub = prepare::unread_stub(content);
        if stub == *content {
            continue;
        }
        *content = stub;
        part.content = prepare::seal(ring, Purpose::Part, &part_owner(&part.key, &part.part), content);
        part_rows.retain(|row| (&row.key, &row.part) != (&part.key, &part.part));
        part_rows.push(part.clone());
    }
}

/// The parts of a record laid over one another, oldest version first.
struct Laid {
    content: Content,
    version: Version,
    deleted: bool,
}

fn laid_over(parts: impl Iterator<Item = (RecordPart, Content)>) -> Laid {
    let mut ordered: Vec<(RecordPart, Content)> = parts.collect();
    ordered.sort_by(|(a, _), (b, _)| (&a.version, &a.part).cmp(&(&b.version, &b.part)));
    // a record is withdrawn when its whole was, and nothing newer came since
    let deleted = ordered.last().is_some_and(|(part, _)| part.deleted && part.part == WHOLE)
        || ordered.iter().all(|(part, _)| part.deleted);
    let version = ordered.last().map(|(part, _)| part.version.clone());
    let mut content = Content::default();
    for (_, upper) in ordered.into_iter().filter(|(part, _)| !part.deleted) {
        content.overlay(upper);
    }
    let version = version.unwrap_or(Version { ordinal: 0, tie: String::new(), content_hash: [0; 32] });
    Laid { content, version, deleted }
}

/// What a record says when that counts, too, which was withdrawn of it.
fn as_said(parts: &Parts) -> Content {
    let said = parts.values().filter_map(|(part, content)| {
        let version = if part.deleted { part.last_said.as_ref()? } else { &part.version };
        Some((version, &part.part, content))
    });
    let mut ordered: Vec<(&Version, &String, &Content)> = said.collect();
    ordered.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    let mut content = Content::default();
    ordered.into_iter().for_each(|(_, _, upper)| content.overlay(upper.clone()));
    content
}
