//! UTF-8 read as CP1252 or Latin-1: `Nguyá»…n` for `Nguyễn`, once or several times over.

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::windows::byte_of;

/// Times it may have happened.
const MOST: usize = 4;

/// The text before it was doubly encoded; `None` where nothing in it is.
///
/// Works sequence by sequence: a character that stands for the lead byte of a Vietnamese letter or of a typographic
/// sign, followed by those of its continuation bytes. Real text has no such sequences (`á»` needs a continuation
/// byte after it). Where the damage also lost what CP1252 shows as a blank or not at all, the letter is still
/// certain: `Ã` before a blank was `à` (its second byte is the no-break space).
pub(super) fn decode(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let mut current = once(text)?;
    for _ in 1..MOST {
        let Some(again) = once(&current) else { break };
        current = again;
    }
    let current = with_lost_bytes(&current);
    Some(if is_nfc(&current) { current } else { current.nfc().collect() })
}

fn once(text: &str) -> Option<String> {
    let lead = |c: char| matches!(c, 'Â' | 'Ã' | 'Ä' | 'Å' | 'Æ' | 'Ì' | 'á' | 'â');
    if !text.contains(lead) {
        return None;
    }
    let chars: Vec<char> = text.chars().collect();
    let mut result = String::with_capacity(text.len());
    let mut found = 0_usize;
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        let rest = chars.get(at..).unwrap_or_default();
        if let Some((letter, used)) = sequence(rest) {
            found += 1;
            result.push(letter);
            at += used;
        } else {
            result.push(c);
            at += 1;
        }
    }
    (found > 0).then_some(result)
}

/// One character from the bytes that the first characters stand for.
fn sequence(chars: &[char]) -> Option<(char, usize)> {
    let byte = |at: usize| chars.get(at).copied().and_then(byte_of);
    let first = byte(0)?;
    let length = match first {
        0xC2..=0xC6 | 0xCC => 2,
        0xE1 | 0xE2 => 3,
        _ => return None,
    };
    let mut bytes = [first, 0, 0];
    for at in 1..length {
        let next = byte(at).filter(|byte| (0x80..=0xBF).contains(byte))?;
        *bytes.get_mut(at)? = next;
    }
    let letter = std::str::from_utf8(bytes.get(..length)?).ok()?.chars().next()?;
    let wanted = matches!(letter,
        '\u{80}'..='\u{FF}' | '\u{100}'..='\u{1B0}' | '\u{300}'..='\u{323}' | '\u{1EA0}'..='\u{1EF9}'
        | '\u{2010}'..='\u{203A}' | '\u{20AB}' | '\u{20AC}' | '\u{2122}' | '\u{2C6}' | '\u{2DC}');
    wanted.then_some((letter, length))
}

/// In a text that was doubly encoded and is not any more, a lone `Ã` lost its second half: before a blank it was à
/// (no-break space), inside a word í (soft hyphen); a lone `Ä` at the start of a word was Đ.
fn with_lost_bytes(text: &str) -> String {
    if !text.contains(['Ã', 'Ä']) {
        return text.to_owned();
    }
    let mut result = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        let after_lower =
            result.chars().next_back().is_none_or(|before| before.is_lowercase() || before.is_whitespace());
        match (c, next) {
            ('Ã', Some(' ')) if after_lower => {
                chars.next();
                result.push('à');
                if chars.peek().is_none_or(|next| next.is_uppercase()) {
                    result.push(' ');
                }
            }
            // the second byte of Đ is one that CP1252 does not have
            ('Ä', Some(next)) if next.is_alphabetic() && !result.ends_with(char::is_alphabetic) => result.push('Đ'),
            ('Ã', Some(next)) if next.is_ascii_lowercase() && after_lower => result.push('í'),
            _ => result.push(c),
        }
    }
    result
}
