//! `petitiond completions SHELL`: tab completion.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{CommandLine, Outcome, output};

/// Print tab completions for a shell.
#[derive(Debug, Args)]
pub struct Options {
    shell: Shell,
}

/// Prints the completions.
pub fn run(options: &Options) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut CommandLine::command(), "petitiond", &mut script);
    Ok(output::bytes(&script)?)
}
