//! Writing what linking found: every row of one transaction, in one order of tables.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::domain::{Kind, RecordKey, ReferenceRelation};
use crate::linkage::key::{self, LinkKey, Role};
use crate::linkage::survivorship::Petition;
use crate::seal::KeyRing;
use crate::store::alias::Alias;
use crate::store::case_file::CaseRow;
use crate::store::change::{Change, Entity as Changed, Op};
use crate::store::link::Link;
use crate::store::link_key::LinkKeyRow;
use crate::store::petition::{Head, PetitionRow};
use crate::store::reception::ReceptionRow;
use crate::store::source_record::SourceRecord;
use crate::store::{self, PgConnection};

use super::Error;
use super::link::{self, CaseGroup, Entity, Gone, Linked, Piece, Value};
use super::person::People;
use super::petitioner;
use super::readers::{self, Held};

/// Rows to write, and the changes they are.
#[derive(Debug, Default)]
struct Plan<'l> {
    /// The agency of each source.
    homes: HashMap<String, String>,
    petitions: Vec<PetitionRow<'l>>,
    receptions: Vec<ReceptionRow<'l>>,
    cases: Vec<CaseRow<'l>>,
    aliases: Vec<Alias>,
    changes: Vec<Change>,
}

/// Writes everything that linking decided and numbers the changes; the feed lock is held at `feed_head`.
///
/// # Errors
/// [`Error`] of the database.
pub async fn apply(
    conn: &mut PgConnection,
    ring: &KeyRing,
    feed_head: i64,
    now: DateTime<Utc>,
    linked: &Linked,
    people: &People,
) -> Result<(), Error> {
    let homes = store::source::agencies(conn).await?.into_iter().collect();
    let mut plan = Plan { homes, ..Plan::default() };
    plan.entities(ring, now, linked);
    plan.gone(linked);
    plan.records_of_nothing(linked);
    records(conn, ring, linked).await?;
    petitioner::write(conn, linked, people).await?;
    links(conn, ring, linked).await?;
    judged(conn, linked, people).await?;
    let ids = |gone: &[Gone]| gone.iter().map(|gone| gone.head.id).collect::<Vec<Uuid>>();
    if !linked.gone_petitions.is_empty() {
        store::petition::delete(conn, &ids(&linked.gone_petitions)).await?;
    }
    if !linked.gone_receptions.is_empty() {
        store::reception::delete(conn, &ids(&linked.gone_receptions)).await?;
    }
    if !linked.gone_cases.is_empty() {
        store::case_file::delete(conn, &ids(&linked.gone_cases)).await?;
    }
    store::petition::upsert(conn, &plan.petitions).await?;
    store::reception::upsert(conn, &plan.receptions).await?;
    store::person::upsert(conn, now, &people.named.heads).await?;
    cases(conn, ring, now, linked, people, &mut plan).await?;
    plan.aliases.extend(&people.named.aliases);
    plan.changes.extend(people.named.changes.iter().cloned());
    // by their ids, which say nothing: what came together does not stand together
    plan.changes.sort_by_key(|change| change.entity_id);
    store::alias::insert(conn, now, &plan.aliases).await?;
    store::change::append(conn, feed_head, now, &plan.changes).await?;
    Ok(())
}

/// Writes the cases, whose people are counted once it is known who they are.
#[expect(clippy::indexing_slicing, reason = "linking fills these indices from the lists they point into")]
async fn cases<'l>(
    conn: &mut PgConnection,
    ring: &KeyRing,
    now: DateTime<Utc>,
    linked: &'l Linked,
    people: &People,
    plan: &mut Plan<'l>,
) -> Result<(), Error> {
    let is_petition = |entity: &&usize| linked.entities[**entity].kind == Kind::Petition;
    let several = linked.cases.iter().filter(|case| case.entities.iter().filter(is_petition).count() > 1);
    let twice = store::case_file::people_twice(conn, &several.map(|case| case.id).collect::<Vec<_>>()).await?;
    plan.cases(ring, now, linked, &twice.into_iter().collect());
    store::case_file::upsert(conn, &plan.cases).await?;
    let here: BTreeSet<&RecordKey> = linked.pieces.iter().map(|piece| &piece.row.key).collect();
    let elsewhere =
        people.moved.iter().map(|moved| &moved.key).filter(|key| !here.contains(key)).collect::<BTreeSet<_>>();
    let recounted = store::case_file::recount(conn, now, &elsewhere.into_iter().collect::<Vec<_>>()).await?;
    let change =
        |(id, revision)| Change { entity: Changed::Case, entity_id: id, op: Op::Update, revision, readers: Vec::new() };
    plan.changes.extend(recounted.into_iter().map(change));
    Ok(())
}

