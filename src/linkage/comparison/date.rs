//! Days, as `YYYYMMDD`, or what was read of one: impossible days keep their digits, and a year alone is a year.

pub const LEVELS: &[&str] = &["different", "decade", "year", "two_parts", "near", "swapped", "same"];
const DECADE: u8 = 1;
const YEAR: u8 = 2;
const TWO_PARTS: u8 = 3;
const NEAR: u8 = 4;
const SWAPPED: u8 = 5;

pub fn level(a: &str, b: &str) -> u8 {
    match (a.as_bytes().try_into(), b.as_bytes().try_into()) {
        (Ok(a), Ok(b)) => level_of_digits(a, b),
        _ => year_alone(a, b),
    }
}

/// Of two whole dates that differ.
pub fn level_of_digits(a: [u8; 8], b: [u8; 8]) -> u8 {
    let (a, b) = (Digits::of(a), Digits::of(b));
    if a.year == b.year && a.month == b.day && a.day == b.month {
        return SWAPPED;
    }
    let digits = |a: [u8; 4], b: [u8; 4]| a.iter().zip(b).filter(|(a, b)| **a != *b).count();
    let turned = |a: [u8; 4], b: [u8; 4]| {
        let mut one = a;
        (0..3).any(|at| {
            one = a;
            one.swap(at, at + 1);
            one == b
        })
    };
    let year = digits(a.year, b.year);
    let rest = digits(a.rest(), b.rest());
    if year + rest == 1 || (year == 0 && turned(a.rest(), b.rest())) || (rest == 0 && turned(a.year, b.year)) {
        return NEAR;
    }
    match (year == 0, a.month == b.month, a.day == b.day) {
        (true, true, _) | (true, _, true) | (_, true, true) => TWO_PARTS,
        (true, ..) => YEAR,
        _ if a.year.get(..3) == b.year.get(..3) || year == 1 => DECADE,
        _ => 0,
    }
}

/// Where one side is no more than a year.
fn year_alone(a: &str, b: &str) -> u8 {
    match (a.get(..4), b.get(..4)) {
        (Some(a), Some(b)) if a == b => YEAR,
        (Some(a), Some(b)) if a.get(..3) == b.get(..3) => DECADE,
        _ => 0,
    }
}

/// A day in digits.
struct Digits {
    year: [u8; 4],
    month: [u8; 2],
    day: [u8; 2],
}

impl Digits {
    const fn of([y1, y2, y3, y4, m1, m2, d1, d2]: [u8; 8]) -> Self {
        Self { year: [y1, y2, y3, y4], month: [m1, m2], day: [d1, d2] }
    }

    const fn rest(&self) -> [u8; 4] {
        [self.month[0], self.month[1], self.day[0], self.day[1]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels() {
        for (a, b, wanted) in [
            ("19800312", "19801203", SWAPPED),
            ("19800312", "19800313", NEAR),
            ("19800312", "19080312", NEAR),
            ("19800312", "19800321", NEAR),
            ("18561618", "18560618", NEAR),
            ("19800312", "19800101", YEAR),
            ("19800312", "19800330", TWO_PARTS),
            ("19800312", "1980", YEAR),
            ("19800312", "19820415", DECADE),
            ("19800312", "19990415", 0),
        ] {
            assert_eq!(level(a, b), wanted, "{a} {b}");
        }
    }
}
