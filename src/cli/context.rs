//! What every command starts from: the configuration's origin, and ways to the database and the broker.

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use tokio::runtime::Runtime;

use crate::broker::Broker;
use crate::clock::Clock;
use crate::config::{self, Config, Origin, Problems, Settings};
use crate::daemon::keys;
use crate::pipeline::batch::Desk;
use crate::seal::KeyRing;
use crate::sources::SourceConfig;
use crate::store::{self, PgPool, SchemaState, place};

use super::Failure;
use super::output::complain;

/// The surroundings of one command.
pub struct Context {
    pub origin: Origin,
}

impl Context {
    /// The folder of the configuration, where it is not the one that is taken by itself.
    pub fn named_folder(&self) -> Option<&Path> {
        (self.origin.dir != default_folder()).then_some(self.origin.dir.as_path())
    }

    /// Reads nothing yet.
    pub fn new(folder: Option<PathBuf>, environment: impl Iterator<Item = (OsString, OsString)>) -> Self {
        let environment: Vec<(String, String)> = environment
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let value = |name: &str| environment.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let dir = folder.or_else(|| value("PETITIOND_CONFIG").map(PathBuf::from)).unwrap_or_else(default_folder);
        // an administrator who types a command has no credentials of systemd, but may read where systemd takes them from
        let beside = || Some(dir.join("credentials")).filter(|folder| folder.is_dir());
        let credentials = value("CREDENTIALS_DIRECTORY").map(PathBuf::from).or_else(beside);
        Self { origin: Origin { dir, environment, credentials } }
    }

    /// The whole configuration.
    ///
    /// # Errors
    /// Every problem of it, as text.
    pub fn config(&self) -> Result<Config, Failure> {
        let config = config::load(&self.origin).map_err(|problems| Failure::Configuration(shown(&problems)))?;
        if !config.warnings.is_empty() {
            complain(format_args!("{}\n", shown(&config.warnings)));
        }
        Ok(config)
    }

    /// One source, by its own file: a fault in another keeps nobody from looking at this one.
    ///
    /// # Errors
    /// There is no such file, or every problem of it, as text.
    pub fn source(&self, id: &str) -> Result<SourceConfig, Failure> {
        let (files, of_folder) = config::load_sources(&self.origin);
        let Some(file) = files.into_iter().find(|file| file.stem == id) else {
            if of_folder.has_errors() {
                return Err(Failure::Configuration(shown(&of_folder)));
            }
            let folder = self.origin.dir.join("sources.d");
            return Err(anyhow::anyhow!("there is no source {id:?}: no file {id}.toml in {}", folder.display()).into());
        };
        let problems = shown(&file.problems);
        let source = file.source.ok_or_else(|| Failure::Configuration(problems.clone()))?;
        if !file.problems.is_empty() {
            complain(format_args!("{problems}\n"));
        }
        Ok(source)
    }

    /// The settings alone: enough for a command about the database.
    ///
    /// # Errors
    /// Every problem of them, as text.
    pub fn settings(&self) -> Result<Settings, Failure> {
        let (settings, problems) = config::load_settings(&self.origin);
        settings.ok_or_else(|| Failure::Configuration(shown(&problems)))
    }
}

/// Problems in full, in colour where a person looks.
fn shown(problems: &Problems) -> String {
    problems.render(std::io::stderr().is_terminal())
}

/// `config/` in a checkout, else where the package puts it.
fn default_folder() -> PathBuf {
    let checkout = Path::new("config");
    let here = checkout.join("petitiond.toml").is_file();
    if here { checkout.to_owned() } else { PathBuf::from("/etc/petitiond") }
}

/// Runs a command's work on a small runtime.
///
/// # Errors
/// What the work ends with.
pub fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime can be started")?;
    let outcome = runtime.block_on(work);
    leave(runtime);
    outcome
}

/// Leaves a runtime to the end of the process, which follows at once. Shutting it down would wait for what blocks, and
/// cancel tasks under threads that wait for them: the AMQP library's own thread panics when its connecting is cancelled.
pub fn leave(runtime: Runtime) {
    std::mem::forget(runtime);
}

/// A pool on the national database, at this binary's version.
///
/// # Errors
/// The database is away, behind or ahead; the text says what to do.
pub async fn database(settings: &Settings) -> anyhow::Result<PgPool> {
    let pool = store::connect(&settings.database, "petitiond command")?;
    match schema_state(&pool, settings).await? {
        SchemaState::Current => Ok(pool),
        SchemaState::Behind(steps) => Err(store::Error::Behind(steps).into()),
        SchemaState::Newer(version) => Err(store::Error::Newer(version).into()),
    }
}

/// What works on records without the daemon: the database and the key that sealed it.
///
/// # Errors
/// As [`database`]; or the key file is not the database's.
pub async fn desk(settings: &Settings) -> Result<Desk, Failure> {
    let pool = database(settings).await?;
    let key_file = settings.identity.key_file.as_path();
    let ring = Arc::new(KeyRing::load(key_file)?);
    keys::agree(&pool, &ring, key_file).await.map_err(|fault| Failure::of_start(fault.into()))?;
    Ok(Desk { pool, ring, clock: Clock::System })
}

/// How the database stands to this binary.
///
/// # Errors
/// The database cannot be asked; the text says where it should be and what to do.
pub async fn schema_state(pool: &PgPool, settings: &Settings) -> anyhow::Result<SchemaState> {
    let refused = |error: store::Error| {
        let (place, next) = (place::of(&settings.database), place::next_step(&error));
        anyhow::anyhow!("{place}: {error}{next}")
    };
    // a pool tries a server that refuses again and again, and then knows only that the time was up
    store::reach(&settings.database).await.map_err(refused)?;
    store::schema_state(pool).await.map_err(refused)
}

/// The broker, connected.
///
/// # Errors
/// It cannot be reached within ten seconds, or its settings are wrong.
pub async fn broker(settings: &Settings) -> anyhow::Result<Broker> {
    let broker = Broker::connect(settings.broker.clone(), "petitiond command")?;
    broker.first_answer(std::time::Duration::from_secs(10)).await?;
    Ok(broker)
}
