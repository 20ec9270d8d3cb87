//! One configuration file as text and as a tree in which every key and value knows its place.

use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::problem::{Place, Problem, Problems, because};

/// The text of one file, with an index of its lines.
#[derive(Debug)]
pub struct Text {
    /// The name as it is shown: the path, as it was given on the command line.
    pub name: String,
    content: String,
    /// Byte offsets at which lines begin.
    lines: Vec<usize>,
    /// Byte ranges that hold a secret and are never shown.
    secrets: Vec<Range<usize>>,
}

impl Text {
    pub fn new(name: &str, text: String) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { name: name.to_owned(), content: text, lines, secrets: Vec::new() }
    }

    /// Line and column of a byte offset, both from 1, the column in characters.
    pub fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|&start| start <= offset).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or(0);
        (line, self.slice(&(start..offset)).chars().count() + 1)
    }

    /// One line (from 1) without its end, secrets and control characters blotted out, one character for one.
    pub fn line(&self, line: usize) -> String {
        let start = line.checked_sub(1).and_then(|index| self.lines.get(index)).copied().unwrap_or(self.content.len());
        let end = self.lines.get(line).map_or(self.content.len(), |next| next - 1);
        let shown = |(at, c): (usize, char)| match c {
            _ if self.secrets.iter().any(|secret| secret.contains(&(start + at))) => '*',
            '\t' => '\t',
            c if c.is_control() => '\u{fffd}',
            c => c,
        };
        self.slice(&(start..end)).trim_end_matches('\r').char_indices().map(shown).collect()
    }

    /// The text of a range; empty where the range does not lie on characters.
    pub fn slice(&self, range: &Range<usize>) -> &str {
        self.content.get(range.clone()).unwrap_or("")
    }

    pub fn len(&self) -> usize {
        self.content.len()
    }

    pub fn is_empty(&self) -> bool {
        self.content.is_empty()
    }
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub struct Node {
    pub place: Place,
    pub value: Value,
}

/// What a value is.
#[derive(Debug, Clone)]
pub enum Value {
    Text(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    /// A date or time, as it stands in the file.
    Time(String),
    List(Vec<Node>),
    Table(Table),
}

impl Value {
    /// The kind of value, for messages.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a number with a fraction",
            Self::Boolean(_) => "true or false",
            Self::Time(_) => "a date or time",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

/// Keys with their values, in the order of the file.
#[derive(Debug, Clone, Default)]
pub struct Table(pub Vec<Entry>);

/// One key, where it stands, and its value.
#[derive(Debug, Clone)]
pub struct Entry {
    pub key: String,
    pub key_place: Place,
    pub node: Node,
}

impl Table {
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.key == key)
    }
}

/// Reads TOML.
///
/// # Errors
/// What the parser says, with its place.
pub fn parse(name: &str, text: &str) -> Result<(Arc<Text>, Table), Box<Problem>> {
    let parsed = toml_edit::Document::parse(text).map(|document| {
        let mut secrets = super::redact::secrets_of_urls(text);
        find_secrets(document.as_table(), &mut secrets);
        (document.into_table(), secrets)
    });
    let mut source = Text::new(name, text.to_owned());
    match parsed {
        Ok((table, secrets)) => {
            source.secrets = secrets;
            let source = Arc::new(source);
            let tree = Builder { source: &source }.table(table.iter().map(|(key, item)| (table.key(key), key, item)));
            Ok((source, tree))
        }
        Err(error) => {
            source.secrets = super::redact::secrets_of_broken_text(text);
            let place = Place::new(&Arc::new(source), error.span().unwrap_or(0..0));
            let message = error.message().trim().replace('\n', "; ");
            Err(Box::new(Problem::error(&place, &format!("this is no TOML: {message}"))))
        }
    }
}

/// Bytes of a configuration file: somebody wrote it by hand.
const LARGEST: u64 = 1 << 20;

/// The bytes of a file; why there are none, and what to do.
pub fn bytes(path: &Path) -> Result<Vec<u8>, (String, &'static str)> {
    let unreadable = |error: io::Error| {
        let advice = match error.kind() {
            io::ErrorKind::PermissionDenied => "let the user of the daemon read it: `chgrp petitiond` and `chmod 640`",
            _ if path.is_symlink() => "the link leads nowhere: remove it, or put the file there that it names",
            _ => "see that the file is there",
        };
        (format!("the file cannot be read: {}", because(&error)), advice)
    };
    let about = std::fs::metadata(path).map_err(unreadable)?;
    if !about.is_file() {
        return Err(("this is no file".to_owned(), "remove it, or put a file of this name there"));
    }
    if about.len() > LARGEST {
        let message = format!("the file has {} bytes; a configuration file has {LARGEST} at most", about.len());
        return Err((message, "see whether another file was put here by mistake"));
    }
    std::fs::read(path).map_err(unreadable)
}

