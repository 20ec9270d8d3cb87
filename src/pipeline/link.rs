//! Linking: the records of a batch, together with every stored record that they belong to, become petitions,
//! receptions and cases again.
//!
//! The caller holds the feed lock, so nothing that matches can be committed between the look and the write. The
//! groups are a function of the records alone: any order of arrival gives the same.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use uuid::Uuid;

use crate::domain::{Kind, NormalizedRecord, RecordKey, Version};
use crate::linkage::case::{self, Case};
use crate::linkage::group::{self, Node};
use crate::linkage::identity;
use crate::linkage::key::{LinkKey, Role};
use crate::linkage::survivorship::{self, Member, Petition, Reception};
use crate::linkage::{person, petition};
use crate::seal::KeyRing;
use crate::store::petition::Head;
use crate::store::source_record::SourceRecord;
use crate::store::{self, PgConnection};

use super::draft::{self, Drafts};
use super::evidence::Draft;
use super::heads::{Heads, gone, known, known_to_readers};
use super::matching::{Filings, Matches};
use super::merge::{self, Exact};
use super::sealing;
use super::speaking::Links;
use super::{Error, past, prepare};

/// What a record was before this transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    pub kind: Option<Kind>,
    pub entity_id: Option<Uuid>,
    pub case_id: Option<Uuid>,
    pub is_sealed: bool,
    pub version: Version,
    pub links: Vec<LinkKey>,
    pub grouped: (Option<String>, Option<String>, Option<String>),
}

impl Before {
    /// How a stored row stands.
    pub fn of(row: &SourceRecord) -> Self {
        Self {
            kind: row.kind,
            entity_id: row.entity_id,
            case_id: row.case_id,
            is_sealed: row.is_sealed,
            version: row.version.clone(),
            links: links_of(row),
            grouped: (row.relation.clone(), row.document_no.clone(), row.matched_by.clone()),
        }
    }
}

/// The link keys of a stored row.
pub fn links_of(row: &SourceRecord) -> Vec<LinkKey> {
    row.links.iter().map(|link| LinkKey { key: link.key, role: Role::from_code(link.role) }).collect()
}

/// One record in the room: a row as it is to be, and what it says.
#[derive(Debug, Clone)]
pub struct Piece {
    pub row: SourceRecord,
    /// `None`: deleted or incomplete, of no petition.
    pub record: Option<NormalizedRecord>,
    /// `None`: never seen before.
    pub before: Option<Before>,
    /// Its content is new in this transaction.
    pub is_fresh: bool,
    /// What was stored of it is worked out once more; where that gives another row, it is fresh, too.
    pub is_again: bool,
    /// Its nodes, where they were worked out before the lock.
    pub drafts: Option<Box<Drafts>>,
}

impl Piece {
    /// A stored record that comes into the room with others, as it stands.
    ///
    /// # Errors
    /// [`Error`]: its row was damaged.
    pub fn stored(ring: &KeyRing, today: NaiveDate, row: SourceRecord) -> Result<Self, Error> {
        let is_nothing = row.deleted || row.incomplete;
        let record = if is_nothing { None } else { prepare::reopen(ring, &row.key, &row.agency, today, &row.content)? };
        Ok(Self { before: Some(Before::of(&row)), record, row, is_fresh: false, is_again: false, drafts: None })
    }

    /// What of it as a filing is compared.
    pub fn filing(&mut self, ring: &KeyRing) -> Option<Draft<petition::Features>> {
        match &mut self.drafts {
            Some(drafts) => drafts.filing.take(),
            None => draft::filing(ring, &self.row.key, self.record.as_ref()?),
        }
    }

    /// What of its petitioners is compared.
    pub fn petitioners(&mut self, ring: &KeyRing) -> Vec<Draft<person::Features>> {
        match (&mut self.drafts, &self.record) {
            (Some(drafts), _) => std::mem::take(&mut drafts.petitioners),
            (None, Some(record)) => draft::petitioners(ring, &self.row.key, record),
            (None, None) => Vec::new(),
        }
    }

    /// Whether what the tables tell of it beside its row is to be written anew.
    pub fn is_rewritten(&self) -> bool {
        self.is_fresh
            || self.is_again
            || self.before.as_ref().is_some_and(|before| before.is_sealed != self.row.is_sealed)
    }

    /// Whether what it said last is sealed, whatever others say of the petition.
    pub fn says_sealed(&self) -> bool {
        if past::is_forgetful(&self.row) {
            return true;
        }
        match &self.record {
            // the rules of today
            Some(record) if self.row.part_count == 0 => record.is_sealed(),
            Some(record) => record.is_sealed() || self.row.says_sealed,
            None => self.row.says_sealed,
        }
    }
}

