//! Numbers of documents (số, ký hiệu văn bản): `123/QĐ-UBND`, `45/KL-TTr`, `06/2025/TT-TTCP`, `142-TB/VPTW`.
//!
//! The number and the date of the decision complained of are the best key a case has.

use std::borrow::Cow;

use super::letter::letter;
use super::text::clean_line;

/// What may stand before a number: "Quyết định số", "QĐ số", "Số:".
const LEAD_IN: &[&str] = &["so", "s0", "number", "no"];
/// What may stand after it: "ngày 5/3/2024", "của UBND …".
const LEAD_OUT: &[&str] = &["ngay", "cua", "ve", "do", "ban", "v", "nam", "thang", "ky"];

/// The number as it is shown: tidy text, without blanks around its separators and without "số" before it.
pub fn clean(text: &str) -> Cow<'_, str> {
    let line = clean_line(text);
    match number_in(&line) {
        Some(number) if number != *line => Cow::Owned(number),
        _ => line,
    }
}

/// The key by which two writings of one number are equal: `123/QD-UBND`. Capitals without marks, `/` and `-` as they
/// stand, no leading zeros. `None` where the text holds no number.
pub fn number_key(text: &str) -> Option<String> {
    let number = number_in(&clean_line(text))?;
    let mut key = String::with_capacity(number.len());
    for c in number.chars() {
        match letter(c).and_then(|letter| letter.flat) {
            Some(flat) => key.push(char::from(flat.to_ascii_uppercase())),
            None if matches!(c, '/' | '-') => key.push(c),
            None => {}
        }
    }
    // 06/2025/TT-TTCP and 6/2025/TT-TTCP are one document
    let digits = key.bytes().take_while(u8::is_ascii_digit).count();
    let zeros = key.bytes().take_while(|byte| *byte == b'0').count().min(digits.saturating_sub(1));
    key.drain(..zeros);
    key.bytes().any(|byte| matches!(byte, b'1'..=b'9')).then_some(key)
}

/// Whether the whole text is a document's number and cannot be much else: up to five digits, then signs of at most
/// eight letters or digits each, as Decree 30/2020/NĐ-CP (annex I, II.3) lays it down. An identity or telephone number
/// is longer, and so is a name written in one word.
pub fn is_number(text: &str) -> bool {
    let text = clean(text);
    let mut signs = text.split(['/', '-', '.']);
    let number = signs.next().unwrap_or_default();
    let is_short = |sign: &str| (1..=8).contains(&sign.chars().count()) && sign.chars().all(|c| letter(c).is_some());
    (1..=5).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit()) && signs.take(6).all(is_short)
}

/// The number in a text: the first run that begins with a digit, blanks around separators left away.
fn number_in(text: &str) -> Option<String> {
    let mut number = String::new();
    for word in joined(text).split(' ') {
        if number.is_empty() {
            if word.starts_with(|c: char| c.is_ascii_digit()) {
                number.push_str(word.trim_end_matches([',', ';', '.', ':', ')']));
                continue;
            }
            let flat = super::text::flat_key(word);
            if let Some(rest) = LEAD_IN.iter().find_map(|lead| flat.strip_prefix(lead))
                && rest.starts_with(|c: char| c.is_ascii_digit())
                && let Some(at) = word.find(|c: char| c.is_ascii_digit())
            {
                number.push_str(word.get(at..)?.trim_end_matches([',', ';', '.', ':', ')']));
            }
        } else {
            return Some(number);
        }
    }
    (!number.is_empty()).then_some(number)
}

/// Blanks around `/` and `-` closed up, dashes of every length made `-`, except before what is no part of a number.
fn joined(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut words = text.split(' ').peekable();
    while let Some(word) = words.next() {
        joined.extend(word.chars().map(|c| match c {
            '–' | '—' | '‐' | '‑' | '−' => '-',
            '\\' => '/',
            other => other,
        }));
        let Some(next) = words.peek() else { break };
        let closes = joined.ends_with(['/', '-']) || next.starts_with(['/', '-', '–', '—', '‐', '‑', '−', '\\']);
        // "123 QĐ-UBND" lost its slash; "123 ngày 5/3" did not
        let sign_follows = joined.rsplit(' ').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()))
            && next.contains('-')
            && next.starts_with(|c: char| c.is_alphabetic() && c.is_uppercase())
            && !LEAD_OUT.contains(&super::text::flat_key(next).as_str());
        if sign_follows && !closes {
            joined.push('/');
        } else if !closes {
            joined.push(' ');
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        for (text, wanted) in [
            ("123/QĐ-UBND", Some("123/QD-UBND")),
            ("123/QÐ-UBND", Some("123/QD-UBND")),
            ("123/qđ-ubnd", Some("123/QD-UBND")),
            ("123 / QĐ - UBND", Some("123/QD-UBND")),
            ("123/QĐ–UBND", Some("123/QD-UBND")),
            ("0123/QĐ-UBND", Some("123/QD-UBND")),
            ("Số: 123/QĐ-UBND", Some("123/QD-UBND")),
            ("số123/QĐ-UBND", Some("123/QD-UBND")),
            ("Quyết định số 123/QĐ-UBND ngày 05/03/2024 của UBND huyện", Some("123/QD-UBND")),
            ("QĐ 123/QĐ-UBND, ngày 5/3", Some("123/QD-UBND")),
            ("123 QĐ-UBND", Some("123/QD-UBND")),
            ("45/KL-TTr", Some("45/KL-TTR")),
            ("06/2025/TT-TTCP", Some("6/2025/TT-TTCP")),
            ("142-TB/VPTW", Some("142-TB/VPTW")),
            ("123", Some("123")),
            ("không số", None),
            ("", None),
            ("000", None),
        ] {
            assert_eq!(number_key(text).as_deref(), wanted, "{text:?}");
        }
    }

    #[test]
    fn shows_tidily() {
        assert_eq!(clean("Số: 123 / QÐ-UBND"), "123/QĐ-UBND");
        assert_eq!(clean("bản đồ"), "bản đồ");
        assert!(is_number("123 / QĐ-UBND"));
        assert!(is_number("06/2025/TT-TTCP"));
        for no_number in
            ["xử phạt ông A", "001173999888", "0987654329", "77-NgõPhốVọng-TrịnhHoàngYến", "12/TrịnhHoàngYến", ""]
        {
            assert!(!is_number(no_number), "{no_number}");
        }
    }

    proptest::proptest! {
        #[test]
        fn twice_is_once(text in "(\\PC|[0-9/ -]|QĐ|số){0,20}") {
            let once = clean(&text).into_owned();
            assert_eq!(clean(&once), once.as_str());
            if let Some(key) = number_key(&text) {
                assert_eq!(number_key(&key), Some(key.clone()));
            }
        }
    }
}
