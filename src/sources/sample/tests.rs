//! Files that were guessed, decided as a person would, loaded, and used on the sample that they came from.

use std::fs;
use std::io::Cursor;
use std::ops::ControlFlow;

use expect_test::expect;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Fault, MARK, Origin, Sample, draft};
use crate::config::{Origin as Folder, load_sources};
use crate::domain::SourceId;
use crate::sources::SourceConfig;
use crate::sources::format::tests::support::{archive, book, gzip, row, tcvn3};

fn sampled(bytes: &[u8], name: &str) -> Result<Sample, Fault> {
    Sample::read(&mut Cursor::new(bytes), name, "2026-11-24".parse().unwrap())
}

/// The file for a sample, as it is written.
fn drafted(bytes: &[u8], name: &str) -> String {
    let sample = sampled(bytes, name).unwrap();
    draft(&sample, &SourceId::parse("tinh-27").unwrap(), &Origin::Files { pattern: "*".to_owned() })
}

/// The source that comes of a file once its head and these other marks are decided.
#[track_caller]
fn decided(text: &str, others: &[(&str, &str)]) -> SourceConfig {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("sources.d")).unwrap();
    fs::create_dir_all(folder.path().join("drop")).unwrap();
    let mut text = text.to_owned();
    let head = [("name", "Tỉnh"), ("tier", "local"), ("agency", "H05"), ("path", "drop")];
    for (key, value) in head.iter().chain(others) {
        let marked = format!("{key} = \"{MARK}\"");
        assert_eq!(text.matches(&marked).count(), 1, "{marked} in\n{text}");
        text = text.replace(&marked, &format!("{key} = \"{value}\""));
    }
    fs::write(folder.path().join("sources.d/tinh-27.toml"), &text).unwrap();
    let origin = Folder { dir: folder.path().to_owned(), environment: Vec::new(), credentials: None };
    let (mut files, _) = load_sources(&origin);
    let file = files.remove(0);
    assert!(file.problems.is_empty(), "{}\n{text}", file.problems.render(false));
    file.source.unwrap()
}

/// What the source makes of a file: its records as intake will see them.
fn mapped(source: &SourceConfig, bytes: &[u8]) -> Value {
    let mut records = Vec::new();
    let reading = source.decoder.read(&mut Cursor::new(bytes), &mut |row| {
        let parsed = source.decoder.map(&row.record).unwrap();
        let mut fields = parsed.fields;
        fields.insert("record_id".to_owned(), parsed.record_id.into());
        fields.extend(parsed.version.map(|version| ("version".to_owned(), version.into())));
        fields.retain(|_, value| !value.is_null());
        records.push(Value::Object(fields));
        ControlFlow::Continue(())
    });
    assert_eq!(reading.end, Ok(()));
    Value::Array(records)
}

/// Nothing of these people is in the file.
#[track_caller]
fn tells_nothing_of(text: &str, people: &[&str]) {
    for value in people {
        assert!(!text.contains(value), "{value} stands in\n{text}");
    }
}

const ADDRESS: &str = "phường Phúc Xá, quận Ba Đình, Hà Nội";
const TABLE: &str = "Mã đơn;Ngày nhận;Họ tên;Số CCCD;Điện thoại;Loại đơn;Nội dung;Kết quả;Ghi chú
BN-1;05/03/2024;Nguyễn Thị Hoa;001162003453;0912345678;KN;Khiếu nại quyết định thu hồi đất của huyện;;a
BN-2;06/03/2024;Trần Văn Nam;001062003454;0912345679;TC;Tố cáo cán bộ địa chính xã nhận tiền;Chưa rõ;b
BN-3;07/03/2024;Lê Thị Ngữ;001162003455;0912345670;KN;Kiến nghị sửa đường liên thôn bị hư hỏng;Đúng;c
";
const PEOPLE: &[&str] =
    &["Hoa", "Trần", "Ngữ", "001162003453", "001062003454", "0912345678", "BN-1", "thu hồi đất", "05/03/2024"];

