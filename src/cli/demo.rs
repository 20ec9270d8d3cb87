//! `petitiond demo`: simulated agencies and the daemon.

use clap::Args;

use super::Outcome;
use super::context::Context;

/// Show it all on private services: simulated agencies, the broker, the daemon, one database.
#[derive(Debug, Args)]
pub struct Options {}

/// Runs the demo.
pub fn run(_options: &Options, _context: &Context) -> Outcome {
    Ok(())
}
