//! Persons: which petitioners of open records are one human being, or one body.
//!
//! Every petitioner of whom something is told is a node (see `evidence`). Whatever a batch changes is resolved anew
//! together with all that edges join with it, so that persons are a function of the records alone. Persons are
//! published of open records only, and no sealed one has a part in them: they would be the same without it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::RecordKey;
use crate::linkage::cluster::Decisions;
use crate::linkage::decision::{Binding, Decision};
use crate::linkage::group::Forest;
use crate::linkage::person::{Features, Matcher};
use crate::seal::KeyRing;
use crate::store::edge::Edge;
use crate::store::link::{Link, OfPersons};
use crate::store::petitioner::Resolved;
use crate::store::{self, PgConnection};

use super::evidence::{self, Engine, Name, Node, Nodes, Reached, Touched};
use super::link::Piece;
use super::merge::{by_review, probability};
use super::naming::{self, Named, Past};
use super::{Error, decided};

/// Compares petitioners.
pub struct Petitioners;

impl Engine for Petitioners {
    type Features = Features;
    const KIND: &'static str = "person";

    fn keys(&self, features: &Features) -> Vec<String> {
        Matcher::built_in().keys(features)
    }

    fn is_of_one(&self, key: &str) -> bool {
        ["personal number:", "card:", "document:"].iter().any(|rule| key.starts_with(rule))
    }

    fn margin(&self, a: &Features, b: &Features) -> Option<f32> {
        let (weighing, link) = (Matcher::built_in().weigh(a, b), Matcher::built_in().link());
        if weighing.is_never {
            return (weighing.raw >= link).then_some(weighing.raw - link - evidence::APART);
        }
        (weighing.bits >= Matcher::built_in().review()).then_some(weighing.bits - link)
    }
}

/// What a batch makes of persons.
#[derive(Debug, Default)]
pub struct People {
    /// Who the petitioners are whose rows are written anew.
    pub ids: BTreeMap<Name, Uuid>,
    /// Petitioners of other records, who are somebody else now.
    pub moved: Vec<Resolved>,
    pub named: Named,
    pub links: Vec<Link>,
    pub old_links: Vec<OfPersons>,
}

/// Resolves the petitioners of the pieces, once it is known which of them are sealed, and all whom that touches.
///
/// # Errors
/// [`Error`] of the database or of the key.
pub async fn resolve(
    conn: &mut PgConnection,
    ring: &KeyRing,
    now: DateTime<Utc>,
    pieces: &mut [Piece],
) -> Result<People, Error> {
    resolve_with(conn, ring, now, pieces, BTreeSet::new()).await
}

/// As [`resolve`], and these nodes as well, though nothing of them changed.
///
/// # Errors
/// [`Error`] of the database or of the key.
pub async fn resolve_with(
    conn: &mut PgConnection,
    ring: &KeyRing,
    now: DateTime<Utc>,
    pieces: &mut [Piece],
    also: BTreeSet<Uuid>,
) -> Result<People, Error> {
    let open = pieces.iter_mut().filter(|piece| piece.is_rewritten() && !piece.row.is_sealed);
    let fresh = open.flat_map(|piece| piece.petitioners(ring)).collect();
    let rewritten: Vec<&Piece> = pieces.iter().filter(|piece| piece.is_rewritten()).collect();
    let mut known = Known::of(&rewritten);
    known.ask(conn, rewritten.iter().map(|piece| &piece.row.key)).await?;
    let stored: Vec<Uuid> = known.stored.iter().map(|name| name.id::<Petitioners>(ring)).collect();
    let mut touched = evidence::update(conn, ring, &Petitioners, &stored, fresh).await?;
    touched.changed.extend(also);

    let mut people = People { ids: known.unchanged(&touched), ..People::default() };
    if touched.changed.is_empty() {
        return Ok(people);
    }
    let Touched { mut nodes, before, changed } = touched;
    let Reached { ids: reached, edges, decisions } = evidence::closure(conn, changed).await?;
    let unknown: Vec<Uuid> = reached.iter().copied().filter(|id| !nodes.contains_key(id)).collect();
    nodes.extend(evidence::load(conn, ring, &unknown).await?);
    nodes.retain(|id, _| reached.contains(id));
    known.ask(conn, nodes.values().map(|node| &node.name.record)).await?;

    let decided = decided::of_persons(conn, ring, &nodes, decisions).await?;
    let component = Component::of(&nodes, &edges, &evidence::decided(&decided));
    let groups = component.groups();
    let old_links = known.links(conn, ring, &nodes, &before).await?;
    let (old_links, links) = differing(&old_links, &component.links(&groups));
    let ends = old_links.iter().chain(&links).flat_map(|link| [&link.left, &link.right]);
    let relinked: BTreeSet<Uuid> = ends.map(|end| name_of(end).id::<Petitioners>(ring)).collect();
    let past = Past {
        previous: known.carried(&nodes, &before),
        had: known.had(&nodes, &before),
        new: &known.new,
        relinked: &relinked,
    };
    let groups: Vec<Vec<(Uuid, &Name)>> = groups.iter().map(|group| component.names(group)).collect();
    people.named = naming::name(conn, ring, now, &groups, &past).await?;
    people.tell(&groups, &known, &rewritten);
    people.links = links.into_iter().map(stored_link).collect();
    people.old_links = old_links;
    Ok(people)
}

