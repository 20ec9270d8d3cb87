//! Old encodings: said, or judged from the words.

use serde_json::json;

use super::support::{csv, decoder, read, read_with, tcvn3, whole, xml};
use crate::normalize::encoding::Legacy;
use crate::sources::Limits;
use crate::sources::format::{Encoding, Format};

const HEADINGS: &str = "Mã đơn,Họ tên,Nội dung";
const ROWS: [&str; 3] = [
    "BN-1,Nguyễn Thị Hoa,Khiếu nại quyết định thu hồi đất của Ủy ban nhân dân huyện Quế Võ",
    "BN-2,Trần Văn Được,Tố cáo cán bộ địa chính xã nhận tiền của người dân trước khi cấp giấy chứng nhận",
    "BN-3,Lê Thị Ngữ,Kiến nghị sửa đường liên thôn bị hư hỏng nặng sau mưa lũ tháng chín vừa qua",
];

fn windows_1258(text: &str) -> Vec<u8> {
    use unicode_normalization::UnicodeNormalization;
    // a tone is a sign of its own; the breve, the circumflex and the horn are not
    let decomposed: String = text
        .chars()
        .flat_map(|c| {
            let parts: Vec<char> = c.nfd().collect();
            let (tones, rest): (Vec<char>, Vec<char>) =
                parts.into_iter().partition(|part| "\u{300}\u{301}\u{303}\u{309}\u{323}".contains(*part));
            rest.into_iter().nfc().chain(tones).collect::<Vec<char>>()
        })
        .collect();
    encoding_rs::WINDOWS_1258.encode(&decomposed).0.into_owned()
}

fn expected() -> serde_json::Value {
    let cells = |row: &str| {
        let cells: Vec<&str> = row.split(',').collect();
        json!({ "Mã đơn": cells[0], "Họ tên": cells[1], "Nội dung": cells[2] })
    };
    ROWS.iter().map(|row| cells(row)).collect()
}

fn file() -> String {
    // the abc fonts have no capital with a tone
    format!("{HEADINGS}\n{}\n", ROWS.join("\n")).replace("Ủy", "ủy")
}

fn expected_of_fonts() -> serde_json::Value {
    serde_json::from_str(&expected().to_string().replace("Ủy", "ủy")).unwrap()
}

#[test]
fn each_encoding_is_read_where_it_is_said() {
    let cases = [
        (Encoding::Utf8, file().into_bytes()),
        (Encoding::Tcvn3, tcvn3(&file())),
        (Encoding::Windows1258, windows_1258(&file())),
    ];
    for (encoding, bytes) in cases {
        assert_eq!(whole(csv(), encoding, &bytes).values(), expected_of_fonts(), "{encoding}");
    }
    let vni = b"M\xe3,a\n1,\xd1\xf4n khie\xe1u na\xefi cu\xfba o\xe2ng Nguye\xe3n Va\xean A\n";
    assert_eq!(whole(csv(), Encoding::Vni, vni).rows[0].1["a"], "Đơn khiếu nại của ông Nguyễn Văn A");
    let viqr = b"m,a\n1,Ddo+n khie^'u na.i cu?a o^ng Nguye^~n Va(n A\n";
    assert_eq!(whole(csv(), Encoding::Viqr, viqr).rows[0].1["a"], "Đơn khiếu nại của ông Nguyễn Văn A");
}

#[test]
fn the_encoding_is_judged_and_it_is_said_how_sure() {
    for (bytes, encoding) in [
        (file().into_bytes(), None),
        (tcvn3(&file()), Some(Legacy::Tcvn3)),
        (windows_1258(&file()), Some(Legacy::Windows1258)),
    ] {
        let read = whole(csv(), Encoding::Auto, &bytes);
        assert_eq!(read.values(), expected_of_fonts(), "{encoding:?}");
        let detected = read.reading.detected.unwrap();
        assert_eq!((detected.encoding, detected.rows), (encoding, 3));
        assert!(detected.percent() >= 80, "{detected:?}");
    }
}

