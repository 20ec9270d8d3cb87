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
    #[serde(flatten)]
    pub record: RecordKey,
    /// Of a petitioner: which of the record.
    #[serde(rename = "p", default)]
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
#[derive(Clone, PartialEq, Serialize, serde::Deserialize)]
pub struct Node<F> {
    #[serde(flatten)]
    pub name: Name,
    /// As they are kept, so that they are found again when they have to go, whatever the rules are then.
    #[serde(rename = "k")]
    keys: Vec<i64>,
    #[serde(rename = "f")]
    pub features: F,
}

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

impl Node<serde_json::Value> {
    /// With what is compared of its kind; `None`: it is of another.
    pub fn read<F: DeserializeOwned>(self) -> Option<Node<F>> {
        let Self { name, keys, features } = self;
        Some(Node { name, keys, features: serde_json::from_value(features).ok()? })
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
    let mut nodes = Nodes::new();
    for (id, sealed) in node::load(conn, ids).await? {
        let plain = ring.open(Purpose::Node, &id.to_string(), &sealed).map_err(|reason| {
            tracing::error!(node = %id, %reason, "what is compared of a record cannot be opened");
            Error::Open(reason)
        })?;
        let node = serde_json::from_slice(&plain).map_err(|_| Error::Content)?;
        nodes.insert(id, node);
    }
    Ok(nodes)
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
    now: Vec<Node<E::Features>>,
) -> Result<Touched<E::Features>, Error> {
    let mut before: Nodes<E::Features> = load(conn, ring, stored).await?;
    let mut step = Step::default();
    let mut nodes = Nodes::new();
    for node in now {
        let id = node.name.id::<E>(ring);
        match before.get(&id) {
            Some(old) if *old == node => drop(before.remove(&id)),
            old => step.replace(id, old, Some(&node)),
        }
        nodes.insert(id, node);
    }
    let gone = before.iter().filter(|(id, _)| !nodes.contains_key(id));
    gone.for_each(|(id, old)| step.replace(*id, Some(old), None));
    if step.is_nothing() {
        return Ok(Touched { nodes, before, changed: BTreeSet::new() });
    }
    let mut changed: BTreeSet<Uuid> = edge::delete_of(conn, &step.had).await?.into_iter().collect();
    step.write(conn, ring, &nodes).await?;
    changed.extend(step.has.iter().chain(&step.gone).copied());

    let mut holders = Holders::default();
    let kept = step.has.iter().filter_map(|id| nodes.get(id)).flat_map(|node| node.keys.iter().map(|key| (*key, 0)));
    let mut asked: BTreeMap<i64, usize> = kept.collect();
    asked.extend(step.limits());
    holders.ask(conn, asked).await?;
    let again = step.crossing(&holders);
    if !again.is_empty() {
        changed.extend(edge::delete_of(conn, &again).await?);
        changed.extend(again.iter().copied());
        nodes.extend(load(conn, ring, &missing(&nodes, &again)).await?);
        let keys = again.iter().filter_map(|id| nodes.get(id)).flat_map(|node| node.keys.iter().map(|key| (*key, 0)));
        holders.ask(conn, keys.collect()).await?;
    }
    let judged: Vec<Uuid> = step.has.iter().copied().chain(again).collect();
    let pairs = holders.pairs(&nodes, &judged);
    let ends: BTreeSet<Uuid> = pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
    let ends = missing(&nodes, &ends.into_iter().collect::<Vec<_>>());
    nodes.extend(load(conn, ring, &ends).await?);
    let edges = edges(engine, &nodes, &pairs);
    edge::upsert(conn, &edges).await?;
    changed.extend(edges.iter().flat_map(|edge| [edge.node_id, edge.other_id]));
    Ok(Touched { nodes, before, changed })
}

fn missing<F>(nodes: &Nodes<F>, wanted: &[Uuid]) -> Vec<Uuid> {
    wanted.iter().copied().filter(|id| !nodes.contains_key(id)).collect()
}

fn edges<E: Engine>(engine: &E, nodes: &Nodes<E::Features>, pairs: &BTreeSet<(Uuid, Uuid)>) -> Vec<Edge> {
    let judged = pairs.iter().filter_map(|(a, b)| {
        let (one, other) = (nodes.get(a)?, nodes.get(b)?);
        let margin = engine.margin(&one.features, &other.features)?;
        Some(Edge { node_id: *a, other_id: *b, margin })
    });
    judged.collect()
}

/// What changes of the nodes themselves.
#[derive(Default)]
struct Step {
    /// Nodes that were there and are others now, or gone.
    had: Vec<Uuid>,
    gone: Vec<Uuid>,
    /// Nodes to write.
    has: Vec<Uuid>,
    lost: BTreeSet<(i64, Uuid)>,
    gained: BTreeSet<(i64, Uuid)>,
}

impl Step {
    const fn is_nothing(&self) -> bool {
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
        match new {
            Some(_) => self.has.push(id),
            None => self.gone.push(id),
        }
    }

