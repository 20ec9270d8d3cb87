//! `cargo bench --bench normalize`: records a second on one core.
//!
//! For a figure that does not depend on the machine's mood, instructions a record:
//! `valgrind --tool=callgrind --toggle-collect='*normalize*record*record*' target/release/deps/normalize-* --once`.

#![expect(clippy::indexing_slicing, clippy::expect_used, reason = "a bench that goes wrong may stop where it stands")]

use std::time::Instant;

use chrono::NaiveDate;
use petitiond::domain::{RecordKey, SourceId};
use petitiond::normalize::{self, Context, Field};
use serde_json::{Map, Value, json};

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
    let once = std::env::args().any(|arg| arg == "--once");
    let today = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap_or_default();
    let context = Context { agency: "G17", today };
    let source_id = SourceId::parse("bench").expect("a source id");
    let records: Vec<Map<String, Value>> = (0..RECORDS).map(record).collect();
    let bytes: usize = records.iter().map(|record| Value::Object(record.clone()).to_string().len()).sum();
    // the tables are built at their first use
    normalize::field(Field::Address, ADDRESSES[0], today, None);
    let rounds = if once { 1 } else { 20 };
    let mut best = f64::MAX;
    let mut findings = 0;
    for _ in 0..rounds {
        let batch: Vec<(RecordKey, Map<String, Value>)> = records
            .iter()
            .enumerate()
            .map(|(index, record)| {
                (RecordKey { source_id: source_id.clone(), record_id: index.to_string() }, record.clone())
            })
            .collect();
        let mut done = Vec::with_capacity(batch.len());
        let start = Instant::now();
        for (key, fields) in batch {
            done.push(normalize::record(&context, key, fields, Vec::new()));
        }
        best = best.min(start.elapsed().as_secs_f64());
        findings = done.iter().flatten().map(|record| record.findings.len()).sum();
    }
    let a_second = RECORDS as f64 / best;
    println!(
        "normalize: {a_second:.0} records a second on one core ({:.1} µs each, {} bytes each, {:.1} findings each)",
        best / RECORDS as f64 * 1e6,
        bytes / RECORDS,
        findings as f64 / RECORDS as f64
    );
    if once {
        return;
    }
    for field in [Field::Text, Field::Name, Field::IdNumber, Field::Phone, Field::Date, Field::Address] {
        let values: &[&str] = match field {
            Field::Text => &[TEXT],
            Field::Name => NAMES,
            Field::IdNumber => &["001075000001", "012345678", "B1234567"],
            Field::Phone => &["0912345678", "01621234567", "024 3825 8888"],
            Field::Date => &["2024-03-05", "05/03/2024", "ngày 5 tháng 3 năm 2024"],
            _ => ADDRESSES,
        };
        let start = Instant::now();
        for index in 0..20_000 {
            std::hint::black_box(normalize::field(field, values[index % values.len()], today, None));
        }
        println!("  {:<10} {:>7.2} µs a value", field.as_str(), start.elapsed().as_secs_f64() / 20_000.0 * 1e6);
    }
}
