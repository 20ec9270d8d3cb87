//! The configuration: load, check, and say every problem with file, line and column.
//!
//! Owns: what stands in `petitiond.toml`, in `sources.d/*.toml` and in `PETITIOND__…` variables, and what is wrong
//! with it ([`Problems`]). It ends in checked types that other modules declare ([`SourceConfig`], [`KeyConfig`] …),
//! so that nobody after it has to doubt a value.
//! Must not know: what the daemon does with a configuration. It reads files and connects to nothing.
//! To add a key: its name in the list of known keys where its table is read (`settings.rs`, `source.rs`, `http.rs` …),
//! the reading of it beside that list, a line in `config/sources.d/*.toml.example` or `config/petitiond.toml`.
//!
//! Every key is read although an earlier one is wrong: a person who corrects a file wants all its faults at once.

mod amqp;
mod authentication;
mod decoding;
mod document;
mod files;
mod format;
mod http;
mod layer;
mod mark;
mod parameter;
mod problem;
mod quote;
mod redact;
mod scalar;
mod secret_file;
mod section;
mod settings;
mod source;
mod sql;
#[cfg(test)]
mod tests;
mod unit;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

pub use layer::PREFIX;
pub use problem::{Problem, Problems, Severity};
pub use redact::holds_a_secret;
pub use source::SourceFile;

use crate::broker::BrokerConfig;
use crate::pipeline::IngestConfig;
use crate::seal::KeyConfig;
use crate::sources::SourceConfig;
use crate::store::DatabaseConfig;
use problem::{Place, because};
use section::Check;

/// `[web]`, checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WebConfig {
    pub listen: SocketAddr,
}

/// `petitiond.toml` and the environment, checked: what takes a restart to change.
#[derive(Debug, Clone)]
pub struct Settings {
    pub database: DatabaseConfig,
    pub broker: BrokerConfig,
    pub web: WebConfig,
    pub identity: KeyConfig,
    pub ingest: IngestConfig,
}

/// The whole configuration, checked.
#[derive(Debug, Clone)]
pub struct Config {
    pub settings: Settings,
    /// By id.
    pub sources: Vec<SourceConfig>,
    /// What works but is hardly meant.
    pub warnings: Problems,
}

/// Where a configuration comes from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The folder with `petitiond.toml` and `sources.d`.
    pub dir: PathBuf,
    /// The environment of the process; only variables that begin with [`PREFIX`] and `__` count.
    pub environment: Vec<(String, String)>,
    /// `$CREDENTIALS_DIRECTORY`, where systemd puts secrets.
    pub credentials: Option<PathBuf>,
}

/// Loads and checks everything.
///
/// # Errors
/// All problems of all files, warnings among them, when one of them is an error.
pub fn load(origin: &Origin) -> Result<Config, Problems> {
    let (settings, mut problems) = load_settings(origin);
    let (files, of_folder) = load_sources(origin);
    problems.append(of_folder);
    let mut sources = Vec::new();
    for file in files {
        problems.append(file.problems);
        sources.extend(file.source);
    }
    let problems = problems.sorted();
    match settings {
        Some(settings) if !problems.has_errors() => Ok(Config { settings, sources, warnings: problems }),
        _ => Err(problems),
    }
}

/// Loads only `petitiond.toml` and the environment; no settings where there are errors.
pub fn load_settings(origin: &Origin) -> (Option<Settings>, Problems) {
    let path = origin.dir.join("petitiond.toml");
    let name = path.display().to_string();
    let mut problems = Problems::default();
    let environment = layer::settings_of(&origin.environment, &mut problems);
    let file = match document::bytes(&path) {
        Ok(bytes) => document::read(&name, bytes, &mut problems),
        Err((message, advice)) => {
            let advice = if path.exists() { advice } else { "name the folder of the configuration with --config" };
            problems.add(Problem::error(&Place::Path(name), &message).advise(advice));
            None
        }
    };
    let settings = file.and_then(|(text, table)| {
        let table = layer::lay(&path, table, settings::SECTIONS, environment, &mut problems);
        let check = Check::new(&origin.dir, origin.credentials.as_deref());
        let settings = settings::check(&check, &Place::new(&text, 0..0), &table);
        problems.append(check.into_problems());
        settings
    });
    let problems = problems.sorted();
    (settings.filter(|_| !problems.has_errors()), problems)
}

/// Loads only `sources.d`, each file by itself, in the order of their ids: for a reload, where a file that does not
/// check leaves the running source of its name as it was. The problems are those of the folder itself.
pub fn load_sources(origin: &Origin) -> (Vec<SourceFile>, Problems) {
    let folder = origin.dir.join("sources.d");
    let mut problems = Problems::default();
    let mut paths: Vec<PathBuf> = match std::fs::read_dir(&folder) {
        Ok(entries) => {
            entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| is_source(path)).collect()
        }
        Err(error) => {
            let message = format!("the folder cannot be read: {}; there are no sources", because(&error));
            let place = Place::Path(folder.display().to_string());
            problems.add(match error.kind() {
                std::io::ErrorKind::NotFound => Problem::warning(&place, &message),
                _ => Problem::error(&place, &message),
            });
            Vec::new()
        }
    };
    paths.sort();
    let stem = |path: &PathBuf| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let stems: Vec<String> = paths.iter().filter_map(stem).collect();
    let credentials = origin.credentials.as_deref();
    let files = paths.iter().map(|path| source::load(&origin.dir, path, &stems, credentials)).collect();
    (files, problems)
}

/// `*.toml`, apart from what editors leave behind (`.bxd.toml.swp` and `.#bxd.toml`).
fn is_source(path: &Path) -> bool {
    let hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
    !hidden && path.extension().is_some_and(|extension| extension == "toml")
}
