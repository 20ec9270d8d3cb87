//! `[format.*]`, `[map]`, `[codes]`: how bodies become records.

use serde_json::Map;

use super::document::{Entry, Node, Value};
use super::problem::Place;
use super::section::{Section, nearest};
use crate::domain::SourceId;
use crate::sources::Limits;
use crate::sources::format::{Encoding, Format};
use crate::sources::mapping::{DecoderConfig, Expression, Mapping, MappingFault};

const FORMATS: &[&str] = &["json", "ndjson", "csv", "xlsx", "xml", "record"];
const ENCODINGS: &[&str] = &["utf-8", "utf-16", "windows-1258"];
/// Encodings that the contract of the configuration names and this version does not read.
const LATER_ENCODINGS: &[&str] = &["tcvn3", "vni", "viqr", "auto"];

/// Checks everything about the bodies of one source.
pub fn check(root: &Section<'_>, source: SourceId, limits: Limits) -> Option<DecoderConfig> {
    let format = format(root);
    let interchange = root.child("format", FORMATS).is_some_and(|section| section.has("record"));
    if interchange {
        for key in ["map", "codes"] {
            if let Some(entry) = root.entry(key) {
                let message = format!("[{key}] beside [format.record]");
                let advice = "an interchange record is not mapped: remove the table, or use [format.json]";
                root.check.fault(&entry.node.place, message, advice);
            }
        }
    }
    let mapping = if interchange { Some(None) } else { mapping(root).map(Some) };
    let (format, encoding, records) = format?;
    Some(DecoderConfig { source, format, encoding, records, mapping: mapping?, limits })
}

fn format(root: &Section<'_>) -> Option<(Format, Encoding, Option<Expression>)> {
    if root.has("sql") {
        // rows are JSON objects, made here
        if let Some(entry) = root.entry("format") {
            let advice = "rows have columns, which [map] names: remove the table";
            root.check.fault(&entry.node.place, "[format] beside [sql]", advice);
            return None;
        }
        return Some((Format::Json, Encoding::default(), None));
    }
    if !root.has("format") {
        let message = "there is no [format.json] or other [format.…]";
        let all = FORMATS.join(", ");
        root.check.fault(&root.place, message, format!("say what the source sends, exactly one of: {all}"));
        return None;
    }
    let section = root.child("format", FORMATS)?;
    let name = section.exactly_one(FORMATS)?;
    let (format, known): (_, &[&str]) = match name {
        "json" => (Format::Json, &["records", "encoding"]),
        "ndjson" => (Format::Ndjson, &["encoding"]),
        "record" => (Format::Record, &["encoding"]),
        other => {
            let place = section.entry(other).map_or(&section.place, |entry| &entry.node.place);
            let message = format!("[format.{other}] is not built into this version of petitiond");
            section.check.fault(place, message, "it has: json, ndjson, record");
            return None;
        }
    };
    let table = section.child(name, known)?;
    let encoding = encoding(&table);
    let records = if known.contains(&"records") { table.expression("records") } else { None };
    Some((format, encoding?, records))
}

fn encoding(section: &Section<'_>) -> Option<Encoding> {
    if !section.has("encoding") {
        return Some(Encoding::default());
    }
    let text = section.text("encoding")?;
    let encoding = Encoding::parse(text.value);
    if encoding.is_none() {
        let all = ENCODINGS.join(", ");
        let (message, advice) = if LATER_ENCODINGS.contains(&text.value) {
            (format!("{:?} is not built into this version of petitiond", text.value), format!("it has: {all}"))
        } else {
            let near = nearest(text.value, ENCODINGS.iter().copied());
            let advice = near.map_or_else(|| format!("one of: {all}"), |near| format!("did you mean {near:?}?"));
            (format!("{:?} is no encoding", text.value), advice)
        };
        section.check.fault(&text.place, message, advice);
    }
    encoding
}

