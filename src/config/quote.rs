//! From a place in a text value to the place in the file, where the value stands in quotes.

/// The byte of `raw` (a TOML string with its quotes) at which byte `decoded` of its value begins; the closing quote
/// where `decoded` is the end of the value.
pub fn raw_offset(raw: &str, decoded: usize) -> usize {
    let (open, basic) = match raw.as_bytes() {
        [b'"', b'"', b'"', ..] => (3, true),
        [b'\'', b'\'', b'\'', ..] => (3, false),
        [b'"', ..] => (1, true),
        [b'\'', ..] => (1, false),
        _ => return 0,
    };
    let mut at = open;
    // The newline right after the opening of a multi-line string is no part of the value.
    if open == 3 {
        at += raw
            .get(at..)
            .map_or(0, |rest| if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with('\n')) });
    }
    let end = raw.len().saturating_sub(open).max(at);
    let mut seen = 0;
    while seen < decoded && at < end {
        let Some(rest) = raw.get(at..end) else { break };
        let (length, value) = step(rest, basic);
        at += length;
        seen += value;
    }
    at.min(end)
}

/// Bytes of the file, and bytes of the value they stand for.
fn step(rest: &str, basic: bool) -> (usize, usize) {
    let mut chars = rest.chars();
    let (Some(first), second) = (chars.next(), chars.next()) else { return (1, 1) };
    if !basic || first != '\\' {
        return (first.len_utf8(), first.len_utf8());
    }
    let hex = |digits: usize| {
        let value = rest.get(2..2 + digits).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        (2 + digits, value.and_then(char::from_u32).map_or(1, char::len_utf8))
    };
    match second {
        Some('x') => hex(2),
        Some('u') => hex(4),
        Some('U') => hex(8),
        // A backslash at the end of a line swallows all white space up to the next character.
        Some(c) if c.is_whitespace() => {
            let length = rest.get(1..).map_or(0, |tail| tail.len() - tail.trim_start().len());
            (1 + length, 0)
        }
        Some(c) => (1 + c.len_utf8(), 1),
        None => (1, 1),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::raw_offset;

    #[test]
    fn quotes_and_escapes_are_counted() {
        let table = [
            ("\".a | b\"", 3, 4),
            ("'.a | b'", 3, 4),
            ("'\"petition\"'", 0, 1),
            (r#""\"petition\"""#, 1, 3),
            (r#""\"petition\"""#, 10, 13),
            (r#""\u1ea1x""#, 3, 7),
            ("\"\"\"\n.a\"\"\"", 1, 5),
            ("\"\"\"a \\\n   b\"\"\"", 2, 5),
            ("\"đơn|\"", "đơn".len(), 1 + "đơn".len()),
            ("\".a\"", 2, 3),
            ("\".a\"", 99, 3),
            ("", 5, 0),
        ];
        for (raw, decoded, expected) in table {
            assert_eq!(raw_offset(raw, decoded), expected, "{raw} at {decoded}");
        }
    }

    proptest! {
        #[test]
        fn every_character_is_found_again(text in any::<String>(), at in any::<prop::sample::Index>()) {
            let raw = toml_edit::Value::from(text.as_str()).to_string();
            let offsets: Vec<(usize, char)> = text.char_indices().collect();
            if let Some((offset, c)) = offsets.get(at.index(offsets.len().max(1))) {
                let found = raw_offset(&raw, *offset);
                let rest = &raw[found..];
                prop_assert!(rest.starts_with(*c) || rest.starts_with('\\'), "{raw} {offset} {found}");
            }
        }
    }
}
