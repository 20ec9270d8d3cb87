//! What a pair weighs, and which of a component are one person.

use std::sync::LazyLock;

use serde_json::Value;

use super::pair::{Attribute, FeaturePair, Rarities};
use super::rule::{self, Rule};
use super::{Features, key};
use crate::linkage::cluster::{self, Decisions, NEVER};
use crate::linkage::explain::{Explanation, Step, waterfall};
use crate::linkage::model::Model;
use crate::linkage::score::{Edge, Weight, Weights};

/// What a pair weighs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weighing {
    /// How many bits the evidence speaks for one person; 0 is one in two, 10 a thousand to one.
    pub bits: f32,
    /// The same without what rules make of it.
    pub raw: f32,
    /// The two are never one person, whatever else they share.
    pub is_never: bool,
    /// Nothing links them unless a person says so: the evidence is weak, or something speaks against it.
    pub is_weak: bool,
}

/// Judges pairs by a model.
#[derive(Debug)]
pub struct Matcher {
    model: Model,
    digest: [u8; 32],
    weights: Weights,
    /// By column of the model.
    attributes: Vec<Attribute>,
    rarities: Vec<Rarities>,
}

/// The model that stands in the program itself.
const EMBEDDED: &str = include_str!("../../../config/linkage/person.toml");

impl Matcher {
    /// By the model that stands in the program, read once for everybody.
    pub fn built_in() -> &'static Self {
        static BUILT_IN: LazyLock<Matcher> = LazyLock::new(Matcher::embedded);
        &BUILT_IN
    }

    /// By the model that stands in the program.
    ///
    /// # Panics
    /// Never: a test parses it.
    #[expect(clippy::expect_used, reason = "the text is part of the program, and a test parses it")]
    pub fn embedded() -> Self {
        Self::new(Model::parse(EMBEDDED).expect("config/linkage/person.toml was checked when the program was tested"))
    }

    /// By a model of columns as `petitiond link train` names them; a column that no petitioner has is not compared.
    pub fn new(model: Model) -> Self {
        let digest = *blake3::hash(model.to_toml().as_bytes()).as_bytes();
        // the shares of kinds of pairs are by record: 2 / (n - 1) records stand behind each pair of n
        let each = 2.0 / (model.records.max(2) as f64 - 1.0);
        let weights = Weights::new(&model, each);
        let columns = &model.layout.columns;
        let attributes = columns.iter().map(|(name, kind)| Attribute::of(name, *kind)).collect();
        let rarities = columns.iter().map(|(name, _)| Rarities::of(&model, name)).collect();
        Self { model, digest, weights, attributes, rarities }
    }

    /// Whether every column of the model is something that a petitioner has.
    pub fn knows_all_columns(&self) -> bool {
        !self.attributes.contains(&Attribute::None)
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

    /// The keys of blocking, each with its rule in front. They hold what is not to be stored in plain.
    pub fn keys(&self, features: &Features) -> Vec<String> {
        let parts = [
            (Attribute::Family, &features.family),
            (Attribute::Middle, &features.middle),
            (Attribute::Given, &features.given),
        ];
        let known = parts.into_iter().filter(|(_, value)| !value.is_empty());
        let rarity = known.map(|(attribute, value)| u32::from(self.rarity(attribute, value))).sum();
        key::keys(features, rarity)
    }

    fn rarity(&self, attribute: Attribute, value: &str) -> u8 {
        let at = self.attributes.iter().position(|other| *other == attribute);
        at.and_then(|at| self.rarities.get(at)).map_or(0, |rarities| rarities.get(value))
    }

    /// The same for (a, b) and (b, a).
    pub fn weigh(&self, a: &Features, b: &Features) -> Weighing {
        let (weight, rule) = self.judge(a, b, &mut Vec::with_capacity(self.model.layout.comparisons.len()));
        Weighing {
            bits: weight.bits,
            // of what a body weighs, evidence about people says nothing
            raw: if a.is_body() || b.is_body() { weight.bits } else { self.weights.calibrated(weight.sum) },
            is_never: rule.is_some_and(Rule::is_never),
            is_weak: rule.is_some_and(|rule| !rule.is_never() && !rule.links()),
        }
    }

    pub(super) fn judge(&self, a: &Features, b: &Features, row: &mut Vec<u16>) -> (Weight, Option<Rule>) {
        let pair = FeaturePair::new(a, b, &self.model.layout.columns, &self.attributes, &self.rarities);
        let levels = self.weights.layout.compare(&pair, row);
        let mut weight = self.weights.weigh(row);
        let rule = rule::of(&pair, &levels, weight, self.link());
        if let Some(rule) = rule {
            weight.bits = rule.bound(weight.bits, self.link());
        }
        (weight, rule)
    }

    /// Why a pair weighs what it weighs: levels and bits, never values.
    pub fn explain(&self, a: &Features, b: &Features) -> Value {
        let mut row = Vec::new();
        let (weight, rule) = self.judge(a, b, &mut row);
        let words = rule.map_or("", Rule::words);
        let explanation: Explanation = waterfall(&self.weights, &row, weight, words, (self.link(), self.review()));
        serde_json::to_value(explanation).unwrap_or_default()
    }

    /// From the prior to the weight; where a rule says that the two are never one, to what they would weigh without it.
    pub fn waterfall(&self, a: &Features, b: &Features) -> Explanation {
        let mut row = Vec::new();
        let (mut weight, rule) = self.judge(a, b, &mut row);
        let never = rule.filter(|rule| rule.is_never());
        if never.is_some() {
            weight.bits = self.weights.calibrated(weight.sum);
        }
        let words = rule.filter(|_| never.is_none()).map_or("", Rule::words);
        let mut explanation = waterfall(&self.weights, &row, weight, words, (self.link(), self.review()));
        if let Some(rule) = never {
            explanation.steps.push(Step::of("rule", rule.words(), 0.0, weight.bits));
            explanation.decision = "no link";
        }
        explanation
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
            if weighing.is_never || a.is_numbered_unlike(b) { NEVER } else { weighing.bits }
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
