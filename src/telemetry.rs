//! The log: one subscriber for every command, never a person's data.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

/// Starts logging to standard error; `filter` is in the syntax of `RUST_LOG` (default `info`).
///
/// # Errors
/// The filter in words, when it cannot be read.
pub fn init(filter: Option<&str>, json: bool) -> Result<(), String> {
    let directives = filter.unwrap_or("info,lapin=warn,sqlx=warn");
    let filter = EnvFilter::try_new(directives).map_err(|error| format!("log filter {directives:?}: {error}"))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_span_events(FmtSpan::NONE)
        .with_target(false);
    let done = if json { builder.json().try_init() } else { builder.try_init() };
    done.map_err(|error| error.to_string())
}
