//! `[format.*]`: what a body or a file of the source is made of.

use super::document::Value;
use super::section::{Placed, Section, nearest};
use crate::sources::format::{CsvLayout, Encoding, Format, Header, Sheet, SheetLayout, XmlLayout};
use crate::sources::mapping::Expression;

/// The formats, as `[format.NAME]`.
pub const NAMES: &[&str] = &["json", "ndjson", "csv", "xlsx", "xml", "record"];
/// The keys of `[format.json]`.
pub const JSON: &[&str] = &["records", "encoding"];
/// The keys of `[format.csv]`.
pub const CSV: &[&str] = &["delimiter", "quote", "header", "encoding"];
/// The keys of `[format.xlsx]`.
pub const XLSX: &[&str] = &["sheet", "header", "encoding"];
/// The keys of `[format.xml]`.
pub const XML: &[&str] = &["record", "lists", "encoding"];
const TEXT: &[&str] = &["encoding"];

/// A format, the encoding of its text, and where the records are in a page of JSON.
pub type Checked = (Format, Encoding, Option<Expression>);

/// Checks the table of the format.
pub fn check(root: &Section<'_>) -> Option<Checked> {
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
        let all = NAMES.join(", ");
        root.check.fault(&root.place, message, format!("say what the source sends, exactly one of: {all}"));
        return None;
    }
    let section = root.child("format", NAMES)?;
    let name = section.exactly_one(NAMES)?;
    let known = match name {
        "json" => JSON,
        "csv" => CSV,
        "xlsx" => XLSX,
        "xml" => XML,
        _ => TEXT,
    };
    let table = section.child(name, known)?;
    let encoding = encoding(&table);
    let records = if name == "json" { table.expression("records") } else { None };
    let format = match name {
        "json" => Some(Format::Json),
        "ndjson" => Some(Format::Ndjson),
        "csv" => csv(&table).map(Format::Csv),
        "xlsx" => xlsx(&table).map(Format::Xlsx),
        "xml" => xml(&table).map(Format::Xml),
        _ => Some(Format::Record),
    };
    Some((format?, encoding?, records))
}

fn encoding(section: &Section<'_>) -> Option<Encoding> {
    if !section.has("encoding") {
        return Some(Encoding::default());
    }
    let text = section.text("encoding")?;
    let encoding = Encoding::parse(text.value);
    if encoding.is_none() {
        let names = || Encoding::ALL.iter().map(|encoding| encoding.as_str());
        let near = nearest(text.value, names());
        let all = names().collect::<Vec<_>>().join(", ");
        let advice = near.map_or_else(|| format!("one of: {all}"), |near| format!("did you mean {near:?}?"));
        section.check.fault(&text.place, format!("{:?} is no encoding", text.value), advice);
    }
    encoding
}

fn csv(table: &Section<'_>) -> Option<CsvLayout> {
    let default = CsvLayout::default();
    let delimiter = sign_or(table, "delimiter", Sign(None), "auto", "as in \";\", \"\\t\", or \"auto\"");
    let quote = sign_or(table, "quote", Sign(default.quote), "none", "as in \"'\", or \"none\"");
    let header = header(table, default.header);
    let (Sign(delimiter), Sign(quote)) = (delimiter?, quote?);
    if delimiter.is_some() && delimiter == quote {
        let message = "the delimiter and the quotation mark are the same sign";
        table.check.error(&table.place_of("delimiter"), message);
        return None;
    }
    Some(CsvLayout { delimiter, quote, header: header? })
}

/// One sign, or none.
struct Sign(Option<u8>);

/// One sign, or a word that stands for none; `None` where it is neither.
fn sign_or(table: &Section<'_>, key: &str, otherwise: Sign, word: &str, advice: &str) -> Option<Sign> {
    if !table.has(key) {
        return Some(otherwise);
    }
    let text = table.text(key)?;
    if text.value == word { Some(Sign(None)) } else { sign(table, &text, word, advice).map(|sign| Sign(Some(sign))) }
}

/// One ASCII character that can stand between cells.
fn sign(table: &Section<'_>, text: &Placed<&str>, word: &str, advice: &str) -> Option<u8> {
    match text.value.as_bytes() {
        [byte] if !byte.is_ascii_alphanumeric() && !matches!(byte, b'\n' | b'\r' | b' ' | 0) && byte.is_ascii() => {
            Some(*byte)
        }
        _ => {
            let message = format!("{:?} is no single sign, and not {word:?}", text.value);
            table.check.fault(&text.place, message, advice);
            None
        }
    }
}

/// A number of a row, or a heading that stands in it.
fn header(table: &Section<'_>, otherwise: Header) -> Option<Header> {
    let Some(entry) = table.entry("header") else { return Some(otherwise) };
    match &entry.node.value {
        Value::Text(text) if text == "auto" => Some(Header::Found),
        Value::Text(text) if !text.trim().is_empty() => Some(Header::With(text.clone())),
        Value::Integer(_) => match table.integer("header", 0..=1_000_000_u64)? {
            0 => Some(Header::None),
            row => Some(Header::At(row)),
        },
        other => {
            let message =
                format!("`{}` must be the number of a row or a text, not {}", table.full("header"), other.kind());
            let advice = "as in 4, 0 for none, \"Mã đơn\" for the row with that heading, or \"auto\"";
            table.check.fault(&entry.node.place, message, advice);
            None
        }
    }
}

fn xlsx(table: &Section<'_>) -> Option<SheetLayout> {
    let default = SheetLayout::default();
    let sheet = match table.entry("sheet").map(|entry| &entry.node.value) {
        None => Some(default.sheet),
        Some(Value::Integer(_)) => table.integer("sheet", 1..=1000_usize).map(Sheet::Number),
        Some(_) => {
            let advice = "the name of the sheet, or its number from 1";
            table.required_text("sheet", advice).map(|text| Sheet::Name(text.value.to_owned()))
        }
    };
    let header = header(table, default.header);
    Some(SheetLayout { sheet: sheet?, header: header? })
}

fn xml(table: &Section<'_>) -> Option<XmlLayout> {
    let advice = "the element of one record, as in \"DonThu\" or \"GoiTin/DanhSach/DonThu\"";
    let lists = table.texts("lists");
    for list in lists.iter().filter(|list| !is_name(list.value)) {
        table.check.fault(&list.place, format!("{:?} is no name of an element", list.value), "as in \"NguoiNop\"");
    }
    let record = table.required_text("record", advice)?;
    let names: Vec<String> = record.value.trim_matches('/').split('/').map(str::to_owned).collect();
    let wrong = names.iter().find(|name| !is_name(name));
    if let Some(name) = wrong {
        let message = format!("{name:?} in `{}` is no name of an element", table.full("record"));
        table.check.fault(&record.place, message, format!("without a namespace's prefix: {advice}"));
        return None;
    }
    Some(XmlLayout { record: names, lists: lists.into_iter().map(|list| list.value.to_owned()).collect() })
}

/// The local name of an element.
fn is_name(name: &str) -> bool {
    let inner = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    name.starts_with(|c: char| c.is_alphabetic() || c == '_') && name.chars().all(inner)
}
