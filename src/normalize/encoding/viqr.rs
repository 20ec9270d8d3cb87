//! VIQR (RFC 1456): letters and marks in ASCII, `Nguye^~n Va(n A`, a backslash before a sign that is none.

use unicode_normalization::UnicodeNormalization;

use super::super::syllable::is_syllable;
use super::is_abbreviation;

/// Whether a text has what only VIQR writes, at least once: a vowel and a circumflex, a horn or a breve after it, or a
/// vowel and a tone before the end of its syllable.
pub(super) fn has_signs(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.windows(2).any(|pair| {
        matches!(pair, [b'a' | b'e' | b'o' | b'A' | b'E' | b'O', b'^'] | [b'o' | b'u' | b'O' | b'U', b'+'])
    }) || bytes.windows(3).any(|three| matches!(three, [b'a' | b'A', b'(', next] if next.is_ascii_lowercase() || matches!(next, b'\'' | b'`' | b'?' | b'~' | b'.')))
        || text.split(is_gap).any(|word| has_tone_inside(word) || has_tone_behind(word))
}

/// `xa~`, `va``: two tones that are no punctuation.
fn has_tone_behind(word: &str) -> bool {
    let Some(head) = word.strip_suffix(['`', '~']) else { return false };
    head.len() >= 2 && head.bytes().all(|byte| byte.is_ascii_alphabetic()) && decode_word(word) != word
}

/// `ki'nh`, `Pha.m`, `nga`y`: letters, a vowel, a tone, the end of a syllable. No `I'm`, no `can't`, no `a.m`.
fn has_tone_inside(word: &str) -> bool {
    let Some((head, tail)) = word.split_once(['`', '\'', '?', '~', '.']) else { return false };
    let ends = matches!(tail, "c" | "ch" | "m" | "n" | "ng" | "nh" | "p" | "t" | "i" | "y" | "o" | "u" | "a");
    let vowel = |c: char| matches!(c.to_ascii_lowercase(), 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
    let letters = head.len() >= 2 && head.bytes().all(|byte| byte.is_ascii_alphabetic());
    ends && letters && head.ends_with(vowel) && head.starts_with(|c| !vowel(c)) && decode_word(word) != word
}

/// A text in VIQR. A mark belongs to a letter only where the word is a syllable with it; else it is punctuation.
pub(super) fn decode(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for piece in text.split_inclusive(is_gap) {
        let word = piece.trim_end_matches(is_gap);
        result.push_str(&decode_word(word));
        result.push_str(piece.get(word.len()..).unwrap_or_default());
    }
    result
}

/// Where words end; the signs of VIQR itself are no gaps.
const fn is_gap(c: char) -> bool {
    matches!(c, ' ' | '\n' | '\t' | '/' | '-' | ',' | ';' | ':' | '"' | '!' | '_' | '=' | '0'..='9')
}

/// One run between gaps: tries with all its marks, then with the last ones as punctuation.
fn decode_word(word: &str) -> String {
    let marks = |c: char| matches!(c, '.' | '?' | '`' | '\'' | '~' | '(' | '^' | '+');
    if !word.contains(marks) && !word.contains("dd") && !word.contains("DD") && !word.contains("Dd") {
        return word.replace('\\', "");
    }
    let mut end = word.len();
    loop {
        let (head, tail) = word.split_at_checked(end).unwrap_or((word, ""));
        let candidate = marked(head);
        let bare = candidate.trim_matches(|c: char| !c.is_alphanumeric());
        let parts_good = bare
            .split(|c: char| !c.is_alphanumeric())
            .filter(|part| !part.is_empty())
            .all(|part| is_syllable(part) || is_abbreviation(part));
        if parts_good || end == 0 {
            return if parts_good { format!("{candidate}{}", tail.replace('\\', "")) } else { word.to_owned() };
        }
        match head.char_indices().next_back() {
            Some((at, last)) if !last.is_alphanumeric() => end = at,
            _ => return with_shapes(word),
        }
    }
}

/// A word that is no Vietnamese syllable (So^r, M\\'Droh): what only VIQR writes is certain in it, the tones at its end
/// may be punctuation.
fn with_shapes(word: &str) -> String {
    let head = word.trim_end_matches(['.', '?', '\'', '`', '~']);
    let (head, tail) = if head.ends_with('\\') { (word, "") } else { word.split_at(head.len()) };
    if !head.contains(['^', '+', '(', '\\']) && !head.to_ascii_lowercase().starts_with("dd") {
        return word.to_owned();
    }
    let shaped = if head.ends_with(['^', '+', '(']) { marked(word) } else { marked(head) + tail };
    shaped.replace('\\', "")
}

/// Every mark put on the letter before it.
fn marked(word: &str) -> String {
    let mut text = String::with_capacity(word.len() + 4);
    let mut escaped = false;
    for c in word.chars() {
        if escaped {
            text.push(c);
            escaped = false;
            continue;
        }
        let before = text.chars().next_back();
        let on = |letters: &str| before.is_some_and(|before| letters.contains(before));
        match c {
            '\\' => escaped = true,
            '^' if on("aeoAEO") => text.push('\u{302}'),
            '(' if on("aA") => text.push('\u{306}'),
            '+' | '*' if on("ouOU") => text.push('\u{31B}'),
            '`' | '\'' | '?' | '~' | '.' if on("aeiouyAEIOUY\u{302}\u{306}\u{31B}") => text.push(match c {
                '`' => '\u{300}',
                '\'' => '\u{301}',
                '?' => '\u{309}',
                '~' => '\u{303}',
                _ => '\u{323}',
            }),
            'd' if before == Some('d') => {
                text.pop();
                text.push('đ');
            }
            'd' | 'D' if before == Some('D') => {
                text.pop();
                text.push('Đ');
            }
            other => text.push(other),
        }
    }
    text.nfc().collect()
}