/// What an entity shows and rests on, hashed: the same digest, nothing to write.
#[derive(Serialize)]
struct Digest<'d, T: Serialize> {
    value: &'d T,
    within: Option<Uuid>,
    also: Option<Uuid>,
    records: Vec<Told<'d>>,
    /// Pairs of its records that people joined.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    decided: Vec<(&'d RecordKey, &'d RecordKey)>,
}

/// A record as the views tell of it beside its values: every newer version of it is a change of what it belongs to,
/// even one that says the same.
#[derive(Serialize)]
struct Told<'d> {
    key: &'d RecordKey,
    content_hash: &'d [u8; 32],
    version: Option<i64>,
    changed_at: i64,
}

impl<T: Serialize> Digest<'_, T> {
    fn hash(&self, ring: &KeyRing) -> Vec<u8> {
        // plain data with text keys: it always serializes
        let text = serde_json::to_vec(self).unwrap_or_default();
        ring.hash_bytes("digest", &text).get(..16).unwrap_or_default().to_vec()
    }
}

/// The head a row is written with, and the change it is; `None`: nothing changed. `members`: its records, in order.
fn next(
    known: Option<&Head>,
    (id, case_id): (Uuid, Uuid),
    members: &[&SourceRecord],
    (digest, readers): (Vec<u8>, Vec<String>),
    was_split: bool,
    now: DateTime<Utc>,
) -> Option<(Head, Op)> {
    let Some(head) = known else {
        let founding = members.first()?.key.clone();
        return Some((Head { id, case_id, founding, digest, readers, first_seen_at: now, revision: 1 }, Op::Insert));
    };
    if head.digest == digest && head.readers == readers && !was_split {
        return None;
    }
    let mut head = Head { case_id, digest, readers, revision: head.revision + 1, ..head.clone() };
    if !members.iter().any(|row| row.key == head.founding) {
        // it left, perhaps because it is sealed now: what stays names it no longer, nor the instant at which it came
        head.founding = members.first()?.key.clone();
        head.first_seen_at = members.iter().map(|row| row.first_seen_at).min().unwrap_or(now);
    }
    Some((head, if was_split { Op::Split } else { Op::Update }))
}

fn rows<'l>(linked: &'l Linked, entity: &Entity) -> Vec<&'l SourceRecord> {
    entity.members.iter().filter_map(|piece| Some(&linked.pieces.get(*piece)?.row)).collect()
}

#[expect(clippy::indexing_slicing, reason = "linking fills these indices from the lists they point into")]
impl<'l> Plan<'l> {
    fn entities(&mut self, ring: &KeyRing, now: DateTime<Utc>, linked: &'l Linked) {
        for entity in &linked.entities {
            let case = &linked.cases[entity.case];
            match &entity.value {
                Value::Petition(petition) => self.petition(ring, now, linked, entity, case, petition),
                Value::Reception(reception) => {
                    let petition_id = petition_of(ring, linked, entity, case);
                    let records = told(linked, entity);
                    let (within, decided) = (Some(case.id), Vec::new());
                    let digest = Digest { value: reception, within, also: petition_id, records, decided }.hash(ring);
                    let (ids, members) = ((entity.id, case.id), rows(linked, entity));
                    let shown = (digest, self.readers_of(linked, entity));
                    let written = next(entity.known.as_ref(), ids, &members, shown, entity.was_split, now);
                    if let Some((head, op)) = written {
                        self.change(Changed::Reception, &head, op, entity.known.as_ref());
                        self.receptions.push(ReceptionRow { head, petition_id, reception, updated_at: now });
                    }
                }
            }
        }
    }

    fn petition(
        &mut self,
        ring: &KeyRing,
        now: DateTime<Utc>,
        linked: &'l Linked,
        entity: &Entity,
        case: &CaseGroup,
        petition: &'l Petition,
    ) {
        let records = told(linked, entity);
        let is_here = |link: &&Link| records.iter().any(|told| *told.key == link.left);
        let decided = linked.decided.iter().filter(is_here).map(|link| (&link.left, &link.right)).collect();
        let digest = Digest { value: petition, within: Some(case.id), also: None, records, decided }.hash(ring);
        let (ids, members) = ((entity.id, case.id), rows(linked, entity));
        let shown = (digest, self.readers_of(linked, entity));
        let written = next(entity.known.as_ref(), ids, &members, shown, entity.was_split, now);
        let Some((head, op)) = written else { return };
        self.change(Changed::Petition, &head, op, entity.known.as_ref());
        // one record that founded it supplies everything: the view needs no list then
        let alone = matches!(entity.members.as_slice(), [only] if linked.pieces[*only].row.key == head.founding);
        let origins = (!alone).then(|| {
            let shown = petition.origins.iter().filter(|(field, _)| !(petition.is_sealed && is_hidden(field)));
            let origins: BTreeMap<_, _> = shown.map(|(f, key)| (f, json!([key.source_id, key.record_id]))).collect();
            json!(origins)
        });
        self.petitions.push(PetitionRow { head, petition, origins, updated_at: now });
    }

