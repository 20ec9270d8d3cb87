//! How deep JSON text is nested, found without recursion and before anything is parsed.

/// Whether arrays and objects are nested deeper than `limit` levels. The text need not be valid.
pub fn deeper_than(json: &[u8], limit: usize) -> bool {
    let mut depth = 0_usize;
    let mut in_text = false;
    let mut bytes = json.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => in_text = !in_text,
            b'\\' if in_text => {
                bytes.next();
            }
            b'[' | b'{' if !in_text => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_texts() {
        for (json, depth) in [
            ("1", 0),
            ("[]", 1),
            (r#"{"a":[1,{"b":2}]}"#, 3),
            (r#"["[[[[", "\"[[[", "\\", [1]]"#, 2),
            ("[[1],[2],[3]]", 2),
        ] {
            assert!(!deeper_than(json.as_bytes(), depth), "{json}");
            assert!(depth == 0 || deeper_than(json.as_bytes(), depth - 1), "{json}");
        }
    }

    #[test]
    fn a_bomb_is_found_without_recursion() {
        assert!(deeper_than("[".repeat(1_000_000).as_bytes(), 64));
    }
}
