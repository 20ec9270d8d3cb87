//! Standard output and standard error, which a reader may close at any moment: `petitiond source list | head -1` ends
//! quietly.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write as _};

/// Nobody reads the output any more; the command ends with 0 and without a word.
#[derive(Debug, thiserror::Error)]
#[error("nobody reads the output any more")]
pub struct Closed;

/// Writes to standard output; [`say!`] is the way to call it.
///
/// # Errors
/// [`Closed`], or whatever else keeps the text from being written.
pub fn write(text: Arguments<'_>) -> anyhow::Result<()> {
    let mut output = io::stdout().lock();
    output.write_fmt(text).and_then(|()| output.flush()).map_err(unwritten)
}

/// Writes to standard error; whoever closed it wants to hear nothing.
pub fn complain(text: Arguments<'_>) {
    drop(io::stderr().lock().write_fmt(text));
}

/// What a failure to write to standard output means.
pub fn unwritten(error: impl Into<io::Error>) -> anyhow::Error {
    let error = error.into();
    if error.kind() == ErrorKind::BrokenPipe {
        return Closed.into();
    }
    anyhow::Error::new(error).context("write to standard output")
}

/// Bytes as they are.
///
/// # Errors
/// As [`write`].
pub fn bytes(bytes: &[u8]) -> anyhow::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(bytes).and_then(|()| output.flush()).map_err(unwritten)
}

/// One line on standard output, as `println!`, but a reader who has gone is an error and no panic.
macro_rules! say {
    ($($part:tt)*) => { $crate::cli::output::write(format_args!("{}\n", format_args!($($part)*))) };
}
pub(crate) use say;
