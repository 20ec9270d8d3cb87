//! Evidence: what is compared of filings and of persons, kept where the next record finds it.
//!
//! A node is what is compared; its keys are where it is found; an edge is a pair that may be one. Edges are a function
//! of the nodes alone, in whatever order they came: two have one where they share a key that no more than [`MOST`] nodes
//! have and their weight says enough. What is too common is told by the count after a batch, so where a key becomes too
//! common, or is it no longer, those that have it are judged again.
//!
//! A dump of the tables leads nowhere: ids and keys are keyed hashes, contents are encrypted. Of a sealed record there is
//! no node at all: nothing is made of it, and what is not kept leads to nobody.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::domain::RecordKey;
use crate::linkage::decision::{Decision, Verdict};
use crate::seal::{KeyRing, Purpose};
use crate::store::decision::Standing;
use crate::store::edge::{self, Edge};
use crate::store::{PgConnection, node, node_key};

use super::Error;

/// Nodes that may have a key that still says something.
pub const MOST: usize = 64;

/// The same of a key that is given to one being alone: who has many records has it in each of them.
pub const MOST_OF_ONE: usize = 256;

/// What is taken off the margin of a pair that would be linked, were there no rule that says never: for clerks alone.
pub const APART: f32 = 1000.0;

/// Compares nodes of one kind.
pub trait Engine {
    type Features: Serialize + DeserializeOwned + Clone + PartialEq + Send + Sync;
    /// Names the kind in hashes; another name orphans all that is kept.
    const KIND: &'static str;

    /// Where nodes of these features meet.
    fn keys(&self, features: &Self::Features) -> Vec<String>;

    /// Whether a key is given to one being alone, as an identity number is.
    fn is_of_one(&self, _key: &str) -> bool {
        false
    }

    /// By how much a pair is above the threshold of automatic links; `None`: it is nothing that anybody need look at.
    fn margin(&self, a: &Self::Features, b: &Self::Features) -> Option<f32>;
}

/// Whose node it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
pub struct Name {
    pub record: RecordKey,
    /// Of a petitioner: which of the record.
    pub position: i16,
}

impl Name {
    /// The id of the node of this name.
    pub fn id<E: Engine>(&self, ring: &KeyRing) -> Uuid {
        let position = self.position.to_string();
        ring.hash_id("node", &[E::KIND, self.record.source_id.as_str(), &self.record.record_id, &position])
    }
}

/// What is compared.
#[derive(Debug, Clone, PartialEq, Serialize, serde::Deserialize)]
pub struct Node<F> {
    pub name: Name,
    /// As they are kept, so that they are found again when they have to go, whatever the rules are then.
    keys: Vec<i64>,
    pub features: F,
}

/// How nodes are written (postcard: fields by their place, without names). It rises when a field of a node or of what
/// is compared comes, goes or moves: what was written before is not read as something else then.
const FORMAT: u8 = 2;

/// The bit of a key that tells how many may have it.
const OF_ONE: i64 = 1;

/// How many may have a key before it says nothing any more.
const fn most(key: i64) -> usize {
    if key & OF_ONE == 0 { MOST } else { MOST_OF_ONE }
}

impl<F> Node<F> {
    /// With its keys.
    pub fn new<E: Engine<Features = F>>(ring: &KeyRing, engine: &E, name: Name, features: F) -> Self {
        let hash = |key: &String| {
            let hash = ring.hash_id("node key", &[E::KIND, key]).as_u64_pair().0.cast_signed();
            if engine.is_of_one(key) { hash | OF_ONE } else { hash & !OF_ONE }
        };
        let mut keys: Vec<i64> = engine.keys(&features).iter().map(hash).collect();
        keys.sort_unstable();
        keys.dedup();
        Self { name, keys, features }
    }
}

/// A node as it is to be written, worked out wherever there is time for it: it takes no database.
#[derive(Debug, Clone)]
pub struct Draft<F> {
    id: Uuid,
    node: Node<F>,
    sealed: Vec<u8>,
}

