//! `petitiond check [--connect]`: everything that is wrong with the configuration, and with what it names.

use clap::Args;

use super::context::{Context, block_on, broker, database};
use super::output::say;
use super::{Failure, Outcome};
use crate::clock::Clock;
use crate::config::{Config, Settings};
use crate::daemon::keys;
use crate::seal::KeyRing;
use crate::sources::pull;
use crate::store::{PgPool, place};

/// Check the whole configuration; with --connect, the database, the broker and every source too.
#[derive(Debug, Args)]
pub struct Options {
    /// Also connect: database, broker, each source's endpoint and credentials.
    #[arg(long)]
    connect: bool,
}

/// Checks.
pub fn run(options: &Options, context: &Context) -> Outcome {
    let config = context.config()?;
    let sources = match config.sources.len() {
        1 => "1 source".to_owned(),
        many => format!("{many} sources"),
    };
    say!("the configuration in {} is right: {sources}", context.origin.dir.display())?;
    if options.connect { block_on(connect(&config)) } else { Ok(()) }
}

/// A pool on a database that the daemon could work with.
async fn writable(settings: &Settings) -> anyhow::Result<PgPool> {
    let pool = database(settings).await?;
    match place::hindrance(&pool).await? {
        None => Ok(pool),
        Some(hindrance) => anyhow::bail!("{}: {hindrance}", place::of(&settings.database)),
    }
}

/// Tries everything, and fails at the end if one of it failed.
async fn connect(config: &Config) -> Outcome {
    let mut failed = 0;
    // whoever stops reading still learns from the exit status whether all of it is right
    let mut tell = |what: String, outcome: anyhow::Result<String>| match outcome {
        Ok(text) => drop(say!("ok    {what}: {text}")),
        Err(error) => {
            failed += 1;
            drop(say!("FAIL  {what}: {error:#}"));
        }
    };
    let database = writable(&config.settings).await;
    let pool = database.as_ref().ok().cloned();
    tell("database".to_owned(), database.map(|_| "at this version, and may be written".to_owned()));
    if let Some(pool) = pool {
        let key_file = &config.settings.identity.key_file;
        let agreed = async {
            keys::agree(&pool, &KeyRing::load(key_file)?, key_file).await?;
            Ok("it is the one of this database".to_owned())
        };
        tell(format!("key file {}", key_file.display()), agreed.await);
    }
    tell("broker".to_owned(), broker(&config.settings).await.map(|_| "connected".to_owned()));
    for source in config.sources.iter().filter(|source| source.enabled) {
        if let Some(probed) = pull::probe(source, Clock::System.now()).await.transpose() {
            tell(format!("source {}", source.id), probed.map_err(Into::into));
        }
    }
    match failed {
        0 => Ok(()),
        count => Err(Failure::Failed(anyhow::anyhow!("{count} of these cannot be reached or used as configured"))),
    }
}
