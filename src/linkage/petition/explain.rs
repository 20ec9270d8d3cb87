//! Why a pair is judged as it is: levels and bits, never values.

use serde_json::{Value, json};

use super::super::evaluate::probability;
use super::super::explain::{Explanation, Step};
use super::features::Features;
use super::judge::{Judge, Judgement, odds};
use super::level::{COMPARISONS, COUNT};
use super::model::Pair;
use super::sign::Signs;

impl Judge<'_> {
    /// The waterfall of a judgement: from the prior to the final weight of what the pair most likely is, against what it
    /// else would be.
    pub fn explain(&self, judgement: &Judgement) -> Value {
        let sums = self.model.weigh(&judgement.parts);
        let mut kinds: Vec<(usize, Pair)> = Pair::ALL.into_iter().enumerate().collect();
        let sum = |kind: &(usize, Pair)| sums.get(kind.0).copied().unwrap_or(f32::MIN);
        kinds.sort_by(|one, other| sum(other).total_cmp(&sum(one)));
        let [first, second, ..] = kinds.as_slice() else { return Value::Null };
        let between = |bits: &[f32]| match (bits.get(first.0), bits.get(second.0)) {
            (Some(one), Some(other)) => rounded(one - other),
            _ => 0.0,
        };
        let prior = self.model.weigh(&[0; COUNT]);
        let steps = COMPARISONS.iter().enumerate().zip(judgement.parts).map(|((at, comparison), level)| {
            let name = comparison.levels.get(usize::from(level)).copied().unwrap_or("");
            json!({"comparison": comparison.name, "level": name, "bits": between(&self.model.bits(at, level))})
        });
        json!({
            "relation": judgement.relation.map(super::judge::Relation::as_str),
            "petition_bits": rounded(judgement.bits),
            "case_bits": rounded(judgement.case_bits),
            "is_never_petition": judgement.is_never,
            "is_never_case": judgement.is_never_case,
            "likeliest": first.1.as_str(),
            "against": second.1.as_str(),
            "prior_bits": between(&prior),
            "comparisons": steps.collect::<Vec<_>>(),
        })
    }
}

impl Judge<'_> {
    /// From the prior to the weight that two filings are one petition. A step is what its level adds to what those before
    /// it said, so the steps add up; the last ones are what rules change.
    pub fn waterfall(&self, a: &Features, b: &Features) -> Explanation {
        let judgement = self.judge(a, b);
        let is_one = |kind| kind == Pair::Same;
        let mut seen = [0; COUNT];
        let mut sum = odds(self.model.weigh(&seen), is_one);
        let mut steps = vec![Step::of("prior", "two records that share a key", sum, sum)];
        for ((at, comparison), level) in
            COMPARISONS.iter().enumerate().zip(judgement.parts).filter(|(_, level)| *level > 0)
        {
            if let Some(seen) = seen.get_mut(at) {
                *seen = level;
            }
            let now = odds(self.model.weigh(&seen), is_one);
            let name = comparison.levels.get(usize::from(level)).copied().unwrap_or("");
            steps.push(Step::of(comparison.name, name, now - sum, now));
            sum = now;
        }
        if judgement.bits < sum {
            steps.push(Step::of(
                "rule",
                "nothing but weak evidence: a person decides",
                judgement.bits - sum,
                judgement.bits,
            ));
        }
        let forbids = Signs::of(&judgement.parts).forbids();
        if !forbids.is_empty() {
            steps.push(Step::of("rule", forbids, 0.0, judgement.bits));
        }
        let thresholds = &self.model.thresholds;
        let decision = match judgement.bits {
            _ if judgement.is_never => "no link",
            bits if bits >= thresholds.petition => "link",
            bits if bits >= thresholds.review => "review",
            _ => "no link",
        };
        Explanation { steps, weight: judgement.bits, probability: probability(judgement.bits), decision }
    }
}

fn rounded(bits: f32) -> f64 {
    (f64::from(bits) * 100.0).round() / 100.0
}