impl<F: Serialize> Draft<F> {
    /// Of what is compared.
    pub fn new<E: Engine<Features = F>>(ring: &KeyRing, engine: &E, name: Name, features: F) -> Self {
        let id = name.id::<E>(ring);
        let node = Node::new(ring, engine, name, features);
        // plain data always serializes
        let plain = postcard::to_extend(&node, vec![FORMAT]).unwrap_or_default();
        let sealed = ring.seal(Purpose::Node, &id.to_string(), &plain);
        Self { id, node, sealed }
    }
}

/// Nodes by id.
pub type Nodes<F> = BTreeMap<Uuid, Node<F>>;

/// Loads nodes.
///
/// # Errors
/// [`Error`] of the database or of the key.
pub async fn load<F: DeserializeOwned>(
    conn: &mut PgConnection,
    ring: &KeyRing,
    ids: &[Uuid],
) -> Result<Nodes<F>, Error> {
    let rows = node::load(conn, ids).await?;
    rows.iter().map(|(id, sealed)| Ok((*id, open(ring, *id, sealed)?))).collect()
}

/// Whose some nodes are, of whatever kind.
///
/// # Errors
/// [`Error`] of the database or of the key.
pub async fn names(conn: &mut PgConnection, ring: &KeyRing, ids: &[Uuid]) -> Result<BTreeMap<Uuid, Name>, Error> {
    let rows = node::load(conn, ids).await?;
    // what is first in a node; the rest is left
    let name = |plain: &[u8]| postcard::take_from_bytes(plain).map(|(name, _)| name);
    rows.iter().map(|(id, sealed)| Ok((*id, open_with(ring, *id, sealed, name)?))).collect()
}

fn open<F: DeserializeOwned>(ring: &KeyRing, id: Uuid, sealed: &[u8]) -> Result<Node<F>, Error> {
    open_with(ring, id, sealed, |packed| postcard::from_bytes(packed))
}

fn open_with<T>(
    ring: &KeyRing,
    id: Uuid,
    sealed: &[u8],
    read: impl for<'p> FnOnce(&'p [u8]) -> postcard::Result<T>,
) -> Result<T, Error> {
    let plain = ring.open(Purpose::Node, &id.to_string(), sealed).map_err(|reason| {
        tracing::error!(node = %id, %reason, "what is compared of a record cannot be opened");
        Error::Open(reason)
    })?;
    let packed = plain.split_first().filter(|(format, _)| **format == FORMAT);
    packed.and_then(|(_, packed)| read(packed).ok()).ok_or(Error::Content)
}

/// What an update did.
#[derive(Default)]
pub struct Touched<F> {
    /// Nodes that were looked at, as they are now.
    pub nodes: Nodes<F>,
    /// Nodes that are others now, or gone, as they were.
    pub before: Nodes<F>,
    /// Those that are new, changed or gone, and those whose edges are others now.
    pub changed: BTreeSet<Uuid>,
}

/// Puts nodes in the place of those that are stored, and edges in step with them. `stored`: ids of what may be there;
/// what of it is not among `now` goes.
///
/// # Errors
/// [`Error`] of the database or of the key.
pub async fn update<E: Engine>(
    conn: &mut PgConnection,
    ring: &KeyRing,
    engine: &E,
    stored: &[Uuid],
    now: Vec<Draft<E::Features>>,
) -> Result<Touched<E::Features>, Error> {
    let mut before: Nodes<E::Features> = load(conn, ring, stored).await?;
    let mut step = Step::default();
    let mut nodes = Nodes::new();
    for Draft { id, node, sealed } in now {
        match before.get(&id) {
            Some(old) if *old == node => drop(before.remove(&id)),
            old => {
                step.replace(id, old, Some(&node));
                step.has.insert(id, sealed);
            }
        }
        nodes.insert(id, node);
    }
    for (id, old) in before.iter().filter(|(id, _)| !nodes.contains_key(id)) {
        step.replace(*id, Some(old), None);
        step.gone.push(*id);
    }
    if step.is_nothing() {
        return Ok(Touched { nodes, before, changed: BTreeSet::new() });
    }
    let mut changed: BTreeSet<Uuid> = edge::delete_of(conn, &step.had).await?.into_iter().collect();
    changed.extend(step.has.keys().chain(&step.gone).copied());

    let mut holders = Holders::default();
    holders.ask(conn, step.keys(&nodes), &step.lost).await?;
    holders.take(&step);
    let crossing = step.crossing(&holders);
    changed.extend(part(conn, ring, &mut nodes, &mut holders, &crossing.parted).await?);
    if !crossing.again.is_empty() {
        changed.extend(edge::delete_of(conn, &crossing.again).await?);
        changed.extend(crossing.again.iter().copied());
        nodes.extend(load(conn, ring, &missing(&nodes, &crossing.again)).await?);
        holders.ask(conn, keys_of(&nodes, &crossing.again), &BTreeSet::new()).await?;
    }
    let judged: Vec<Uuid> = step.has.keys().copied().chain(crossing.again).collect();
    let pairs = holders.pairs(&nodes, &judged);
    let ends: BTreeSet<Uuid> = pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
    let ends = node::load(conn, &missing(&nodes, &ends.into_iter().collect::<Vec<_>>())).await?;
    // the database writes while the pairs are judged: each is as much work as the other
    let ((), edges) = tokio::try_join!(step.write(conn), judge(ring, engine, &mut nodes, &ends, &pairs))?;
    edge::upsert(conn, &edges).await?;
    changed.extend(edges.iter().flat_map(|edge| [edge.node_id, edge.other_id]));
    Ok(Touched { nodes, before, changed })
}

