//! Legacy Vietnamese encodings as tables: TCVN3 (TCVN 5712:1993, what ABC fonts use) and VNI for Windows.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::table;

/// The letters of TCVN3 by byte.
#[derive(Debug)]
pub struct Tcvn3 {
    /// What ABC fonts show: lower case letters and the seven capitals without a tone.
    pub abc: [Option<char>; 256],
    /// The capitals with tones that only the standard's VN1 has, at control characters and elsewhere.
    pub vn1: [Option<char>; 256],
}

static TCVN3: LazyLock<Tcvn3> = LazyLock::new(|| {
    let mut table = Tcvn3 { abc: [None; 256], vn1: [None; 256] };
    for (byte, letter, part) in table::rows(include_str!("data/tcvn3.csv"), |row| {
        let &[byte, letter, part] = row else { return None };
        Some((u8::from_str_radix(byte, 16).ok()?, letter.chars().next()?, part))
    }) {
        let letters = if part.starts_with("abc") { &mut table.abc } else { &mut table.vn1 };
        if let Some(slot) = letters.get_mut(usize::from(byte)) {
            *slot = Some(letter);
        }
    }
    table
});

static VNI: LazyLock<HashMap<&'static str, char>> = LazyLock::new(|| {
    table::rows(include_str!("data/vni.csv"), |row| {
        let &[sequence, letter] = row else { return None };
        Some((sequence, letter.chars().next()?))
    })
    .into_iter()
    .collect()
});

/// TCVN3 by byte.
pub fn tcvn3() -> &'static Tcvn3 {
    &TCVN3
}

/// VNI: one or two characters as seen in CP1252, and the letter they stand for. Longest match first.
pub fn vni() -> &'static HashMap<&'static str, char> {
    &VNI
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_whole() {
        assert_eq!(tcvn3().abc.iter().flatten().count(), 74);
        assert_eq!(tcvn3().vn1.iter().flatten().count(), 60);
        assert_eq!(tcvn3().abc[0xA7], Some('Đ'));
        assert_eq!(vni().len(), 134);
        assert_eq!(vni()["oä"], 'ộ');
    }
}