    /// `twice`: people of each case that adding up its petitions counts once too often.
    fn cases(&mut self, ring: &KeyRing, now: DateTime<Utc>, linked: &'l Linked, twice: &HashMap<Uuid, i32>) {
        for case in &linked.cases {
            let person_count = case.value.person_count.saturating_sub(twice.get(&case.id).copied().unwrap_or(0));
            // with its id: two cases that look alike are not to be seen to
            let (within, records, decided) = (Some(case.id), Vec::new(), Vec::new());
            let mut digest = Digest { value: &case.value, within, also: None, records, decided }.hash(ring);
            // at its end, where it can be changed by itself when persons change elsewhere
            digest.extend(person_count.to_be_bytes());
            let known = case.known.as_ref();
            let mut members: Vec<&SourceRecord> =
                case.entities.iter().flat_map(|entity| rows(linked, &linked.entities[*entity])).collect();
            // as when it was named: by its first petition or reception, which is not always its first record
            members.sort_by_key(|row| (row.key != case.founding, &row.key));
            let shown = (digest, Vec::new());
            if let Some((head, op)) = next(known, (case.id, case.id), &members, shown, case.was_split, now) {
                self.change(Changed::Case, &head, op, known);
                self.cases.push(CaseRow { head, case: &case.value, person_count, updated_at: now });
            }
        }
    }

    fn gone(&mut self, linked: &'l Linked) {
        let all = [
            (Changed::Petition, &linked.gone_petitions),
            (Changed::Reception, &linked.gone_receptions),
            (Changed::Case, &linked.gone_cases),
        ];
        for (entity, gone) in all.into_iter().flat_map(|(entity, list)| list.iter().map(move |gone| (entity, gone))) {
            let head = Head { revision: gone.head.revision + 1, ..gone.head.clone() };
            self.change(entity, &head, if gone.into.is_some() { Op::Merge } else { Op::Delete }, None);
            if let Some(kept_id) = gone.into {
                self.aliases.push(Alias { entity, alias_id: gone.head.id, kept_id });
            }
        }
    }

    /// Records that belong to no petition or reception are in the feed under their own id.
    fn records_of_nothing(&mut self, linked: &'l Linked) {
        let is_news = |piece: &&Piece| {
            let before = piece.before.as_ref();
            piece.record.is_none() && before.is_none_or(|before| before.version != piece.row.version)
        };
        for piece in linked.pieces.iter().filter(|piece| piece.is_fresh).filter(is_news) {
            let op = match (&piece.before, piece.row.deleted) {
                (_, true) => Op::Delete,
                (None, false) => Op::Insert,
                (Some(_), false) => Op::Update,
            };
            self.changes.push(Change {
                entity: Changed::SourceRecord,
                entity_id: piece.row.source_record_id,
                op,
                revision: piece.row.archive_id,
                readers: Vec::new(),
            });
        }
    }

    /// Tells of a change to those who see it now and those who saw it before.
    fn change(&mut self, entity: Changed, head: &Head, op: Op, before: Option<&Head>) {
        let readers: BTreeSet<&String> = before.into_iter().chain([head]).flat_map(|head| &head.readers).collect();
        let readers = readers.into_iter().cloned().collect();
        self.changes.push(Change { entity, entity_id: head.id, op, revision: head.revision, readers });
    }

    /// The agencies whose bound readers see a petition or a reception.
    fn readers_of(&self, linked: &Linked, entity: &Entity) -> Vec<String> {
        if entity.is_sealed {
            return Vec::new();
        }
        let held = entity.members.iter().filter_map(|piece| {
            let piece = linked.pieces.get(*piece)?;
            let home = self.homes.get(piece.row.key.source_id.as_str()).map_or("", String::as_str);
            Some(Held { record: piece.record.as_ref()?, home })
        });
        let responsible = match &entity.value {
            Value::Petition(petition) => Some(petition.responsible_agency.as_str()),
            Value::Reception(_) => None,
        };
        readers::readers(&held.collect::<Vec<_>>(), responsible)
    }
}

