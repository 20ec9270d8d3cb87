//! What `source new` could not guess: a value that is still the mark, one fault each.

use super::document::{Entry, Node, Table, Value};
use super::problem::{Place, Problem, Problems};
use super::source::KINDS;
use crate::domain::Tier;
use crate::sources::mapping::codes_of;
use crate::sources::sample::MARK;

/// The marks of one file, each with the keys that lead to it.
#[derive(Debug, Default)]
pub struct Marks(Vec<(Vec<String>, Place)>);

impl Marks {
    /// Finds every value that is the mark, however deep.
    pub fn of(table: &Table) -> Self {
        let mut marks = Self::default();
        marks.table(table, &mut Vec::new());
        marks
    }

    fn table(&mut self, table: &Table, path: &mut Vec<String>) {
        for Entry { key, node, .. } in &table.0 {
            path.push(key.clone());
            self.node(node, path);
            path.pop();
        }
    }

    fn node(&mut self, node: &Node, path: &mut Vec<String>) {
        match &node.value {
            Value::Text(text) if text.trim() == MARK => self.0.push((path.clone(), node.place.clone())),
            Value::Table(table) => self.table(table, path),
            Value::List(nodes) => nodes.iter().for_each(|node| self.node(node, path)),
            _ => {}
        }
    }

    /// The problems of the file, each mark one of them; what else was found at its place comes of it and is left out.
    pub fn said_once(self, problems: Problems) -> Problems {
        if self.0.is_empty() {
            return problems;
        }
        let marked: Vec<Problem> = self.0.iter().map(|(path, place)| undecided(path, place)).collect();
        let mut said = Problems::default();
        for problem in &problems {
            if !marked.iter().any(|mark| mark.covers(problem)) {
                said.add(problem.clone());
            }
        }
        marked.into_iter().for_each(|mark| said.add(mark));
        said
    }
}

fn undecided(path: &[String], place: &Place) -> Problem {
    let name = path.iter().map(|key| toml_edit::Key::new(key).to_string()).collect::<Vec<_>>().join(".");
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    Problem::error(place, &format!("`{name}` is not decided yet")).advise(&advice(&name, &path))
}

/// What is to be written in the place of a mark.
fn advice(name: &str, path: &[&str]) -> String {
    match path {
        ["name"] => "write the name of the source, for people, as in \"Sở Xây dựng\"".to_owned(),
        ["tier"] => format!("write one of: {}", Tier::ALL.iter().map(|tier| tier.as_str()).collect::<Vec<_>>().join(", ")),
        ["agency"] => "write the identity code of the agency that the system belongs to, as in \"G17\" or \"H26.14.3\"".to_owned(),
        ["files", "path"] => "write the folder where files are dropped, as in \"/srv/petitiond/drop/tinh-27\"".to_owned(),
        ["http", "pagination", .., "param"] => "write the name of the parameter with which the next page is asked for, as in \"page\" or \"cursor\"".to_owned(),
        ["map", "record_id"] => "write the path of the field that names a record and never changes, as in \".MaDon\"".to_owned(),
        ["map", "kind"] => "write '\"petition\"' or '\"reception\"', or the path of the field that tells, with [codes.kind]".to_owned(),
        ["map", "received_on"] => "write the path of the field with the day on which the agency received it, as in \".NgayNhan\"".to_owned(),
        ["map", ..] => "write the path of a field of the source, as in \".NoiDung\", or remove the line".to_owned(),
        ["codes", "category", _] | ["codes", "items", "category", _] => {
            "write a code of the table of categories, as in \"01.2\", or remove the line: the value is then kept as it came, and flagged".to_owned()
        }
        ["codes", field @ .., _] => match codes_of(&field.join(".")).filter(|codes| !codes.is_empty()) {
            Some(codes) => format!("write one of: {}; or remove the line: the value is then kept as it came, and flagged", codes.join(", ")),
            None => "write the code that the value means, or remove the line".to_owned(),
        },
        [kind, ..] if KINDS.contains(kind) => format!("write the value of `{name}`, or remove the line"),
        _ => format!("write the value of `{name}`"),
    }
}
