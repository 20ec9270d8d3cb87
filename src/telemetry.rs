//! The log: one subscriber for every command, never a person's data.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

/// Parts of the AMQP client that print whole messages: what the broker returns, at `warn`, and all frames, at
/// `trace`. A body is full of people's data.
const SHUT: [&str; 3] = ["lapin::returned_messages=off", "lapin::channels=off", "lapin::frames=off"];

/// Starts logging to standard error; `filter` is in the syntax of `RUST_LOG` (default `info`).
///
/// # Errors
/// The filter in words, when it cannot be read.
pub fn init(filter: Option<&str>, json: bool) -> Result<(), String> {
    let filter = self::filter(filter)?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_span_events(FmtSpan::NONE)
        // a reader of the log who has gone is told nothing, and is no reason to end
        .log_internal_errors(false)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_target(false);
    let done = if json { builder.json().try_init() } else { builder.try_init() };
    done.map_err(|error| error.to_string())
}

/// Reads the filter, and shuts what must stay shut whatever is asked for.
fn filter(wanted: Option<&str>) -> Result<EnvFilter, String> {
    let directives = wanted.unwrap_or("info,lapin=off,sqlx=warn");
    let refused = |error: &dyn std::fmt::Display| format!("log filter {directives:?}: {error}");
    let mut filter = EnvFilter::try_new(directives).map_err(|error| refused(&error))?;
    for shut in SHUT {
        filter = filter.add_directive(shut.parse().map_err(|error| refused(&error))?);
    }
    Ok(filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_prints_bodies_stays_shut_whatever_is_asked_for() {
        for wanted in [None, Some("trace"), Some("lapin=trace"), Some("lapin::returned_messages=trace")] {
            let filter = filter(wanted).unwrap().to_string();
            for shut in SHUT {
                assert!(filter.split(',').any(|directive| directive == shut), "{wanted:?} gave {filter}");
            }
        }
    }

    #[test]
    fn a_filter_that_cannot_be_read_is_quoted() {
        assert!(filter(Some("petitiond=loud")).unwrap_err().contains("petitiond=loud"));
    }
}