/// Values that a sealed petition does not show, so that not even their origin is told.
fn is_hidden(field: &str) -> bool {
    matches!(field, "summary" | "commune_code")
}

fn told<'l>(linked: &'l Linked, entity: &Entity) -> Vec<Told<'l>> {
    let told = rows(linked, entity).into_iter().map(|row| Told {
        key: &row.key,
        content_hash: &row.version.content_hash,
        version: row.versioned.then_some(row.version.ordinal),
        changed_at: row.changed_at.timestamp_micros(),
    });
    told.collect()
}

/// The petition that was lodged at a reception: the one of its case that names it or that it names.
#[expect(clippy::indexing_slicing, reason = "linking fills these indices from the lists they point into")]
fn petition_of(ring: &KeyRing, linked: &Linked, reception: &Entity, case: &CaseGroup) -> Option<Uuid> {
    let named = |entity: &Entity| -> BTreeSet<Uuid> {
        let records = entity.members.iter().filter_map(|piece| linked.pieces[*piece].record.as_ref());
        let references = records.flat_map(|record| key::references(record).map(move |reference| (record, reference)));
        references
            .filter(|(_, reference)| reference.relation == ReferenceRelation::ReceptionOf)
            .flat_map(|(record, reference)| key::of_reference(ring, record, reference))
            .map(|link| link.key)
            .collect()
    };
    let own = |entity: &Entity| -> BTreeSet<Uuid> {
        let rows = entity.members.iter().map(|piece| &linked.pieces[*piece].row);
        rows.flat_map(|row| &row.links).filter(|link| link.role == Role::Own.code()).map(|link| link.key).collect()
    };
    let (names, is) = (named(reception), own(reception));
    let of_case = case.entities.iter().map(|entity| &linked.entities[*entity]);
    let petitions = of_case.filter(|entity| matches!(entity.value, Value::Petition(_)));
    petitions
        .filter(|petition| !own(petition).is_disjoint(&names) || !named(petition).is_disjoint(&is))
        .map(|petition| petition.id)
        .min()
}

async fn records(conn: &mut PgConnection, ring: &KeyRing, linked: &Linked) -> Result<(), Error> {
    let mut fresh: Vec<&SourceRecord> = Vec::new();
    let mut assigned = Vec::new();
    let (mut new_keys, mut old_keys) = (Vec::new(), Vec::new());
    for piece in &linked.pieces {
        if piece.is_fresh {
            fresh.push(&piece.row);
            keys_of(ring, piece, &mut new_keys, &mut old_keys);
        } else if is_regrouped(piece) {
            assigned.push(&piece.row);
        }
    }
    fresh.sort_by(|a, b| a.key.cmp(&b.key));
    // by hashes: the order in which they stand tells nothing of what came together
    new_keys.sort();
    store::source_record::upsert(conn, ring, &fresh).await?;
    store::source_record::assign(conn, &assigned).await?;
    store::link_key::delete(conn, &old_keys).await?;
    store::link_key::insert(conn, &new_keys).await?;
    Ok(())
}

fn is_regrouped(piece: &Piece) -> bool {
    let row = &piece.row;
    piece.before.as_ref().is_none_or(|before| {
        (before.entity_id, before.case_id, before.is_sealed) != (row.entity_id, row.case_id, row.is_sealed)
            || before.grouped != (row.relation.clone(), row.document_no.clone(), row.matched_by.clone())
    })
}

/// Which keys a record gains and which it loses.
fn keys_of(ring: &KeyRing, piece: &Piece, gains: &mut Vec<LinkKeyRow>, loses: &mut Vec<LinkKeyRow>) {
    let record = &piece.row.key;
    let pairs = |links: &[LinkKey]| links.iter().map(|link| (link.key, link.role.code())).collect();
    let has: BTreeSet<(Uuid, i16)> = pairs(&link::links_of(&piece.row));
    let had: BTreeSet<(Uuid, i16)> = piece.before.as_ref().map(|before| pairs(&before.links)).unwrap_or_default();
    let row = |(key, role): &(Uuid, i16)| LinkKeyRow {
        key: *key,
        role: *role,
        source: key::source_at(ring, *key, &record.source_id),
        record: ring.veil(key.as_bytes(), record),
    };
    gains.extend(has.difference(&had).map(row));
    loses.extend(had.difference(&has).map(row));
}