fn of_table() -> Value {
    let record = |id: &str, on: &str, name: &str, number: &str, phone: &str, kind: &str, summary: &str| {
        json!({
            "record_id": id, "kind": "petition", "received_on": on, "type": kind, "summary": summary,
            "petitioners": [{"name": name, "id_number": number, "phone": phone}],
        })
    };
    let mut records = [
        record(
            "BN-1",
            "05/03/2024",
            "Nguyễn Thị Hoa",
            "001162003453",
            "0912345678",
            "complaint",
            "Khiếu nại quyết định thu hồi đất của huyện",
        ),
        record(
            "BN-2",
            "06/03/2024",
            "Trần Văn Nam",
            "001062003454",
            "0912345679",
            "denunciation",
            "Tố cáo cán bộ địa chính xã nhận tiền",
        ),
        record(
            "BN-3",
            "07/03/2024",
            "Lê Thị Ngữ",
            "001162003455",
            "0912345670",
            "complaint",
            "Kiến nghị sửa đường liên thôn bị hư hỏng",
        ),
    ];
    records[1]["outcome"] = "unjustified".into();
    records[2]["outcome"] = "justified".into();
    records.to_vec().into()
}

#[test]
fn a_table_in_old_and_new_encodings() {
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(TABLE.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for (bytes, name, encoding) in [
        (TABLE.as_bytes().to_vec(), "don.csv", "utf-8"),
        (tcvn3(TABLE), "don.csv", "tcvn3"),
        (utf16, "don.txt", "utf-16"),
        (gzip(TABLE.as_bytes()), "don.csv.gz", "utf-8"),
        (archive(&[("nam/don.csv", TABLE.as_bytes())]), "don.zip", "utf-8"),
    ] {
        let text = drafted(&bytes, name);
        assert!(text.contains(&format!("encoding = \"{encoding}\"")), "{name}: {text}");
        assert!(text.contains("delimiter = \";\"\nheader = 1\n"), "{text}");
        tells_nothing_of(&text, PEOPLE);
        let source = decided(&text, &[("\"Chưa rõ\"", "unjustified")]);
        assert_eq!(mapped(&source, &bytes), of_table(), "{name} {encoding}");
    }
}

#[test]
fn a_table_without_headings_is_marked_and_names_nobody() {
    let bytes = TABLE.split_once('\n').unwrap().1.replace(";Chưa rõ;", ";Sai;");
    let text = drafted(bytes.as_bytes(), "don.csv");
    assert!(text.contains("header = 0"), "{text}");
    assert!(text.contains(&format!("record_id = \"{MARK}\"")), "{text}");
    tells_nothing_of(&text, PEOPLE);
    // the numbers of people are told by what they are
    let source = decided(&text, &[("record_id", ".A"), ("received_on", ".B"), ("kind", "\\\"petition\\\"")]);
    assert_eq!(
        mapped(&source, bytes.as_bytes())[0]["petitioners"],
        json!([{"id_number": "001162003453", "phone": "0912345678"}])
    );
}

#[test]
fn a_book_with_a_letterhead_on_its_second_sheet() {
    let mut rows =
        row(1, &["UBND TỈNH BẮC NINH", "", "", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"]) + &row(2, &["SỔ TIẾP NHẬN ĐƠN"]);
    for (number, line) in (4..).zip(TABLE.lines()) {
        rows.push_str(&row(number, &line.split(';').collect::<Vec<_>>()));
    }
    let bytes = book(&[("Hướng dẫn", &row(1, &["Cách điền sổ", "Xem"]), ""), ("Sổ đơn", &rows, "")]);
    let text = drafted(&bytes, "so.xlsx");
    assert!(text.contains("sheet = 2 ") && text.contains("header = \"auto\""), "{text}");
    tells_nothing_of(&text, PEOPLE);
    let source = decided(&text, &[("\"Chưa rõ\"", "unjustified")]);
    assert_eq!(mapped(&source, &bytes), of_table());
}

#[test]
fn a_document_with_a_namespace() {
    let record = |id: &str, people: &str| {
        format!(
            "<d:DonThu ma=\"{id}\"><d:NgayNhan>2024-03-05</d:NgayNhan><d:TrichYeu>Khiếu nại về đất</d:TrichYeu>{people}</d:DonThu>"
        )
    };
    let person =
        |name: &str| format!("<d:NguoiNop><d:HoTen>{name}</d:HoTen><d:DiaChi>{ADDRESS}</d:DiaChi></d:NguoiNop>");
    let both = person("Nguyễn Thị Hoa") + &person("Trần Văn Nam");
    let bytes = format!(
        "<?xml version=\"1.0\"?>\n<d:GoiTin xmlns:d=\"urn:kntc\"><d:Gui><d:Ma>H05</d:Ma></d:Gui><d:DanhSach>{}{}</d:DanhSach></d:GoiTin>",
        record("A1", &both),
        record("A2", &person("Lê Thị Ngữ")),
    );
    let text = drafted(bytes.as_bytes(), "x.xml");
    assert!(text.contains("record = \"DanhSach/DonThu\"\nlists = [\"NguoiNop\"]"), "{text}");
    tells_nothing_of(&text, &["Hoa", "Nam", "Ngữ", "Phúc Xá", "A1"]);
    let source = decided(&text, &[]);
    let of = |name: &str| json!({"name": name, "address": ADDRESS});
    let common = |id: &str, people: Value| json!({"record_id": id, "kind": "petition", "received_on": "2024-03-05", "summary": "Khiếu nại về đất", "petitioners": people});
    assert_eq!(
        mapped(&source, bytes.as_bytes()),
        json!([
            common("A1", json!([of("Nguyễn Thị Hoa"), of("Trần Văn Nam")])),
            common("A2", json!([of("Lê Thị Ngữ")]))
        ])
    );
}

/// A record as an interface gives it: people, the other side and steps within it.
fn nested(id: &str, kind: u32) -> Value {
    json!({
        "MaDon": id, "NgayCapNhat": "2024-03-05T08:00:00+07:00", "NgayNhan": "05/03/2024", "LoaiDon": kind,
        "NoiDung": "Khiếu nại về đất đai", "GiuBiMat": false, "HanGiaiQuyet": null,
        "NguoiNop": [{"HoTen": "Nguyễn Thị Hoa", "cccd": null, "cmnd": "012345678", "dia_chi": {"xa": "Phúc Xá", "huyen": "Ba Đình", "tinh": "Hà Nội"}}],
        "DoiTuong": if kind == 1 { json!({"Ten": "UBND quận Ba Đình", "SoQuyetDinh": "12/QĐ-UBND"}) } else { Value::Null },
        "QuaTrinh": [{"BuocXuLy": "Tiếp nhận", "ThoiDiem": "2024-03-05T08:00:00+07:00"}, {"BuocXuLy": "XX", "ThoiDiem": null}],
    })
}

fn of_nested(id: &str, kind: u32) -> Value {
    let mut record = json!({
        "record_id": id, "version": 1_709_600_400_000_000_i64, "kind": "petition", "received_on": "05/03/2024",
        "type": if kind == 1 { "complaint" } else { "denunciation" }, "summary": "Khiếu nại về đất đai", "confidential": false,
        "petitioners": [{"name": "Nguyễn Thị Hoa", "id_number": "012345678", "address": {"commune": "Phúc Xá", "district": "Ba Đình", "province": "Hà Nội"}}],
        "events": [{"action": "received", "at": "2024-03-05T08:00:00+07:00"}, {"action": "urged", "at": null}],
    });
    if kind == 1 {
        record["against"] = json!({"name": "UBND quận Ba Đình", "decision_no": "12/QĐ-UBND"});
    }
    record
}

#[test]
fn records_within_records() {
    let records = [nested("A1", 1), nested("A2", 2)];
    let lines = format!("{}\n{}\n", records[0], records[1]);
    let page = json!({"meta": {"next": null}, "data": {"items": records, "codes": [{"a": 1}]}}).to_string();
    let whole = serde_json::to_string_pretty(&records).unwrap();
    for (bytes, name, format) in
        [(page, "a.json", "[format.json]"), (lines, "b", "[format.ndjson]"), (whole, "c", "[format.json]")]
    {
        let text = drafted(bytes.as_bytes(), name);
        assert!(text.contains(format), "{text}");
        tells_nothing_of(&text, &["Hoa", "012345678", "Phúc Xá", "UBND", "A1", "2024-03"]);
        let source = decided(&text, &[("1", "complaint"), ("2", "denunciation"), ("XX", "urged")]);
        assert_eq!(mapped(&source, bytes.as_bytes()), json!([of_nested("A1", 1), of_nested("A2", 2)]), "{name}");
    }
}

#[test]
fn interchange_records_are_not_mapped() {
    let bytes = json!([{"record_id": "1", "kind": "petition", "received_on": "2024-03-05"}]).to_string();
    let text = drafted(bytes.as_bytes(), "a.json");
    assert!(text.contains("[format.record]") && !text.contains("[map]"), "{text}");
    decided(&text, &[]);
}

/// The whole file, as it is written for a book that was kept by hand.
#[test]
fn what_does_not_fit_is_said_and_names_nobody() {
    let table = "UBND HUYỆN QUẾ VÕ,,,,,,,
SỔ THEO DÕI ĐƠN THƯ NĂM 2024,,,,,,,
STT,Số đơn,Ngày tiếp nhận,Họ và tên người nộp đơn,Loại đơn,Nội dung đơn thư,Kết quả giải quyết,Cán bộ xử lý
1,12/ĐT,5/3/2024,Nguyễn Thị Hoa,KN,Khiếu nại về đất,Đã trả lời bà Hoa theo công văn ngày 3/4,Lê Văn Cán
2,12/ĐT,6/3/2024,Trần Văn Nam,KN,Tố cáo,Chuyển ông Trần Văn Nam,Lê Văn Cán
3,14/ĐT,không rõ,Lê Thị Bình,KN lần 2,Kiến nghị,xong,Lê Văn Cán
4,15/ĐT,7/3/2024,Vũ Văn Tư,Gửi Vũ Văn Tư,Kiến nghị,xong,Lê Văn Cán
";
    let text = drafted(table.as_bytes(), "so.csv");
    tells_nothing_of(&text, &["Hoa", "Nam", "Bình", "Tư", "Cán,", "12/ĐT", "công văn", "5/3"]);
    expect![[r##"
        # Guessed by `petitiond source new` from 4 records of a sample. A comment says why. What could not be guessed stands
        # as "???": decide it, and `petitiond check` is content; then `petitiond source preview tinh-27` shows what becomes
        # of real records.

        id = "tinh-27"
        name = "???"                      # the name of the source, for people
        tier = "???"                      # ministry | branch | local
        agency = "???"                    # identity code of the agency that it belongs to, as in "H05"
        enabled = true
        schedule = "every 1m"             # or a cron expression, Asia/Ho_Chi_Minh: "30 2 * * *"

        [files]
        path = "???"                      # the folder where files will be dropped; petitiond moves them in it
        pattern = "*"

        [format.csv]
        delimiter = ","
        header = "auto"                   # the first row with the most texts, under letterheads
        encoding = "utf-8"

        [map]
        # Số đơn: by its name, but 75 % of 4 values are different
        record_id = "???"                   # the field that names a record, the same in every delivery; this one: '."Số đơn"'
        # no field tells petitions from receptions, and the fields are those of petitions
        kind = '"petition"'
        # Ngày tiếp nhận: by its name; 75 % of 4 values are dates
        received_on = '."Ngày tiếp nhận"'
        # Loại đơn: by its name; 3 different values, of which 2 are read without a table
        type = '."Loại đơn"'
        # Nội dung đơn thư: by its name; 100 % of 4 values are texts
        summary = '."Nội dung đơn thư"'
        # Kết quả giải quyết: by its name, but its 3 different values of 4 are no codes
        #outcome = '."Kết quả giải quyết"'
        # name ← Họ và tên người nộp đơn: by its name; 100 % of 4 values are names
        petitioners = '[{name: ."Họ và tên người nộp đơn"}]'
        # Not used: Cán bộ xử lý, STT. What is worth keeping goes to `extra`, as in
        #extra.can_bo_xu_ly = '."Cán bộ xử lý"'

        # The values of Loại đơn in the sample.
        # Read without a line here, and with the instance that they tell: KN lần 2.
        # 1 more are not named here, because they may be of a person; add what they mean.
        [codes.type]
        KN = "complaint"
    "##]].assert_eq(&text);
}

/// What one value tells of all, and what one heading tells of none.
#[test]
fn a_version_that_never_changes_a_register_and_a_heading_that_names_somebody() {
    let row = |number: usize| format!("A{number},0{number}/03/2024,1,Lê Văn {number},x\n");
    let rows: String = (1..8).map(row).collect();
    let text =
        drafted(format!("Mã đơn,Ngày tiếp công dân,Phiên bản,Họ tên,Nguyễn Văn Hùng\n{rows}").as_bytes(), "a.csv");
    assert!(text.contains("but all its values are the same\n#version = "), "{text}");
    assert!(text.contains("register of receptions") && text.contains("kind = \"???\""), "{text}");
    assert!(text.contains("record_id = '.\"Mã đơn\"'") && !text.contains("Hùng"), "{text}");
    // under their numbers in an object, and not only the first of them
    let keyed = json!({ "don": { "D1": nested("A1", 1), "D2": nested("A2", 2), "D3": nested("A3", 2) } }).to_string();
    assert_eq!(sampled(keyed.as_bytes(), "a.json"), Err(Fault::NoRecords));
}

#[test]
fn what_cannot_be_read_says_what_to_do() {
    for (bytes, wanted) in [
        (&b""[..], "is empty"),
        (b"{\"data\": []}", "no list of records"),
        (b"[1, 2]", "no list of records"),
        (b"<html><body>", "web page"),
        (b"PK\x03\x04", "zip"),
        (b"{\"MaDon\": ", "no whole JSON"),
        (b"word", "neither CSV"),
    ] {
        let said = sampled(bytes, "a").unwrap_err().to_string();
        assert!(said.contains(wanted), "{wanted:?} is not said but {said:?}");
    }
}

#[test]
fn a_sample_that_was_cut_off_is_used_as_far_as_it_goes() {
    let page = json!([nested("A1", 1), nested("A2", 2)]).to_string();
    let text = drafted(&page.as_bytes()[..page.len() - 20], "a.json");
    assert!(text.contains("only in part: it is no whole JSON: broken after 1"), "{text}");
}

/// A value of a record: of a person, a date, a code, or anything.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(Value::Null),
        prop::sample::select(vec![
            "KN",
            "05/03/2024",
            "001162003453",
            "Nguyễn Văn An",
            "0912345678",
            "*",
            MARK,
            "a'''b\\",
            ""
        ])
        .prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let name = prop_oneof![
            prop::sample::select(vec![
                "MaDon",
                "Họ tên",
                "NguoiNop",
                "LoaiDon",
                "QuaTrinh",
                "ngay_nhan",
                "data",
                "Kết quả",
                "cccd",
                "DoiTuong",
                "@ma",
                "xa"
            ])
            .prop_map(str::to_owned),
            any::<String>(),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name, inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn is_toml(bytes: &[u8], name: &str) {
    if sampled(bytes, name).is_ok() {
        let text = drafted(bytes, name);
        let parsed = text.parse::<toml_edit::DocumentMut>();
        assert!(parsed.is_ok(), "{}\n{text}", parsed.unwrap_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_answered(start in prop::sample::select(vec!["", "{", "[{", "<a><b>", "a;b\n", "PK\u{3}\u{4}", "\u{1f}", "MaDon,Họ tên\n"]), bytes in prop::collection::vec(any::<u8>(), 0..200), name in prop::sample::select(vec!["a", "a.csv", "a.json", "a.zip"])) {
        is_toml(&[start.as_bytes(), &bytes].concat(), name);
    }

    #[test]
    fn any_document_is_answered(document in value(), lines in any::<bool>()) {
        let text = document.to_string();
        is_toml(if lines { format!("{text}\n{text}") } else { text }.as_bytes(), "a.json");
    }

    #[test]
    fn any_table_is_answered(cells in prop::collection::vec(prop::collection::vec("[^;\n]{0,12}", 3), 1..6), headed in any::<bool>()) {
        let rows: Vec<String> = cells.iter().map(|row| row.join(";")).collect();
        let head = if headed { "Mã đơn;Loại đơn;Ngày nhận\n" } else { "" };
        is_toml(format!("{head}{}", rows.join("\n")).as_bytes(), "a.csv");
    }
}
