//! `petitiond schema record`: the interchange record as a JSON Schema.

use clap::{Args, Subcommand};

use super::{Outcome, output};
use crate::sources::format::RECORD_SCHEMA;

/// Print schemas.
#[derive(Debug, Args)]
pub struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The interchange record, version 1, as JSON Schema 2020-12.
    Record,
}

/// Prints a schema.
pub fn run(options: &Options) -> Outcome {
    match options.what {
        What::Record => Ok(output::bytes(RECORD_SCHEMA.as_bytes())?),
    }
}
