//! `petitiond migrate`: bring the database to this version.

use clap::Args;

use super::context::{Context, block_on, schema_state};
use super::output::say;
use super::{Failure, Outcome};
use crate::daemon::keys;
use crate::seal::KeyRing;
use crate::store::{self, SchemaState};

/// Bring the database to this version: tables, views, roles, reference data.
#[derive(Debug, Args)]
pub struct Options {}

/// Migrates.
pub fn run(_options: &Options, context: &Context) -> Outcome {
    let settings = context.settings()?;
    block_on(async {
        let pool = store::connect(&settings.database, "petitiond migrate")?;
        let before = schema_state(&pool, &settings).await?;
        store::migrate(&pool).await?;
        match before {
            SchemaState::Behind(steps) => say!("{steps} migrations applied; the database is at this version")?,
            SchemaState::Current | SchemaState::Newer(_) => say!("the database is at this version")?,
        }
        let key_file = &settings.identity.key_file;
        let agreed = keys::agree(&pool, &KeyRing::load(key_file)?, key_file).await;
        agreed.map_err(|fault| Failure::of_start(fault.into()))
    })
}
