//! What a record said before.
//!
//! A source may delete the record that said "denunciation" (its own archive rule is enough), or send it again without
//! the reference that led to a copy at another agency, which never said so. What a record ever said therefore goes on
//! sealing: the keys of earlier versions stay, in roles that join nothing, and of a withdrawn record or part what it
//! said last. Like everything else that is stored it is a function of the messages, not of their order: an older
//! version that arrives late counts as well.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::domain::Version;
use crate::linkage::key::{LinkKey, Role};
use crate::seal::KeyRing;
use crate::store::source_record::{SourceRecord, StoredLink};

use super::link::links_of;
use super::prepare::{self, Ready};

/// Past keys of one record that are kept. A record whose source gives it other references with every edit keeps the
/// smallest of them, the same in every order; what sealed it may be among the others, so it is sealed for good.
const KEPT: usize = 4096;

/// Whether a record had more keys than are kept.
pub fn is_forgetful(row: &SourceRecord) -> bool {
    row.links.len() >= KEPT && row.links.iter().filter(|link| Role::from_code(link.role).is_past()).count() >= KEPT
}

/// What a record said last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastSaid {
    pub version: Version,
    /// Sealed.
    pub content: Vec<u8>,
    /// Whether it says that it is sealed.
    pub seals: bool,
}

impl LastSaid {
    /// Of a stored record that is not in parts.
    pub fn of_row(ring: &KeyRing, row: &SourceRecord, today: NaiveDate) -> Option<Self> {
        let content = row.content.clone();
        if row.deleted {
            return Some(Self { version: row.last_said.clone()?, content, seals: row.says_sealed });
        }
        let record = prepare::reopen(ring, &row.key, &row.agency, today, &row.content);
        // of one that cannot be opened nobody knows
        let seals = record.map_or(true, |record| record.is_some_and(|record| record.is_sealed()));
        Some(Self { version: row.version.clone(), content, seals })
    }

    /// Of a record that has just come; `None`: it says nothing of seals, or nothing that could be read.
    pub fn of_ready(version: &Version, ready: &Ready) -> Option<Self> {
        Some(Self { version: version.clone(), content: ready.content.clone(), seals: ready.seals? })
    }

    /// The newer of two.
    pub fn newer(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        [one, other].into_iter().flatten().max_by(|a, b| a.version.cmp(&b.version))
    }

    /// Writes it into the row of a withdrawn record.
    pub fn put(self, row: &mut SourceRecord) {
        (row.content, row.says_sealed, row.last_said) = (self.content, self.seals, Some(self.version));
    }
}

/// The keys that are past: those given, in their past roles, that are not among what the record says now.
pub fn past(keys: impl IntoIterator<Item = LinkKey>, now: &[LinkKey]) -> Vec<LinkKey> {
    let said_now: BTreeSet<LinkKey> = now.iter().copied().filter_map(in_the_past).collect();
    let past: BTreeSet<LinkKey> = keys.into_iter().filter_map(in_the_past).collect();
    past.difference(&said_now).copied().take(KEPT).collect()
}

fn in_the_past(link: LinkKey) -> Option<LinkKey> {
    Some(LinkKey { role: link.role.past()?, ..link })
}

/// Gives a row the keys of what it says now and of what it said.
pub fn put_keys(row: &mut SourceRecord, now: &[LinkKey], past: &[LinkKey]) {
    row.links = now.iter().chain(past).map(stored).collect();
}

/// A link key as it is stored.
pub fn stored(link: &LinkKey) -> StoredLink {
    StoredLink { key: link.key, role: link.role.code() }
}

/// A row as it is once an older version of it has arrived, too; `None`: it knew all that.
pub fn recalled(row: &SourceRecord, said: Option<LastSaid>, keys: &[LinkKey]) -> Option<SourceRecord> {
    let mut later = row.clone();
    let (past_keys, now): (Vec<LinkKey>, Vec<LinkKey>) =
        links_of(row).into_iter().partition(|link| link.role.is_past());
    let all = past(past_keys.iter().chain(keys).copied(), &now);
    let mut is_news = all != past_keys;
    put_keys(&mut later, &now, &all);
    if let Some(said) = said.filter(|said| row.deleted && row.last_said.as_ref() < Some(&said.version)) {
        said.put(&mut later);
        is_news = true;
    }
    is_news.then_some(later)
}
