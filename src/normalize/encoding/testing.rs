//! The other way round, for tests: texts in legacy encodings as a program shows them that takes them for CP1252.

use unicode_normalization::UnicodeNormalization;

use super::windows::seen_as_1252;
use crate::reference::legacy::{tcvn3, vni};

/// TCVN3 as ABC fonts have it: capitals with tones become small letters.
pub(in crate::normalize) fn to_tcvn3(text: &str) -> String {
    let table = &tcvn3().abc;
    let byte_of = |c: char| table.iter().position(|letter| *letter == Some(c)).map(|byte| byte as u8);
    text.chars()
        .map(|c| {
            let byte = byte_of(c).or_else(|| c.to_lowercase().next().and_then(byte_of));
            byte.map_or(c, |byte| seen_as_1252(&[byte]).chars().next().unwrap())
        })
        .collect()
}

/// VNI for Windows.
pub(in crate::normalize) fn to_vni(text: &str) -> String {
    text.chars()
        .map(|c| {
            vni().iter().find(|(_, letter)| **letter == c).map_or(c.to_string(), |(sequence, _)| (*sequence).to_owned())
        })
        .collect()
}

/// VIQR, every sign that could be taken for a mark escaped.
pub(in crate::normalize) fn to_viqr(text: &str) -> String {
    let mut result = String::new();
    for c in text.chars() {
        match c {
            'đ' => result.push_str("dd"),
            'Đ' => result.push_str("DD"),
            '.' | '?' | '\'' | '`' | '~' | '(' | '^' | '+' => {
                result.push('\\');
                result.push(c);
            }
            _ => result.extend(c.nfd().map(|part| match part {
                '\u{302}' => '^',
                '\u{306}' => '(',
                '\u{31B}' => '+',
                '\u{300}' => '`',
                '\u{301}' => '\'',
                '\u{309}' => '?',
                '\u{303}' => '~',
                '\u{323}' => '.',
                other => other,
            })),
        }
    }
    // the shape of a vowel stands before its tone
    for shape in ['^', '(', '+'] {
        for tone in ['`', '\'', '?', '~', '.'] {
            result = result.replace(&format!("{tone}{shape}"), &format!("{shape}{tone}"));
        }
    }
    result
}

/// windows-1258 read as CP1252.
pub(in crate::normalize) fn to_1258(text: &str) -> String {
    let mut bytes = Vec::new();
    for c in text.chars() {
        let one = |c: char| {
            (0_u8..=255).find(|byte| encoding_rs::WINDOWS_1258.decode_without_bom_handling(&[*byte]).0.starts_with(c))
        };
        if let Some(byte) = one(c) {
            bytes.push(byte);
            continue;
        }
        // base with its shape, then the tone
        let parts: Vec<char> = c.nfd().collect();
        let tone = parts
            .iter()
            .copied()
            .find(|part| matches!(part, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}'));
        let base: String = parts.into_iter().filter(|part| Some(*part) != tone).collect::<String>().nfc().collect();
        bytes.extend(base.chars().chain(tone).filter_map(one));
    }
    seen_as_1252(&bytes)
}

/// UTF-8 read as CP1252.
pub(in crate::normalize) fn to_double(text: &str) -> String {
    seen_as_1252(text.as_bytes())
}
