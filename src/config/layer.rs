//! `petitiond.toml` with the environment laid over it.

use std::collections::BTreeMap;
use std::path::Path;

use config::{Map, Source, Value as Merged, ValueKind};

use super::document::{Entry, Node, Table, Value};
use super::problem::{Place, Problem, Problems};

/// Environment variables that begin so are settings: `PETITIOND__DATABASE__URL` is `database.url`.
pub const PREFIX: &str = "PETITIOND";
const SEPARATOR: &str = "__";
/// What the `config` crate calls the origin of a value from the environment.
const ENVIRONMENT: &str = "the environment";

/// The variable that sets a key.
pub fn variable(key: &str) -> String {
    format!("{PREFIX}{SEPARATOR}{}", key.to_uppercase().replace('.', SEPARATOR))
}

/// The part of the environment that is settings, names checked. Empty variables count as unset.
pub fn settings_of(environment: &[(String, String)], problems: &mut Problems) -> Map<String, String> {
    let prefix = format!("{PREFIX}{SEPARATOR}");
    let mut settings = BTreeMap::new();
    for (name, value) in environment {
        let Some(path) = name.strip_prefix(&prefix) else { continue };
        // Other characters would be read as an index or a path by the crate that lays the layers over one another.
        let plain = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_alphabetic())
                && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        if path.contains(SEPARATOR) && path.split(SEPARATOR).all(plain) {
            settings.insert(name.clone(), value.clone());
        } else {
            let problem = Problem::error(&Place::Variable(name.clone()), "this variable names no setting");
            problems.add(problem.advise(&format!("the form is {}", variable("database.url"))));
        }
    }
    settings.into_iter().collect()
}

/// The file, and over it the environment. `sections` are the tables there are; another one in the file is left as it
/// is, to be found unknown later.
pub fn lay(
    path: &Path,
    file: Table,
    sections: &[&str],
    environment: Map<String, String>,
    problems: &mut Problems,
) -> Table {
    let layers = config::Config::builder()
        .add_source(FileLayer(known_part(&file, sections)))
        .add_source(
            config::Environment::with_prefix(PREFIX).separator(SEPARATOR).ignore_empty(true).source(Some(environment)),
        )
        .build();
    match layers {
        Ok(merged) => {
            let file_place = Place::Path(path.display().to_string());
            table(&merged.cache, Some(&file), "", &file_place)
        }
        Err(error) => {
            problems.add(Problem::error(&Place::Path(path.display().to_string()), &error.to_string()));
            file
        }
    }
}

/// The file as a layer.
#[derive(Debug, Clone)]
struct FileLayer(Map<String, Merged>);

impl Source for FileLayer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Merged>, config::ConfigError> {
        Ok(self.0.clone())
    }
}

fn known_part(file: &Table, sections: &[&str]) -> Map<String, Merged> {
    let known = file.0.iter().filter(|entry| sections.contains(&entry.key.as_str()));
    known.map(|entry| (entry.key.clone(), merged(&entry.node))).collect()
}

fn merged(node: &Node) -> Merged {
    let kind = match &node.value {
        Value::Text(text) | Value::Time(text) => ValueKind::String(text.clone()),
        Value::Integer(number) => ValueKind::I64(*number),
        Value::Float(number) => ValueKind::Float(*number),
        Value::Boolean(flag) => ValueKind::Boolean(*flag),
        Value::List(nodes) => ValueKind::Array(nodes.iter().map(merged).collect()),
        Value::Table(table) => {
            ValueKind::Table(table.0.iter().map(|entry| (entry.key.clone(), merged(&entry.node))).collect())
        }
    };
    Merged::new(None, kind)
}

/// The merged tree with the places back in it: the file's where the file won, else the variable's name.
fn table(merged: &Merged, file: Option<&Table>, path: &str, header: &Place) -> Table {
    let ValueKind::Table(values) = &merged.kind else { return Table::default() };
    let mut entries: Vec<Entry> = Vec::new();
    let in_file = file.map_or(&[][..], |table| table.0.as_slice());
    for entry in in_file {
        match values.get(&entry.key) {
            Some(value) => entries.push(over(entry, value, path, header)),
            None => entries.push(entry.clone()),
        }
    }
    let mut added: Vec<_> = values.iter().filter(|(key, _)| !in_file.iter().any(|entry| entry.key == **key)).collect();
    added.sort_by_key(|(key, _)| key.as_str());
    for (key, value) in added {
        let path = join(path, key);
        let place = Place::Variable(variable(&path));
        let node = match &value.kind {
            ValueKind::Table(_) => {
                Node { place: header.clone(), value: Value::Table(table(value, None, &path, header)) }
            }
            kind => Node { place: place.clone(), value: Value::Text(kind.to_string()) },
        };
        entries.push(Entry { key: key.clone(), key_place: first_variable(&node, place), node });
    }
    Table(entries)
}

/// One key of the file, or what the environment made of it.
fn over(entry: &Entry, value: &Merged, path: &str, header: &Place) -> Entry {
    let path = join(path, &entry.key);
    let node = match (&value.kind, &entry.node.value) {
        (ValueKind::Table(_), Value::Table(inner)) => {
            let place = entry.node.place.clone();
            Node { value: Value::Table(table(value, Some(inner), &path, &place)), place }
        }
        (ValueKind::Table(_), _) => {
            Node { place: header.clone(), value: Value::Table(table(value, None, &path, header)) }
        }
        (kind, _) if value.origin() == Some(ENVIRONMENT) => {
            Node { place: Place::Variable(variable(&path)), value: Value::Text(kind.to_string()) }
        }
        _ => return entry.clone(),
    };
    Entry { key: entry.key.clone(), key_place: entry.key_place.clone(), node }
}

/// A table that only the environment makes has no variable of its own: its first key's is named.
fn first_variable(node: &Node, otherwise: Place) -> Place {
    match &node.value {
        Value::Table(table) => table.0.first().map_or(otherwise, |entry| entry.key_place.clone()),
        _ => otherwise,
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}
