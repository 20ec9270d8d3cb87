//! `petitiond.toml`: `[database]`, `[broker]`, `[web]`, `[identity]`, `[ingest]`.

use std::net::SocketAddr;
use std::time::Duration;

use super::authentication;
use super::document::{Table, Value};
use super::layer::variable;
use super::problem::Place;
use super::redact;
use super::section::{Check, Placed, Section};
use super::{Settings, WebConfig};
use crate::broker::{self, BrokerConfig};
use crate::pipeline::IngestConfig;
use crate::seal::{KeyConfig, KeyRing};
use crate::secret::Secret;
use crate::sources::http::Url;
use crate::store::DatabaseConfig;

/// The tables of `petitiond.toml`.
pub const SECTIONS: &[&str] = &["database", "broker", "web", "identity", "ingest"];

/// Checks the whole file, the environment laid over it.
pub fn check(check: &Check, file: &Place, table: &Table) -> Option<Settings> {
    let root = Section::new(check, "", file, table, SECTIONS);
    let (database, broker) = (database(&root), broker(&root));
    let (web, identity, ingest) = (web(&root), identity(&root), ingest(&root));
    Some(Settings { database: database?, broker: broker?, web: web?, identity: identity?, ingest: ingest? })
}

/// A table that must be there.
fn required<'a>(root: &Section<'a>, name: &str, known: &'static [&'static str]) -> Option<Section<'a>> {
    if !root.has(name) {
        root.check.fault(&root.place, format!("there is no [{name}]"), format!("it has: {}", known.join(", ")));
    }
    root.child(name, known)
}

fn database(root: &Section<'_>) -> Option<DatabaseConfig> {
    let section = required(root, "database", &["url", "url_file", "max_connections"])?;
    let url = url(&section, &["postgres", "postgresql"], "postgres://petitiond@127.0.0.1:5432/petitiond");
    let max_connections = section.integer("max_connections", 2..=1000_u32);
    Some(DatabaseConfig { url: url?, max_connections: max_connections.unwrap_or(16) })
}

fn broker(root: &Section<'_>) -> Option<BrokerConfig> {
    let section = required(root, "broker", &["url", "url_file", "prefix", "tls"])?;
    let url = url(&section, &["amqp", "amqps"], "amqp://127.0.0.1:5672/%2f");
    let prefix = section.parsed("prefix", |text| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
        let good = text.starts_with(|c: char| c.is_ascii_lowercase()) && text.len() <= 60 && text.chars().all(plain);
        let rule = "up to 60 of a-z, 0-9, `-`, `_` and `.`, beginning with a letter";
        if good { Ok(text.to_owned()) } else { Err(rule) }
    });
    let tls = authentication::tls(&section)?;
    let mut broker = BrokerConfig::new(url?);
    broker.tls = broker::Tls { ca_file: tls.ca_file, cert_file: tls.cert_file, key_file: tls.key_file };
    if let Some(prefix) = prefix {
        broker.prefix = prefix.value;
    }
    Some(broker)
}

fn web(root: &Section<'_>) -> Option<WebConfig> {
    let default = WebConfig { listen: SocketAddr::from(([127, 0, 0, 1], 8420)) };
    if !root.has("web") {
        return Some(default);
    }
    let section = root.child("web", &["listen"])?;
    let listen = section.parsed("listen", |text| {
        text.parse::<SocketAddr>().map_err(|_| "not an address with a port, as in \"127.0.0.1:8420\" or \"[::1]:8420\"")
    });
    Some(listen.map_or(default, |listen| WebConfig { listen: listen.value }))
}

fn identity(root: &Section<'_>) -> Option<KeyConfig> {
    let section = required(root, "identity", &["key_file"])?;
    if !section.has("key_file") {
        section.missing("key_file", "make a key with `petitiond key generate` and name its file here");
        return None;
    }
    let key = section.secret_path("key_file")?;
    if let Err(error) = KeyRing::load(&key.value) {
        section.check.error(&key.place, format!("`identity.key_file`: {error}"));
        return None;
    }
    Some(KeyConfig { key_file: key.value })
}

