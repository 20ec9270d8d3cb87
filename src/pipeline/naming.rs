//! What persons are called: the older id stays, the part with the founding petitioner keeps it, and none is given twice.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::RecordKey;
use crate::linkage::identity::{self, Known};
use crate::seal::KeyRing;
use crate::store::PgConnection;
use crate::store::alias::Alias;
use crate::store::change::{Change, Entity, Op};
use crate::store::person::{self, Head};

use super::Error;
use super::evidence::Name;

/// What persons were; nodes by id.
pub struct Past<'p> {
    /// Which node carries which id on.
    pub previous: BTreeMap<Uuid, Uuid>,
    /// Which nodes had a part in which person.
    pub had: BTreeMap<Uuid, BTreeSet<Uuid>>,
    /// Records that were never there: nothing was called after them yet.
    pub new: &'p HashSet<RecordKey>,
    /// Nodes of whose links some are others now.
    pub relinked: &'p BTreeSet<Uuid>,
}

/// What persons are called now, and the changes that makes.
#[derive(Debug, Default)]
pub struct Named {
    /// One for each group.
    pub ids: Vec<Uuid>,
    /// Rows to write.
    pub heads: Vec<Head>,
    pub aliases: Vec<Alias>,
    pub changes: Vec<Change>,
}

impl Named {
    fn write(&mut self, head: Head, op: Op) {
        let (entity_id, revision) = (head.person_id, head.revision);
        self.changes.push(Change { entity: Entity::Person, entity_id, op, revision, readers: Vec::new() });
        self.heads.push(head);
    }

    fn end(&mut self, head: &Head, op: Op) {
        self.write(Head { founding: None, revision: head.revision + 1, ..*head }, op);
    }
}

/// Names the groups, each of which lists its members in the order of their names.
///
/// # Errors
/// [`Error`] of the database.
pub async fn name(
    conn: &mut PgConnection,
    ring: &KeyRing,
    now: DateTime<Utc>,
    groups: &[Vec<(Uuid, &Name)>],
    past: &Past<'_>,
) -> Result<Named, Error> {
    let heads = person::heads(conn, &past.had.keys().copied().collect::<Vec<_>>()).await?;
    let known: Vec<Known<Uuid>> = heads
        .iter()
        .filter_map(|head| {
            let since = head.first_seen_at.timestamp_micros();
            Some(Known { id: head.person_id, founding: head.founding?, since })
        })
        .collect();
    let nodes: Vec<Vec<Uuid>> = groups.iter().map(|group| group.iter().map(|(id, _)| *id).collect()).collect();
    let assignment = identity::assign(&nodes, &known, &past.previous);
    let nameless = groups.iter().zip(&assignment.groups).filter(|(_, identity)| identity.kept.is_none());
    let mut new =
        found(conn, ring, nameless.filter_map(|(group, _)| Some(group.first()?.1)), past.new).await?.into_iter();

    let heads: HashMap<Uuid, Head> = heads.into_iter().map(|head| (head.person_id, head)).collect();
    let mut named = Named::default();
    for (nodes, identity) in nodes.iter().zip(&assignment.groups) {
        let first = nodes.first().copied();
        let Some(head) = identity.kept.and_then(|id| heads.get(&id)) else {
            let person_id = new.next().unwrap_or_default();
            named.ids.push(person_id);
            named.write(Head { person_id, founding: first, first_seen_at: now, revision: 1 }, Op::Insert);
            continue;
        };
        named.ids.push(head.person_id);
        let members: BTreeSet<Uuid> = nodes.iter().copied().collect();
        let is_other = past.had.get(&head.person_id) != Some(&members)
            || !identity.absorbed.is_empty()
            || !members.is_disjoint(past.relinked);
        if is_other {
            let op = if identity.split { Op::Split } else { Op::Update };
            let founding = head.founding.filter(|node| members.contains(node)).or(first);
            named.write(Head { founding, revision: head.revision + 1, ..*head }, op);
        }
        for absorbed in identity.absorbed.iter().filter_map(|id| heads.get(id)) {
            named.end(absorbed, Op::Merge);
            named.aliases.push(Alias { entity: Entity::Person, alias_id: absorbed.person_id, kept_id: head.person_id });
        }
    }
    assignment.vanished.iter().filter_map(|id| heads.get(id)).for_each(|head| named.end(head, Op::Delete));
    Ok(named)
}

/// New ids, made for petitioners; the next one made for the same petitioner is another.
async fn found(
    conn: &mut PgConnection,
    ring: &KeyRing,
    names: impl Iterator<Item = &Name>,
    new: &HashSet<RecordKey>,
) -> Result<Vec<Uuid>, Error> {
    let id_of = |name: &Name, number: u32| {
        let (position, number) = (name.position.to_string(), number.to_string());
        ring.hash_id("person", &[name.record.source_id.as_str(), &name.record.record_id, &position, &number])
    };
    let mut ids: Vec<(&Name, u32, Uuid)> = names.map(|name| (name, 0, id_of(name, 0))).collect();
    let mut doubtful: BTreeSet<Uuid> =
        ids.iter().filter(|(name, ..)| !new.contains(&name.record)).map(|(.., id)| *id).collect();
    while !doubtful.is_empty() {
        let taken = person::heads(conn, &doubtful.iter().copied().collect::<Vec<_>>()).await?;
        let taken: HashSet<Uuid> = taken.into_iter().map(|head| head.person_id).collect();
        doubtful.clear();
        for (name, number, id) in ids.iter_mut().filter(|(.., id)| taken.contains(id)) {
            *number += 1;
            *id = id_of(name, *number);
            doubtful.insert(*id);
        }
    }
    Ok(ids.into_iter().map(|(.., id)| id).collect())
}