/// Reads a file as UTF-8 TOML; problems go to `problems`.
pub fn read(name: &str, bytes: Vec<u8>, problems: &mut Problems) -> Option<(Arc<Text>, Table)> {
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let mut valid = error.into_bytes();
            valid.truncate(at);
            let text = Arc::new(Text::new(name, String::from_utf8(valid).unwrap_or_default()));
            let problem = Problem::error(&Place::new(&text, at..at), "the text is not UTF-8 from here on")
                .without_line()
                .advise("save the file as UTF-8");
            problems.add(problem);
            return None;
        }
    };
    match parse(name, &text) {
        Ok(read) => Some(read),
        Err(problem) => {
            problems.add(*problem);
            None
        }
    }
}

/// Ranges of values whose key says that they are secret, and of passwords inside URLs.
fn find_secrets(table: &dyn toml_edit::TableLike, secrets: &mut Vec<Range<usize>>) {
    for (key, item) in table.iter() {
        // a url in the place of a key: whoever mistypes a line does that too
        if super::redact::is_secret("", key) {
            secrets.extend(table.key(key).and_then(toml_edit::Key::span));
        }
        find_secrets_of(key, item, secrets);
    }
}

fn find_secrets_of(key: &str, item: &toml_edit::Item, secrets: &mut Vec<Range<usize>>) {
    if let Some(table) = item.as_table_like() {
        find_secrets(table, secrets);
    } else if let Some(tables) = item.as_array_of_tables() {
        tables.iter().for_each(|table| find_secrets(table, secrets));
    } else if let Some(value) = item.as_value() {
        find_secrets_of_value(key, value, secrets);
    }
}

fn find_secrets_of_value(key: &str, value: &toml_edit::Value, secrets: &mut Vec<Range<usize>>) {
    match value {
        toml_edit::Value::InlineTable(table) => find_secrets(table, secrets),
        value if super::redact::is_secret(key, value.as_str().unwrap_or("")) => secrets.extend(value.span()),
        toml_edit::Value::Array(array) => array.iter().for_each(|value| find_secrets_of_value(key, value, secrets)),
        _ => {}
    }
}

struct Builder<'a> {
    source: &'a Arc<Text>,
}

impl Builder<'_> {
    fn place(&self, span: Option<Range<usize>>) -> Place {
        Place::new(self.source, span.unwrap_or(0..0))
    }

    fn table<'k>(
        &self,
        entries: impl Iterator<Item = (Option<&'k toml_edit::Key>, &'k str, &'k toml_edit::Item)>,
    ) -> Table {
        let entry = |(key, name, item): (Option<&toml_edit::Key>, &str, &toml_edit::Item)| {
            let key_place = self.place(key.and_then(toml_edit::Key::span).or_else(|| item.span()));
            let node = self.item(item, &key_place)?;
            Some(Entry { key: name.to_owned(), key_place, node })
        };
        Table(entries.filter_map(entry).collect())
    }

    fn item(&self, item: &toml_edit::Item, key_place: &Place) -> Option<Node> {
        let at = |span: Option<Range<usize>>| span.map_or_else(|| key_place.clone(), |span| self.place(Some(span)));
        match item {
            toml_edit::Item::None => None,
            toml_edit::Item::Value(value) => Some(self.value(value, key_place)),
            toml_edit::Item::Table(table) => {
                let entries = table.iter().map(|(key, item)| (table.key(key), key, item));
                let place = if table.is_dotted() || table.is_implicit() { key_place.clone() } else { at(table.span()) };
                Some(Node { place, value: Value::Table(self.table(entries)) })
            }
            toml_edit::Item::ArrayOfTables(tables) => {
                let node = |table: &toml_edit::Table| {
                    let entries = table.iter().map(|(key, item)| (table.key(key), key, item));
                    Node { place: at(table.span()), value: Value::Table(self.table(entries)) }
                };
                Some(Node { place: key_place.clone(), value: Value::List(tables.iter().map(node).collect()) })
            }
        }
    }

    fn value(&self, value: &toml_edit::Value, key_place: &Place) -> Node {
        let place = value.span().map_or_else(|| key_place.clone(), |span| self.place(Some(span)));
        let value = match value {
            toml_edit::Value::String(text) => Value::Text(text.value().clone()),
            toml_edit::Value::Integer(number) => Value::Integer(*number.value()),
            toml_edit::Value::Float(number) => Value::Float(*number.value()),
            toml_edit::Value::Boolean(flag) => Value::Boolean(*flag.value()),
            toml_edit::Value::Datetime(time) => Value::Time(time.value().to_string()),
            toml_edit::Value::Array(array) => {
                Value::List(array.iter().map(|value| self.value(value, &place)).collect())
            }
            toml_edit::Value::InlineTable(table) => {
                let entry = |(key, value): (&str, &toml_edit::Value)| {
                    let key_place = self.place(table.key(key).and_then(toml_edit::Key::span).or_else(|| value.span()));
                    let node = self.value(value, &key_place);
                    Entry { key: key.to_owned(), key_place, node }
                };
                Value::Table(Table(table.iter().map(entry).collect()))
            }
        };
        Node { place, value }
    }
}
