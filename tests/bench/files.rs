//! Dropped files: records a second from a file to batches ready to be published, each row checked as the text beside the
//! file wants it, and the most memory that takes. `cargo bench --bench files [-- csv|xlsx [MEGABYTES|ROWS]]`.

#![expect(clippy::indexing_slicing, clippy::expect_used, reason = "a bench that goes wrong may stop where it stands")]

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use petitiond::domain::SourceId;
use petitiond::sources::Limits;
use petitiond::sources::files::{Done, FilesConfig, Folder, Pattern};
use petitiond::sources::format::{CsvLayout, Encoding, Format, SheetLayout};
use petitiond::sources::mapping::{Decoder, DecoderConfig, Expression, Mapping};
use serde_json::Map;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let size = |otherwise: usize| arguments.get(1).and_then(|size| size.parse().ok()).unwrap_or(otherwise);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    if arguments.first().map(String::as_str) == Some("xlsx") {
        book(&folder.path().join("a.xlsx"), size(300_000));
        runtime.block_on(read(folder.path(), Format::Xlsx(SheetLayout::default())));
    } else {
        table(&folder.path().join("a.csv"), size(1000) * 1_000_000);
        runtime.block_on(read(folder.path(), Format::Csv(CsvLayout::default())));
    }
}

/// Cells of one row, as a province fills them.
fn cells(number: usize) -> [String; 8] {
    [
        format!("BN-{number:08}"),
        format!("{:02}/{:02}/2026", 1 + number % 28, 1 + number % 12),
        format!("Nguyễn Thị Hoa {}", number % 977),
        format!("{:012}", 27_184_000_000_usize + number),
        "0912345678".to_owned(),
        format!("Số {}, thôn Đông, xã Phù Lương, huyện Quế Võ, tỉnh Bắc Ninh", number % 300),
        ["KN", "TC", "KNPA"][number % 3].to_owned(),
        format!(
            "Khiếu nại quyết định số {number}/QĐ-UBND ngày 05/03/2024 của Ủy ban nhân dân huyện Quế Võ về việc thu hồi đất nông nghiệp để xây dựng khu công nghiệp, đề nghị xem xét lại giá bồi thường và việc bố trí tái định cư cho gia đình"
        ),
    ]
}

const HEADINGS: &str = "Mã,Ngày,Họ tên,Số CCCD,Điện thoại,Địa chỉ,Loại,Nội dung";

fn table(path: &Path, bytes: usize) {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).expect("a file"));
    writeln!(file, "{HEADINGS}").expect("a line");
    let (mut written, mut number) = (0, 0);
    while written < bytes {
        let row = cells(number).map(|cell| format!("\"{cell}\"")).join(",");
        writeln!(file, "{row}").expect("a line");
        (written, number) = (written + row.len() + 1, number + 1);
    }
}

/// Every text a shared string of its own, as Excel writes them.
fn book(path: &Path, rows: usize) {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let mut archive = zip::ZipWriter::new(std::io::BufWriter::new(std::fs::File::create(path).expect("a file")));
    let mut part = |name: &str, write: &mut dyn FnMut(&mut dyn std::io::Write)| {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).expect("a part");
        write(&mut archive);
    };
    let whole = |text: String| move |out: &mut dyn std::io::Write| out.write_all(text.as_bytes()).expect("a part");
    part(
        "_rels/.rels",
        &mut whole(format!(
            "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{relations}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
        )),
    );
    part(
        "xl/workbook.xml",
        &mut whole(format!(
            "<workbook xmlns=\"{main}\" xmlns:r=\"{relations}\"><sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
        )),
    );
    part(
        "xl/_rels/workbook.xml.rels",
        &mut whole(format!(
            "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{relations}/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" Type=\"{relations}/sharedStrings\" Target=\"sharedStrings.xml\"/></Relationships>"
        )),
    );
    let headings: Vec<&str> = HEADINGS.split(',').collect();
    part("xl/sharedStrings.xml", &mut |out| {
        write!(out, "<sst xmlns=\"{main}\">").expect("a part");
        headings.iter().for_each(|text| write!(out, "<si><t>{text}</t></si>").expect("a part"));
        (0..rows).flat_map(cells).for_each(|text| write!(out, "<si><t>{text}</t></si>").expect("a part"));
        write!(out, "</sst>").expect("a part");
    });
    part("xl/worksheets/sheet1.xml", &mut |out| {
        write!(out, "<worksheet xmlns=\"{main}\"><sheetData>").expect("a part");
        for row in 0..=rows {
            write!(out, "<row r=\"{}\">", row + 1).expect("a part");
            for (at, column) in ('A'..='H').enumerate() {
                write!(out, "<c r=\"{column}{}\" t=\"s\"><v>{}</v></c>", row + 1, row * 8 + at).expect("a part");
            }
            write!(out, "</row>").expect("a part");
        }
        write!(out, "</sheetData></worksheet>").expect("a part");
    });
    archive.finish().expect("a book");
}

async fn read(folder: &Path, format: Format) {
    let field = |name: &str, jq: &str| (name.to_owned(), Expression::compile(jq).expect("jq"));
    let fields = vec![
        field("record_id", ".\"Mã\""),
        field("kind", "\"petition\""),
        field("received_on", ".\"Ngày\""),
        field("summary", ".\"Nội dung\""),
        field(
            "petitioners",
            "[{name: .\"Họ tên\", id_number: .\"Số CCCD\", phone: .\"Điện thoại\", address: .\"Địa chỉ\"}]",
        ),
    ];
    let limits = Limits { decompressed_bytes: 1 << 30, ..Limits::default() };
    let name = format.as_str();
    let decoder = Arc::new(Decoder::new(DecoderConfig {
        source: SourceId::parse("bench").expect("an id"),
        format,
        encoding: Encoding::Utf8,
        records: None,
        mapping: Some(Mapping::new(fields, &Map::new()).expect("a mapping")),
        limits,
    }));
    let config = FilesConfig {
        path: folder.to_owned(),
        pattern: Pattern::parse("*").expect("a pattern"),
        settle: Duration::ZERO,
        done: Done::Leave,
    };
    let before = peak();
    let folder = Folder::new(&config, decoder, "H05", [0; 32]);
    let found = folder.settled().await.expect("the folder");
    let began = Instant::now();
    let id = folder.identify(&found[0]).await.expect("a file").expect("an id");
    let hashed = began.elapsed();
    let mut reading = folder.read(&found[0], id, 0, NaiveDate::from_ymd_opt(2026, 11, 27).expect("a date"));
    while reading.next_batch().await.is_some() {}
    let account = reading.finish().await.expect("an account");
    let wall = began.elapsed();
    assert_eq!((account.end, account.faults.refused), (Ok(()), 0));
    let megabytes = found[0].size() as f64 / 1e6;
    println!(
        "{name}: {} records, {megabytes:.0} MB on disk, {:.1} s ({:.1} s of it hashing): {:.0} records/s; peak memory {:.0} MB (before reading {before:.0} MB)",
        account.records,
        wall.as_secs_f64(),
        hashed.as_secs_f64(),
        account.records as f64 / wall.as_secs_f64(),
        peak()
    );
}

/// The most memory this process ever had, in MB.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse::<f64>().unwrap_or_default() / 1000.0
}
