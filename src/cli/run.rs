//! `petitiond run`: the daemon.

use clap::Args;
use tokio_util::sync::CancellationToken;

use super::context::{Context, leave};
use super::{Failure, Outcome};

/// Decoding, normalizing and sealing are work for a core; more threads than this only hold more memory.
const BLOCKING_THREADS: usize = 8;

/// Run the daemon until SIGTERM; SIGHUP reloads the sources.
#[derive(Debug, Args)]
pub struct Options {}

/// Runs the daemon.
pub fn run(_options: &Options, context: &Context) -> Outcome {
    // a source whose file does not check is left out and says so; it must not keep the others from running
    let settings = context.settings()?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().max_blocking_threads(BLOCKING_THREADS).build()?;
    let outcome = runtime.block_on(crate::daemon::run(context.origin.clone(), settings, CancellationToken::new()));
    leave(runtime);
    outcome.map_err(Failure::of_start)
}