impl People {
    /// Tells who everybody is.
    fn tell(&mut self, groups: &[Vec<(Uuid, &Name)>], known: &Known, rewritten: &[&Piece]) {
        let rewritten: HashSet<&RecordKey> = rewritten.iter().map(|piece| &piece.row.key).collect();
        for (group, id) in groups.iter().zip(&self.named.ids) {
            for (_, name) in group {
                if rewritten.contains(&name.record) {
                    self.ids.insert((*name).clone(), *id);
                } else if known.ids.get(name) != Some(id) {
                    self.moved.push(Resolved {
                        key: name.record.clone(),
                        position: name.position,
                        person_id: Some(*id),
                    });
                }
            }
        }
    }
}

fn name_of((record, position): &(RecordKey, i16)) -> Name {
    Name { record: record.clone(), position: *position }
}

/// Whether what a petitioner's record says of them now is still about the same human being: an id never names another.
pub(super) fn is_same(old: &Features, new: &Features) -> bool {
    let weighing = Matcher::built_in().weigh(old, new);
    old == new || !weighing.is_never && (weighing.bits >= Matcher::built_in().review() || old.is_named_like(new))
}

/// What is known of persons before the batch.
struct Known {
    /// Records whose petitioners were looked up, or that are new.
    records: HashSet<RecordKey>,
    new: HashSet<RecordKey>,
    ids: BTreeMap<Name, Uuid>,
    /// All petitioners that are stored of these records.
    stored: Vec<Name>,
}

impl Known {
    fn of(pieces: &[&Piece]) -> Self {
        let new = pieces.iter().filter(|piece| piece.before.is_none()).map(|piece| piece.row.key.clone());
        let new: HashSet<RecordKey> = new.collect();
        Self { records: new.clone(), new, ids: BTreeMap::new(), stored: Vec::new() }
    }

