//! Paths and texts as jq writes them.

/// `.a."Mã đơn"`; the document itself is `.`.
pub(super) fn path(names: &[String]) -> String {
    if names.is_empty() {
        return ".".to_owned();
    }
    names.iter().map(|name| format!(".{}", key(name))).collect()
}

/// A name as it stands after a point.
fn key(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_plain = name.chars().all(plain) && name.starts_with(|c: char| !c.is_ascii_digit()) && !name.is_empty();
    if is_plain { name.to_owned() } else { text(name) }
}

/// A text in quotes. JSON escapes every backslash, so nothing in it is taken for jq's `\(…)`.
pub(super) fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sources::mapping::Expression;

    #[test]
    fn any_name_leads_to_its_field() {
        for name in ["MaDon", "Mã đơn", "@ma", "a\"b", "a\\(1)", "1a", "", "a.b", "\u{7}", "and", "if"] {
            let source = path(&[name.to_owned()]);
            let found =
                Expression::compile(&source).unwrap().first(&json!({ name: 7 }), std::time::Duration::from_secs(1));
            assert_eq!(found, Ok(Some(json!(7))), "{source}");
        }
        assert_eq!(path(&[]), ".");
    }
}
