//! CP1252 and CP1258: what bytes look like when read as the one, and the other read rightly.

use unicode_normalization::UnicodeNormalization;

/// The bytes as CP1252 shows them; the five bytes that it does not have stay C1 controls.
pub(super) fn seen_as_1252(bytes: &[u8]) -> String {
    // WHATWG windows-1252 maps all 256 bytes
    encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
}

/// The byte that CP1252 shows as this character; Latin-1's reading of it (C1 controls) counts too.
pub(super) const fn byte_of(c: char) -> Option<u8> {
    let byte = match c {
        '€' => 0x80,
        '‚' => 0x82,
        'ƒ' => 0x83,
        '„' => 0x84,
        '…' => 0x85,
        '†' => 0x86,
        '‡' => 0x87,
        'ˆ' => 0x88,
        '‰' => 0x89,
        'Š' => 0x8A,
        '‹' => 0x8B,
        'Œ' => 0x8C,
        'Ž' => 0x8E,
        '‘' => 0x91,
        '’' => 0x92,
        '“' => 0x93,
        '”' => 0x94,
        '•' => 0x95,
        '–' => 0x96,
        '—' => 0x97,
        '˜' => 0x98,
        '™' => 0x99,
        'š' => 0x9A,
        '›' => 0x9B,
        'œ' => 0x9C,
        'ž' => 0x9E,
        'Ÿ' => 0x9F,
        '\0'..='\u{FF}' => c as u8,
        _ => return None,
    };
    Some(byte)
}

/// A text in windows-1258 that was read as CP1252, in NFC: 1258 writes a letter and its tone as two characters.
pub(super) fn decode_1258(seen: &str) -> String {
    if seen.is_ascii() {
        return seen.to_owned();
    }
    let mut text = String::with_capacity(seen.len() + 8);
    for c in seen.chars() {
        match c {
            'Ã' => text.push('Ă'),
            'Ð' => text.push('Đ'),
            'Õ' => text.push('Ơ'),
            'Ý' => text.push('Ư'),
            'ã' => text.push('ă'),
            'ð' => text.push('đ'),
            'õ' => text.push('ơ'),
            'ý' => text.push('ư'),
            'þ' => text.push('₫'),
            'Ì' => text.push('\u{300}'),
            'Ò' => text.push('\u{309}'),
            'Þ' => text.push('\u{303}'),
            'ì' => text.push('\u{301}'),
            'ò' => text.push('\u{323}'),
            other => text.push(other),
        }
    }
    text.nfc().collect()
}

/// Rhymes with a tilde on a plain a or o that Vietnamese writes after none but these onsets (Hoàng Phê's dictionary).
/// With any other onset the letter is ă or ơ of windows-1258: khãn was khăn, đõn was đơn. `vãn` is left out: it
/// is rare, and the commonest middle name is Văn.
const TILDES: &[(&str, &[&str])] = &[
    ("ãm", &["h", "l"]),
    ("ãn", &["d", "gi", "h", "l", "m", "ng", "nh", "ph"]),
    ("ãng", &["đ", "h", "l", "m", "ng", "nh", "v"]),
    ("oãn", &["h"]),
    ("uãng", &["q"]),
    ("õn", &["n"]),
    ("õm", &["b", "h", "l", "m", "t"]),
    ("õi", &["c", "d", "đ", "gi", "l", "r", "s"]),
    ("õ", &["", "b", "ch", "g", "l", "m", "n", "ng", "r", "t", "v"]),
    ("ãc", &[]),
    ("ãp", &[]),
    ("ãt", &[]),
];

/// A text in windows-1258 whose words happen to be syllables in CP1252 too, one of which Vietnamese does not have.
pub(super) fn among_syllables(text: &str) -> Option<String> {
    if !text.contains(['ã', 'õ', 'Ã', 'Õ']) || !text.split(super::is_gap).any(is_unwritten) {
        return None;
    }
    let decoded = decode_1258(text);
    decoded
        .split(super::is_gap)
        .filter(|word| word.chars().any(super::is_telling))
        .all(super::is_good)
        .then_some(decoded)
}

fn is_unwritten(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphabetic()).to_lowercase();
    let rhyme = TILDES.iter().filter(|(rhyme, _)| word.ends_with(rhyme)).max_by_key(|(rhyme, _)| rhyme.len());
    rhyme.is_some_and(|(rhyme, onsets)| {
        let onset = word.strip_suffix(rhyme).unwrap_or_default();
        !onset.contains(['o', 'u']) && !onsets.contains(&onset)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table above is the difference of the two code pages.
    #[test]
    fn agrees_with_the_code_page() {
        for byte in 0_u8..=255 {
            let seen = seen_as_1252(&[byte]);
            let right = encoding_rs::WINDOWS_1258.decode_without_bom_handling(&[byte]).0.nfc().collect::<String>();
            assert_eq!(byte_of(seen.chars().next().unwrap()), Some(byte), "{byte:02X}");
            // four letters that only CP1252 has stay what it shows
            if matches!(byte, 0x8A | 0x8E | 0x9A | 0x9E) {
                continue;
            }
            assert_eq!(decode_1258(&seen), right, "{byte:02X}");
        }
    }
}