fn ingest(root: &Section<'_>) -> Option<IngestConfig> {
    let default = IngestConfig::default();
    if !root.has("ingest") {
        return Some(default);
    }
    let section = root.child("ingest", &["batch_records", "batch_wait", "writers", "prefetch"])?;
    let batch_wait = section.duration("batch_wait", Duration::from_millis(1), Duration::from_mins(1));
    let batch_records = section.integer("batch_records", 1..=10_000_usize).unwrap_or(default.batch_records);
    let prefetch = section.integer("prefetch", 1..=u16::MAX).unwrap_or(default.prefetch);
    Some(IngestConfig {
        batch_records,
        batch_wait: batch_wait.unwrap_or(default.batch_wait),
        writers: section.integer("writers", 1..=64_usize).unwrap_or(default.writers),
        prefetch,
    })
}

/// `url` or `url_file`. A password stands in a file of its own or in the environment, never here.
fn url(section: &Section<'_>, schemes: &[&str], example: &str) -> Option<Secret> {
    if !section.has("url") && !section.has("url_file") {
        let name = variable(&section.full("url"));
        section.missing("url", &format!("for example \"{example}\", here, in `url_file`, or in {name}"));
        return None;
    }
    let url = match section.exactly_one(&["url", "url_file"])? {
        "url" => {
            let text = section.text("url")?;
            if redact::has_password(text.value) && !text.place.is_variable() {
                let message =
                    format!("a secret must not stand in this file: `{}` has a password in it", section.full("url"));
                let advice = format!(
                    "put the whole url into a file of mode 600 and name it with `url_file`, or set {}",
                    variable(&section.full("url"))
                );
                section.check.fault(&text.place, message, advice);
            }
            Placed { value: Secret::from(text.value), place: text.place }
        }
        _ => Placed { value: section.secret("url_file")?, place: section.place_of("url_file") },
    };
    check_url(section, &url, schemes, example).then_some(url.value)
}

/// The value is not shown: it may hold a password.
fn check_url(section: &Section<'_>, url: &Placed<Secret>, schemes: &[&str], example: &str) -> bool {
    use crate::secret::ExposeSecret;
    let key = section.full("url");
    let reason = match Url::parse(url.value.expose_secret()) {
        Ok(parsed) if schemes.contains(&parsed.scheme()) => return true,
        Ok(parsed) if parsed.scheme().len() <= 12 => format!("begins with `{}:`", parsed.scheme()),
        Ok(_) => "is of another kind".to_owned(),
        Err(error) => error.to_string(),
    };
    let message = format!("`{key}` is no {} url: {reason}", schemes.first().copied().unwrap_or(""));
    section.check.fault(&url.place, message, format!("for example \"{example}\""));
    false
}

impl Section<'_> {
    /// A duration within bounds.
    pub fn duration(&self, key: &str, least: Duration, most: Duration) -> Option<Duration> {
        use crate::sources::schedule::{format_duration, parse_duration};
        let found = self.parsed(key, parse_duration)?;
        if (least..=most).contains(&found.value) {
            return Some(found.value);
        }
        let (least, most) = (format_duration(least), format_duration(most));
        self.check.error(&found.place, format!("`{}` must be from {least} to {most}", self.full(key)));
        None
    }

    /// Whether a key holds an empty table or `true`: a choice without settings (`auth.none = true`).
    pub fn bare(&self, key: &str) -> bool {
        let Some(entry) = self.entry(key) else { return false };
        match &entry.node.value {
            Value::Boolean(true) => true,
            Value::Table(_) => self.child(key, &[]).is_some(),
            _ => {
                let full = self.full(key);
                self.check.error(&entry.node.place, format!("`{full}` has no settings: write `{full} = true`"));
                false
            }
        }
    }
}
