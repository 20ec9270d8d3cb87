//! Matching: which filings are one petition, or one case, though no agency refers to another's record.
//!
//! The filings of a batch meet those that are stored by keys (see `evidence`); whatever a pair joins with the batch comes
//! into the room, with all that belongs to it, so that groups are made anew of whole components and are a function of the
//! records alone. A sealed filing is not compared: whoever sent a denunciation in somebody's name would see in its receipt
//! whether that is who denounced.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use uuid::Uuid;

use crate::domain::{Kind, RecordKey};
use crate::linkage::decision::Binding;
use crate::linkage::person::Matcher;
use crate::linkage::petition::{Features, Judge, Judgement, Model};
use crate::seal::KeyRing;
use crate::store::edge::Edge;
use crate::store::{PgConnection, source_record};

use super::evidence::{self, Draft, Engine, Name, Node, Nodes, Reached};
use super::link::{self, Piece};
use super::{Error, gather};

/// Judges filings.
pub struct Filings {
    pub judge: Judge<'static>,
}

impl Filings {
    /// By the model that comes with the program.
    pub fn built_in() -> Self {
        Self { judge: Judge::new(Model::built_in(), Matcher::built_in()) }
    }
}

impl Engine for Filings {
    type Features = Features;
    const KIND: &'static str = "petition";

    fn keys(&self, features: &Features) -> Vec<String> {
        features.keys(self.judge.matcher)
    }

    fn margin(&self, a: &Features, b: &Features) -> Option<f32> {
        let Judgement { bits, is_never, case_bits, is_never_case, .. } = self.judge.judge(a, b);
        let thresholds = &self.judge.model.thresholds;
        let petition = (!is_never && bits >= thresholds.review).then_some(bits - thresholds.petition);
        let case = (!is_never_case && case_bits >= thresholds.review).then_some(case_bits - thresholds.case);
        petition.into_iter().chain(case).max_by(f32::total_cmp)
    }
}

/// What was found to match in a room.
#[derive(Default)]
pub struct Matches {
    /// Of every filing in the room, where anything matches.
    pub features: BTreeMap<RecordKey, Features>,
    /// Pairs that a judgement joins, or would.
    pub pairs: Vec<(RecordKey, RecordKey)>,
    /// What people decided of them.
    pub decided: Binding<RecordKey>,
}

/// Brings the nodes of the pieces up to date and everything into the room that matches them.
///
/// # Errors
/// [`Error`] of the database or of the key.
pub async fn filings(
    conn: &mut PgConnection,
    ring: &KeyRing,
    today: NaiveDate,
    mut pieces: Vec<Piece>,
) -> Result<(Vec<Piece>, Matches), Error> {
    let engine = Filings::built_in();
    let (stored, now) = changes(ring, &mut pieces);
    let touched = evidence::update(conn, ring, &engine, &stored, now).await?;
    let mut nodes = touched.nodes;
    let mut from = touched.changed;
    loop {
        // of those that are new the update told which have edges
        let known = pieces.iter().filter(|piece| piece.before.is_some() && is_filing(piece));
        from.extend(known.map(|piece| id(ring, piece)));
        let Reached { ids: reached, edges, decisions } = evidence::closure(conn, from.clone()).await?;
        let unknown: Vec<Uuid> = reached.iter().copied().filter(|id| !nodes.contains_key(id)).collect();
        nodes.extend(evidence::load(conn, ring, &unknown).await?);
        let here: BTreeSet<&RecordKey> = pieces.iter().map(|piece| &piece.row.key).collect();
        let named = reached.iter().filter_map(|id| nodes.get(id)).map(|node| &node.name.record);
        let absent: Vec<&RecordKey> = named.filter(|key| !here.contains(key)).collect();
        if absent.is_empty() && edges.is_empty() && decisions.is_empty() {
            return Ok((pieces, Matches::default()));
        }
        if absent.is_empty() {
            let mut matches = matches(conn, ring, &pieces, nodes, &edges).await?;
            // of what has no node, because it is sealed or withdrawn, nothing follows but for those that have one
            let ids: HashMap<Uuid, &RecordKey> = pieces.iter().map(|piece| (id(ring, piece), &piece.row.key)).collect();
            let name = |id: &Uuid| ids.get(id).filter(|key| matches.features.contains_key(**key)).copied().cloned();
            matches.decided = Binding::of(&evidence::decided(&decisions), name);
            return Ok((pieces, matches));
        }
        for row in source_record::load(conn, ring, &absent).await? {
            pieces.push(Piece::stored(ring, today, row)?);
        }
        pieces = gather::all(conn, ring, today, pieces).await?;
        from = reached;
    }
}

fn is_filing(piece: &Piece) -> bool {
    piece.record.as_ref().is_some_and(|record| record.kind == Kind::Petition)
}

fn name(piece: &Piece) -> Name {
    Name { record: piece.row.key.clone(), position: 0 }
}

fn id(ring: &KeyRing, piece: &Piece) -> Uuid {
    name(piece).id::<Filings>(ring)
}

/// The ids of nodes that may be stored and may change, and the nodes as they are to be.
fn changes(ring: &KeyRing, pieces: &mut [Piece]) -> (Vec<Uuid>, Vec<Draft<Features>>) {
    let (mut stored, mut now) = (Vec::new(), Vec::new());
    let sealed = link::sealed(pieces);
    for (piece, is_sealed) in pieces.iter_mut().zip(sealed) {
        let before = piece.before.as_ref().filter(|before| before.kind == Some(Kind::Petition));
        if !piece.is_fresh && !piece.is_again && before.is_some_and(|before| before.is_sealed == is_sealed) {
            continue;
        }
        if before.is_some() {
            stored.push(id(ring, piece));
        }
        if !is_sealed {
            now.extend(piece.filing(ring));
        }
    }
    (stored, now)
}

/// What matches in a room that everything is in.
async fn matches(
    conn: &mut PgConnection,
    ring: &KeyRing,
    pieces: &[Piece],
    mut nodes: Nodes<Features>,
    edges: &[Edge],
) -> Result<Matches, Error> {
    let ids: HashMap<Uuid, &RecordKey> =
        pieces.iter().filter(|piece| is_filing(piece)).map(|piece| (id(ring, piece), &piece.row.key)).collect();
    let unknown: Vec<Uuid> = ids.keys().copied().filter(|id| !nodes.contains_key(id)).collect();
    nodes.extend(evidence::load(conn, ring, &unknown).await?);
    let pair = |edge: &Edge| Some(((*ids.get(&edge.node_id)?).clone(), (*ids.get(&edge.other_id)?).clone()));
    let pairs = edges.iter().filter_map(pair).collect();
    let of = |(id, node): (Uuid, Node<Features>)| Some(((*ids.get(&id)?).clone(), node.features));
    let features = nodes.into_iter().filter_map(of).collect();
    Ok(Matches { features, pairs, decided: Binding::default() })
}
