//! `[codes.<field>]`: a source's own value = code.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::MappingFault;
use crate::domain::{
    Action, ByLeader, Channel, Gender, IdKind, Kind, Outcome, PetitionType, ReceptionMode, ReferenceRelation, Stage,
};

/// Every code of a closed vocabulary; none where the vocabulary is open.
type Codes = fn() -> Vec<&'static str>;

/// The fields that hold codes, nested ones as a path through the objects and lists that lead to them.
const CODED_FIELDS: &[(&str, Codes)] = &[
    ("kind", || Kind::ALL.iter().map(|code| code.as_str()).collect()),
    ("type", || PetitionType::ALL.iter().map(|code| code.as_str()).collect()),
    ("channel", || Channel::ALL.iter().map(|code| code.as_str()).collect()),
    ("stage", || Stage::ALL.iter().map(|code| code.as_str()).collect()),
    ("outcome", || Outcome::ALL.iter().map(|code| code.as_str()).collect()),
    ("items.type", || PetitionType::ALL.iter().map(|code| code.as_str()).collect()),
    ("petitioners.gender", || Gender::ALL.iter().map(|code| code.as_str()).collect()),
    ("petitioners.id_kind", || IdKind::ALL.iter().map(|code| code.as_str()).collect()),
    ("references.relation", || ReferenceRelation::ALL.iter().map(|code| code.as_str()).collect()),
    ("events.action", || Action::ALL.iter().map(|code| code.as_str()).collect()),
    ("reception.mode", || ReceptionMode::ALL.iter().map(|code| code.as_str()).collect()),
    ("reception.by_leader", || ByLeader::ALL.iter().map(|code| code.as_str()).collect()),
    // open vocabularies: categories and agencies are reference tables, part names are the source's own
    ("category", Vec::new),
    ("items.category", Vec::new),
    ("agency", Vec::new),
    ("against.agency", Vec::new),
    ("events.agency", Vec::new),
    ("events.to_agency", Vec::new),
    ("references.agency", Vec::new),
    ("references.source", Vec::new),
    ("language", Vec::new),
    ("complexity", Vec::new),
    ("part", Vec::new),
];

/// The codes of a field that holds codes, as `events.action`; none of an open vocabulary. `None`: no such field.
pub fn codes_of(field: &str) -> Option<Vec<&'static str>> {
    CODED_FIELDS.iter().find(|(coded, _)| *coded == field).map(|(_, codes)| codes())
}

/// One table: which field it reads, and what it makes of a value.
#[derive(Debug, Clone)]
pub(super) struct CodeTable {
    field: String,
    /// The rest of the path under the field.
    path: Vec<String>,
    codes: HashMap<String, String>,
    /// `"*"`
    otherwise: Option<String>,
}

/// Reads `[codes]`; a nested field is written as `[codes.events.action]` or `[codes."events.action"]`.
pub(super) fn read_all(codes: &Map<String, Value>) -> Result<Vec<CodeTable>, Vec<MappingFault>> {
    let mut found = Found::default();
    for (key, value) in codes {
        found.read(&[key.as_str()], value);
    }
    if found.faults.is_empty() { Ok(found.tables) } else { Err(found.faults) }
}

#[derive(Default)]
struct Found {
    tables: Vec<CodeTable>,
    faults: Vec<MappingFault>,
}

impl Found {
    fn fault(&mut self, keys: &[&str], message: String, nearest: Option<&str>) {
        let path = std::iter::once("codes").chain(keys.iter().copied()).map(str::to_owned).collect();
        self.faults.push(MappingFault { path, message, nearest: nearest.map(str::to_owned) });
    }

    fn read(&mut self, keys: &[&str], value: &Value) {
        let Value::Object(entries) = value else {
            return self.fault(keys, "a code table is written as value = code, a line each".into(), None);
        };
        if entries.values().any(Value::is_object) {
            for (key, value) in entries {
                self.read(&[keys, &[key.as_str()]].concat(), value);
            }
            return;
        }
        let field = keys.join(".");
        if let Some(codes) = codes_of(&field) {
            self.table(keys, &field, entries, &codes);
        } else {
            let nearest = super::nearest(&field, CODED_FIELDS.iter().map(|(coded, _)| *coded));
            self.fault(keys, format!("{field} is no field that holds codes"), nearest);
        }
    }

    fn table(&mut self, keys: &[&str], field: &str, entries: &Map<String, Value>, known: &[&str]) {
        let mut codes = HashMap::new();
        for (value, code) in entries {
            let keys = [keys, &[value.as_str()]].concat();
            match code {
                Value::String(code) if known.is_empty() || known.contains(&code.as_str()) => {
                    codes.insert(value.trim().to_owned(), code.clone());
                }
                Value::String(code) => {
                    let message = format!("{code:?} is no code of {field}; there are {}", known.join(", "));
                    self.fault(&keys, message, super::nearest(code, known.iter().copied()));
                }
                _ => self.fault(&keys, "a code is a text in quotes".into(), None),
            }
        }
        let mut path = field.split('.').map(str::to_owned);
        let otherwise = codes.remove("*");
        if let Some(field) = path.next() {
            self.tables.push(CodeTable { field, path: path.collect(), codes, otherwise });
        }
    }
}

impl CodeTable {
    /// Replaces the source's values in these interchange fields by codes. A value that is not in the table stays
    /// as it came.
    pub fn apply(&self, fields: &mut Map<String, Value>) {
        if let Some(value) = fields.get_mut(&self.field) {
            self.apply_at(&self.path, value);
        }
    }

    fn apply_at(&self, path: &[String], value: &mut Value) {
        match (value, path.split_first()) {
            (Value::Array(items), _) => items.iter_mut().for_each(|item| self.apply_at(path, item)),
            (Value::Object(fields), Some((key, rest))) => {
                if let Some(value) = fields.get_mut(key) {
                    self.apply_at(rest, value);
                }
            }
            (value, None) => {
                if let Some(code) = self.code(value) {
                    *value = Value::String(code.to_owned());
                }
            }
            _ => {}
        }
    }

    fn code(&self, value: &Value) -> Option<&str> {
        let known = match value {
            Value::String(text) => self.codes.get(text.trim()),
            Value::Number(number) => self.codes.get(&number.to_string()),
            Value::Bool(b) => self.codes.get(if *b { "true" } else { "false" }),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        };
        known.or(self.otherwise.as_ref()).map(String::as_str)
    }
}
