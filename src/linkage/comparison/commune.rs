//! Communes by their codes, each behind the code of its province (`33:13159`), with blanks between where an address of
//! before the merger of 2025 may mean several: one province, one commune in common, or the same.

pub const LEVELS: &[&str] = &["different", "province", "possible", "same"];

pub fn level(a: &str, b: &str) -> u8 {
    if a.split(' ').any(|code| b.split(' ').any(|other| other == code)) {
        return 2;
    }
    u8::from(province(a) == province(b))
}

/// The province of the first, which is that of all.
fn province(codes: &str) -> Option<&str> {
    codes.split([' ', ':']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels() {
        for (a, b, wanted) in [
            ("33:13159", "33:13160 33:13159", 2),
            ("33:13158 33:13159", "33:13159 33:13160", 2),
            ("33:13159", "33:13160", 1),
            ("33:13159", "86:13160", 0),
        ] {
            assert_eq!((level(a, b), level(b, a)), (wanted, wanted), "{a} {b}");
        }
    }
}
