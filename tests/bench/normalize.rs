//! What normalization costs and how much of it comes out right.
//!
//! ```text
//! cargo bench --bench normalize                           all of it
//! cargo bench --bench normalize -- speed                  records a second on one core, microseconds a value
//! cargo bench --bench normalize -- addresses              all 10,040 old units, written in six ways
//! cargo bench --bench normalize -- decoding [SENTENCES]   the round trip through legacy encodings; default 100,000
//! ```
//!
//! For a figure that does not depend on the machine's mood, instructions a record:
//!
//! ```text
//! valgrind --tool=callgrind --toggle-collect='*one_by_one*' $(ls -t target/release/deps/normalize-* | grep -v '[.]d$' | head -1) count
//! ```
//!
//! and the "Collected" figure divided by the records that it prints.

#![expect(clippy::indexing_slicing, clippy::expect_used, reason = "a bench that goes wrong may stop where it stands")]

use std::time::Instant;

use chrono::NaiveDate;
use petitiond::domain::{RecordKey, SourceId};
use petitiond::normalize::{self, Context, Field};
use petitiond::reference;
use serde_json::{Map, Value, json};

mod measure;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Different records, so that no cache holds them all.
const RECORDS: usize = 2_000;

const NAMES: &[&str] = &[
    "Nguyễn Văn Hùng",
    "Trần Thị Mỹ Lệ",
    "LÊ HOÀNG PHÚC",
    "Ông Phạm Văn Tám",
    "Hộ bà Võ Thị Sáu",
    "Đặng Thị Ngọc Ánh",
    "Ông Bùi Văn A và bà Đỗ Thị B",
    "Hoàng Minh Tuấn",
    "Huỳnh Thị Kim Chi",
    "Phan Văn Trị và 25 hộ dân",
];
const ADDRESSES: &[&str] = &[
    "Số 5, Phường Phúc Xá, Quận Ba Đình, Hà Nội",
    "Thôn Đông, Xã Đồng Tiến, Huyện Yên Phong, Tỉnh Bắc Ninh",
    "12/5 đường Lê Lợi, Phường Bến Nghé, Quận 1, TP.HCM",
    "phường Hoàn Kiếm, Hà Nội",
    "ấp 4, xã Phước Kiển, huyện Nhà Bè, Thành phố Hồ Chí Minh",
    "KP3, TT. Lai Uyên, H. Bàu Bàng, Bình Dương",
    "xã Tân Quan, tỉnh Đồng Nai",
];
const TEXT: &str = "Khiếu nại Quyết định số 123/QĐ-UBND ngày 05/03/2024 của Chủ tịch Ủy ban nhân dân huyện về việc thu hồi đất, \
    bồi thường, hỗ trợ và tái định cư khi Nhà nước thu hồi đất để thực hiện dự án; người khiếu nại không đồng ý với đơn giá bồi \
    thường, cho rằng diện tích đo đạc không đúng với giấy chứng nhận quyền sử dụng đất đã cấp năm 1998, đề nghị xem xét lại \
    nguồn gốc đất, thời điểm sử dụng và bố trí tái định cư theo đúng quy định của pháp luật.";

fn record(index: usize) -> Map<String, Value> {
    let pick = |list: &'static [&'static str]| list[index % list.len()];
    let day = index % 28 + 1;
    let received_on = match index % 3 {
        0 => format!("2024-03-{day:02}"),
        1 => format!("{day:02}/03/2024"),
        _ => format!("2025-09-{day:02}"),
    };
    let phone = if index.is_multiple_of(2) {
        format!("09{:08}", index * 7919 % 100_000_000)
    } else {
        format!("0162{index:07}")
    };
    let fields = json!({
        "kind": "petition",
        "type": pick(&["KN", "complaint", "Tố cáo", "Phản ánh"]),
        "agency": pick(&["G17", "H26.14.3", "000.00.12.H29"]),
        "received_on": received_on,
        "written_on": format!("2024-02-{day:02}"),
        "channel": pick(&["post", "Trực tiếp", "portal"]),
        "category": pick(&["01.2", "Đất đai", "01.2.1"]),
        "summary": format!("{TEXT} Hồ sơ {index}."),
        "petitioners": [{
            "name": pick(NAMES),
            "id_number": format!("0010{:02}{:06}", index % 90, index),
            "birth_year": 1900 + index % 90,
            "gender": "male",
            "phone": phone,
            "address": pick(ADDRESSES),
        }],
        "against": {"decision_no": format!("{}/QĐ-UBND", index + 1), "decision_on": "2024-01-15", "agency": "H26.14"},
        "events": [
            {"action": "received", "at": "2024-03-06T08:00:00+07:00", "agency": "H26.14.3"},
            {"action": "Thụ lý", "at": "2024-03-16T08:00:00+07:00", "document_no": format!("{}/TB-UBND", index + 7)},
        ],
        "references": [{"relation": "transferred_from", "agency": "G20", "record_id": format!("TT-{index}"), "document_no": "5/VP"}],
        "stage": "accepted",
    });
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let first = arguments.first().map(String::as_str);
    if first == Some("count") {
        println!("{} records normalized", one_by_one(batch(&records())).0);
        return;
    }
    let wanted = |part: &str| first.is_none_or(|first| first == part);
    if wanted("speed") {
        speed_of_records();
        speed_of_values();
    }
    if wanted("addresses") {
        println!("\n{}", measure::addresses::table(&measure::addresses::measure()));
    }
    if wanted("decoding") {
        decoding(arguments.get(1).and_then(|number| number.parse().ok()).unwrap_or(100_000));
    }
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 24).unwrap_or_default()
}

