//! From what the evidence adds up to, to what it is worth: attributes that depend on one another in ways that no kind of
//! pairs has speak too loudly, for as well as against. Where the truth of some pairs is known, a line through the weights
//! makes probabilities of them that are right on average (Platt 1999).

/// `bits = slope * sum + offset`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    pub slope: f32,
    pub offset: f32,
}

impl Default for Calibration {
    /// The sum is what it is worth.
    fn default() -> Self {
        Self { slope: 1.0, offset: 0.0 }
    }
}

/// Sums beyond this, either way, leave no doubt, and what is so many times as frequent must not bend the line where it counts.
const MOST: f32 = 16.0;

/// Rounds of Newton's method at most.
const ROUNDS: usize = 50;

impl Calibration {
    pub fn of(self, sum: f32) -> f32 {
        self.slope.mul_add(sum, self.offset)
    }

    /// The line under which sums whose truth is known are most likely (logistic regression). Without right and wrong pairs
    /// to tell apart, no line.
    pub fn fit(pairs: &[(f32, bool)]) -> Self {
        let pairs: Vec<(f32, bool)> = pairs.iter().filter(|(sum, _)| sum.abs() <= MOST).copied().collect();
        let right = pairs.iter().filter(|(_, is_right)| *is_right).count();
        if right == 0 || right == pairs.len() {
            return Self::default();
        }
        let (mut slope, mut offset) = (1.0_f64, 0.0_f64);
        let mut loss = loss(&pairs, slope, offset);
        for _ in 0..ROUNDS {
            let change = step(&pairs, slope, offset);
            // half of it, and half of that, until it leads down: far from the end the whole step leads anywhere
            let halves = (0..30).map(|half| 0.5_f64.powi(half));
            let tried = halves.map(|part| (part.mul_add(change.0, slope), part.mul_add(change.1, offset)));
            let mut tried = tried.map(|(slope, offset)| (slope, offset, self::loss(&pairs, slope, offset)));
            let Some(better) = tried.find(|(.., other)| *other < loss) else { break };
            let is_still = loss - better.2 < 1e-9 * loss;
            (slope, offset, loss) = better;
            if is_still {
                break;
            }
        }
        if slope.is_finite() && offset.is_finite() && slope > 0.0 {
            Self { slope: slope as f32, offset: offset as f32 }
        } else {
            Self::default()
        }
    }
}

/// How unlikely the truth is under a line, in bits, and a little for every line that changes anything.
fn loss(pairs: &[(f32, bool)], slope: f64, offset: f64) -> f64 {
    let of = |(sum, is_right): &(f32, bool)| {
        let bits = slope.mul_add(f64::from(*sum), offset);
        (1.0 + (if *is_right { -bits } else { bits }).exp2()).log2()
    };
    0.5 * ((slope - 1.0).powi(2) + offset * offset) + pairs.iter().map(of).sum::<f64>()
}

/// One step of Newton's method towards the least loss.
fn step(pairs: &[(f32, bool)], slope: f64, offset: f64) -> (f64, f64) {
    let (mut toward, mut curve) = ([1.0 - slope, -offset], [1.0, 0.0, 1.0]);
    for (sum, is_right) in pairs {
        let sum = f64::from(*sum);
        let said = 1.0 / (1.0 + (-slope.mul_add(sum, offset)).exp2());
        let miss = f64::from(u8::from(*is_right)) - said;
        let weight = said * (1.0 - said) * std::f64::consts::LN_2;
        toward = [toward[0] + miss * sum, toward[1] + miss];
        curve = [curve[0] + weight * sum * sum, curve[1] + weight * sum, curve[2] + weight];
    }
    let [a, b, c] = curve;
    let determinant = b.mul_add(-b, a * c).max(1e-12);
    ((c * toward[0] - b * toward[1]) / determinant, (a * toward[1] - b * toward[0]) / determinant)
}

#[cfg(test)]
mod tests {
    use super::super::hash::Draws;
    use super::*;

    #[test]
    fn a_line_is_found_again() {
        let mut draws = Draws::new(7);
        let pairs: Vec<(f32, bool)> = (0..40_000)
            .map(|_| {
                let sum = (draws.unit() * 40.0 - 20.0) as f32;
                let truly = 0.5 * sum - 1.0;
                (sum, draws.unit() < 1.0 / (1.0 + (-f64::from(truly)).exp2()))
            })
            .collect();
        let line = Calibration::fit(&pairs);
        assert!((line.slope - 0.5).abs() < 0.03 && (line.offset + 1.0).abs() < 0.15, "{line:?}");
        assert!((line.of(10.0) - 4.0).abs() < 0.3);
    }

    #[test]
    fn nothing_is_learned_of_one_kind_alone() {
        assert_eq!(Calibration::fit(&[(3.0, true), (1.0, true)]), Calibration::default());
        assert_eq!(Calibration::fit(&[]), Calibration::default());
    }
}