    async fn write<F: Serialize>(
        &mut self,
        conn: &mut PgConnection,
        ring: &KeyRing,
        nodes: &Nodes<F>,
    ) -> Result<(), Error> {
        let pairs = |set: &BTreeSet<(i64, Uuid)>| set.iter().copied().collect::<Vec<_>>();
        node_key::delete(conn, &pairs(&self.lost)).await?;
        node::delete(conn, &self.gone).await?;
        self.has.sort_unstable();
        let seal = |id: &Uuid| {
            // plain data with text keys: it always serializes
            let plain = serde_json::to_vec(nodes.get(id)?).unwrap_or_default();
            Some((*id, ring.seal(Purpose::Node, &id.to_string(), &plain)))
        };
        let rows: Vec<(Uuid, Vec<u8>)> = self.has.iter().filter_map(seal).collect();
        node::upsert(conn, &rows).await?;
        node_key::insert(conn, &pairs(&self.gained)).await?;
        Ok(())
    }

    /// The keys that were gained or lost, and how many of those that have them now are new.
    fn limits(&self) -> BTreeMap<i64, usize> {
        let mut limits = BTreeMap::new();
        let none = self.lost.iter().map(|(key, _)| (*key, 0));
        for (key, new) in none.chain(self.gained.iter().map(|(key, _)| (*key, 1))) {
            *limits.entry(key).or_insert(0) += new;
        }
        limits
    }

    /// Nodes with a key that became too common, or is it no longer, that are not judged anyway.
    fn crossing(&self, holders: &Holders) -> Vec<Uuid> {
        let mut lost: HashMap<i64, usize> = HashMap::new();
        self.lost.iter().for_each(|(key, _)| *lost.entry(*key).or_default() += 1);
        let mut again = BTreeSet::new();
        for (key, gained) in self.limits() {
            let after = holders.count(key);
            let before = (after + lost.get(&key).copied().unwrap_or(0)).saturating_sub(gained);
            if (before > most(key)) != (after > most(key)) {
                again.extend(holders.of(key));
            }
        }
        again.into_iter().filter(|id| !self.has.contains(id)).collect()
    }
}

/// Who has which key, as many as are needed to tell whether it is too common now and was before.
#[derive(Default)]
struct Holders(HashMap<i64, Vec<Uuid>>);

impl Holders {
    async fn ask(&mut self, conn: &mut PgConnection, keys: BTreeMap<i64, usize>) -> Result<(), Error> {
        let unknown = keys.into_iter().filter(|(key, _)| !self.0.contains_key(key));
        let limits: Vec<(i64, i64)> = unknown.map(|(key, new)| (key, (most(key) + 1 + new) as i64)).collect();
        self.0.extend(limits.iter().map(|(key, _)| (*key, Vec::new())));
        for (key, id) in node_key::holders(conn, &limits).await? {
            self.0.entry(key).or_default().push(id);
        }
        Ok(())
    }

    fn of(&self, key: i64) -> impl Iterator<Item = Uuid> {
        self.0.get(&key).into_iter().flatten().copied()
    }

    fn count(&self, key: i64) -> usize {
        self.0.get(&key).map_or(0, Vec::len)
    }

    /// The pairs of the judged nodes with all that share a key with them that says something; the smaller id first.
    fn pairs<F>(&self, nodes: &Nodes<F>, judged: &[Uuid]) -> BTreeSet<(Uuid, Uuid)> {
        let mut pairs = BTreeSet::new();
        for (id, node) in judged.iter().filter_map(|id| Some((*id, nodes.get(id)?))) {
            for key in node.keys.iter().filter(|key| self.count(**key) <= most(**key)) {
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
    let (edges, mut decisions) = edge::closure(conn, &from.iter().copied().collect::<Vec<_>>(), 0.0).await?;
    let mut ids = from;
    ids.extend(edges.iter().flat_map(|edge| [edge.node_id, edge.other_id]));
    let same = decisions.iter().filter(|decision| decision.verdict == Verdict::Same.as_str());
    ids.extend(same.flat_map(|decision| [decision.node_id, decision.other_id]));
    decisions.retain(|decision| ids.contains(&decision.other_id));
    Ok(Reached { ids, edges, decisions })
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