async fn links(conn: &mut PgConnection, ring: &KeyRing, linked: &Linked) -> Result<(), Error> {
    // only a record with a key that is not its own name says something about another
    let names = |links: &[LinkKey]| links.iter().any(|link| !matches!(link.role, Role::Own) && !link.role.is_past());
    let speaks = |piece: &Piece| {
        names(&link::links_of(&piece.row)) || piece.before.as_ref().is_some_and(|before| names(&before.links))
    };
    let speakers: Vec<&Piece> = linked.pieces.iter().filter(|piece| speaks(piece)).collect();
    if speakers.is_empty() {
        return Ok(());
    }
    let mut owners: BTreeMap<LinkKey, Vec<&Piece>> = BTreeMap::new();
    for piece in &linked.pieces {
        link::links_of(&piece.row).iter().for_each(|link| owners.entry(*link).or_default().push(piece));
    }
    let rows: Vec<Link> = speakers.iter().flat_map(|piece| rule_links(ring, piece, &owners)).collect();
    let stale: Vec<&RecordKey> =
        speakers.iter().filter(|piece| piece.before.is_some()).map(|piece| &piece.row.key).collect();
    store::link::delete_from(conn, &stale, &["rule"]).await?;
    store::link::insert(conn, &rows.iter().collect::<Vec<_>>()).await?;
    Ok(())
}

/// What the model and people joined, in the place of what they joined before.
async fn judged(conn: &mut PgConnection, linked: &Linked, people: &People) -> Result<(), Error> {
    let stored = linked.pieces.iter().filter(|piece| piece.before.is_some()).map(|piece| &piece.row.key);
    store::link::delete_from(conn, &stored.collect::<Vec<_>>(), &["model", "human"]).await?;
    store::link::delete_of_persons(conn, &people.old_links).await?;
    let links: Vec<&Link> = linked.judged.iter().chain(&linked.decided).chain(&people.links).collect();
    store::link::insert(conn, &links).await?;
    Ok(())
}

/// The links that a record's references make with records that are there.
fn rule_links(ring: &KeyRing, piece: &Piece, owners: &BTreeMap<LinkKey, Vec<&Piece>>) -> Vec<Link> {
    let Some(record) = &piece.record else { return Vec::new() };
    let mut links = Vec::new();
    for reference in key::references(record) {
        let (entity, relation) = match reference.relation {
            ReferenceRelation::TransferredFrom | ReferenceRelation::TransferredTo => ("petition", "forwarded"),
            ReferenceRelation::RepeatOf => ("petition", "repeat"),
            ReferenceRelation::NextInstanceOf => ("case", "next_instance"),
            ReferenceRelation::RecastOf => ("case", "recast"),
            ReferenceRelation::ReceptionOf => ("case", "same"),
        };
        let keys = key::of_reference(ring, record, reference);
        for other in keys.iter().flat_map(|link| named(link, piece, record.kind, owners)) {
            let is_one = other.row.entity_id == piece.row.entity_id;
            // a row that names a sealed record would lead from it to another that readers may have known as open
            let is_telling = other.row.is_sealed || piece.row.is_sealed;
            if other.row.key == piece.row.key || is_telling || (entity == "petition" && !is_one) {
                continue;
            }
            links.push(Link {
                left: piece.row.key.clone(),
                left_position: 0,
                right: other.row.key.clone(),
                right_position: 0,
                entity,
                relation,
                weight: None,
                probability: None,
                decided_by: "rule",
                explanation: explanation(reference),
            });
        }
    }
    links
}

/// The records that a key of a reference names: the one record whose own key it is, or those that name the same
/// letter: of these one stands for all, so that a thousand records of one letter make a thousand links and not a
/// million. A number that several records have names none of them.
fn named<'p>(link: &LinkKey, piece: &Piece, kind: Kind, owners: &BTreeMap<LinkKey, Vec<&'p Piece>>) -> Vec<&'p Piece> {
    let with = |role| owners.get(&LinkKey { key: link.key, role }).map_or(&[][..], Vec::as_slice);
    match with(Role::Own) {
        [] if matches!(link.role, Role::Same | Role::Letter) => {
            with(link.role).iter().min_by_key(|other| &other.row.key).copied().into_iter().collect()
        }
        own => {
            let fits = |other: &&&Piece| {
                link.role == Role::Case || other.record.as_ref().is_some_and(|record| record.kind == kind)
            };
            let mut fitting = own.iter().filter(fits).filter(|other| other.row.key != piece.row.key);
            match (fitting.next(), fitting.next()) {
                (Some(only), None) => vec![*only],
                _ => Vec::new(),
            }
        }
    }
}

fn explanation(reference: &crate::domain::Reference) -> Json {
    let by = if reference.record_id.is_some() { "record" } else { "document" };
    json!({ "rule": "explicit_reference", "reference": reference.relation, "by": by })
}