/// Pairs that are judged in one go, before somebody else has a turn.
const AT_ONCE: usize = 16;

/// Opens the nodes that are not here yet and judges all pairs.
async fn judge<E: Engine>(
    ring: &KeyRing,
    engine: &E,
    nodes: &mut Nodes<E::Features>,
    sealed: &[(Uuid, Vec<u8>)],
    pairs: &BTreeSet<(Uuid, Uuid)>,
) -> Result<Vec<Edge>, Error> {
    for some in sealed.chunks(AT_ONCE) {
        tokio::task::yield_now().await;
        for (id, sealed) in some {
            nodes.insert(*id, open(ring, *id, sealed)?);
        }
    }
    let mut edges = Vec::new();
    for (number, (a, b)) in pairs.iter().enumerate() {
        if number % AT_ONCE == 0 {
            tokio::task::yield_now().await;
        }
        let Some((one, other)) = nodes.get(a).zip(nodes.get(b)) else { continue };
        if let Some(margin) = engine.margin(&one.features, &other.features) {
            edges.push(Edge { node_id: *a, other_id: *b, margin });
        }
    }
    Ok(edges)
}

/// The keys of some nodes.
fn keys_of<'i, F>(nodes: &Nodes<F>, ids: impl IntoIterator<Item = &'i Uuid>) -> BTreeSet<i64> {
    ids.into_iter().filter_map(|id| nodes.get(id)).flat_map(|node| node.keys.iter().copied()).collect()
}

/// Takes away the edges that rested on keys alone that became too common. Few of those who share such a key have an edge
/// at all, so what has one is looked at, and nobody is judged again.
async fn part<F: DeserializeOwned>(
    conn: &mut PgConnection,
    ring: &KeyRing,
    nodes: &mut Nodes<F>,
    holders: &mut Holders,
    parted: &[BTreeSet<Uuid>],
) -> Result<BTreeSet<Uuid>, Error> {
    if parted.is_empty() {
        return Ok(BTreeSet::new());
    }
    let ends: BTreeSet<Uuid> = parted.iter().flatten().copied().collect();
    let mut pairs = edge::among(conn, &ends.into_iter().collect::<Vec<_>>()).await?;
    pairs.retain(|(one, other)| parted.iter().any(|set| set.contains(one) && set.contains(other)));
    let ends: BTreeSet<Uuid> = pairs.iter().flat_map(|(one, other)| [*one, *other]).collect();
    let ends: Vec<Uuid> = ends.into_iter().collect();
    nodes.extend(load(conn, ring, &missing(nodes, &ends)).await?);
    holders.ask(conn, keys_of(nodes, &ends), &BTreeSet::new()).await?;
    pairs.retain(|(one, other)| {
        let shared = nodes.get(one).zip(nodes.get(other)).is_some_and(|(one, other)| {
            one.keys.iter().any(|key| holders.says_something(*key) && other.keys.binary_search(key).is_ok())
        });
        !shared
    });
    let both_ways = pairs.iter().flat_map(|(one, other)| [(*one, *other), (*other, *one)]);
    edge::delete(conn, &both_ways.collect::<Vec<_>>()).await?;
    Ok(pairs.into_iter().flat_map(|(one, other)| [one, other]).collect())
}

