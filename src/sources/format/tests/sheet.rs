//! Excel books.

use serde_json::json;

use super::support::{archive, book, decoder, read, read_with, row, whole, xlsx};
use crate::sources::Limits;
use crate::sources::format::{Encoding, Format, Header, ReadError, Sheet, SheetLayout};

const UTF8: Encoding = Encoding::Utf8;

fn sheet(sheet: Sheet, header: Header) -> Format {
    Format::Xlsx(SheetLayout { sheet, header })
}

/// Letterheads over the table, a row of numbers under the headings, numbers as text and text as numbers, dates.
#[test]
fn a_book_as_offices_write_them() {
    let rows = [
        row(1, &["UBND TỈNH BẮC NINH", "", "", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"]),
        row(3, &["SỔ TIẾP NHẬN ĐƠN THÁNG 3"]),
        row(5, &["Mã đơn", "Ngày nhận", "Người nộp", "Số CCCD", "Lúc"]),
        row(6, &["(1)", "(2)", "(3)", "(4)", "(5)"]),
        "<row r=\"7\"><c r=\"A7\"><v>12345</v></c><c r=\"B7\" s=\"1\"><v>45356</v></c><c r=\"C7\" t=\"inlineStr\"><is><r><t xml:space=\"preserve\">Nguyễn </t></r><r><t>Thị Hoa &amp; con</t></r></is></c><c r=\"D7\"><v>27184001234</v></c><c r=\"E7\" s=\"2\"><v>45356.354166666664</v></c></row>".to_owned(),
        "<row r=\"9\"><c r=\"A9\" t=\"inlineStr\"><is><t>00123</t></is></c><c r=\"B9\" t=\"inlineStr\"><is><t>05/03/2024</t></is></c><c r=\"D9\"><v>1.5</v></c><c r=\"E9\" t=\"b\"><v>1</v></c></row>".to_owned(),
        "<row r=\"10\"><c r=\"A10\" t=\"inlineStr\"><is><t>  </t></is></c></row>".to_owned(),
    ];
    let read = whole(xlsx(), UTF8, &book(&[("Đơn", &rows.concat(), "")]));
    assert_eq!(
        read.values(),
        json!([
            { "Mã đơn": 12345, "Ngày nhận": "2024-03-05", "Người nộp": "Nguyễn Thị Hoa & con", "Số CCCD": 27_184_001_234_i64, "Lúc": "2024-03-05T08:30:00" },
            { "Mã đơn": "00123", "Ngày nhận": "05/03/2024", "Người nộp": null, "Số CCCD": 1.5, "Lúc": true },
        ])
    );
    assert_eq!(read.numbers(), [7, 9]);
}

#[test]
fn an_old_book_is_read_alike() {
    let bytes = include_bytes!("../../../../tests/fixtures/files/so-don.xls");
    for sheet_of in [Sheet::Number(2), Sheet::Name("sổ đơn".to_owned())] {
        let read = whole(sheet(sheet_of, Header::Found), UTF8, bytes);
        assert_eq!(
            read.values(),
            json!([
                { "Mã đơn": "BN-1", "Ngày nhận": "2024-03-05", "Người nộp": "Nguyễn Thị Hoa", "Số CCCD": 27_184_001_234_i64 },
                { "Mã đơn": "BN-2", "Ngày nhận": "2024-03-05", "Người nộp": "Trần Văn Bình", "Số CCCD": "027184005678" },
            ])
        );
        assert_eq!(read.numbers(), [5, 6]);
    }
}

#[test]
fn sheets_are_chosen_by_name_and_number() {
    let table = |id: &str| row(1, &["a", "b"]) + &row(2, &[id, "x"]);
    let (one, two) = (table("1"), table("2"));
    let bytes = book(&[("Bìa", &one, ""), ("Tháng 3", &two, "")]);
    let first = |sheet_of: Sheet| whole(sheet(sheet_of, Header::At(1)), UTF8, &bytes).rows[0].1["a"].clone();
    assert_eq!(first(Sheet::Number(1)), "1");
    assert_eq!(first(Sheet::Number(2)), "2");
    assert_eq!(first(Sheet::Name(" tháng 3".to_owned())), "2");
    for missing in [Sheet::Number(3), Sheet::Number(0), Sheet::Name("Tháng 4".to_owned())] {
        assert_eq!(read(sheet(missing, Header::Found), UTF8, &bytes).error(), ReadError::NoSheet);
    }
}

#[test]
fn merged_cells_all_have_their_value() {
    let rows = [
        row(1, &["Đơn", "Người nộp", "", "Cơ quan"]),
        row(2, &["", "Họ tên", "Địa chỉ", ""]),
        row(3, &["A1", "Hoa", "Láng", "Sở Xây dựng"]),
        row(4, &["A2", "Bình", "Láng", ""]),
        row(5, &["A3", "Cúc", "", ""]),
        // shows only what stands above it
        row(6, &["", "", "", ""]),
        row(7, &["A4", "", "", "Sở Tư pháp"]),
    ];
    let merged = "<mergeCells count=\"4\"><mergeCell ref=\"A1:A2\"/><mergeCell ref=\"B1:C1\"/><mergeCell ref=\"D1:D2\"/><mergeCell ref=\"D3:D6\"/></mergeCells>";
    let read = whole(sheet(Sheet::Number(1), Header::Found), UTF8, &book(&[("S", &rows.concat(), merged)]));
    let of = |id: &str, name: serde_json::Value, address: serde_json::Value, agency: &str| json!({ "Đơn": id, "Họ tên": name, "Địa chỉ": address, "Cơ quan": agency });
    assert_eq!(
        read.values(),
        json!([
            of("A1", json!("Hoa"), json!("Láng"), "Sở Xây dựng"),
            of("A2", json!("Bình"), json!("Láng"), "Sở Xây dựng"),
            of("A3", json!("Cúc"), json!(null), "Sở Xây dựng"),
            of("A4", json!(null), json!(null), "Sở Tư pháp"),
        ])
    );
}

/// Regions over a whole sheet cost nothing.
#[test]
fn merged_regions_are_not_expanded() {
    let rows = row(1, &["a", "b"]) + &row(2, &["1", "2"]) + &row(1_048_576, &["3"]);
    let merged = format!("<mergeCells>{}</mergeCells>", "<mergeCell ref=\"A2:XFD1048576\"/>".repeat(1000));
    let read = whole(xlsx(), UTF8, &book(&[("S", &rows, &merged)]));
    assert_eq!(read.values(), json!([{ "a": "1", "b": "2" }, { "a": "3", "b": "1" }]));
}

#[test]
fn numbers_that_are_no_dates_stay_numbers() {
    let rows = row(1, &["a", "b", "c"])
        + "<row r=\"2\"><c r=\"A2\" s=\"1\"><v>-5</v></c><c r=\"B2\" s=\"1\"><v>9999999</v></c><c r=\"C2\" s=\"2\"><v>0.5</v></c></row><row r=\"3\"><c r=\"A3\" s=\"1\"><v>60</v></c><c r=\"B3\" s=\"1\"><v>61</v></c><c r=\"C3\" t=\"e\"><v>#N/A</v></c></row>";
    let read = whole(xlsx(), UTF8, &book(&[("S", &rows, "")]));
    assert_eq!(read.rows[0].1, json!({ "a": -5, "b": 9_999_999, "c": "12:00:00" }));
    assert_eq!((&read.rows[1].1["b"], &read.rows[1].1["c"]), (&json!("1900-03-01"), &json!("#N/A")));
}

#[test]
fn fonts_of_the_nineties_live_on_in_books() {
    let rows = row(1, &["M\u{b7} ®¬n", "N\u{e9}i dung"])
        + &row(2, &["1", "Khi\u{d5}u n\u{b9}i quy\u{d5}t \u{ae}\u{de}nh thu h\u{e5}i \u{ae}\u{ca}t"]);
    let read = whole(sheet(Sheet::Number(1), Header::At(1)), Encoding::Tcvn3, &book(&[("S", &rows, "")]));
    assert_eq!(read.values(), json!([{ "Mã đơn": "1", "Nội dung": "Khiếu nại quyết định thu hồi đất" }]));
}

#[test]
fn books_that_cannot_be_right_are_refused() {
    let broken = ReadError::Broken { what: "XLSX", number: 0 };
    assert_eq!(read(xlsx(), UTF8, b"a,b\n1,2\n").error(), broken);
    assert_eq!(read(xlsx(), UTF8, b"").error(), broken);
    assert_eq!(read(xlsx(), UTF8, &archive(&[("xl/workbook.xml", b"<workbook")])).error(), broken);
    assert!(matches!(
        read(xlsx(), UTF8, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 no more").error(),
        ReadError::Broken { what: "XLS", .. } | ReadError::Panicked
    ));
    let mut cut = book(&[("S", &row(1, &["a"]), "")]);
    cut.truncate(cut.len() - 100);
    assert!(matches!(read(xlsx(), UTF8, &cut).error(), ReadError::Broken { .. }));
    assert_eq!(read(xlsx(), UTF8, &book(&[("S", "", "")])).error(), ReadError::NoHeader);
    let huge = row(1, &["a", "b"]) + &row(2, &["1", &"x".repeat(20_000)]);
    let limits = Limits { record_bytes: 10_000, ..Limits::default() };
    let read = read_with(&decoder(xlsx(), UTF8, None, limits), &book(&[("S", &huge, "")]));
    assert_eq!(read.error(), ReadError::RecordTooLarge { number: 1, limit: 10_000 });
}
