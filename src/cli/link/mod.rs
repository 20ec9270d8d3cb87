//! `petitiond link`: the linkage of records on files: train a model, judge it against the truth, explain a pair, make
//! records whose truth is known. A pair of stored records is explained as well.
//!
//! Owns: reading CSV files with declared columns, what is printed and written.
//! Must not know: how records are compared or joined (`linkage` does), how stored ones are found (`pipeline::review`).
//! To add one: a file here with `Options` and `run`, a variant of [`Command`], an arm in [`run`].

mod corpus;
mod data;
mod evaluate;
mod explain;
mod persons;
mod report;
mod train;

use clap::{Args, Subcommand};

use super::Outcome;
use super::context::Context;

/// Link records of persons: train a model on a file, evaluate it against the truth, explain a pair, invent records whose
/// truth is known.
#[derive(Debug, Args)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Train(train::Options),
    Evaluate(evaluate::Options),
    Explain(explain::Options),
    Corpus(corpus::Options),
    Persons(persons::Options),
}

/// Does what was asked.
pub fn run(options: &Options, context: &Context) -> Outcome {
    match &options.command {
        Command::Train(options) => train::run(options),
        Command::Evaluate(options) => evaluate::run(options),
        Command::Explain(options) => explain::run(options, context),
        Command::Corpus(options) => corpus::run(options),
        Command::Persons(options) => persons::run(options),
    }
}