fn missing<F>(nodes: &Nodes<F>, wanted: &[Uuid]) -> Vec<Uuid> {
    wanted.iter().copied().filter(|id| !nodes.contains_key(id)).collect()
}

/// What changes of the nodes themselves.
#[derive(Default)]
struct Step {
    /// Nodes that were there and are others now, or gone.
    had: Vec<Uuid>,
    gone: Vec<Uuid>,
    /// Nodes to write, as they are kept.
    has: BTreeMap<Uuid, Vec<u8>>,
    lost: BTreeSet<(i64, Uuid)>,
    gained: BTreeSet<(i64, Uuid)>,
}

/// What keys make of others that became too common, or are it no longer.
#[derive(Default)]
struct Crossing {
    /// By key that became too common: those that have it and are not judged anyway.
    parted: Vec<BTreeSet<Uuid>>,
    /// Nodes to judge again: they have a key that says something once more.
    again: Vec<Uuid>,
}

impl Step {
    fn is_nothing(&self) -> bool {
        self.had.is_empty() && self.has.is_empty()
    }

    fn replace<F>(&mut self, id: Uuid, old: Option<&Node<F>>, new: Option<&Node<F>>) {
        let of = |node: Option<&Node<F>>| -> BTreeSet<(i64, Uuid)> {
            node.iter().flat_map(|node| node.keys.iter().map(|key| (*key, id))).collect()
        };
        let (before, after) = (of(old), of(new));
        self.lost.extend(before.difference(&after));
        self.gained.extend(after.difference(&before));
        if old.is_some() {
            self.had.push(id);
        }
    }

    async fn write(&self, conn: &mut PgConnection) -> Result<(), Error> {
        let pairs = |set: &BTreeSet<(i64, Uuid)>| set.iter().copied().collect::<Vec<_>>();
        node_key::delete(conn, &pairs(&self.lost)).await?;
        node::delete(conn, &self.gone).await?;
        let rows: Vec<(Uuid, &[u8])> = self.has.iter().map(|(id, sealed)| (*id, sealed.as_slice())).collect();
        node::upsert(conn, &rows).await?;
        node_key::insert(conn, &pairs(&self.gained)).await?;
        Ok(())
    }

    /// All keys that have to be known.
    fn keys<F>(&self, nodes: &Nodes<F>) -> BTreeSet<i64> {
        let mut keys = keys_of(nodes, self.has.keys());
        keys.extend(self.lost.iter().map(|(key, _)| *key));
        keys
    }

    fn crossing(&self, holders: &Holders) -> Crossing {
        let keys: BTreeSet<i64> = self.lost.iter().chain(&self.gained).map(|(key, _)| *key).collect();
        let (mut parted, mut again) = (Vec::new(), BTreeSet::new());
        for key in keys {
            let others = || holders.of(key).filter(|id| !self.has.contains_key(id));
            match (holders.said_something(key), holders.says_something(key)) {
                (true, false) => parted.push(others().collect()),
                (false, true) => again.extend(others()),
                _ => {}
            }
        }
        Crossing { parted, again: again.into_iter().collect() }
    }
}

/// Who has which key.
#[derive(Default)]
struct Holders(HashMap<i64, Holding>);

/// How many nodes had a key and have it now, and which. Nobody is named where it stays too common: then it makes nothing
/// of anybody, and there may be many.
#[derive(Default)]
struct Holding {
    before: usize,
    count: usize,
    nodes: Vec<Uuid>,
}

