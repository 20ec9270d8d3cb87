//! Files that want to do harm: each goes to `failed/` with its reason, and the next one is taken.

use std::io::Write as _;
use std::path::Path;

use super::{DropFolder, holds, ids, table};
use crate::support::agency::{Publisher, gzip_bomb, petitions};
use crate::support::daemon::{counts, records, tally_adds_up};
use crate::support::{Site, TestBroker, TestDatabase, eventually};

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A book of one sheet with these rows, each of text cells.
fn book(rows: &[Vec<String>], padding: usize) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let mut sheet = format!("<worksheet xmlns=\"{main}\"><sheetData>");
    for (number, cells) in (1..).zip(rows) {
        sheet.push_str(&format!("<row r=\"{number}\">"));
        for (column, cell) in ('A'..).zip(cells) {
            sheet.push_str(&format!("<c r=\"{column}{number}\" t=\"inlineStr\"><is><t>{cell}</t></is></c>"));
        }
        sheet.push_str("</row>");
    }
    sheet.push_str(&" ".repeat(padding));
    sheet.push_str("</sheetData></worksheet>");
    let workbook = format!(
        "<workbook xmlns=\"{main}\" xmlns:r=\"{relations}\"><sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
    );
    let related = format!(
        "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{relations}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
    );
    let root = format!(
        "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{relations}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
    );
    archive(&[
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/_rels/workbook.xml.rels", related.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

fn rows(from: usize, count: usize) -> Vec<Vec<String>> {
    table(from, count)
        .replace(", lần", " lần")
        .lines()
        .map(|line| line.replace('"', "").split(',').map(str::to_owned).collect())
        .collect()
}

fn document(from: usize, count: usize) -> String {
    let don = |cells: &Vec<String>| {
        format!(
            "<don ma=\"{}\"><ngay>{}</ngay><ten>{}</ten><noi_dung>{} &amp; nữa</noi_dung></don>",
            cells[0], cells[1], cells[2], cells[3]
        )
    };
    format!("<ds>{}</ds>", rows(from, count).iter().skip(1).map(don).collect::<String>())
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_files_fail_one_by_one_and_the_next_is_taken() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let limits = "[limits]\ndecompressed_bytes = \"2MB\"\nrecord_bytes = \"100KB\"\nresponse_bytes = \"1MB\"\nfile_bytes = \"3MB\"\n";
    let csv = DropFolder::open(&site, "csv", "pattern = \"*\"", &format!("{limits}[format.csv]"));
    let xlsx = DropFolder::open(&site, "xlsx", "pattern = \"*\"", &format!("{limits}[format.xlsx]"));
    let xml = DropFolder::open(&site, "xml", "pattern = \"*\"", &format!("{limits}[format.xml]\nrecord = \"don\""));
    let map = |id: &str| {
        let path = site.path().join(format!("sources.d/{id}.toml"));
        let text = std::fs::read_to_string(&path).unwrap().replace("\".ma\"", "'.\"@ma\"'");
        std::fs::write(path, text).unwrap();
    };
    map("xml");
    site.inbox("post");

    csv.put("1-bomb.csv.gz", gzip_bomb(40));
    csv.put("2-bomb.zip", archive(&[("a.csv", &vec![b'\n'; 20_000_000])]));
    csv.put("3-quote.csv", table(0, 3) + "d-000003,\"" + &"x".repeat(1_500_000));
    csv.put("4-cut.csv.gz", &gzip_bomb(1)[..500]);
    csv.put("5-not.csv", b"\xff\xfe\x00\xd8\x00\xd8");
    csv.put("6-empty.zip", archive(&[("doc.pdf", b"%PDF")]));
    csv.put("9-good.csv", table(10, 20));

    xlsx.put("1-bomb.xlsx", book(&rows(0, 1), 20_000_000));
    xlsx.put("2-broken.xlsx", b"PK\x03\x04 and no more");
    xlsx.put("3-old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and no more");
    xlsx.put("9-good.xlsx", book(&rows(10, 20), 0));

    let laughs = "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]><l><don ma=\"d-000001\">&c;</don></l>";
    xml.put("1-laughs.xml", laughs);
    xml.put(
        "2-external.xml",
        "<!DOCTYPE l [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><l><don ma=\"d-000002\"><ten>&x;</ten></don></l>",
    );
    xml.put("3-deep.xml", "<a>".repeat(1_000_000));
    xml.put("4-half.xml", document(0, 10).split_at(700).0);
    xml.put("9-good.xml", document(10, 20));

    let daemon = site.start().await;
    broker.inbox("post").await;
    Publisher::connect(broker.url()).await.records("post", &petitions(50), 10).await;
    for (folder, good) in [(&csv, "9-good.csv"), (&xlsx, "9-good.xlsx"), (&xml, "9-good.xml")] {
        let note = folder.text(&format!("done/{good}")).await;
        assert!(note.contains("ĐÃ NHẬN đầy đủ 20 hồ sơ"), "{note}");
    }
    for (folder, name, reason) in [
        (&csv, "1-bomb.csv.gz", "larger than"),
        (&csv, "2-bomb.zip", "larger than"),
        (&csv, "3-quote.csv", "quotation mark that is never closed"),
        (&csv, "4-cut.csv.gz", "no whole gzip"),
        (&csv, "5-not.csv", "it is not utf-8 at byte 0"),
        (&csv, "6-empty.zip", "no file of this format inside"),
        (&xlsx, "1-bomb.xlsx", "takes more than 2000000 bytes of memory"),
        (&xlsx, "2-broken.xlsx", "no whole zip"),
        (&xlsx, "3-old.xls", "no whole XLS"),
        (&xml, "1-laughs.xml", "declares entities"),
        (&xml, "2-external.xml", "declares entities"),
        (&xml, "3-deep.xml", "nested deeper than 64 levels"),
        (&xml, "4-half.xml", "no whole XML: broken after"),
    ] {
        let note = folder.text(&format!("failed/{name}")).await;
        assert!(note.contains(reason), "{name}: {reason} is not in\n{note}");
        assert!(note.contains("KHÔNG ĐỌC ĐƯỢC HẾT TỆP"), "{note}");
    }
    assert!(csv.names("").is_empty() && xlsx.names("").is_empty() && xml.names("").is_empty());
    let mut served = ids(10, 20);
    holds(&pool, "xlsx", &served).await;
    // what came before the place where the file was broken
    served.extend(ids(0, 3));
    holds(&pool, "csv", &served).await;
    let half = std::fs::read_to_string(xml.at("failed/4-half.xml")).unwrap().matches("</don>").count();
    assert!(half > 2);
    let mut served = ids(10, 20);
    served.extend(ids(0, half));
    holds(&pool, "xml", &served).await;
    counts(
        &pool,
        "SELECT count(*) FROM national_v1.petition WHERE summary LIKE '%lần 1 & nữa'",
        20 + i64::try_from(half).unwrap(),
    )
    .await;
    records(&pool, "post", 50).await;
    for source in ["csv", "xlsx", "xml", "post"] {
        tally_adds_up(&pool, source).await;
    }

    // the configuration was wrong: the file is dropped again as it is
    let toml = site.path().join("sources.d/csv.toml");
    let utf16 = std::fs::read_to_string(&toml).unwrap().replace("[format.csv]", "[format.csv]\nencoding = \"utf-16\"");
    let text: Vec<u8> = table(300, 5).encode_utf16().flat_map(u16::to_le_bytes).collect();
    csv.put("7-utf16.csv", &text);
    let note = csv.text("failed/7-utf16.csv").await;
    assert!(note.contains("it is not utf-8"), "{note}");
    site.write("csv.new", &utf16);
    std::fs::rename(site.path().join("csv.new"), toml).unwrap();
    eventually(
        "the file in done/, dropped again until the daemon has the new configuration",
        super::PATIENCE,
        || async {
            let is_it =
                |name: &String| name.starts_with("7-utf16") && Path::new(name).extension() != Some("txt".as_ref());
            for name in csv.names("failed").into_iter().filter(is_it) {
                std::fs::rename(csv.at("failed").join(name), csv.at("7-utf16.csv")).unwrap();
            }
            csv.names("done").iter().any(is_it).then_some(())
        },
    )
    .await;
    assert!(!daemon.log().contains("panicked"), "{}", daemon.log());
}
