//! What a person types: one file a subcommand, each a documented `Options` and its `run`.
//!
//! Owns: the command line, exit statuses, what is printed and how.
//! Must not know: how anything is done; every command asks the layers under it.
//! To add a subcommand: a file here with `Options` and `run`, a variant of [`Command`], an arm in `Command::run`.
//!
//! Exit status: 0 done, 1 it failed, 2 wrong usage, 78 the configuration is wrong.

mod check;
mod completions;
mod context;
mod demo;
mod history;
mod key;
mod link;
mod migrate;
mod new;
mod preview;
mod quality;
mod quarantine;
mod reader;
mod rebuild;
mod reconcile;
mod review;
mod run;
mod schema;
mod source;
mod status;
mod table;

mod normalize;
mod output;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::daemon::keys::KeyFault;
use crate::store;
use context::Context;

/// Keeps one national database of citizen reception, petitions, complaints and denunciations in step with the systems
/// of ministries, branches and local governments.
#[derive(Debug, Parser)]
#[command(name = "petitiond", version, propagate_version = true)]
pub struct CommandLine {
    /// Folder with petitiond.toml and sources.d [default: config/ in a checkout, else /etc/petitiond].
    #[arg(long, global = true, value_name = "DIR")]
    config: Option<PathBuf>,
    /// What to log, in the syntax of RUST_LOG [default: info].
    #[arg(long, global = true, value_name = "FILTER", env = "PETITIOND_LOG")]
    log: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Options),
    Check(check::Options),
    Migrate(migrate::Options),
    Demo(demo::Options),
    Status(status::Options),
    Source(source::Options),
    Quarantine(quarantine::Options),
    Normalize(normalize::Options),
    Rebuild(rebuild::Options),
    Review(review::Options),
    Reader(reader::Options),
    Key(key::Options),
    Link(link::Options),
    Completions(completions::Options),
    Schema(schema::Options),
}

/// Why a command failed, by its exit status.
#[derive(Debug)]
pub enum Failure {
    /// It could not be done.
    Failed(anyhow::Error),
    /// The configuration is wrong; the text is complete.
    Configuration(String),
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl Failure {
    /// A database of another version, or with other keys, is a wrong configuration: trying again does not make it right.
    fn of_start(error: anyhow::Error) -> Self {
        let is_foreign = matches!(error.downcast_ref(), Some(KeyFault::Foreign { .. }));
        let is_other = matches!(error.downcast_ref(), Some(store::Error::Newer(_) | store::Error::Behind(_)));
        if is_foreign || is_other { Self::Configuration(format!("petitiond: {error}\n")) } else { Self::Failed(error) }
    }
}

/// What a command ends with.
pub type Outcome = Result<(), Failure>;

/// Runs one command line.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let line = match CommandLine::try_parse_from(arguments) {
        Ok(line) => line,
        Err(error) => {
            // clap prints help and version to standard output, faults to standard error
            drop(error.print());
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    // one provider for every TLS client of this process; it can only be there already in tests
    drop(rustls::crypto::ring::default_provider().install_default());
    let context = Context::new(line.config, std::env::vars_os());
    match line.command.run(&context, line.log.as_deref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Failed(error)) if error.is::<output::Closed>() => ExitCode::SUCCESS,
        Err(Failure::Failed(error)) => {
            output::complain(format_args!("petitiond: {error:#}\n"));
            ExitCode::from(1)
        }
        Err(Failure::Configuration(problems)) => {
            output::complain(format_args!("{problems}"));
            ExitCode::from(78)
        }
    }
}

impl Command {
    fn run(self, context: &Context, log: Option<&str>) -> Outcome {
        let quiet = match self {
            Self::Run(_) => None,
            // it says what is wrong by itself, once
            Self::Check(_) => Some("error,lapin=off,sqlx=off,petitiond::broker=off"),
            _ => Some("warn,lapin=off,sqlx=error"),
        };
        crate::telemetry::init(log.or(quiet), false).map_err(anyhow::Error::msg)?;
        match self {
            Self::Run(options) => run::run(&options, context),
            Self::Check(options) => check::run(&options, context),
            Self::Migrate(options) => migrate::run(&options, context),
            Self::Demo(options) => demo::run(&options, context),
            Self::Status(options) => status::run(&options, context),
            Self::Source(options) => source::run(options, context),
            Self::Quarantine(options) => quarantine::run(options, context),
            Self::Normalize(options) => {
                let (input, output) = (std::io::stdin().lock(), std::io::stdout().lock());
                Ok(normalize::run(&options, crate::clock::Clock::System, input, output)?)
            }
            Self::Rebuild(options) => rebuild::run(&options, context),
            Self::Review(options) => review::run(&options, context),
            Self::Reader(options) => reader::run(options, context),
            Self::Key(options) => key::run(options),
            Self::Link(options) => link::run(&options, context),
            Self::Completions(options) => completions::run(&options),
            Self::Schema(options) => schema::run(&options),
        }
    }
}