impl Holders {
    /// Looks up who has keys, as long as nothing of the step is written. `lost`: who is about to lose which.
    async fn ask(
        &mut self,
        conn: &mut PgConnection,
        keys: BTreeSet<i64>,
        lost: &BTreeSet<(i64, Uuid)>,
    ) -> Result<(), Error> {
        // as many as may be many enough when some are gone
        let losing = |key: i64| lost.range((key, Uuid::nil())..=(key, Uuid::max())).count();
        let unknown = keys.into_iter().filter(|key| !self.0.contains_key(key));
        let limits: Vec<(i64, i64)> = unknown.map(|key| (key, (most(key) + losing(key)) as i64)).collect();
        self.0.extend(limits.iter().map(|(key, _)| (*key, Holding::default())));
        for (key, count, nodes) in node_key::holders(conn, &limits).await? {
            let count = usize::try_from(count).unwrap_or(0);
            let nodes = nodes.unwrap_or_default();
            self.0.insert(key, Holding { before: count, count, nodes });
        }
        Ok(())
    }

    /// Who has them after the step.
    fn take(&mut self, step: &Step) {
        for (key, id) in &step.lost {
            if let Some(holding) = self.0.get_mut(key) {
                holding.count = holding.count.saturating_sub(1);
                holding.nodes.retain(|other| other != id);
            }
        }
        for (key, id) in &step.gained {
            if let Some(holding) = self.0.get_mut(key) {
                holding.count += 1;
                holding.nodes.push(*id);
            }
        }
    }

    fn of(&self, key: i64) -> impl Iterator<Item = Uuid> {
        self.0.get(&key).into_iter().flat_map(|holding| &holding.nodes).copied()
    }

    /// Whether a key is not too common.
    fn says_something(&self, key: i64) -> bool {
        self.0.get(&key).is_some_and(|holding| holding.count <= most(key))
    }

    /// Whether it was not before.
    fn said_something(&self, key: i64) -> bool {
        self.0.get(&key).is_some_and(|holding| holding.before <= most(key))
    }

    /// The pairs of the judged nodes with all that share a key with them that says something; the smaller id first.
    fn pairs<F>(&self, nodes: &Nodes<F>, judged: &[Uuid]) -> BTreeSet<(Uuid, Uuid)> {
        let mut pairs = BTreeSet::new();
        for (id, node) in judged.iter().filter_map(|id| Some((*id, nodes.get(id)?))) {
            for key in node.keys.iter().filter(|key| self.says_something(**key)) {
                let others = self.of(*key).filter(|other| *other != id);
                pairs.extend(others.map(|other| if id < other { (id, other) } else { (other, id) }));
            }
        }
        pairs
    }
}

/// What belongs together, or may.
pub struct Reached {
    /// Ids of nodes; some of them may not be there.
    pub ids: BTreeSet<Uuid>,
    /// The edges among them.
    pub edges: Vec<Edge>,
    /// The decisions among them.
    pub decisions: Vec<Standing>,
}

/// All nodes that edges of automatic links, and decisions that two are the same, join with these, directly or through
/// others.
///
/// # Errors
/// [`Error`] of the database.
pub async fn closure(conn: &mut PgConnection, from: BTreeSet<Uuid>) -> Result<Reached, Error> {
    let mut ids = from;
    loop {
        let (edges, standing) = edge::closure(conn, &ids.iter().copied().collect::<Vec<_>>(), 0.0).await?;
        ids.extend(edges.iter().flat_map(|edge| [edge.node_id, edge.other_id]));
        let same = standing.iter().filter(|decision| decision.verdict == Verdict::Same.as_str());
        let beyond: Vec<Uuid> = same.map(|decision| decision.other_id).filter(|id| !ids.contains(id)).collect();
        if beyond.is_empty() {
            // each once, and not those that lead to who is not here
            let is_here = |one: &Standing| one.node_id < one.other_id && ids.contains(&one.other_id);
            let decisions = standing.into_iter().filter(is_here).collect();
            return Ok(Reached { ids, edges, decisions });
        }
        // few decisions lead to who has no edge, so this is gone through once
        ids.extend(beyond);
    }
}

/// A decision as linkage reads it.
pub fn decision(standing: &Standing) -> Option<Decision<Uuid>> {
    let verdict = Verdict::parse(&standing.verdict)?;
    Some(Decision { left: standing.node_id, right: standing.other_id, verdict })
}

/// Several.
pub fn decided(standing: &[Standing]) -> Vec<Decision<Uuid>> {
    standing.iter().filter_map(decision).collect()
}
