//! Reading from memory, and packing into archives and books.

use std::io::{Cursor, Write as _};
use std::ops::ControlFlow;

use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::domain::SourceId;
use crate::sources::Limits;
use crate::sources::format::{CsvLayout, Encoding, Format, Header, ReadError, Remark, SheetLayout, XmlLayout};
use crate::sources::mapping::{Decoder, DecoderConfig, Expression, Reading};

/// A decoder of interchange records in this format.
pub fn decoder(format: Format, encoding: Encoding, records: Option<&str>, limits: Limits) -> Decoder {
    Decoder::new(DecoderConfig {
        source: SourceId::parse("test").unwrap(),
        format,
        encoding,
        records: records.map(|text| Expression::compile(text).unwrap()),
        mapping: None,
        limits,
    })
}

/// Everything that was read.
pub struct Read {
    pub rows: Vec<(u64, Value)>,
    pub remarks: Vec<(u64, Remark)>,
    pub entries: Vec<Option<u32>>,
    pub reading: Reading,
}

impl Read {
    pub fn values(&self) -> Value {
        self.rows.iter().map(|(_, value)| value.clone()).collect()
    }

    pub fn numbers(&self) -> Vec<u64> {
        self.rows.iter().map(|(number, _)| *number).collect()
    }

    #[track_caller]
    pub fn error(&self) -> ReadError {
        self.reading.end.clone().unwrap_err()
    }
}

pub fn read_with(decoder: &Decoder, bytes: &[u8]) -> Read {
    let (mut rows, mut remarks, mut entries) = (Vec::new(), Vec::new(), Vec::new());
    let reading = decoder.read(&mut Cursor::new(bytes), &mut |row| {
        rows.push((row.number, serde_json::from_str(row.record.0.get()).unwrap()));
        remarks.extend(row.remark.map(|remark| (row.number, remark)));
        entries.push(row.entry);
        ControlFlow::Continue(())
    });
    Read { rows, remarks, entries, reading }
}

pub fn read(format: Format, encoding: Encoding, bytes: &[u8]) -> Read {
    read_with(&decoder(format, encoding, None, Limits::default()), bytes)
}

/// What was read to its end.
#[track_caller]
pub fn whole(format: Format, encoding: Encoding, bytes: &[u8]) -> Read {
    let read = read(format, encoding, bytes);
    assert_eq!(read.reading.end, Ok(()));
    read
}

pub fn csv() -> Format {
    Format::Csv(CsvLayout::default())
}

pub fn csv_at(header: Header) -> Format {
    Format::Csv(CsvLayout { header, ..CsvLayout::default() })
}

pub fn xlsx() -> Format {
    Format::Xlsx(SheetLayout::default())
}

pub fn xml(record: &str, lists: &[&str]) -> Format {
    let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect();
    Format::Xml(XmlLayout { record: names(&record.split('/').collect::<Vec<_>>()), lists: names(lists) })
}

pub fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(plain).unwrap();
    packed.finish().unwrap()
}

pub fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A book with these sheets: a name, the rows (`<row>…`), what follows them (`<mergeCells>…`). The cell style 1 is a date,
/// 2 a moment.
pub fn book(sheets: &[(&str, &str, &str)]) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let mut listed = String::new();
    let mut related = format!("<Relationship Id=\"rIdS\" Type=\"{relations}/styles\" Target=\"styles.xml\"/>");
    let mut files: Vec<(String, String)> = Vec::new();
    for (number, (name, rows, after)) in (1..).zip(sheets) {
        listed.push_str(&format!("<sheet name=\"{name}\" sheetId=\"{number}\" r:id=\"rId{number}\"/>"));
        related.push_str(&format!(
            "<Relationship Id=\"rId{number}\" Type=\"{relations}/worksheet\" Target=\"worksheets/sheet{number}.xml\"/>"
        ));
        let sheet = format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData>{after}</worksheet>");
        files.push((format!("xl/worksheets/sheet{number}.xml"), sheet));
    }
    let styles = format!(
        "<styleSheet xmlns=\"{main}\"><cellXfs count=\"3\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"22\"/></cellXfs></styleSheet>"
    );
    files.push(("xl/styles.xml".to_owned(), styles));
    files.push((
        "xl/workbook.xml".to_owned(),
        format!("<workbook xmlns=\"{main}\" xmlns:r=\"{relations}\"><sheets>{listed}</sheets></workbook>"),
    ));
    files.push((
        "xl/_rels/workbook.xml.rels".to_owned(),
        format!("<Relationships xmlns=\"{package}\">{related}</Relationships>"),
    ));
    files.push((
        "_rels/.rels".to_owned(),
        format!("<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{relations}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"),
    ));
    files.push((
        "[Content_Types].xml".to_owned(),
        "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>".to_owned(),
    ));
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    archive(&files)
}

/// A row of text cells from column A on; an empty text is no cell.
pub fn row(number: u32, cells: &[&str]) -> String {
    let mut text = format!("<row r=\"{number}\">");
    for (column, cell) in ('A'..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
        let cell = cell.replace('&', "&amp;").replace('<', "&lt;");
        text.push_str(&format!("<c r=\"{column}{number}\" t=\"inlineStr\"><is><t>{cell}</t></is></c>"));
    }
    text + "</row>"
}

/// TCVN3 as ABC fonts have it: no capitals with tones, so the text has none.
pub fn tcvn3(text: &str) -> Vec<u8> {
    let table = crate::reference::legacy::tcvn3();
    let byte = |c: char| {
        if c.is_ascii() {
            return c as u8;
        }
        let at = table.abc.iter().position(|letter| *letter == Some(c));
        u8::try_from(at.unwrap_or_else(|| panic!("{c} is in no ABC font"))).unwrap()
    };
    text.chars().map(byte).collect()
}