fn mapping(root: &Section<'_>) -> Option<Mapping> {
    if !root.has("map") {
        let advice = "say which interchange field is which of the source's: `record_id = \".MaDon\"` and so on";
        root.check.fault(&root.place, "there is no [map]", advice);
    }
    let codes = root.open_child("codes").map(|section| json(&section.table.0)).unwrap_or_default();
    let section = root.open_child("map");
    let fields = section.as_ref().map(fields).unwrap_or_default();
    if let Some(section) = &section {
        whole_records_are_whole(section, &fields);
    }
    let whole = fields.iter().all(|(_, expression)| expression.is_some());
    // A field whose expression does not compile is there all the same, and the rest is judged with it.
    let stand_in = Expression::compile(".").ok()?;
    let fields = fields.into_iter().map(|(field, found)| (field, found.unwrap_or_else(|| stand_in.clone()))).collect();
    match Mapping::new(fields, &codes) {
        Ok(mapping) => (whole && section.is_some()).then_some(mapping),
        Err(faults) => {
            // Without [map] every required field is missing: that it is missing says it all.
            for fault in faults.iter().filter(|fault| section.is_some() || is_of_codes(fault)) {
                report(root, fault);
            }
            None
        }
    }
}

/// A record that is not sent in parts is quarantined without these.
fn whole_records_are_whole(section: &Section<'_>, fields: &[(String, Option<Expression>)]) {
    let mapped = |name: &str| fields.iter().any(|(field, _)| field == name);
    for (name, example) in [("kind", "kind = '\"petition\"'"), ("received_on", "received_on = \".NgayNhan\"")] {
        if !mapped(name) && !mapped("part") {
            let advice = format!("every record would be quarantined; for example `{example}`");
            section.check.fault(&section.place, format!("[map] has no `{name}`"), advice);
        }
    }
}

fn is_of_codes(fault: &MappingFault) -> bool {
    fault.path.first().is_some_and(|table| table == "codes")
}

/// The fields of `[map]`, those of a table in it (`extra.ward`) under their whole name.
fn fields(section: &Section<'_>) -> Vec<(String, Option<Expression>)> {
    let field = |entry: &Entry| {
        let name = section.full(&entry.key);
        let name = name.strip_prefix("map.").unwrap_or(&name).to_owned();
        match &entry.node.value {
            Value::Text(text) => vec![(name, compile(section, &entry.key, text, &entry.node.place))],
            Value::Table(_) => section.open_child_quietly(&entry.key).as_ref().map(fields).unwrap_or_default(),
            other => {
                let message = format!("`map.{name}` must be a jq expression in quotes, not {}", other.kind());
                let advice = match &other {
                    Value::List(_) => "for example `petitioners = \"[.NguoiNop[] | {name: .HoTen}]\"`",
                    _ => "a constant stands in quotes too: `instance = \"1\"`",
                };
                section.check.fault(&entry.node.place, message, advice);
                vec![(name, None)]
            }
        }
    };
    section.table.0.iter().flat_map(field).collect()
}

/// Compiles, and points into the text where that fails.
fn compile(section: &Section<'_>, key: &str, text: &str, place: &Place) -> Option<Expression> {
    match Expression::compile(text) {
        Ok(expression) => Some(expression),
        Err(error) => {
            let start = error.offset.min(text.len());
            let end = start.saturating_add(error.len).min(text.len());
            let message = format!("`{}` is no jq expression: {}", section.full(key), error.message);
            section.check.error(&place.inside(&(start..end)), message);
            None
        }
    }
}

impl Section<'_> {
    /// A jq expression.
    pub fn expression(&self, key: &str) -> Option<Expression> {
        let text = self.text(key)?;
        compile(self, key, text.value, &text.place)
    }
}

/// Shows a fault of the mapping at the deepest key of its path that the file has.
fn report(root: &Section<'_>, fault: &MappingFault) {
    let mut place = root.place.clone();
    let mut table = Some(root.table);
    for (depth, key) in fault.path.iter().enumerate() {
        let Some(entry) = table.and_then(|table| table.get(key)) else { break };
        let is_code = is_of_codes(fault) && depth == 2;
        let is_table = matches!(entry.node.value, Value::Table(_));
        place = if is_code || (is_table && depth == 0) { entry.node.place.clone() } else { entry.key_place.clone() };
        table = match &entry.node.value {
            Value::Table(inner) => Some(inner),
            _ => None,
        };
    }
    match &fault.nearest {
        Some(near) => root.check.fault(&place, fault.message.clone(), format!("did you mean {near:?}?")),
        None => root.check.error(&place, fault.message.clone()),
    }
}

fn json(entries: &[Entry]) -> Map<String, serde_json::Value> {
    entries.iter().map(|entry| (entry.key.clone(), json_value(&entry.node))).collect()
}

fn json_value(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Text(text) | Value::Time(text) => text.as_str().into(),
        Value::Integer(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::Boolean(flag) => (*flag).into(),
        Value::List(nodes) => nodes.iter().map(json_value).collect(),
        Value::Table(table) => json(&table.0).into(),
    }
}
