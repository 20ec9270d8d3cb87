//! How right the matcher is where the truth is known, used as the daemon uses it: pairs that share a key which few share,
//! their weights, the groups of each component.

use std::collections::HashMap;

use super::{Features, Matcher};
use crate::linkage::calibration::Calibration;
use crate::linkage::cluster::{Decisions, Joining, cut};
use crate::linkage::evaluate::{self, Band, Quality, Swept, Truth};
use crate::linkage::score::Edge;

/// What was found.
#[derive(Debug)]
pub struct Judged {
    pub nodes: usize,
    /// Pairs of one person.
    pub real: u64,
    /// Pairs that share a key.
    pub candidates: usize,
    /// Of the real ones, those among them.
    pub found: u64,
    /// By weight alone.
    pub pairs: Swept,
    /// As the groups have it.
    pub groups: Quality,
    pub bands: Vec<Band>,
    /// Pairs of one group with two different personal numbers.
    pub numbered_unlike: u64,
    /// Candidates from the review threshold up to that of links: what clerks would be shown.
    pub review: usize,
    /// The surest pairs that are wrong and the true pairs that weigh least, by position.
    pub wrong: Vec<Edge>,
    pub missed: Vec<Edge>,
    /// By node, the first node of its group.
    pub group_of: Vec<u32>,
}

/// Judges on petitioners, each with the number of the human being. A key that more than `cap` share is not used.
pub fn judge(matcher: &Matcher, nodes: &[(Features, u32)], cap: usize) -> Judged {
    let entities: Vec<u32> = nodes.iter().map(|(_, person)| *person).collect();
    let truth = Truth { pairs: pairs_within(entities.iter().copied()), entities };
    let candidates = candidates(matcher, nodes, cap);
    let found = truth.found(&candidates);
    let weigh = |pair: &u64| {
        let (a, b) = ((pair >> 32) as u32, *pair as u32);
        let (one, other) = (nodes.get(a as usize)?, nodes.get(b as usize)?);
        Some(Edge { a, b, bits: matcher.weigh(&one.0, &other.0).bits })
    };
    let edges: Vec<Edge> = candidates.iter().filter_map(weigh).collect();
    let group_of = groups(matcher, nodes, &edges);
    let said = pairs_within(group_of.iter().copied());
    let both = group_of.iter().zip(&truth.entities).map(|(group, person)| (*group, *person));
    let right = pairs_within(both);
    let (wrong, missed) = evaluate::worst(&truth, &edges, matcher.link(), 20);
    Judged {
        nodes: nodes.len(),
        real: truth.pairs,
        candidates: candidates.len(),
        found,
        pairs: evaluate::pairs(&truth, &edges, matcher.link()),
        groups: Quality::new(right as f64, said as f64, truth.pairs as f64),
        bands: evaluate::calibration(&truth, &edges),
        numbered_unlike: numbered_unlike(nodes, &group_of),
        review: edges.iter().filter(|edge| (matcher.review()..matcher.link()).contains(&edge.bits)).count(),
        wrong,
        missed,
        group_of,
    }
}

/// What sums of evidence are worth among candidates that fall under no rule.
pub fn calibrate(matcher: &Matcher, nodes: &[(Features, u32)], cap: usize) -> Calibration {
    let mut row = Vec::new();
    let pair = |pair: &u64| {
        let (a, b) = (nodes.get((*pair >> 32) as usize)?, nodes.get(*pair as u32 as usize)?);
        let (weight, rule) = matcher.judge(&a.0, &b.0, &mut row);
        rule.is_none().then_some((weight.sum, a.1 == b.1))
    };
    Calibration::fit(&candidates(matcher, nodes, cap).iter().filter_map(pair).collect::<Vec<_>>())
}

fn pairs_within<T: Eq + std::hash::Hash>(labels: impl Iterator<Item = T>) -> u64 {
    let mut counts: HashMap<T, u64> = HashMap::new();
    labels.for_each(|label| *counts.entry(label).or_default() += 1);
    counts.values().map(|count| count * (count - 1) / 2).sum()
}

/// Pairs that share a key, as `a << 32 | b`, each once.
fn candidates(matcher: &Matcher, nodes: &[(Features, u32)], cap: usize) -> Vec<u64> {
    let mut holders: HashMap<String, Vec<u32>> = HashMap::new();
    for (number, (features, _)) in (0..).zip(nodes) {
        for key in matcher.keys(features) {
            holders.entry(key).or_default().push(number);
        }
    }
    let mut pairs = Vec::new();
    for holders in holders.values().filter(|holders| holders.len() <= cap) {
        for (at, a) in holders.iter().enumerate() {
            pairs.extend(holders.iter().skip(at + 1).map(|b| u64::from(*a) << 32 | u64::from(*b)));
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// The groups of each component, by node the first node of its group.
fn groups(matcher: &Matcher, nodes: &[(Features, u32)], edges: &[Edge]) -> Vec<u32> {
    let linking: Vec<&Edge> = edges.iter().filter(|edge| edge.bits >= matcher.link()).collect();
    let joinings: Vec<Joining> = linking.iter().map(|edge| Joining { a: edge.a, b: edge.b, bits: edge.bits }).collect();
    let component_of = cut(nodes.len(), &joinings, f32::MIN);
    let mut members: HashMap<u32, Vec<u32>> = HashMap::new();
    (0..).zip(&component_of).for_each(|(node, component)| members.entry(*component).or_default().push(node));
    let mut edges_of: HashMap<u32, Vec<&Edge>> = HashMap::new();
    for edge in linking {
        let component = component_of.get(edge.a as usize).copied().unwrap_or_default();
        edges_of.entry(component).or_default().push(edge);
    }
    let mut group_of: Vec<u32> = (0..nodes.len() as u32).collect();
    for (component, edges) in edges_of {
        let Some(members) = members.get(&component) else { continue };
        let place = |node: u32| members.partition_point(|other| *other < node);
        let of: Vec<(u32, &Features)> =
            members.iter().filter_map(|node| Some((*node, &nodes.get(*node as usize)?.0))).collect();
        let edges: Vec<(usize, usize, f32)> =
            edges.iter().map(|edge| (place(edge.a), place(edge.b), edge.bits)).collect();
        for group in matcher.groups(&of, &edges, &Decisions::default()) {
            let group: Vec<u32> = group.iter().filter_map(|at| members.get(*at).copied()).collect();
            for node in &group {
                if let (Some(of), Some(first)) = (group_of.get_mut(*node as usize), group.first()) {
                    *of = *first;
                }
            }
        }
    }
    group_of
}

fn numbered_unlike(nodes: &[(Features, u32)], group_of: &[u32]) -> u64 {
    let mut groups: HashMap<u32, Vec<&Features>> = HashMap::new();
    for ((features, _), group) in nodes.iter().zip(group_of) {
        groups.entry(*group).or_default().push(features);
    }
    let unlike = |group: &Vec<&Features>| {
        let pairs = group.iter().enumerate().flat_map(|(at, one)| group.iter().skip(at + 1).map(move |b| (one, b)));
        pairs.filter(|(one, other)| one.is_numbered_unlike(other)).count() as u64
    };
    groups.values().map(unlike).sum()
}
