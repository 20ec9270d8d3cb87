//! `petitiond key …`: the keys that seal.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Outcome;
use super::output::say;
use crate::seal::KeyRing;

/// The keys that seal identities.
#[derive(Debug, Args)]
pub struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a new key file of mode 600; an existing one is never overwritten.
    Generate {
        /// Where to write it; name it in identity.key_file.
        file: PathBuf,
    },
}

/// Runs one action.
pub fn run(options: Options) -> Outcome {
    match options.action {
        Action::Generate { file } => {
            KeyRing::generate(&file)?;
            say!("{} written. Keep a copy in a safe, apart from every backup of the database:", file.display())?;
            say!("without it nothing that was sealed can be opened, and with it everything can.")?;
            Ok(())
        }
    }
}
