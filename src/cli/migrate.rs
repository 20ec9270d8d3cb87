//! `petitiond migrate`: bring the database to this version.

use clap::Args;

use super::Outcome;
use super::context::{Context, block_on};
use crate::store::{self, SchemaState};

/// Bring the database to this version: tables, views, roles, reference data.
#[derive(Debug, Args)]
pub struct Options {}

/// Migrates.
pub fn run(_options: &Options, context: &Context) -> Outcome {
    let settings = context.settings()?;
    block_on(async {
        let pool = store::connect(&settings.database, "petitiond migrate")?;
        let before = store::schema_state(&pool).await?;
        store::migrate(&pool).await?;
        match before {
            SchemaState::Behind(steps) => println!("{steps} migrations applied; the database is at this version"),
            SchemaState::Current | SchemaState::Newer(_) => println!("the database is at this version"),
        }
        Ok(())
    })
}
