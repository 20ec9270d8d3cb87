//! What a pair weighs, and which of a component are one person.

use serde_json::{Value, json};

use super::{Features, key};
use crate::linkage::cluster::{self, Decisions, NEVER};
use crate::linkage::evaluate::probability;
use crate::linkage::model::Model;
use crate::linkage::score::Edge;
use crate::normalize::text;

/// What a pair weighs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weighing {
    /// How many bits the evidence speaks for one person; 0 is one in two, 10 a thousand to one.
    pub bits: f32,
    /// The two are never one person, whatever else they share.
    pub is_never: bool,
    /// Nothing but weak evidence: a person decides.
    pub is_weak: bool,
}

/// Judges pairs by a model.
#[derive(Debug)]
pub struct Matcher {
    model: Model,
    digest: [u8; 32],
}

/// The model that stands in the program itself.
const EMBEDDED: &str = include_str!("../../../config/linkage/person.toml");

impl Matcher {
    /// By the model that stands in the program.
    ///
    /// # Panics
    /// Never: a test parses it.
    #[expect(clippy::expect_used, reason = "the text is part of the program, and a test parses it")]
    pub fn embedded() -> Self {
        Self::new(Model::parse(EMBEDDED).expect("config/linkage/person.toml was checked when the program was tested"))
    }

    pub fn new(model: Model) -> Self {
        let digest = *blake3::hash(model.to_toml().as_bytes()).as_bytes();
        Self { model, digest }
    }

    /// Of the model: weights of one digest can be compared with each other.
    pub const fn model_digest(&self) -> [u8; 32] {
        self.digest
    }

    /// From this weight on two are linked without anybody looking.
    pub const fn link(&self) -> f32 {
        self.model.thresholds.link
    }

    /// From this weight on a clerk is shown the two.
    pub const fn review(&self) -> f32 {
        self.model.thresholds.review
    }

    /// The keys of blocking, each with its rule in front: at most ten, and all of them of what is not to be stored in
    /// plain.
    pub fn keys(&self, features: &Features) -> Vec<String> {
        key::keys(features)
    }

    /// The same for (a, b) and (b, a).
    pub fn weigh(&self, a: &Features, b: &Features) -> Weighing {
        let steps = steps(a, b);
        let is_never = steps.iter().any(|(_, _, bits)| *bits == NEVER);
        let bits: f32 = steps.iter().map(|(_, _, bits)| bits).sum();
        let is_weak = !steps.iter().any(|(_, level, _)| *level == "same and telling");
        let bits = if is_never {
            -20.0
        } else if is_weak {
            bits.min(self.link() - 0.01)
        } else {
            bits
        };
        Weighing { bits, is_never, is_weak }
    }

    /// Why a pair weighs what it weighs: levels and bits, never values.
    pub fn explain(&self, a: &Features, b: &Features) -> Value {
        let Weighing { bits, is_never, is_weak } = self.weigh(a, b);
        let steps: Vec<Value> = steps(a, b)
            .into_iter()
            .map(|(comparison, level, bits)| json!({ "comparison": comparison, "level": level, "bits": bits.max(-20.0) }))
            .collect();
        json!({ "steps": steps, "weight": bits, "probability": probability(bits), "never": is_never, "weak": is_weak })
    }