#[test]
fn columns_of_one_file_may_differ() {
    let mut bytes = b"ma,ten,noi_dung\n".to_vec();
    for row in ROWS {
        let cells: Vec<&str> = row.split(',').collect();
        bytes.extend(format!("{},{},", cells[0], cells[1]).bytes());
        bytes.extend(tcvn3(&cells[2].replace("Ủy", "ủy")));
        bytes.push(b'\n');
    }
    let read = whole(csv(), Encoding::Auto, &bytes);
    assert_eq!(read.rows[1].1["ten"], "Trần Văn Được");
    assert_eq!(read.rows[0].1["noi_dung"], "Khiếu nại quyết định thu hồi đất của ủy ban nhân dân huyện Quế Võ");
}

/// More records than are looked at, and not one is lost or out of its place.
#[test]
fn what_is_held_back_for_the_judgement_comes_out_in_order() {
    let mut text = format!("{HEADINGS}\n");
    for number in 0..1234 {
        text.push_str(&format!("{number},Nguyễn Thị Hoa,Khiếu nại quyết định thu hồi đất số {number}\n"));
    }
    let read = whole(csv(), Encoding::Auto, &tcvn3(&text));
    let ids: Vec<String> = read.rows.iter().map(|(_, row)| row["Mã đơn"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, (0..1234).map(|number| number.to_string()).collect::<Vec<_>>());
    assert_eq!(read.rows[1233].1["Nội dung"], "Khiếu nại quyết định thu hồi đất số 1233");
}

#[test]
fn documents_are_read_in_old_encodings_too() {
    let document = "<ds><don><ten>Nguyễn Thị Hoa</ten><noidung>Khiếu nại quyết định thu hồi đất</noidung></don></ds>";
    let expected = json!([{ "ten": "Nguyễn Thị Hoa", "noidung": "Khiếu nại quyết định thu hồi đất" }]);
    for encoding in [Encoding::Tcvn3, Encoding::Auto] {
        assert_eq!(whole(xml("don", &[]), encoding, &tcvn3(document)).values(), expected, "{encoding}");
    }
    let text = r#"[{"ten":"Nguyễn Thị Hoa","noidung":"Khiếu nại quyết định thu hồi đất","so":12345678901234}]"#;
    let expected = json!([{ "ten": "Nguyễn Thị Hoa", "noidung": "Khiếu nại quyết định thu hồi đất", "so": 12_345_678_901_234_i64 }]);
    for encoding in [Encoding::Tcvn3, Encoding::Auto] {
        assert_eq!(whole(Format::Json, encoding, &tcvn3(text)).values(), expected, "{encoding}");
        assert_eq!(
            whole(Format::Ndjson, encoding, &tcvn3(text.trim_matches(['[', ']']))).values(),
            expected,
            "{encoding}"
        );
    }
}

/// The same through the way that bodies of HTTP and inboxes take.
#[test]
fn bodies_are_read_as_files_are() {
    let bytes = tcvn3(&file());
    let decoder = decoder(csv(), Encoding::Tcvn3, None, Limits { records: 3, ..Limits::default() });
    let records = decoder.records(&bytes).unwrap();
    let values: serde_json::Value =
        records.iter().map(|record| serde_json::from_str::<serde_json::Value>(record.0.get()).unwrap()).collect();
    assert_eq!(values, expected_of_fonts());
    assert_eq!(read_with(&decoder, &bytes).values(), values);
    let more = [bytes, b"x,y,z\n".to_vec()].concat();
    assert!(decoder.records(&more).unwrap_err().to_string().contains("limits.records"));
}

#[test]
fn half_a_character_at_the_end_is_told() {
    for encoding in [Encoding::Utf8, Encoding::Utf16] {
        let bytes: Vec<u8> = match encoding {
            Encoding::Utf8 => "a\nNguyễ".bytes().take(8).collect(),
            _ => "a\nN".encode_utf16().flat_map(u16::to_le_bytes).take(5).collect(),
        };
        assert!(read(csv(), encoding, &bytes).reading.end.is_err(), "{encoding}");
    }
}
