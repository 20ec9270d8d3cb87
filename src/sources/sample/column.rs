//! The fields of the records, each with its values.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::names::Role;
use super::vocabulary;

/// Objects within one another, fields and values that are looked at.
const LEVELS: usize = 4;
const FIELDS: usize = 500;
const VALUES: usize = 1000;

/// A field of the source.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    /// The list it is in, by its path; `None`: the record itself.
    pub list: Option<Vec<String>>,
    /// From the record, or from one item of the list.
    pub path: Vec<String>,
    /// As texts, without blanks around them; those that are blank or null are left out.
    pub values: Vec<String>,
    /// How many records or items there are.
    pub of: usize,
    /// The role of the objects or lists that it is in.
    pub role: Option<Role>,
}

impl Column {
    /// As a person writes it: `NguoiNop[].HoTen`.
    pub fn name(&self) -> String {
        let list = self.list.as_ref().map(|list| format!("{}[].", list.join("."))).unwrap_or_default();
        format!("{list}{}", self.path.join("."))
    }
}

/// All fields of a sample.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub columns: Vec<Column>,
    /// Fields that are not looked at because their names may be values.
    pub hidden: usize,
}

type Key = (Option<Vec<String>>, Vec<String>);

#[derive(Default)]
struct Gathered {
    values: BTreeMap<Key, Vec<String>>,
    items: BTreeMap<Vec<String>, usize>,
    hidden: BTreeSet<Vec<String>>,
}

/// Takes the records apart.
pub(super) fn of(records: &[Value]) -> Columns {
    let mut gathered = Gathered::default();
    for record in records {
        if let Value::Object(fields) = record {
            gathered.object(fields, None, &mut Vec::new());
        }
    }
    let names = |list: &[String]| {
        gathered
            .values
            .keys()
            .filter(|(of, _)| of.as_deref() == Some(list))
            .filter_map(|(_, path)| path.last().cloned())
            .collect::<Vec<_>>()
    };
    let roles: BTreeMap<Vec<String>, Option<Role>> =
        gathered.items.keys().map(|list| (list.clone(), role_of_list(list, &names(list)))).collect();
    let column = |((list, path), values): (Key, Vec<String>)| {
        let within = path.split_last().map_or(&[][..], |(_, within)| within);
        let of_object = within.iter().rev().find_map(|name| vocabulary::role_of(name));
        let (role, of) = match &list {
            Some(list) => (roles.get(list).copied().flatten(), gathered.items.get(list).copied().unwrap_or_default()),
            None => (of_object.filter(|role| !role.is_list() || *role == Role::Petitioner), records.len()),
        };
        Column { list, path, values, of, role }
    };
    let hidden = gathered.hidden.len();
    // an object that is sometimes null, and a list that is sometimes empty, are no fields
    let is_whole = |(list, path): &Key| {
        let begins = |(other, inner): &Key| other == list && inner.len() > path.len() && inner.starts_with(path);
        let is_list = list.is_none() && gathered.items.contains_key(path);
        !is_list && !gathered.values.keys().any(begins)
    };
    let keys: BTreeSet<Key> = gathered.values.keys().filter(|key| is_whole(key)).cloned().collect();
    let values = std::mem::take(&mut gathered.values);
    let columns = values.into_iter().filter(|(key, _)| keys.contains(key)).map(column).collect();
    Columns { columns, hidden }
}

/// By the name of the list, or else by the names in it.
fn role_of_list(list: &[String], names: &[String]) -> Option<Role> {
    let by_name = list.last().and_then(|name| vocabulary::role_of(name)).filter(|role| role.is_list());
    by_name.or_else(|| {
        let matches = |role| vocabulary::inner_matches(role, names.iter().map(String::as_str));
        let roles = [Role::Petitioner, Role::Event, Role::Reference, Role::Item];
        let (most, role) = roles.into_iter().map(|role| (matches(role), role)).max_by_key(|(count, _)| *count)?;
        let rivals = roles.into_iter().filter(|role| matches(*role) == most).count();
        (most >= 2 && rivals == 1).then_some(role)
    })
}

impl Gathered {
    fn object(&mut self, fields: &Map<String, Value>, list: Option<&[String]>, path: &mut Vec<String>) {
        for (name, value) in fields {
            path.push(name.clone());
            if vocabulary::is_name(name) {
                self.field(value, list, path);
            } else {
                self.hidden.insert(path.clone());
            }
            path.pop();
        }
    }

    fn field(&mut self, value: &Value, list: Option<&[String]>, path: &mut Vec<String>) {
        match value {
            Value::Object(fields) if path.len() < LEVELS => self.object(fields, list, path),
            Value::Array(items) if list.is_none() && items.iter().any(Value::is_object) => {
                let own = path.clone();
                for item in items.iter().filter_map(Value::as_object) {
                    *self.items.entry(own.clone()).or_default() += 1;
                    self.object(item, Some(&own), &mut Vec::new());
                }
            }
            Value::Object(_) | Value::Array(_) | Value::Null => drop(self.column(list, path)),
            Value::String(text) => self.value(list, path, text.trim()),
            Value::Number(number) => self.value(list, path, &number.to_string()),
            Value::Bool(flag) => self.value(list, path, if *flag { "true" } else { "false" }),
        }
    }

    fn value(&mut self, list: Option<&[String]>, path: &[String], text: &str) {
        if let Some(values) = self.column(list, path).filter(|values| !text.is_empty() && values.len() < VALUES) {
            values.push(text.to_owned());
        }
    }

    fn column(&mut self, list: Option<&[String]>, path: &[String]) -> Option<&mut Vec<String>> {
        let key = (list.map(<[String]>::to_vec), path.to_vec());
        if self.values.len() >= FIELDS && !self.values.contains_key(&key) {
            return None;
        }
        Some(self.values.entry(key).or_default())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_of_records_objects_and_lists() {
        let records = [
            json!({"MaDon": " A1 ", "NguoiNop": [{"HoTen": "x", "DiaChi": {"Xa": "y"}}, {"HoTen": null}], "DoiTuong": null, "So": 7}),
            json!({"MaDon": "A2", "NguoiNop": [], "DoiTuong": {"Ten": "z"}, "Tags": ["a"], "0912345678": {"a": 1}}),
        ];
        let columns = of(&records);
        let shown: Vec<_> = columns.columns.iter().map(|c| (c.name(), c.values.join("|"), c.of, c.role)).collect();
        let row = |name: &str, values: &str, of, role| (name.to_owned(), values.to_owned(), of, role);
        assert_eq!(
            shown,
            [
                row("DoiTuong.Ten", "z", 2, Some(Role::Against)),
                row("MaDon", "A1|A2", 2, None),
                row("So", "7", 2, None),
                row("Tags", "", 2, None),
                row("NguoiNop[].DiaChi.Xa", "y", 2, Some(Role::Petitioner)),
                row("NguoiNop[].HoTen", "x", 2, Some(Role::Petitioner)),
            ]
        );
        assert_eq!(columns.hidden, 1);
    }
}