    /// Looks up who the stored petitioners of more records are.
    async fn ask<'r>(
        &mut self,
        conn: &mut PgConnection,
        records: impl Iterator<Item = &'r RecordKey>,
    ) -> Result<(), Error> {
        let unknown: BTreeSet<&RecordKey> = records.filter(|key| !self.records.contains(*key)).collect();
        let unknown: Vec<&RecordKey> = unknown.into_iter().collect();
        for Resolved { key, position, person_id } in store::petitioner::resolved(conn, &unknown).await? {
            let name = Name { record: key, position };
            self.ids.extend(person_id.map(|id| (name.clone(), id)));
            self.stored.push(name);
        }
        self.records.extend(unknown.into_iter().cloned());
        Ok(())
    }

    /// Who those are of whom nothing changed.
    fn unchanged(&self, touched: &Touched<Features>) -> BTreeMap<Name, Uuid> {
        let same = touched.nodes.iter().filter(|(id, _)| !touched.changed.contains(id));
        same.filter_map(|(_, node)| Some((node.name.clone(), *self.ids.get(&node.name)?))).collect()
    }

    /// Which node had a part in which person.
    fn had(&self, nodes: &Nodes<Features>, before: &Nodes<Features>) -> BTreeMap<Uuid, BTreeSet<Uuid>> {
        let mut had: BTreeMap<Uuid, BTreeSet<Uuid>> = BTreeMap::new();
        for (node, person) in nodes.iter().chain(before).filter_map(|(id, n)| Some((*id, *self.ids.get(&n.name)?))) {
            had.entry(person).or_default().insert(node);
        }
        had
    }

    /// Which node carries which id on: the one of the same human being, wherever in the record they stand now.
    fn carried(&self, nodes: &Nodes<Features>, before: &Nodes<Features>) -> BTreeMap<Uuid, Uuid> {
        let id_of = |node: &Node<Features>| self.ids.get(&node.name).copied();
        let unchanged = nodes.iter().filter(|(id, _)| !before.contains_key(id));
        let mut carried: BTreeMap<Uuid, Uuid> = unchanged.filter_map(|(id, node)| Some((*id, id_of(node)?))).collect();
        let mut left: Vec<(&Node<Features>, Uuid)> = Vec::new();
        for (id, old) in before {
            let Some(person) = id_of(old) else { continue };
            match nodes.get(id).filter(|new| is_same(&old.features, &new.features)) {
                Some(_) => drop(carried.insert(*id, person)),
                None => left.push((old, person)),
            }
        }
        left.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
        let mut places: HashMap<&RecordKey, Vec<(&Name, Uuid)>> = HashMap::new();
        for (id, node) in nodes.iter().filter(|_| !left.is_empty()) {
            places.entry(&node.name.record).or_default().push((&node.name, *id));
        }
        places.values_mut().for_each(|list| list.sort_unstable());
        for (old, person) in left {
            let mut free =
                places.get(&old.name.record).into_iter().flatten().filter(|(_, id)| !carried.contains_key(id));
            let found = free.find(|(_, id)| nodes.get(id).is_some_and(|new| is_same(&old.features, &new.features)));
            if let Some((_, id)) = found {
                carried.insert(*id, person);
            }
        }
        carried
    }

    /// The stored links of persons that rest on any of the nodes.
    async fn links(
        &self,
        conn: &mut PgConnection,
        ring: &KeyRing,
        nodes: &Nodes<Features>,
        before: &Nodes<Features>,
    ) -> Result<Vec<OfPersons>, Error> {
        let names = nodes.values().chain(before.values()).map(|node| &node.name);
        let stored: BTreeSet<&RecordKey> =
            names.map(|name| &name.record).filter(|record| !self.new.contains(*record)).collect();
        let mut links = store::link::of_persons(conn, &stored.into_iter().collect::<Vec<_>>()).await?;
        links.retain(|link| {
            let id = name_of(&link.left).id::<Petitioners>(ring);
            nodes.contains_key(&id) || before.contains_key(&id)
        });
        Ok(links)
    }
}

/// Positions in a list of nodes, the smaller first, and bits.
type Pair = (usize, usize, f32);

/// Open nodes in the order of their names, and the edges among them.
struct Component<'n> {
    nodes: Vec<(Uuid, &'n Node<Features>)>,
    edges: Vec<Pair>,
    decided: Binding<usize>,
}

#[expect(clippy::indexing_slicing, reason = "every index is a position among the nodes")]
impl<'n> Component<'n> {
    fn of(nodes: &'n Nodes<Features>, edges: &[Edge], decided: &[Decision<Uuid>]) -> Self {
        let mut nodes: Vec<(Uuid, &Node<Features>)> = nodes.iter().map(|(id, node)| (*id, node)).collect();
        nodes.sort_by(|(_, a), (_, b)| a.name.cmp(&b.name));
        let place: HashMap<Uuid, usize> = nodes.iter().enumerate().map(|(place, (id, _))| (*id, place)).collect();
        let edge = |edge: &Edge| {
            let (a, b) = (*place.get(&edge.node_id)?, *place.get(&edge.other_id)?);
            Some((a.min(b), a.max(b), edge.margin + Matcher::built_in().link()))
        };
        let mut edges: Vec<_> = edges.iter().filter_map(edge).collect();
        edges.sort_by_key(|(a, b, _)| (*a, *b));
        let decided = Binding::of(decided, |id| place.get(id).copied());
        Self { nodes, edges, decided }
    }