    /// The persons of one component, each as positions in `nodes`: the smallest first within each, and the persons in the
    /// order of their smallest node by key. An edge under [`Matcher::link`] joins nobody by itself; `decisions` name
    /// positions in `nodes`.
    pub fn groups<K: Ord>(
        &self,
        nodes: &[(K, &Features)],
        edges: &[(usize, usize, f32)],
        decisions: &Decisions,
    ) -> Vec<Vec<usize>> {
        let mut order: Vec<usize> = (0..nodes.len()).collect();
        order.sort_by(|a, b| nodes.get(*a).map(|node| &node.0).cmp(&nodes.get(*b).map(|node| &node.0)));
        let mut rank = vec![0_u32; nodes.len()];
        for (number, at) in order.iter().enumerate() {
            if let Some(rank) = rank.get_mut(*at) {
                *rank = number as u32;
            }
        }
        let ranked = |at: usize| rank.get(at).copied();
        let pair = |a: usize, b: usize| Some((ranked(a)?, ranked(b)?));
        let linking = edges.iter().filter(|(_, _, bits)| *bits >= self.link());
        let edge = |(a, b, bits): &(usize, usize, f32)| {
            let (a, b) = pair(*a, *b)?;
            Some(Edge { a: a.min(b), b: a.max(b), bits: *bits })
        };
        let edges: Vec<Edge> = linking.filter_map(edge).collect();
        let list = |pairs: &[(u32, u32)]| pairs.iter().filter_map(|(a, b)| pair(*a as usize, *b as usize)).collect();
        let decisions = Decisions { same: list(&decisions.same), different: list(&decisions.different) };
        let by_rank: Vec<&Features> = order.iter().filter_map(|at| Some(nodes.get(*at)?.1)).collect();
        let weigh = |a: u32, b: u32, _: &mut Vec<u16>| {
            let Some((a, b)) = by_rank.get(a as usize).zip(by_rank.get(b as usize)) else { return NEVER };
            let weighing = self.weigh(a, b);
            if weighing.is_never { NEVER } else { weighing.bits }
        };
        let least = self.model.thresholds.cluster;
        let joinings = cluster::tree(&weigh, nodes.len(), &edges, &decisions, least);
        let firsts = cluster::cut(nodes.len(), &joinings, least);
        let mut groups: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
        for (first, at) in firsts.iter().zip(&order) {
            if let Some(group) = groups.get_mut(*first as usize) {
                group.push(*at);
            }
        }
        groups.retain(|group| !group.is_empty());
        groups
    }
}

type Step = (&'static str, &'static str, f32);

/// What of the two agrees and what does not.
fn steps(a: &Features, b: &Features) -> Vec<Step> {
    let mut steps: Vec<Step> = vec![("prior", "two records at random", -20.0)];
    let both = |a: &str, b: &str| !a.is_empty() && !b.is_empty();
    if a.is_body() != b.is_body() {
        steps.push(("organization", "a body and a human being", NEVER));
    }
    if both(&a.organization, &b.organization) {
        let is_same = a.organization == b.organization;
        steps.push(if is_same {
            ("organization", "same and telling", 22.0)
        } else {
            ("organization", "different", NEVER)
        });
    }
    if both(&a.given, &b.given) {
        let flat = |features: &Features| (text::flat_key(&features.family), text::flat_key(&features.given));
        let is_same = flat(a) == flat(b);
        steps.push(if is_same { ("name", "same", 9.0) } else { ("name", "different", -6.0) });
    }
    if both(&a.personal_number, &b.personal_number) {
        if a.personal_number == b.personal_number {
            steps.push(("personal number", "same and telling", 24.0));
        } else {
            let is_sure = a.is_number_valid && b.is_number_valid;
            steps.push(("personal number", "different", if is_sure { NEVER } else { -16.0 }));
        }
    }
    for (name, a, b) in [("card", &a.card, &b.card), ("document", &a.document, &b.document)] {
        if both(a, b) {
            steps.push(if a == b { (name, "same and telling", 22.0) } else { (name, "different", -12.0) });
        }
    }
    if both(&a.born, &b.born) {
        steps.push(if a.born == b.born && a.born.len() == 8 {
            ("birth date", "same and telling", 13.0)
        } else if a.year() == b.year() && a.born.len().min(b.born.len()) == 4 {
            ("birth date", "year", 5.0)
        } else {
            ("birth date", "different", -8.0)
        });
    }
    if a.phones.iter().any(|phone| b.phones.contains(phone)) {
        steps.push(("phone", "same and telling", 14.0));
    }
    if both(&a.email, &b.email) && a.email == b.email {
        steps.push(("e-mail", "same and telling", 14.0));
    }
    if let Some((a, b)) = a.sex.zip(b.sex) {
        steps.push(if a == b { ("sex", "same", 1.0) } else { ("sex", "different", -6.0) });
    }
    if !a.communes.is_empty() && !b.communes.is_empty() {
        let is_same = a.communes.iter().any(|commune| b.communes.contains(commune));
        steps.push(if is_same { ("commune", "same", 8.0) } else { ("commune", "different", -4.0) });
    }
    steps
}
