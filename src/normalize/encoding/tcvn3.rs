//! TCVN3, the encoding of ABC fonts (`.VnTime`): one byte a letter, capitals with tones only by the font.

use super::super::syllable::is_syllable;
use super::windows::byte_of;
use crate::reference::legacy::tcvn3;

/// A text in TCVN3 that was read as CP1252.
pub(super) fn decode(seen: &str) -> String {
    let table = tcvn3();
    let mut text = String::with_capacity(seen.len() + seen.len() / 4);
    let mut odd = false;
    for c in seen.chars() {
        let letter = byte_of(c).filter(|byte| *byte >= 0x80).map(usize::from).and_then(|byte| {
            // the capitals of VN1 stand where CP1252 has signs; fonts do not use them
            table.abc.get(byte).copied().flatten().or_else(|| table.vn1.get(byte).copied().flatten())
        });
        odd |= letter.is_some();
        text.push(letter.unwrap_or(c));
    }
    if !odd {
        return text;
    }
    let has_soft_hyphen = seen.contains('\u{AD}');
    capitals_of_the_font(&if has_soft_hyphen { text } else { lost_soft_hyphens(&text) })
}

/// Fonts whose name ends in H show capitals for small letters: in a word whose ASCII letters are all capitals the
/// others are too, and so in a text without any small ASCII letter.
fn capitals_of_the_font(text: &str) -> String {
    let all_capitals = |word: &str| {
        let capitals = word.bytes().filter(u8::is_ascii_uppercase).count();
        capitals > 0 && !word.bytes().any(|byte| byte.is_ascii_lowercase())
    };
    if all_capitals(text) && text.bytes().filter(u8::is_ascii_uppercase).count() > 1 {
        return text.to_uppercase();
    }
    let mut result = String::with_capacity(text.len());
    for piece in text.split_inclusive(' ') {
        let capitals = piece.bytes().filter(u8::is_ascii_uppercase).count();
        if capitals > 1 && all_capitals(piece) && !piece.is_ascii() {
            result.push_str(&piece.to_uppercase());
        } else {
            result.push_str(piece);
        }
    }
    result
}

/// ư is the byte AD, a soft hyphen, which software drops. Where a word without it is no syllable and with it is
/// one, it was there: trớc → trước, nhng → nhưng.
fn lost_soft_hyphens(text: &str) -> String {
    let mut result = String::with_capacity(text.len() + 8);
    for piece in text.split_inclusive(|c: char| !c.is_alphabetic()) {
        let word = piece.trim_end_matches(|c: char| !c.is_alphabetic());
        match with_u_horn(word) {
            Some(repaired) => {
                result.push_str(&repaired);
                result.push_str(piece.get(word.len()..).unwrap_or_default());
            }
            None => result.push_str(piece),
        }
    }
    result
}

fn with_u_horn(word: &str) -> Option<String> {
    if word.is_ascii() && word.bytes().any(|byte| matches!(byte, b'a' | b'e' | b'i' | b'o' | b'u' | b'y')) {
        return None;
    }
    if word.len() < 3 || !word.chars().all(char::is_lowercase) || is_syllable(word) {
        return None;
    }
    let mut ways = word.char_indices().skip(1).filter_map(|(at, _)| {
        let (before, after) = word.split_at_checked(at)?;
        let candidate = format!("{before}ư{after}");
        is_syllable(&candidate).then_some(candidate)
    });
    let first = ways.next()?;
    ways.next().is_none().then_some(first)
}
