//! What a person types: one file a subcommand, each a documented `Options` and its `run`.

pub mod normalize;

use std::ffi::OsString;
use std::process::ExitCode;

/// Runs one command line.
pub fn run(_args: impl IntoIterator<Item = OsString>) -> ExitCode {
    ExitCode::SUCCESS
}
