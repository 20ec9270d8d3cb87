//! How far each source has come: a bar a source on a terminal, a line now and then elsewhere.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Progress of all sources.
pub struct Progress(View);

enum View {
    Bars { all: MultiProgress, bars: BTreeMap<String, ProgressBar> },
    Lines { out: Box<dyn Write + Send>, steps: BTreeMap<String, Steps> },
}

/// One source in lines: a line for every tenth of the way.
struct Steps {
    expected: u64,
    stored: u64,
    /// Tenths told of so far.
    told: u64,
}

impl Progress {
    /// Shows on standard error; `expected` are the source ids in the order of the display, and how many records are
    /// to come from each.
    pub fn new<'a>(expected: impl IntoIterator<Item = (&'a str, u64)>) -> Self {
        if std::io::stderr().is_terminal() {
            Self::bars(expected, ProgressDrawTarget::stderr_with_hz(10))
        } else {
            Self::lines(expected, Box::new(std::io::stderr()))
        }
    }

    fn bars<'a>(expected: impl IntoIterator<Item = (&'a str, u64)>, target: ProgressDrawTarget) -> Self {
        let template = "{prefix:14} {bar:32} {pos:>7}/{len:7} {msg}";
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let style = style.progress_chars("█▉▊▋▌▍▎▏ ");
        let all = MultiProgress::with_draw_target(target);
        let bar = |(source_id, records): (&str, u64)| {
            let bar = all.add(ProgressBar::new(records)).with_style(style.clone()).with_prefix(source_id.to_owned());
            bar.tick();
            (source_id.to_owned(), bar)
        };
        let bars = expected.into_iter().map(bar).collect();
        Self(View::Bars { all, bars })
    }

    fn lines<'a>(expected: impl IntoIterator<Item = (&'a str, u64)>, out: Box<dyn Write + Send>) -> Self {
        let steps = |(source_id, expected): (&str, u64)| (source_id.to_owned(), Steps { expected, stored: 0, told: 0 });
        Self(View::Lines { out, steps: expected.into_iter().map(steps).collect() })
    }

    /// So many records of the source are in the database now. Unknown sources are not shown.
    pub fn update(&mut self, source_id: &str, stored: u64) {
        match &mut self.0 {
            View::Bars { bars, .. } => {
                if let Some(bar) = bars.get(source_id) {
                    bar.set_position(stored);
                    if stored >= bar.length().unwrap_or(0) && !bar.is_finished() {
                        bar.finish_with_message("done");
                    }
                }
            }
            View::Lines { out, steps } => {
                if let Some(steps) = steps.get_mut(source_id)
                    && let Some(line) = steps.update(source_id, stored)
                {
                    // a reader that has gone away is no reason to stop the work
                    out.write_all(line.as_bytes()).ok();
                }
            }
        }
    }

    /// Leaves the display as it is, sources that are not through included.
    pub fn finish(self) {
        match self.0 {
            View::Bars { all, bars } => {
                for bar in bars.values().filter(|bar| !bar.is_finished()) {
                    bar.abandon();
                }
                drop(all);
            }
            View::Lines { mut out, .. } => out.flush().unwrap_or(()),
        }
    }
}

impl Steps {
    fn update(&mut self, source_id: &str, stored: u64) -> Option<String> {
        let more = stored > self.stored;
        self.stored = stored;
        let tenths = (stored * 10).checked_div(self.expected).map_or(10, |tenths| tenths.min(10));
        let tell = more && tenths > self.told;
        self.told = self.told.max(tenths);
        let Self { expected, .. } = self;
        tell.then(|| format!("{source_id}: {stored} of {expected} records\n"))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_come_by_tenths_and_never_twice() {
        let sink = Sink::default();
        let mut progress = Progress::lines([("bxd", 100), ("byt", 0)], Box::new(sink.clone()));
        for stored in [0, 4, 12, 13, 13, 55, 100, 100] {
            progress.update("bxd", stored);
        }
        progress.update("byt", 0);
        progress.update("nobody", 5);
        progress.finish();
        let text = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text, "bxd: 12 of 100 records\nbxd: 55 of 100 records\nbxd: 100 of 100 records\n");
    }

    #[test]
    fn bars_follow() {
        let mut progress = Progress::bars([("bxd", 10), ("byt", 5)], ProgressDrawTarget::hidden());
        progress.update("bxd", 4);
        progress.update("byt", 5);
        progress.update("byt", 5);
        let View::Bars { bars, .. } = &progress.0 else { panic!("bars") };
        assert_eq!((bars["bxd"].position(), bars["byt"].is_finished()), (4, true));
        progress.finish();
    }
}
