//! Tables as text.

use serde_json::json;

use super::support::{csv, csv_at, decoder, read, read_with, whole};
use crate::sources::Limits;
use crate::sources::format::{CsvLayout, Encoding, Format, Header, ReadError, Remark};

const UTF8: Encoding = Encoding::Utf8;

#[test]
fn each_row_is_an_object_by_its_headings() {
    let text = "Mã đơn,Họ tên,Nội dung\r\n1,\"Nguyễn Thị Hoa\",\"dòng một\ndòng \"\"hai\"\", hết\"\r\n\r\n2,,\r\n";
    let read = whole(csv(), UTF8, text.as_bytes());
    assert_eq!(
        read.values(),
        json!([
            { "Mã đơn": "1", "Họ tên": "Nguyễn Thị Hoa", "Nội dung": "dòng một\ndòng \"hai\", hết" },
            { "Mã đơn": "2", "Họ tên": null, "Nội dung": null },
        ])
    );
    assert_eq!(read.numbers(), [2, 5]);
    assert_eq!(read.remarks, []);
}

#[test]
fn the_delimiter_is_found_or_said() {
    for (text, about) in [
        ("a;b\n1;\"x,y\"\n2;z,u\n", "semicolon"),
        ("a\tb\n1\tx,y\n2\tz;u\n", "tab"),
        ("a|b\n1|x,y\n2|z,u\n", "bar"),
        ("sep=;\r\na;b\r\n1;x,y\r\n2;z,u\r\n", "said by Excel"),
    ] {
        let read = whole(csv(), UTF8, text.as_bytes());
        assert_eq!(read.rows.len(), 2, "{about}");
        assert_eq!(read.rows[0].1["a"], "1", "{about}");
        assert_eq!(read.rows[0].1["b"], "x,y", "{about}");
    }
    let said = Format::Csv(CsvLayout { delimiter: Some(b'~'), quote: None, ..CsvLayout::default() });
    assert_eq!(whole(said, UTF8, b"a~b\n\"1~x,\n").values(), json!([{ "a": "\"1", "b": "x," }]));
    // one column has no delimiter
    assert_eq!(whole(csv(), UTF8, b"a\n1\n").values(), json!([{ "a": "1" }]));
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_heading() {
    let text = "Mã,b\n1,2\n";
    for (bytes, encoding) in [
        ([b"\xef\xbb\xbf".to_vec(), text.as_bytes().to_vec()].concat(), UTF8),
        ([b"\xef\xbb\xbf".to_vec(), text.as_bytes().to_vec()].concat(), Encoding::Auto),
        ([vec![0xff, 0xfe], text.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat(), Encoding::Utf16),
        ([vec![0xfe, 0xff], text.encode_utf16().flat_map(u16::to_be_bytes).collect()].concat(), Encoding::Auto),
        (text.encode_utf16().flat_map(u16::to_be_bytes).collect(), Encoding::Utf16),
    ] {
        assert_eq!(whole(csv(), encoding, &bytes).values(), json!([{ "Mã": "1", "b": "2" }]), "{encoding}");
    }
}

#[test]
fn ragged_rows_are_kept_and_told_of() {
    let read = whole(csv(), UTF8, b"a,b,c\n1\n1,2,3,4,5\n1,2,3,,\n");
    assert_eq!(
        read.values(),
        json!([{ "a": "1" }, { "a": "1", "b": "2", "c": "3", "_rest": ["4", "5"] }, { "a": "1", "b": "2", "c": "3" }])
    );
    assert_eq!(read.remarks, [(3, Remark::SurplusCells { cells: 5, headings: 3 })]);
}

#[test]
fn a_quotation_mark_that_is_never_closed_is_told_of() {
    let read = whole(csv(), UTF8, b"a,b\n1,x\n2,\"y\n3,z\n4,u\n");
    assert_eq!(read.rows.len(), 2);
    assert_eq!(read.remarks, []);
    let read = whole(csv(), UTF8, b"a,b,c\n1,\"x,1\n2,y,2\n");
    assert_eq!(read.remarks, [(2, Remark::Swallows { cells: 2, headings: 3 })]);
}

#[test]
fn headings_stand_where_they_are_said_to() {
    let text = "UBND TỈNH;;\nSổ đơn;;\nMã;Ngày;Người nộp\n(1);(2);(3)\nA1;05/03/2024;Hoa\n";
    let expected = json!([{ "Mã": "A1", "Ngày": "05/03/2024", "Người nộp": "Hoa" }]);
    for header in [Header::At(3), Header::With("Mã".to_owned()), Header::Found] {
        assert_eq!(whole(csv_at(header), UTF8, text.as_bytes()).values(), expected);
    }
    assert_eq!(
        whole(csv_at(Header::None), UTF8, b"1,2\n3,4\n").values(),
        json!([{ "A": "1", "B": "2" }, { "A": "3", "B": "4" }])
    );
    for header in [Header::At(9), Header::With("Không có".to_owned())] {
        assert_eq!(read(csv_at(header), UTF8, text.as_bytes()).error(), ReadError::NoHeader);
    }
    for empty in ["", "\n\n", ",,,\n"] {
        assert_eq!(read(csv(), UTF8, empty.as_bytes()).error(), ReadError::NoHeader, "{empty:?}");
    }
}

#[test]
fn what_is_no_text_ends_the_file_where_it_begins() {
    let read = read(csv(), UTF8, b"a,b\n1,x\n2,\xc0\xae\n3,z\n");
    assert_eq!(read.error(), ReadError::NotText { encoding: UTF8, at: 10 });
}

/// What ends a file in its middle takes nothing of what was before it.
#[test]
fn a_row_without_end_ends_the_file_and_keeps_what_came_before() {
    let limits = Limits { record_bytes: 10_000, ..Limits::default() };
    let mut text = b"a,b\n1,x\n".to_vec();
    // more than what is read ahead
    text.extend(b"2,z\n".repeat(200_000));
    text.extend(b"3,\"");
    text.extend(vec![b'y'; 2_000_000]);
    let read = read_with(&decoder(csv(), UTF8, None, limits), &text);
    assert_eq!(read.rows.len(), 200_001);
    assert_eq!(read.error(), ReadError::RecordTooLarge { number: 200_002, limit: 10_000 });
}

#[test]
fn a_file_larger_than_its_bound_ends_there() {
    let limits = Limits { file_bytes: 100_000, ..Limits::default() };
    let text = [b"a,b\n".to_vec(), b"1,x\n".repeat(100_000)].concat();
    let read = read_with(&decoder(csv(), UTF8, None, limits), &text);
    assert_eq!(read.error(), ReadError::TooLarge { limit: 100_000 });
}
