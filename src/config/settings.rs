//! `petitiond.toml`: `[database]`, `[broker]`, `[web]`, `[identity]`, `[ingest]`.

use std::net::SocketAddr;
use std::time::Duration;

use super::document::Table;
use super::layer::variable;
use super::parameter;
use super::problem::Place;
use super::redact;
use super::section::{Check, Placed, Section};
use super::{Settings, WebConfig, authentication};
use crate::broker::BrokerConfig;
use crate::pipeline::IngestConfig;
use crate::seal::{KeyConfig, KeyRing};
use crate::secret::Secret;
use crate::sources::http::Url;
use crate::store::DatabaseConfig;

/// The tables of `petitiond.toml`.
pub const SECTIONS: &[&str] = &["database", "broker", "web", "identity", "ingest"];
/// The keys of `[database]`.
pub const DATABASE: &[&str] = &["url", "url_file", "max_connections"];
/// The keys of `[ingest]`.
pub const INGEST: &[&str] = &["batch_records", "batch_wait", "writers", "prefetch"];
/// The keys of `[broker]`.
pub const BROKER: &[&str] = &[
    "url",
    "url_file",
    "prefix",
    "heartbeat",
    "delivery_limit",
    "message_bytes",
    "confirm_timeout",
    "outstanding_bytes",
    "tls",
];

const NO_KEY: &str = "make a key with `petitiond key generate FILE` and name its file here";

/// Checks the whole file, the environment laid over it.
pub fn check(check: &Check, file: &Place, table: &Table) -> Option<Settings> {
    let root = Section::new(check, "", file, table, SECTIONS);
    let (database, broker) = (database(&root), broker(&root));
    let (web, identity, ingest) = (web(&root), identity(&root), ingest(&root));
    Some(Settings { database: database?, broker: broker?, web: web?, identity: identity?, ingest: ingest? })
}

/// A table that must be there, with the one key that it cannot do without.
fn required<'a>(root: &Section<'a>, name: &str, known: &'static [&'static str], key: &str) -> Option<Section<'a>> {
    if !root.has(name) {
        let advice = format!("write [{name}] with `{key}`, or set {}", variable(&format!("{name}.{key}")));
        root.check.fault(&root.place, format!("there is no [{name}]"), advice);
    }
    root.child(name, known)
}

fn database(root: &Section<'_>) -> Option<DatabaseConfig> {
    let section = required(root, "database", DATABASE, "url")?;
    let url = url(&section, &["postgres", "postgresql"], "postgres://petitiond@127.0.0.1:5432/petitiond");
    let max_connections = section.integer("max_connections", 2..=1000_u32);
    Some(DatabaseConfig { url: url?.value, max_connections: max_connections.unwrap_or(16) })
}

fn broker(root: &Section<'_>) -> Option<BrokerConfig> {
    const SECONDS: Duration = Duration::from_secs(1);
    let section = required(root, "broker", BROKER, "url")?;
    let url = url(&section, &["amqp", "amqps"], "amqp://127.0.0.1:5672/%2f");
    let default = BrokerConfig::new(Secret::from(""));
    let prefix = section.parsed("prefix", |text| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        let good = (1..=40).contains(&text.len()) && text.chars().all(plain);
        if good { Ok(text.to_owned()) } else { Err("must be 1 to 40 of a-z, 0-9, `-` and `_`") }
    });
    let heartbeat = section.duration("heartbeat", SECONDS, Duration::from_mins(10));
    let delivery_limit = section.integer("delivery_limit", 1..=1000_u32);
    let message_bytes = section.size("message_bytes");
    let confirm_timeout = section.duration("confirm_timeout", SECONDS, Duration::from_hours(1));
    let outstanding_bytes = section.size("outstanding_bytes");
    let tls = authentication::tls_of(&section)?;
    let url = url?;
    let broker = BrokerConfig {
        url: url.value,
        prefix: prefix.map_or(default.prefix, |prefix| prefix.value),
        heartbeat: heartbeat.unwrap_or(default.heartbeat),
        delivery_limit: delivery_limit.unwrap_or(default.delivery_limit),
        message_bytes: message_bytes.unwrap_or(default.message_bytes),
        confirm_timeout: confirm_timeout.unwrap_or(default.confirm_timeout),
        outstanding_bytes: outstanding_bytes.unwrap_or(default.outstanding_bytes),
        tls,
    };
    if let Err(error) = broker.check() {
        section.check.error(&url.place, error.to_string());
        return None;
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
    let section = required(root, "identity", &["key_file"], "key_file")?;
    if !section.has("key_file") {
        section.missing("key_file", NO_KEY);
        return None;
    }
    let key = section.secret_path("key_file", Some(NO_KEY))?;
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
    let section = root.child("ingest", INGEST)?;
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
pub(super) fn url(section: &Section<'_>, schemes: &[&str], example: &str) -> Option<Placed<Secret>> {
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
    check_url(section, &url, schemes, example).then_some(url)
}

/// The value is not shown: it may hold a password.
fn check_url(section: &Section<'_>, url: &Placed<Secret>, schemes: &[&str], example: &str) -> bool {
    use crate::secret::ExposeSecret;
    let key = section.full("url");
    let reason = match Url::parse(url.value.expose_secret()) {
        Ok(parsed) if schemes.contains(&parsed.scheme()) && parsed.has_authority() => {
            return parameter::check(section.check, &key, &parsed, &url.place);
        }
        Ok(parsed) if schemes.contains(&parsed.scheme()) => format!("{}: is not followed by //", parsed.scheme()),
        Ok(_) => format!("it begins with something else than {}://", schemes.join(":// or ")),
        Err(error) => error.to_string(),
    };
    let message = format!("`{key}` is no {} url: {reason}", schemes.first().copied().unwrap_or(""));
    section.check.fault(&url.place, message, format!("for example \"{example}\""));
    false
}
