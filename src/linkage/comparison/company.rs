//! What a record says beside the person, as words with blanks between: who signed with them, which decision they complain
//! of. One in common, several of a list, or all.

pub const LEVELS: &[&str] = &["different", "one", "several", "same"];
pub const ONE: u8 = 1;
pub const SEVERAL: u8 = 2;

/// So many in common are no chance: two lists of one village share a name or two.
const MANY: usize = 3;

pub fn level(a: &str, b: &str) -> u8 {
    let found = |a: &str, b: &str| a.split(' ').filter(|word| b.split(' ').any(|other| other == *word)).count();
    match found(a, b).min(found(b, a)) {
        0 => 0,
        1..MANY => ONE,
        _ => SEVERAL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels() {
        for (a, b, wanted) in [("x y", "z", 0), ("x y", "z y", 1), ("w x y z", "x y z", 2), ("x y", "y", 1)] {
            assert_eq!((level(a, b), level(b, a)), (wanted, wanted), "{a} {b}");
        }
    }
}
