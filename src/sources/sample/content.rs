//! What a file is, by how it begins and then by what it is called.

use serde::de::IgnoredAny;

use super::Fault;
use crate::sources::format::{Encoding, Head, delimiter};

/// What the records are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Json,
    Ndjson,
    Csv { delimiter: u8 },
    Book,
    Xml,
}

/// Judges the beginning of a file; `name` is what it is called.
pub(super) fn of(head: &Head, name: &str) -> Result<Content, Fault> {
    let name = head.name.as_deref().unwrap_or(name).to_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    match head.bytes.as_slice() {
        _ if head.is_book => return Ok(Content::Book),
        [b'P', b'K', 3, 4, ..] | [0xd0, 0xcf, 0x11, 0xe0, ..] => return Ok(Content::Book),
        [] => return Err(Fault::Empty),
        _ => {}
    }
    if head.name.as_deref() == Some("[content_types].xml") || head.bytes.starts_with(b"%PDF") {
        return Err(Fault::Unknown);
    }
    let text = text(&head.bytes);
    let begin = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    match begin.chars().next() {
        None => Err(Fault::Empty),
        Some('[') => Ok(Content::Json),
        Some('{') => Ok(if is_lines(begin, ends(&[".ndjson", ".jsonl"])) { Content::Ndjson } else { Content::Json }),
        Some('<') if is_page(begin) => Err(Fault::WebPage),
        Some('<') => Ok(Content::Xml),
        _ if text.contains('\0') => Err(Fault::Unknown),
        _ => {
            let delimiter = delimiter(text.as_bytes());
            let is_table = text.lines().take(60).filter(|line| line.contains(char::from(delimiter))).count() >= 2;
            let is_named = ends(&[".csv", ".tsv", ".txt"]);
            if is_table || is_named { Ok(Content::Csv { delimiter }) } else { Err(Fault::Unknown) }
        }
    }
}

/// Whether the text is in UTF-16.
pub(super) const fn is_utf16(bytes: &[u8]) -> bool {
    matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 1..=255, ..] | [1..=255, 0, ..])
}

/// The beginning as text; what is cut off or no text is replaced.
pub(super) fn text(bytes: &[u8]) -> String {
    if !is_utf16(bytes) {
        return Encoding::Auto.decode(bytes).map(std::borrow::Cow::into_owned).unwrap_or_default();
    }
    let (pairs, _) = bytes.as_chunks::<2>();
    let big = matches!(bytes, [0xfe, 0xff, ..] | [0, ..]);
    let units: Vec<u16> =
        pairs.iter().map(|pair| if big { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) }).collect();
    String::from_utf16_lossy(&units)
}

/// Whether there is one JSON object after the other.
fn is_lines(text: &str, is_named: bool) -> bool {
    let mut objects = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    if !matches!(objects.next(), Some(Ok(_))) {
        return false;
    }
    let rest = text.get(objects.byte_offset()..).unwrap_or_default().trim_start();
    rest.starts_with('{') || (rest.is_empty() && is_named)
}

fn is_page(text: &str) -> bool {
    let begin: String = text.chars().take(200).collect::<String>().to_lowercase();
    begin.starts_with("<!doctype html") || begin.starts_with("<html") || begin.contains("<html")
}

/// The local name of the first element of a document.
pub(super) fn root_of(text: &str) -> Option<String> {
    let mut rest = text;
    loop {
        rest = rest.get(rest.find('<')? + 1..)?;
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.get(comment.find("-->")? + 3..)?;
        } else if !rest.starts_with(['?', '!']) {
            let name: String = rest.chars().take_while(|c| !c.is_whitespace() && !matches!(c, '>' | '/')).collect();
            return name.rsplit(':').next().filter(|local| !local.is_empty()).map(str::to_owned);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(bytes: &[u8], name: &str) -> Result<Content, Fault> {
        of(&Head { bytes: bytes.to_vec(), name: None, is_book: false }, name)
    }

    #[test]
    fn content_first_and_then_the_name() {
        for (bytes, name, wanted) in [
            (&b"  [{}]"[..], "x.csv", Content::Json),
            (b"{\"a\": 1}", "x.json", Content::Json),
            (b"{\"a\": 1}", "x.jsonl", Content::Ndjson),
            (b"{\"a\": 1}\n{\"a\": 2}\n", "x", Content::Ndjson),
            (b"{\"a\": [1,", "x", Content::Json),
            (b"\xef\xbb\xbf<?xml version=\"1.0\"?><a/>", "x", Content::Xml),
            (b"a;b\n1;2\n", "x", Content::Csv { delimiter: b';' }),
            (b"a\n1\n", "x.csv", Content::Csv { delimiter: b',' }),
            (b"\xff\xfea\0\t\0b\0\n\0c\0\t\0d\0\n\0", "x", Content::Csv { delimiter: b'\t' }),
            (b"PK\x03\x04", "x.csv", Content::Book),
        ] {
            assert_eq!(judged(bytes, name), Ok(wanted), "{name} {bytes:?}");
        }
        assert_eq!(judged(b"", "x.csv"), Err(Fault::Empty));
        assert_eq!(judged(b"<!DOCTYPE html><html>", "x.xml"), Err(Fault::WebPage));
        assert_eq!(judged(b"a letter in words", "x.doc"), Err(Fault::Unknown));
        assert_eq!(judged(b"%PDF-1.4", "x.csv"), Err(Fault::Unknown));
    }

    #[test]
    fn the_root_of_a_document() {
        let text = "<?xml version=\"1.0\"?>\n<!-- <a> -->\n<!DOCTYPE b><k:GoiTin xmlns:k=\"x\"><c/></k:GoiTin>";
        assert_eq!(root_of(text).as_deref(), Some("GoiTin"));
        assert_eq!(root_of("<a/>").as_deref(), Some("a"));
        assert_eq!(root_of("no element"), None);
    }
}
