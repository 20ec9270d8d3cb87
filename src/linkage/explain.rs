//! Why two records weigh what they weigh: a waterfall from the prior to the weight, as numbers and as a picture.

#![expect(clippy::indexing_slicing, reason = "comparisons and cells are numbers that the layout gave out")]

use serde::Serialize;

use super::evaluate::probability;
use super::layout::NOT_COMPARED;
use super::score::{Scorer, Weight, Weights};

/// One step of the waterfall.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    pub comparison: String,
    /// The level, in words; of several comparisons together, of each.
    pub level: String,
    pub bits: f32,
    /// The sum so far.
    pub sum: f32,
}

impl Step {
    /// One that adds so many bits to what those before it add up to.
    pub fn of(comparison: &str, level: &str, bits: f32, sum: f32) -> Self {
        Self { comparison: comparison.to_owned(), level: level.to_owned(), bits, sum }
    }
}

/// Why a pair weighs what it weighs; levels and weights, never values.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    pub steps: Vec<Step>,
    pub weight: f32,
    pub probability: f64,
    pub decision: &'static str,
}

/// Explains a pair of a table. The steps add up to the weight.
pub fn explain(scorer: &Scorer<'_>, (a, b): (u32, u32), link: f32, review: f32) -> Explanation {
    let mut row = Vec::new();
    let weight = scorer.weigh(a, b, &mut row);
    waterfall(&scorer.weights, &row, weight, rule(weight), (link, review))
}

/// Explains the weight of a row of cells; `rule` is in words what stands above the sum of the steps, where it changes it.
pub fn waterfall(
    weights: &Weights,
    row: &[u16],
    weight: Weight,
    rule: &str,
    (link, review): (f32, f32),
) -> Explanation {
    let layout = &weights.layout;
    let mut steps = Vec::new();
    let mut step = |comparison: &str, level: String, bits: f32| {
        let sum = steps.last().map_or(0.0, |last: &Step| last.sum) + bits;
        steps.push(Step { comparison: comparison.to_owned(), level, bits, sum });
    };
    step("prior", "two records at random".to_owned(), weight.prior);
    let mut places = Vec::new();
    for ((index, comparison), cell) in layout.comparisons.iter().enumerate().zip(row) {
        if *cell == NOT_COMPARED {
            continue;
        }
        let level = layout.cell_name(index, usize::from(*cell));
        if comparison.is_place {
            places.push(format!("{} {level}", comparison.name));
        } else {
            step(&comparison.name, level, weights.bits_of(index, *cell));
        }
    }
    if !places.is_empty() {
        step("place", places.join("; "), weight.place);
    }
    step("household", "how likely kin would agree so".to_owned(), weight.household);
    let mut change = |comparison: &str, level: &str, bits: f32| {
        let before = steps[steps.len() - 1].sum;
        if (bits - before).abs() > 1e-3 {
            let (comparison, level) = (comparison.to_owned(), level.to_owned());
            steps.push(Step { comparison, level, bits: bits - before, sum: bits });
        }
    };
    let calibrated = weights.calibrated(weight.sum);
    change("calibration", "what such a sum was worth where the truth is known", calibrated);
    if !rule.is_empty() {
        change("rule", rule, weight.bits);
    }
    let decision = if weight.bits >= link {
        "link"
    } else if weight.bits >= review {
        "review"
    } else {
        "no link"
    };
    Explanation { steps, weight: weight.bits, probability: probability(weight.bits), decision }
}

const fn rule(weight: Weight) -> &'static str {
    if weight.is_household {
        "one place, other birth dates, other given names: a household"
    } else if weight.is_weak {
        "nothing but weak evidence: a person decides"
    } else {
        ""
    }
}

impl Explanation {
    /// Adds what people decided, which stands above any weight.
    pub fn decide(&mut self, is_same: bool) {
        let level =
            if is_same { "the same, because somebody decided so" } else { "different, because somebody decided so" };
        self.steps.push(Step::of("decision of a person", level, 0.0, self.weight));
        self.decision = if is_same { "link" } else { "no link" };
    }
}

/// Pixels of one bit and of one line of the picture.
const BIT: f32 = 8.0;
const LINE: usize = 26;

impl Explanation {
    /// The waterfall as a picture (SVG 1.1).
    pub fn to_svg(&self, title: &str) -> String {
        let ends = self.steps.iter().flat_map(|step| [step.sum, step.sum - step.bits]).chain([self.weight, 0.0]);
        let (low, high) = ends.fold((0.0_f32, 0.0_f32), |(low, high), bits| (low.min(bits), high.max(bits)));
        let x = |bits: f32| 260.0 + (bits - low) * BIT;
        let (width, height) = (x(high) + 420.0, (self.steps.len() + 3) * LINE);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height}\" \
             font-family=\"sans-serif\" font-size=\"12\">\n<text x=\"8\" y=\"18\" font-size=\"14\">{}</text>\n",
            escaped(title)
        );
        let zero = x(0.0);
        svg += &format!("<line x1=\"{zero:.1}\" y1=\"26\" x2=\"{zero:.1}\" y2=\"{height}\" stroke=\"#999\"/>\n");
        let total = Step {
            comparison: "weight".to_owned(),
            level: format!("{}, probability {:.4}", self.decision, self.probability),
            bits: self.weight,
            sum: self.weight,
        };
        for (number, step) in self.steps.iter().chain([&total]).enumerate() {
            let (from, to) = (x(step.sum - step.bits), x(step.sum));
            let (left, wide) = (from.min(to), (from - to).abs().max(1.0));
            let colour = if step.bits < 0.0 { "#c0392b" } else { "#2471a3" };
            let y = 30 + number * LINE;
            let (base, after) = (y + 15, x(high) + 8.0);
            svg += &format!(
                "<text x=\"8\" y=\"{base}\">{}</text><rect x=\"{left:.1}\" y=\"{y}\" width=\"{wide:.1}\" height=\"20\" \
                 fill=\"{colour}\"/><text x=\"{after:.1}\" y=\"{base}\">{:+.2}  {}</text>\n",
                escaped(&step.comparison),
                step.bits,
                escaped(&step.level)
            );
        }
        svg + "</svg>\n"
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