/// The different records; the tables are built at their first use, and that is not counted.
fn records() -> Vec<Map<String, Value>> {
    normalize::field(Field::Address, ADDRESSES[0], today(), None);
    let records: Vec<_> = (0..RECORDS).map(record).collect();
    let context = Context { agency: "G17", today: today() };
    for (key, fields) in batch(&records[..RECORDS / 10]) {
        std::hint::black_box(normalize::record(&context, key, fields, Vec::new()).is_ok());
    }
    records
}

type Keyed = (RecordKey, Map<String, Value>);

fn batch(records: &[Map<String, Value>]) -> Vec<Keyed> {
    let source_id = SourceId::parse("bench").expect("a source id");
    let key = |index: usize| RecordKey { source_id: source_id.clone(), record_id: index.to_string() };
    records.iter().enumerate().map(|(index, record)| (key(index), record.clone())).collect()
}

/// Normalizes a batch: how many records, how many findings, and in how many seconds. Never inlined, so that callgrind
/// can count what is done inside.
#[inline(never)]
fn one_by_one(batch: Vec<Keyed>) -> (usize, usize, f64) {
    let context = Context { agency: "G17", today: today() };
    let mut done = Vec::with_capacity(batch.len());
    let start = Instant::now();
    for (key, fields) in batch {
        done.push(normalize::record(&context, key, fields, Vec::new()));
    }
    let seconds = start.elapsed().as_secs_f64();
    let findings = done.iter().flatten().map(|record| record.findings.len()).sum();
    (done.len(), findings, seconds)
}

fn speed_of_records() {
    let records = records();
    let texts: Vec<String> = records.iter().map(|record| Value::Object(record.clone()).to_string()).collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    let (mut best, mut parsing) = (f64::MAX, f64::MAX);
    let mut findings = 0;
    for _ in 0..20 {
        let round = one_by_one(batch(&records));
        best = best.min(round.2);
        findings = round.1;
        let start = Instant::now();
        let parsed = texts.iter().filter_map(|text| serde_json::from_str::<Value>(text).ok());
        std::hint::black_box(parsed.collect::<Vec<_>>());
        parsing = parsing.min(start.elapsed().as_secs_f64());
    }
    println!(
        "{:.0} records a second on one core ({:.1} µs each, {} bytes each, {:.1} findings each)",
        RECORDS as f64 / best,
        best / RECORDS as f64 * 1e6,
        bytes / RECORDS,
        findings as f64 / RECORDS as f64
    );
    // what does not change with the machine's mood
    println!("  {:.2} times as long as serde_json takes to parse the same records", best / parsing);
}

fn speed_of_values() {
    for field in Field::ALL.iter().copied() {
        let values: &[&str] = match field {
            Field::Text => &[TEXT],
            Field::Name => NAMES,
            Field::IdNumber => &["001075000001", "012345678", "B1234567"],
            Field::Phone => &["0912345678", "01621234567", "024 3825 8888"],
            Field::Date => &["2024-03-05", "05/03/2024", "ngày 5 tháng 3 năm 2024"],
            Field::Address => ADDRESSES,
            Field::Agency => &["H26.14.3", "000.00.12.H29", "Bộ TN&MT", "UBND tỉnh Nghệ An"],
            Field::Category => &["01.2", "Đất đai"],
            Field::DocumentNo => &["123/QĐ-UBND", "số 45 / KL-TTr"],
        };
        let start = Instant::now();
        for index in 0..20_000 {
            std::hint::black_box(normalize::field(field, values[index % values.len()], today(), None));
        }
        println!("  {:<12} {:>7.2} µs a value", field.as_str(), start.elapsed().as_secs_f64() / 20_000.0 * 1e6);
    }
}

fn decoding(sentences: usize) {
    use measure::round_trip;
    let rows = round_trip::measure(sentences, |came| {
        let mut is_flagged = false;
        let text = normalize::text::clean_noting(came, |note| is_flagged |= note.flag.is_some()).into_owned();
        (text, is_flagged)
    });
    println!("\n{sentences} sentences in each encoding, right by words\n{}", round_trip::table(&rows));
    for row in rows.iter().filter(|row| row.words >= round_trip::LONG) {
        row.examples.iter().take(2).for_each(|example| println!("{} {example:?}", row.encoding));
    }
}