/// A petition or a reception of the room.
#[derive(Debug)]
pub struct Entity {
    pub kind: Kind,
    /// Indices into the pieces.
    pub members: Vec<usize>,
    pub value: Value,
    pub is_sealed: bool,
    pub id: Uuid,
    /// Index into the cases.
    pub case: usize,
    /// What was known of the id.
    pub known: Option<Head>,
    pub was_split: bool,
}

/// What an entity is.
#[derive(Debug)]
pub enum Value {
    Petition(Box<Petition>),
    Reception(Reception),
}

impl Value {
    /// Whether it is sealed.
    pub const fn is_sealed(&self) -> bool {
        match self {
            Self::Petition(petition) => petition.is_sealed,
            Self::Reception(reception) => reception.is_sealed,
        }
    }
}

/// A case of the room.
#[derive(Debug)]
pub struct CaseGroup {
    /// Indices into the entities.
    pub entities: Vec<usize>,
    pub value: Case,
    pub id: Uuid,
    pub founding: RecordKey,
    pub known: Option<Head>,
    pub was_split: bool,
}

/// An id that went: merged into another, or carried on by nobody.
#[derive(Debug, Clone)]
pub struct Gone {
    pub head: Head,
    /// The older id that stands for it now.
    pub into: Option<Uuid>,
}

/// The room after linking.
#[derive(Debug, Default)]
pub struct Linked {
    pub pieces: Vec<Piece>,
    pub entities: Vec<Entity>,
    pub cases: Vec<CaseGroup>,
    pub gone_petitions: Vec<Gone>,
    pub gone_receptions: Vec<Gone>,
    pub gone_cases: Vec<Gone>,
    /// What the model joined, and why.
    pub judged: Vec<store::link::Link>,
    /// What people joined.
    pub decided: Vec<store::link::Link>,
}

/// Groups the pieces, names the groups and consolidates them.
///
/// # Errors
/// [`Error`] of the database.
pub async fn link(
    conn: &mut PgConnection,
    ring: &KeyRing,
    pieces: Vec<Piece>,
    matches: &Matches,
) -> Result<Linked, Error> {
    let heads = Heads::load(conn, &pieces).await?;
    Ok(Room::new(ring, pieces, heads).arrange(matches))
}

/// Which of the pieces are sealed, each by itself or by another.
pub fn sealed(pieces: &[Piece]) -> Vec<bool> {
    sealing::sealed(pieces, &Links::of(pieces).sealing)
}

/// Petitions, receptions and cases on their way.
struct Grouped {
    /// Indices into the nodes, of each petition or reception.
    groups: Vec<Vec<usize>>,
    values: Vec<Value>,
    is_sealed: Vec<bool>,
    /// Indices into the groups.
    cases: Vec<Vec<usize>>,
}

/// The pieces while they are arranged: pure from here on.
struct Room<'r> {
    ring: &'r KeyRing,
    pieces: Vec<Piece>,
    links: Links,
    heads: Heads,
    /// Indices of the pieces that belong to something.
    live: Vec<usize>,
    nodes: Vec<Node>,
}

#[expect(clippy::indexing_slicing, reason = "every index is a position in the list it was counted from")]
impl<'r> Room<'r> {
    fn new(ring: &'r KeyRing, pieces: Vec<Piece>, heads: Heads) -> Self {
        let live: Vec<usize> = (0..pieces.len()).filter(|index| pieces[*index].record.is_some()).collect();
        let mut links = Links::of(&pieces);
        let nodes = live.iter().filter_map(|index| {
            let piece = &pieces[*index];
            let record = piece.record.as_ref()?;
            let links = std::mem::take(&mut links.joining[*index]);
            Some(Node { key: piece.row.key.clone(), kind: record.kind, links })
        });
        let nodes = nodes.collect();
        Self { ring, pieces, links, heads, live, nodes }
    }

