//! Why a pair is judged as it is: levels and bits, never values.

use serde_json::{Value, json};

use super::judge::{Judge, Judgement};
use super::level::COMPARISONS;
use super::model::Pair;

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
        let prior = self.model.weigh(&[0; super::level::COUNT]);
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

fn rounded(bits: f32) -> f64 {
    (f64::from(bits) * 100.0).round() / 100.0
}
