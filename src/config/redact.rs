//! Which values of a configuration file are secrets, so that no problem shows a line with one in it.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::sources::http::Url;

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

/// In the name of a parameter: its value is a secret.
const SECRET_WORDS: &[&str] =
    &["password", "passwd", "passphrase", "pwd", "secret", "token", "api_key", "apikey", "api-key", "access_key"];

/// In the name of a parameter: its value may be a secret, and is not shown.
const DOUBTFUL_WORDS: &[&str] = &["pass", "key", "auth", "credential", "sig"];

/// In any text, comments included: what stands before the `@` of a url, and the values of parameters with a telling name.
static SECRET_OF_URL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let parameter = r#"(?i)[?&;#][\w.-]*(?:pass|pwd|secret|token|key|auth|credential|sig)[\w.-]*=([^\s"'&]*)"#;
    Regex::new(&format!(r#"{parameter}|://([^\s"']*:[^\s"']*@)"#)).ok()
});

/// In a text that is no TOML: the rest of the line after a telling key; and of every line that may hold a url of any
/// form, whatever follows the first `=`, or all of it.
static BROKEN_SECRET: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let key = r#"(?:pass\w*|pwd|token|secret|key|authorization|cookie)["']?\s*=\s*([^\n]*)"#;
    let url = r"^(?:[^=\n]*=)?([^\n]*(?:@|:/)[^\n]*)$";
    let named = r#"url["']?[\s=:]+([^\n]*)"#;
    Regex::new(&format!("(?im)(?:{url}|{named}|{key})")).ok()
});

/// Whether a URL has a password in it, in whatever place; one that is no URL at all is none of this function's.
pub fn has_password(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    url.password().is_some()
        || url.username().to_ascii_lowercase().contains("%3a")
        || names_any(&url, SECRET_WORDS)
        || after_authority(&url).contains('@')
}

/// Whether an address may have a secret in it, as far as it can be seen.
pub fn holds_a_secret(address: &str) -> bool {
    !is_open(address)
}

/// Whether the value of this key must not be shown. `api_key.query` names a parameter and is none.
pub fn is_secret(key: &str, value: &str) -> bool {
    let key = key.to_ascii_lowercase();
    LITERAL_SECRETS.iter().any(|(name, _)| *name == key)
        || SECRET_HEADERS.contains(&key.as_str())
        || if names_a_url(&key) || value.contains("://") { !is_open(value) } else { is_like_a_url(value) }
}

/// `url`, `token_url`, and `ulr`.
fn names_a_url(key: &str) -> bool {
    key.ends_with("url") || strsim::osa_distance(key, "url") <= 1
}

/// Whether a text is a URL in which nothing can be a secret. What cannot be read may be anything.
fn is_open(text: &str) -> bool {
    if text.is_empty() {
        return true;
    }
    let Ok(url) = Url::parse(text) else { return false };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    // where a source is asked, whoever stands before the `@` is a key as often as a name
    let user = url.username().chars().all(plain) && (url.username().is_empty() || !url.scheme().starts_with("http"));
    url.has_authority() && user && !has_password(text) && !names_any(&url, DOUBTFUL_WORDS)
}

/// `postgres:/u:p@h` or `host=h password=p`, whatever its key is called.
fn is_like_a_url(text: &str) -> bool {
    let user = |word: &str| word.split_once(':').is_some_and(|(_, rest)| rest.contains('@'));
    let told = |word: &str| word.split_once('=').is_some_and(|(name, _)| is_named(name, SECRET_WORDS));
    text.split_whitespace().any(|word| user(word) || told(word))
}

fn is_named(name: &str, words: &[&str]) -> bool {
    let name = name.to_ascii_lowercase();
    words.iter().any(|word| name.contains(word))
}

/// Whether a parameter, or what looks like one elsewhere than in the query, has one of these words in its name.
fn names_any(url: &Url, words: &[&str]) -> bool {
    let pairs = after_authority(url).split(['?', '&', ';', '#', '/', ' ']).filter_map(|pair| pair.split_once('='));
    url.query_pairs().any(|(name, _)| is_named(&name, words))
        || pairs.into_iter().any(|(name, _)| is_named(name, words))
}

/// Path, query and fragment.
fn after_authority(url: &Url) -> &str {
    let text = url.as_str();
    let begin = text.find("://").map_or(0, |at| at + 3);
    let rest = text.get(begin..).unwrap_or(text);
    rest.find(['/', '?', '#']).and_then(|at| rest.get(at..)).unwrap_or("")
}

/// The secrets of URLs wherever they stand in a text, comments included.
pub fn secrets_of_urls(text: &str) -> Vec<Range<usize>> {
    found(&SECRET_OF_URL, text)
}

/// Secrets by the look of the text, for a file that is no TOML and so has no keys.
pub fn secrets_of_broken_text(text: &str) -> Vec<Range<usize>> {
    found(&BROKEN_SECRET, text)
}

fn found(pattern: &LazyLock<Option<Regex>>, text: &str) -> Vec<Range<usize>> {
    let Some(pattern) = pattern.as_ref() else { return std::iter::once(0..text.len()).collect() };
    let range = |captures: regex::Captures<'_>| captures.iter().skip(1).flatten().map(|found| found.range()).next();
    pattern.captures_iter(text).filter_map(range).collect()
}
