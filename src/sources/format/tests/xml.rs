//! XML documents.

use serde_json::json;

use super::support::{decoder, read, read_with, whole, xml};
use crate::sources::Limits;
use crate::sources::format::{Encoding, ReadError};

const UTF8: Encoding = Encoding::Utf8;

#[test]
fn elements_become_objects() {
    let text = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE goi SYSTEM "http://127.0.0.1:1/never-fetched.dtd">
<e:goi xmlns:e="urn:trao-doi" xmlns="urn:don">
  <dau><ma>không phải đơn</ma></dau>
  <ds>
    <e:don e:ma="A1" loai='KN &amp; TC'>
      <!-- ghi chú --><NoiDung>Công ty A &amp; B &lt;chi nhánh&gt; &#x1EA1;&#7841; <![CDATA[<b>&amp;</b>]]></NoiDung>
      <Nguoi><Ten>Hoa</Ten></Nguoi><Nguoi so="2"><Ten>Bình</Ten></Nguoi>
      <ThanhPhan>một</ThanhPhan><Trong/><Trang>   </Trang>
      <GhiChu lang="vi">chữ</GhiChu>
    </e:don>
    <don>chỉ có chữ</don>
    <don/>
  </ds>
</e:goi>"#;
    let read = whole(xml("goi/ds/don", &["ThanhPhan"]), UTF8, text.as_bytes());
    assert_eq!(
        read.values(),
        json!([
            {
                "@ma": "A1", "@loai": "KN & TC",
                "NoiDung": "Công ty A & B <chi nhánh> ạạ <b>&amp;</b>",
                "Nguoi": [{ "Ten": "Hoa" }, { "@so": "2", "Ten": "Bình" }],
                "ThanhPhan": ["một"], "Trong": null, "Trang": null,
                "GhiChu": { "@lang": "vi", "#text": "chữ" },
            },
            { "#text": "chỉ có chữ" },
            { "#text": null },
        ])
    );
    assert_eq!(read.numbers(), [1, 2, 3]);
    assert_eq!(whole(xml("don", &[]), UTF8, text.as_bytes()).rows.len(), 3);
    assert_eq!(whole(xml("ma", &[]), UTF8, text.as_bytes()).rows.len(), 1);
    assert_eq!(whole(xml("khong", &[]), UTF8, text.as_bytes()).rows.len(), 0);
}

/// A billion laughs, a file of the machine, an entity of parameters: refused before anything is expanded.
#[test]
fn entities_of_a_document_are_refused() {
    let laughs = r#"<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><l><don>&c;</don></l>"#;
    let external = r#"<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l><don>&x;</don></l>"#;
    let parameter = r#"<!DOCTYPE l [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x"> %p;]><l><don>1</don></l>"#;
    for text in [laughs, external, parameter] {
        let read = read(xml("don", &[]), UTF8, text.as_bytes());
        assert_eq!((read.error(), read.rows.len()), (ReadError::Entities, 0));
    }
}

#[test]
fn what_nobody_knows_stays_as_it_came() {
    let text = "<l><don a='x &nbsp; y'>A &nbsp; B &#0; C & D</don></l>";
    let read = whole(xml("don", &[]), UTF8, text.as_bytes());
    assert_eq!(read.values(), json!([{ "@a": "x &nbsp; y", "#text": "A &nbsp; B &#0; C & D" }]));
}

#[test]
fn broken_documents_keep_what_came_before() {
    for text in [
        "<l><don>1</don><don>2",
        "<l><don>1</don><don>2</dno></l>",
        "<l><don>1</don>",
        "<l><don>1</don></l",
        "<l><don>1</don><don a=1></don></l>",
        "<l><don>1</don><don a='1' a='2'></don></l>",
    ] {
        let read = read(xml("don", &[]), UTF8, text.as_bytes());
        assert_eq!((read.rows.len(), read.error()), (1, ReadError::Broken { what: "XML", number: 1 }), "{text}");
    }
    for text in ["", "chữ", "{\"a\":1}"] {
        assert_eq!(read(xml("don", &[]), UTF8, text.as_bytes()).error(), ReadError::Broken { what: "XML", number: 0 });
    }
}

#[test]
fn depth_and_size_have_bounds() {
    let deep = format!("<l><don>{}{}</don></l>", "<a>".repeat(100_000), "</a>".repeat(100_000));
    assert_eq!(read(xml("don", &[]), UTF8, deep.as_bytes()).error(), ReadError::TooDeep { number: 0, limit: 32 });
    let around = format!("{}<don/>", "<a>".repeat(1000));
    assert_eq!(read(xml("don", &[]), UTF8, around.as_bytes()).error(), ReadError::TooDeep { number: 0, limit: 64 });
    let limits = || Limits { record_bytes: 10_000, ..Limits::default() };
    for inner in ["<a/>".repeat(10_000), "x".repeat(20_000), format!("<a b='{}'/>", "x".repeat(3_000_000))] {
        let text = format!("<l><don>1</don><don>{inner}</don></l>");
        let read = read_with(&decoder(xml("don", &[]), UTF8, None, limits()), text.as_bytes());
        assert_eq!(read.error(), ReadError::RecordTooLarge { number: 1, limit: 10_000 });
    }
}

#[test]
fn a_declaration_of_another_encoding_changes_nothing() {
    // the words of the configuration count: such a file has often been converted since
    let text = "<?xml version='1.0' encoding='windows-1252'?><l><don>Hoàng Thị Đoan</don></l>";
    assert_eq!(whole(xml("don", &[]), UTF8, text.as_bytes()).values(), json!([{ "#text": "Hoàng Thị Đoan" }]));
    let utf16: Vec<u8> = "\u{feff}<?xml version='1.0' encoding='utf-16'?><l><don>Đoan</don></l>"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(whole(xml("don", &[]), Encoding::Utf16, &utf16).values(), json!([{ "#text": "Đoan" }]));
}
