//! What is wrong with a configuration, said so that it can be put right: place, line, caret, advice.

use std::fmt;
use std::io::ErrorKind;
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

use serde::Serialize;

use super::document::Text;

/// How many characters of a source line are shown.
const SHOWN: usize = 160;

/// Marks that stand over or under the letter before them and take no room of their own.
const COMBINING: RangeInclusive<char> = '\u{300}'..='\u{36f}';

/// Why a file cannot be read, in words.
pub fn because(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such file".to_owned(),
        ErrorKind::PermissionDenied => "this user may not read it".to_owned(),
        other => other.to_string(),
    }
}

/// Where a value stands.
#[derive(Debug, Clone)]
pub enum Place {
    /// Bytes of a file.
    File { text: Arc<Text>, span: Range<usize> },
    /// An environment variable, by name.
    Variable(String),
    /// A file or folder as a whole.
    Path(String),
}

impl Place {
    pub fn new(text: &Arc<Text>, span: Range<usize>) -> Self {
        Self::File { text: Arc::clone(text), span }
    }

    /// Part of a text value: `span` counts in bytes of the value, the place in bytes of the file, where the value
    /// stands in quotes and may have escapes in it.
    #[must_use]
    pub fn inside(&self, span: &Range<usize>) -> Self {
        let Self::File { text, span: outer } = self else { return self.clone() };
        let raw = text.slice(outer);
        let start = super::quote::raw_offset(raw, span.start);
        let end = super::quote::raw_offset(raw, span.end).max(start);
        Self::new(text, outer.start + start..outer.start + end)
    }

    /// Whether a person wrote this in the environment of the process and not in a file.
    pub const fn is_variable(&self) -> bool {
        matches!(self, Self::Variable(_))
    }
}

/// Whether the configuration can be used in spite of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
}

impl Severity {
    const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// The file as it was named, or the environment variable.
    pub file: String,
    /// From 1; 0 where there is no line to show (a variable, a whole file).
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    pub severity: Severity,
    pub message: String,
    /// What to do about it.
    pub advice: Option<String>,
    /// Characters at fault, on this line.
    len: usize,
    /// The line itself, secrets blotted out.
    #[serde(skip)]
    source: Option<String>,
}

impl Problem {
    pub fn error(place: &Place, message: &str) -> Self {
        Self::new(Severity::Error, place, message)
    }

    pub fn warning(place: &Place, message: &str) -> Self {
        Self::new(Severity::Warning, place, message)
    }

    fn new(severity: Severity, place: &Place, message: &str) -> Self {
        let message =
            message.trim_end_matches('.').chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        let bare = |file: &str, line, column, len, source| Self {
            file: file.to_owned(),
            line,
            column,
            severity,
            message,
            advice: None,
            len,
            source,
        };
        match place {
            Place::Variable(name) => bare(name, 0, 0, 0, None),
            Place::Path(path) => bare(path, 0, 0, 0, None),
            Place::File { text, span } => {
                let (line, column) = text.line_and_column(span.start);
                let len = text.slice(span).lines().next().map_or(0, |first| first.chars().count());
                bare(&text.name, line, column, len, Some(text.line(line)))
            }
        }
    }

    /// The same with a line that says what to do.
    #[must_use]
    pub fn advise(mut self, advice: &str) -> Self {
        self.advice = Some(advice.to_owned());
        self
    }

    /// The same without the source line.
    #[must_use]
    pub fn without_line(mut self) -> Self {
        self.source = None;
        self
    }

    /// Whether another problem is about what this one points at, or a part of it.
    pub fn covers(&self, other: &Self) -> bool {
        let columns = self.column..self.column + self.len.max(1);
        self.line > 0 && (&self.file, self.line) == (&other.file, other.line) && columns.contains(&other.column)
    }

    /// The problem as several lines, coloured for a terminal or plain.
    pub fn render(&self, colour: bool) -> String {
        let paint = |code: &'static str| if colour { code } else { "" };
        let (bold, reset) = (paint("\x1b[1m"), paint("\x1b[0m"));
        let hue = match self.severity {
            Severity::Error => paint("\x1b[1;31m"),
            Severity::Warning => paint("\x1b[1;33m"),
        };
        let place = if self.line == 0 { String::new() } else { format!(":{}:{}", self.line, self.column) };
        let (file, word, message) = (&self.file, self.severity.word(), &self.message);
        let head = format!("{bold}{file}{place}:{reset} {hue}{word}:{reset} {bold}{message}{reset}\n");
        let source = self.source.as_ref().map(|source| {
            let (shown, padding, len) = self.excerpt(source);
            let number = self.line;
            let gutter = " ".repeat(number.to_string().len());
            let caret = "^".repeat(len);
            format!(" {number} | {shown}\n {gutter} | {padding}{hue}{caret}{reset}\n")
        });
        let advice = self.advice.as_ref().map(|advice| format!("{bold}help:{reset} {advice}\n"));
        head + &source.unwrap_or_default() + &advice.unwrap_or_default()
    }

    /// The part of the line that is shown, the blanks up to the caret, the length of the caret.
    fn excerpt(&self, source: &str) -> (String, String, usize) {
        let before = self.column.saturating_sub(1);
        let first = if before + self.len.min(SHOWN / 2) > SHOWN { before.saturating_sub(SHOWN / 2) } else { 0 };
        let cut_left = if first > 0 { "… " } else { "" };
        let visible: Vec<char> = source.chars().skip(first).take(SHOWN).collect();
        let cut_right = if source.chars().count() > first + SHOWN { " …" } else { "" };
        let shown = format!("{cut_left}{}{cut_right}", visible.iter().collect::<String>());
        let blank = |c: &char| match c {
            '\t' => Some('\t'),
            c if COMBINING.contains(c) => None,
            _ => Some(' '),
        };
        let padding = visible.iter().take(before - first).filter_map(blank);
        let padding = " ".repeat(cut_left.chars().count()) + &padding.collect::<String>();
        let marks = |c: &&char| !COMBINING.contains(*c);
        let at_fault = visible.iter().skip(before - first).take(self.len).filter(marks).count();
        (shown, padding, at_fault.max(1))
    }
}

/// Everything that is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    pub fn add(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    pub fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn has_errors(&self) -> bool {
        self.errors() > 0
    }

    /// By file and place, whatever order they were found in; each once.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.0.sort();
        self.0.dedup();
        self
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }

    pub fn errors(&self) -> usize {
        self.0.iter().filter(|problem| problem.severity == Severity::Error).count()
    }

    pub fn warnings(&self) -> usize {
        self.0.len() - self.errors()
    }

    /// Every problem in full and, at the end, how many there are; nothing where there are none.
    pub fn render(&self, colour: bool) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        let each: String = self.0.iter().map(|problem| problem.render(colour) + "\n").collect();
        format!("{each}{}\n", self.count())
    }

    /// `2 errors, 1 warning`.
    pub fn count(&self) -> String {
        let plural = |count: usize, word: &str| match count {
            1 => format!("1 {word}"),
            n => format!("{n} {word}s"),
        };
        match (self.errors(), self.warnings()) {
            (errors, 0) => plural(errors, "error"),
            (0, warnings) => plural(warnings, "warning"),
            (errors, warnings) => format!("{}, {}", plural(errors, "error"), plural(warnings, "warning")),
        }
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// One line a problem, for a log.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        write!(f, ": {}: {}", self.severity.word(), self.message)?;
        self.advice.as_ref().map_or(Ok(()), |advice| write!(f, " ({advice})"))
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.render(false).trim_end())
    }
}

impl std::error::Error for Problems {}