    /// The persons, the first of each by name first.
    fn groups(&self) -> Vec<Vec<usize>> {
        let mut forest = Forest::new(self.nodes.len());
        self.edges.iter().for_each(|(a, b, _)| forest.unite(*a, *b));
        self.decided.same.iter().for_each(|(a, b)| forest.unite(*a, *b));
        let mut sets: BTreeMap<usize, (Vec<usize>, Vec<Pair>, Decisions)> = BTreeMap::new();
        let mut within = vec![0; self.nodes.len()];
        for (index, within) in within.iter_mut().enumerate() {
            let (members, ..) = sets.entry(forest.root(index)).or_default();
            *within = members.len();
            members.push(index);
        }
        for (a, b, bits) in &self.edges {
            sets.entry(forest.root(*a)).or_default().1.push((within[*a], within[*b], *bits));
        }
        let pair = |a: usize, b: usize| (within[a] as u32, within[b] as u32);
        for (a, b) in &self.decided.same {
            sets.entry(forest.root(*a)).or_default().2.same.push(pair(*a, *b));
        }
        for (a, b) in &self.decided.different {
            if forest.root(*a) == forest.root(*b) {
                sets.entry(forest.root(*a)).or_default().2.different.push(pair(*a, *b));
            }
        }
        let mut groups = Vec::with_capacity(sets.len());
        for (members, edges, decisions) in sets.into_values() {
            if edges.is_empty() && decisions.same.is_empty() {
                groups.push(members);
                continue;
            }
            let nodes: Vec<(&Name, &Features)> =
                members.iter().map(|index| (&self.nodes[*index].1.name, &self.nodes[*index].1.features)).collect();
            let found = Matcher::built_in().groups(&nodes, &edges, &decisions);
            groups.extend(found.into_iter().map(|group| group.into_iter().map(|at| members[at]).collect()));
        }
        groups.iter_mut().for_each(|group: &mut Vec<usize>| group.sort_unstable());
        groups.sort();
        groups
    }

    fn names(&self, group: &[usize]) -> Vec<(Uuid, &'n Name)> {
        group.iter().map(|index| (self.nodes[*index].0, &self.nodes[*index].1.name)).collect()
    }

    /// Why the members of each group are one person: what people said, and of all their edges the heaviest that hold
    /// together the rest.
    fn links(&self, groups: &[Vec<usize>]) -> Vec<OfPersons> {
        let mut group_of = vec![0; self.nodes.len()];
        groups.iter().enumerate().for_each(|(number, group)| group.iter().for_each(|at| group_of[*at] = number));
        let mut inside: Vec<_> = self.edges.iter().filter(|(a, b, _)| group_of[*a] == group_of[*b]).collect();
        inside.sort_by(|(a, b, bits), (c, d, other)| other.total_cmp(bits).then((a, b).cmp(&(c, d))));
        let mut forest = Forest::new(self.nodes.len());
        let mut links = Vec::new();
        for (a, b) in &self.decided.said {
            forest.unite(*a, *b);
            links.push(OfPersons { weight: None, is_decided: true, explanation: by_review(), ..self.link(*a, *b) });
        }
        for (a, b, bits) in inside {
            if forest.root(*a) == forest.root(*b) {
                continue;
            }
            forest.unite(*a, *b);
            let explanation = Matcher::built_in().explain(&self.nodes[*a].1.features, &self.nodes[*b].1.features);
            links.push(OfPersons { weight: Some(f64::from(*bits)), explanation, ..self.link(*a, *b) });
        }
        links
    }

    /// Between two, without what it rests on.
    fn link(&self, a: usize, b: usize) -> OfPersons {
        let end = |at: usize| {
            let name = &self.nodes[at].1.name;
            (name.record.clone(), name.position)
        };
        let explanation = serde_json::Value::Null;
        OfPersons { left: end(a), right: end(b), weight: None, is_decided: false, explanation }
    }
}

/// What is only in the first and what is only in the second.
fn differing(old: &[OfPersons], new: &[OfPersons]) -> (Vec<OfPersons>, Vec<OfPersons>) {
    type Ends<'l> = (&'l (RecordKey, i16), &'l (RecordKey, i16));
    fn by_ends(links: &[OfPersons]) -> HashMap<Ends<'_>, &OfPersons> {
        links.iter().map(|link| ((&link.left, &link.right), link)).collect()
    }
    fn without(links: &[OfPersons], others: &HashMap<Ends<'_>, &OfPersons>) -> Vec<OfPersons> {
        links.iter().filter(|link| others.get(&(&link.left, &link.right)) != Some(link)).cloned().collect()
    }
    (without(old, &by_ends(new)), without(new, &by_ends(old)))
}

fn stored_link(link: OfPersons) -> Link {
    let ((left, left_position), (right, right_position)) = (link.left, link.right);
    Link {
        left,
        left_position,
        right,
        right_position,
        entity: "person",
        relation: "same",
        weight: link.weight,
        probability: link.weight.map(|bits| probability(bits as f32)),
        decided_by: if link.is_decided { "human" } else { "model" },
        explanation: link.explanation,
    }
}
