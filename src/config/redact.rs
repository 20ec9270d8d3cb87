//! Which values of a configuration file are secrets, so that no problem shows a line with one in it.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// Keys whose literal value is a secret wherever it stands, and the key that should stand there instead.
pub const LITERAL_SECRETS: &[(&str, &str)] = &[
    ("password", "password_file"),
    ("token", "token_file"),
    ("client_secret", "client_secret_file"),
    ("secret", "client_secret_file"),
    ("key", "key_file"),
    ("api_key", "key_file"),
];

/// Names of HTTP headers that carry a secret.
pub const SECRET_HEADERS: &[&str] =
    &["authorization", "proxy-authorization", "cookie", "x-api-key", "api-key", "x-auth-token", "apikey"];

static URL_WITH_PASSWORD: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"://[^/\s]*:[^/\s]*@").ok());

static BROKEN_SECRET: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let words = r#"(?im)(?:password|token|secret|key|authorization|cookie)["']?\s*=\s*([^\n]*)|://[^/\s]*(:[^\n]*@)"#;
    Regex::new(words).ok()
});

/// Whether a URL has a password in it.
pub fn has_password(url: &str) -> bool {
    URL_WITH_PASSWORD.as_ref().is_some_and(|pattern| pattern.is_match(url))
}

/// Whether the value of this key must not be shown. `api_key.query` names a parameter and is none.
pub fn is_secret(key: &str, value: &str) -> bool {
    let key = key.to_ascii_lowercase();
    LITERAL_SECRETS.iter().any(|(name, _)| *name == key)
        || SECRET_HEADERS.contains(&key.as_str())
        || has_password(value)
}

/// The same by the look of the text, for a file that is no TOML and so has no keys.
pub fn secrets_of_broken_text(text: &str) -> Vec<Range<usize>> {
    let Some(pattern) = BROKEN_SECRET.as_ref() else { return std::iter::once(0..text.len()).collect() };
    let range = |captures: regex::Captures<'_>| captures.get(1).or_else(|| captures.get(2)).map(|found| found.range());
    pattern.captures_iter(text).filter_map(range).collect()
}