    fn member(&self, node: usize) -> Option<Member<'_>> {
        let piece = &self.pieces[self.live[node]];
        Some(Member { record: Cow::Borrowed(piece.record.as_ref()?), flags: piece.row.flags() })
    }

    fn value(&self, members: &[usize]) -> Option<Value> {
        let records: Vec<Member<'_>> = members.iter().filter_map(|node| self.member(*node)).collect();
        match self.nodes[*members.first()?].kind {
            Kind::Petition => survivorship::petition(&records).map(|p| Value::Petition(Box::new(p))),
            Kind::Reception => survivorship::reception(&records).map(Value::Reception),
        }
    }

    fn arrange(mut self, matches: &Matches) -> Linked {
        let groups = merge::exact(&self.nodes, matches);
        let mut values: Vec<Value> = groups.iter().filter_map(|members| self.value(members)).collect();
        let members_of: Vec<Vec<usize>> =
            groups.iter().map(|members| members.iter().map(|node| self.live[*node]).collect()).collect();
        let is_sealed = sealing::seal(&self.pieces, &self.links.sealing, &members_of, &mut values);
        let cases = group::cases(&self.nodes, &groups, &is_sealed);
        let mut linked = Linked::default();
        let mut grouped = Grouped { groups, values, is_sealed, cases };
        if !matches.pairs.is_empty() || !matches.decided.is_empty() {
            grouped = self.merged(grouped, matches, &mut linked);
        }
        let Grouped { groups, values, is_sealed, cases } = grouped;
        let identities = self.name_entities(&groups, &is_sealed, &mut linked);
        for (((members, value), is_sealed), (id, known, was_split)) in
            groups.iter().zip(values).zip(is_sealed).zip(identities)
        {
            let kind = self.nodes[members[0]].kind;
            let members = members.iter().map(|node| self.live[*node]).collect();
            linked.entities.push(Entity { kind, members, value, is_sealed, id, case: 0, known, was_split });
        }
        self.name_cases(&cases, &groups, &mut linked);
        self.write_back(&mut linked);
        linked.pieces = self.pieces;
        linked
    }

    /// The groups with what was judged to match.
    fn merged(&self, exact: Grouped, matches: &Matches, linked: &mut Linked) -> Grouped {
        let filings = Filings::built_in();
        let Grouped { groups, values, is_sealed, cases } = exact;
        let before = Exact { nodes: &self.nodes, entities: &groups, is_sealed: &is_sealed, cases: &cases };
        let merged = merge::merge(&filings, &before, matches);
        let mut old: Vec<Option<Value>> = values.into_iter().map(Some).collect();
        let mut after = Grouped { groups: Vec::new(), values: Vec::new(), is_sealed: Vec::new(), cases: merged.cases };
        for parts in &merged.entities {
            let mut members: Vec<usize> = parts.iter().flat_map(|part| groups[*part].iter().copied()).collect();
            members.sort_by(|a, b| self.nodes[*a].key.cmp(&self.nodes[*b].key));
            let mut value = old[parts[0]].take();
            if parts.len() > 1 {
                value = self.value(&members);
                if let Some(Value::Petition(petition)) = &mut value {
                    let keys = |part: &usize| groups[*part].iter().map(|node| self.nodes[*node].key.clone()).collect();
                    merge::tell(&filings, petition, &parts.iter().map(keys).collect::<Vec<_>>(), matches);
                }
            }
            let Some(value) = value else { continue };
            after.groups.push(members);
            after.values.push(value);
            after.is_sealed.push(is_sealed[parts[0]]);
        }
        (linked.judged, linked.decided) = (merged.links, merged.decided);
        after
    }

    /// Ids for petitions and receptions, in the order of the groups.
    fn name_entities(
        &mut self,
        groups: &[Vec<usize>],
        is_sealed: &[bool],
        linked: &mut Linked,
    ) -> Vec<(Uuid, Option<Head>, bool)> {
        let mut named = vec![(Uuid::nil(), None, false); groups.len()];
        for kind in [Kind::Petition, Kind::Reception] {
            let of_kind: Vec<usize> =
                (0..groups.len()).filter(|index| self.nodes[groups[*index][0]].kind == kind).collect();
            let keys: Vec<Vec<RecordKey>> = of_kind
                .iter()
                .map(|index| groups[*index].iter().map(|n| self.nodes[*n].key.clone()).collect())
                .collect();
            let previous = self.previous_entities(kind, groups, is_sealed);
            let heads = match kind {
                Kind::Petition => self.heads.petitions.clone(),
                Kind::Reception => self.heads.receptions.clone(),
            };
            let assignment = identity::assign(&keys, &known(&heads), &previous);
            let mut ids = Vec::with_capacity(of_kind.len());
            for (index, identity) in of_kind.iter().zip(&assignment.groups) {
                let id = identity.kept.unwrap_or_else(|| self.found_entity(kind, groups[*index][0]));
                let head = heads.iter().find(|head| head.id == id).cloned();
                ids.push(id);
                named[*index] = (id, head, identity.split);
            }
            match kind {
                Kind::Petition => linked.gone_petitions = gone(&assignment, &heads, &ids),
                Kind::Reception => linked.gone_receptions = gone(&assignment, &heads, &ids),
            }
        }
        named
    }

    /// A new id, made for a record; the next one made for the same record is another.
    fn found_entity(&mut self, kind: Kind, node: usize) -> Uuid {
        let row = &mut self.pieces[self.live[node]].row;
        let number = row.founded_entities.to_string();
        row.founded_entities = row.founded_entities.saturating_add(1);
        self.ring.hash_id(kind.as_str(), &[row.key.source_id.as_str(), &row.key.record_id, &number])
    }

    fn found_case(&mut self, piece: usize) -> Uuid {
        let row = &mut self.pieces[piece].row;
        let number = row.founded_cases.to_string();
        row.founded_cases = row.founded_cases.saturating_add(1);
        self.ring.hash_id("case", &[row.key.source_id.as_str(), &row.key.record_id, &number])
    }

    fn name_cases(&mut self, case_groups: &[Vec<usize>], groups: &[Vec<usize>], linked: &mut Linked) {
        let keys: Vec<Vec<RecordKey>> = case_groups
            .iter()
            .map(|entities| entities.iter().flat_map(|e| &groups[*e]).map(|n| self.nodes[*n].key.clone()).collect())
            .collect();
        let previous = self.previous_cases(linked);
        let heads = std::mem::take(&mut self.heads.cases);
        let assignment = identity::assign(&keys, &known(&heads), &previous);
        let mut ids = Vec::with_capacity(case_groups.len());
        for (entities, identity) in case_groups.iter().zip(&assignment.groups) {
            let founding = self.live[groups[entities[0]][0]];
            let id = identity.kept.unwrap_or_else(|| self.found_case(founding));
            ids.push(id);
            let Some(value) = self.case_value(entities, linked) else { continue };
            let place = linked.cases.len();
            entities.iter().for_each(|entity| linked.entities[*entity].case = place);
            linked.cases.push(CaseGroup {
                entities: entities.clone(),
                value,
                id,
                founding: self.pieces[founding].row.key.clone(),
                known: heads.iter().find(|head| head.id == id).cloned(),
                was_split: identity.split,
            });
        }
        linked.gone_cases = gone(&assignment, &heads, &ids);
    }

    /// Which record had which petition or reception.
    fn previous_entities(&self, kind: Kind, groups: &[Vec<usize>], is_sealed: &[bool]) -> BTreeMap<RecordKey, Uuid> {
        let mut previous = Vec::new();
        for (members, is_sealed) in groups.iter().zip(is_sealed) {
            for piece in members.iter().map(|node| &self.pieces[self.live[*node]]) {
                let before = piece.before.as_ref().filter(|before| before.kind == Some(kind));
                let had = before.and_then(|before| before.entity_id);
                previous.extend(had.map(|id| (&piece.row.key, id, *is_sealed)));
            }
        }
        known_to_readers(&previous)
    }

    /// Which record had which case.
    fn previous_cases(&self, linked: &Linked) -> BTreeMap<RecordKey, Uuid> {
        let mut previous = Vec::new();
        for entity in &linked.entities {
            for piece in entity.members.iter().map(|piece| &self.pieces[*piece]) {
                let had = piece.before.as_ref().and_then(|before| before.case_id);
                previous.extend(had.map(|id| (&piece.row.key, id, entity.is_sealed)));
            }
        }
        known_to_readers(&previous)
    }

    fn case_value(&self, entities: &[usize], linked: &Linked) -> Option<Case> {
        let mut petitions = Vec::new();
        let mut receptions = Vec::new();
        let mut records = Vec::new();
        for entity in entities.iter().map(|entity| &linked.entities[*entity]) {
            match &entity.value {
                Value::Petition(petition) => petitions.push(&**petition),
                Value::Reception(reception) => receptions.push(reception),
            }
            records.extend(entity.members.iter().filter_map(|piece| self.pieces[*piece].record.as_ref()));
        }
        case::case(&petitions, &receptions, records)
    }

    /// What grouping decided, into the rows of the records.
    fn write_back(&mut self, linked: &mut Linked) {
        for piece in &mut self.pieces {
            let row = &mut piece.row;
            (row.entity_id, row.case_id) = (None, None);
            (row.relation, row.document_no, row.matched_by) = (None, None, None);
            // what belongs to nothing is not shown to anybody as open
            row.is_sealed = true;
        }
        for entity in &linked.entities {
            for piece in &entity.members {
                let row = &mut self.pieces[*piece].row;
                row.entity_id = Some(entity.id);
                row.case_id = Some(linked.cases[entity.case].id);
                row.is_sealed = entity.is_sealed;
            }
            let Value::Petition(petition) = &entity.value else { continue };
            let by_key: HashMap<&RecordKey, &survivorship::Filing> =
                petition.filings.iter().map(|filing| (&filing.key, filing)).collect();
            for piece in &entity.members {
                let row = &mut self.pieces[*piece].row;
                if let Some(filing) = by_key.get(&row.key) {
                    row.relation = Some(filing.relation.as_str().to_owned());
                    row.document_no.clone_from(&filing.document_no);
                    row.matched_by = Some(filing.matched_by.to_owned());
                }
            }
        }
    }
}
