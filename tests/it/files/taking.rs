//! What becomes of files that are dropped, and what of those that are dropped again.

use std::io::Write as _;
use std::time::Duration;

use super::{DropFolder, PATIENCE, holds, ids, one, table};
use crate::support::daemon::{counts, feed_is_dense, last_error, tally_adds_up};
use crate::support::{Site, TestBroker, TestDatabase, eventually};

const RECEIVED: &str = "SELECT records_received FROM petitiond.source WHERE source_id = 'csv'";

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_taken_and_its_clerk_is_told_which_rows_failed() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let folder = DropFolder::of_csv(&site, "csv");
    let daemon = site.start().await;
    // a byte order mark, a row without an id, one without a date, one with a comma too many
    let mut text = format!("\u{feff}{}", table(0, 1200));
    text.push_str(",01/02/2026,Trần Thị Kín,không có mã\nd-900000,,Trần Thị Kín,không có ngày\n");
    text.push_str("d-001200,01/02/2026,Lê Văn Ba,Khiếu nại, có dấu phẩy\n");
    folder.put("Đơn của Trần Thị Kín.csv", text);
    let note = folder.text("done/Đơn của Trần Thị Kín.csv").await;
    holds(&pool, "csv", &ids(0, 1201)).await;
    let held = "SELECT count(*) FROM petitiond.quarantine WHERE source_id = 'csv'";
    counts(&pool, held, 2).await;

    let (vietnamese, english) = note.split_once("----------").unwrap();
    for (part, said) in [
        (vietnamese, "Kết quả: nhận 1201 hồ sơ; 2 hồ sơ CÓ LỖI"),
        (vietnamese, "- dòng 1202: thiếu mã hồ sơ\n"),
        (vietnamese, "- dòng 1203: thiếu ngày nhận\n"),
        (vietnamese, "- dòng 1204: có 5 ô nhưng chỉ có 4 cột tiêu đề"),
        (vietnamese, "Bảng mã: tự nhận là utf-8, chắc 100 %"),
        (english, "Result: 1201 records were taken; 2 have faults and are held in quarantine"),
        (english, "- line 1202: the record has no record_id\n"),
        (english, "(taken all the same)"),
    ] {
        assert!(part.contains(said), "{said} is not in:\n{note}");
    }
    assert!(!note.replace("Đơn của Trần Thị Kín.csv", "").contains("Kín"), "a value is in the text:\n{note}");
    // neither the names of files nor what is in them
    let (log, status) = (daemon.log(), site.status("csv").to_string());
    assert!(!log.contains("Kín") && !status.contains("Kín"), "{log}\n{status}");
    assert!(
        log.contains("a file was taken") && log.contains("encoding=\"utf-8\"") && log.contains("sure=100"),
        "{log}"
    );
    assert!(status.contains("\"sure_percent\":100"), "{status}");
    tally_adds_up(&pool, "csv").await;
    feed_is_dense(&pool).await;
}

/// The provinces' own files: TCVN3, told by its words, and read alike wherever the daemon is restarted.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_the_nineties_is_read() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let folder = DropFolder::of_csv(&site, "csv");
    let _daemon = site.start().await;
    // Khiếu nại quyết định thu hồi đất của ủy ban nhân dân huyện Quế Võ
    let summary = b"Khi\xd5u n\xb9i quy\xd5t \xae\xdenh thu h\xe5i \xae\xcat c\xf1a \xf1y ban nh\xa9n d\xa9n huy\xd6n Qu\xd5 V\xe2";
    let mut bytes = b"ma;ngay;ten;noi_dung\r\n".to_vec();
    for number in 0..40 {
        bytes.extend(format!("d-{number:06};05/03/2026;").bytes());
        bytes.extend(b"Nguy\xd4n Th\xde H\xb9nh;");
        bytes.extend(summary);
        bytes.extend(b"\r\n");
    }
    folder.put("so.csv", &bytes);
    let note = folder.text("done/so.csv").await;
    assert!(note.contains("tự nhận là tcvn3, chắc 100 %"), "{note}");
    holds(&pool, "csv", &ids(0, 40)).await;
    let right = "SELECT count(*) FROM national_v1.petition
                 WHERE summary = 'Khiếu nại quyết định thu hồi đất của ủy ban nhân dân huyện Quế Võ'";
    assert!(one(&pool, right).await > 0);
    assert_eq!(
        one(&pool, "SELECT count(*) FROM national_v1.petitioner_identity WHERE full_name <> 'Nguyễn Thị Hạnh'").await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_still_written_is_not_taken() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let folder = DropFolder::of_csv(&site, "csv");
    let _daemon = site.start().await;
    let text = table(0, 500);
    let mut file = std::fs::File::create(folder.at("slow.csv")).unwrap();
    // longer than it takes to settle, and never still for so long; each piece ends in the middle of a row
    let pulls = "SELECT count(*) FROM petitiond.pull WHERE source_id = 'csv'";
    for piece in text.as_bytes().chunks(text.len() / 12) {
        file.write_all(piece).unwrap();
        file.flush().unwrap();
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    drop(file);
    assert!(one(&pool, pulls).await >= 2, "nobody looked meanwhile");
    folder.appears("done/slow.csv").await;
    holds(&pool, "csv", &ids(0, 500)).await;
    assert_eq!(one(&pool, "SELECT records FROM petitiond.taken_file").await, 500);
    assert_eq!(one(&pool, RECEIVED).await, 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_content_is_taken_once_whatever_its_name() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let folder = DropFolder::of_csv(&site, "csv");
    let mut daemon = site.start().await;
    folder.put("a.csv", table(0, 100));
    folder.appears("done/a.csv").await;
    holds(&pool, "csv", &ids(0, 100)).await;
    // the same name, another name, both at once, and after a restart
    folder.put("a.csv", table(0, 100));
    folder.put("b.csv", table(0, 100));
    let note = folder.text("done/a.2.csv").await;
    assert!(note.contains("nội dung y hệt") && note.contains("was not read again"), "{note}");
    folder.appears("done/b.csv").await;
    daemon.terminate().await;
    let _daemon = site.start().await;
    folder.put("c.csv", table(0, 100));
    // another file under a name that is there already
    folder.put("a.csv", table(100, 50));
    folder.appears("done/c.csv").await;
    folder.appears("done/a.3.csv").await;
    holds(&pool, "csv", &ids(0, 150)).await;
    assert_eq!(one(&pool, RECEIVED).await, 150);
    assert_eq!(
        std::fs::read_to_string(folder.at("done/a.csv")).unwrap(),
        table(0, 100),
        "what was there is not overwritten"
    );
    assert_eq!(folder.names("").len(), 0);

    // and again, when an administrator wants it
    std::fs::rename(folder.at("done/b.csv"), folder.at("b.csv")).unwrap();
    site.done(&["source", "reset", "csv", "--since", "2026-01-01"]);
    // the text of the first time is still there
    folder.appears("done/b.2.csv").await;
    counts(&pool, RECEIVED, 250).await;
    holds(&pool, "csv", &ids(0, 150)).await;
}

/// Two files that say different things of one record: the one dropped later is right.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_files_the_later_one_wins() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let folder = DropFolder::of_csv(&site, "csv");
    for number in 0..8 {
        folder.put(&format!("{number}.csv"), table(7, 1).replace("lần 1", &format!("lần {number}")));
        std::fs::File::options()
            .append(true)
            .open(folder.at(&format!("{number}.csv")))
            .unwrap()
            .set_modified(std::time::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + number))
            .unwrap();
    }
    let _daemon = site.start().await;
    folder.appears("done/7.csv").await;
    counts(&pool, RECEIVED, 8).await;
    counts(&pool, "SELECT count(*) FROM national_v1.petition WHERE summary LIKE '%lần 7'", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_left_are_read_once_and_not_touched() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let folder = DropFolder::open(&site, "csv", "pattern = \"*.csv\"\ndone = \"leave\"", "[format.csv]");
    folder.put("a.csv", table(0, 60));
    let mut daemon = site.start().await;
    holds(&pool, "csv", &ids(0, 60)).await;
    folder.put("a.csv", table(0, 80));
    holds(&pool, "csv", &ids(0, 80)).await;
    daemon.terminate().await;
    let _daemon = site.start().await;
    folder.put("z.csv", table(80, 5));
    holds(&pool, "csv", &ids(0, 85)).await;
    assert_eq!(one(&pool, RECEIVED).await, 145);
    let names: Vec<String> = folder.names("").into_iter().collect();
    assert_eq!(names, ["a.csv", "z.csv"]);
    assert!(!folder.at("done").exists() && !folder.at("failed").exists());
}

/// `done/` cannot be made or written to, as when the disk is full: the records are in, nothing is read twice, and the
/// file is put away as soon as it can be, with all that there is to say of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_moved_is_taken_and_waits() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let folder = DropFolder::of_csv(&site, "csv");
    std::fs::write(folder.at("done"), "in the way").unwrap();
    let _daemon = site.start().await;
    folder.put("a.csv", table(0, 30) + ",01/02/2026,Hoa,không có mã\n");
    folder.put("b.csv", "chỉ một dòng\n");
    let error = last_error(&pool, "csv", "cannot be moved to done/").await;
    assert!(!error.contains("a.csv"), "{error}");
    holds(&pool, "csv", &ids(0, 30)).await;
    let pulls = "SELECT count(*) FROM petitiond.pull WHERE source_id = 'csv' AND error LIKE '%cannot be moved%'";
    eventually("another try", PATIENCE, || async { (one(&pool, pulls).await >= 2).then_some(()) }).await;
    assert_eq!(one(&pool, RECEIVED).await, 31);
    assert!(folder.at("a.csv").is_file());
    std::fs::remove_file(folder.at("done")).unwrap();
    let note = folder.text("done/a.csv").await;
    assert!(note.contains("nhận 30 hồ sơ") && note.contains("- dòng 32: thiếu mã hồ sơ"), "{note}");
    assert_eq!(one(&pool, RECEIVED).await, 31);
    counts(&pool, "SELECT count(*) FROM petitiond.taken_file WHERE put_away_at IS NULL", 0).await;
}

/// The folder turns out to be somebody else's: what could not be moved is left, and nothing is made or read for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_waits_to_be_moved_is_left_when_files_are_to_be_left() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let folder = DropFolder::of_csv(&site, "csv");
    std::fs::write(folder.at("done"), "in the way").unwrap();
    let mut daemon = site.start().await;
    folder.put("a.csv", table(0, 30));
    last_error(&pool, "csv", "cannot be moved to done/").await;
    daemon.terminate().await;
    let toml = site.path().join("sources.d/csv.toml");
    let left = std::fs::read_to_string(&toml).unwrap().replace("pattern =", "done = \"leave\"\npattern =");
    std::fs::write(toml, left).unwrap();
    let _daemon = site.start().await;
    let well = "SELECT count(*) FROM petitiond.source WHERE source_id = 'csv' AND last_error IS NULL";
    counts(&pool, well, 1).await;
    std::fs::remove_file(folder.at("done")).unwrap();
    let pulls = "SELECT count(*) FROM petitiond.pull WHERE source_id = 'csv' AND error IS NULL";
    let so_far = one(&pool, pulls).await;
    eventually("two more pulls", PATIENCE, || async { (one(&pool, pulls).await >= so_far + 2).then_some(()) }).await;
    assert!(folder.at("a.csv").is_file() && !folder.at("done").exists());
    assert_eq!(one(&pool, RECEIVED).await, 30);
}

/// A folder that is away for a while, as a mount can be, loses nothing and is no reason to stop.
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_away_comes_back() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let folder = DropFolder::of_csv(&site, "csv");
    let away = site.path().join("away");
    std::fs::rename(folder.at(""), &away).unwrap();
    assert!(site.fails(1, &["check", "--connect"]).contains("the folder cannot be read: it is not there"));
    let _daemon = site.start().await;
    last_error(&pool, "csv", "the folder cannot be read").await;
    std::fs::rename(&away, folder.at("")).unwrap();
    folder.put("a.csv", table(0, 10));
    folder.appears("done/a.csv").await;
    holds(&pool, "csv", &ids(0, 10)).await;
    assert!(site.done(&["check", "--connect"]).contains("the folder can be read: 0 files"));
    folder.put(".hidden.csv", "x");
    folder.put("~$lock.csv", "x");
    assert!(site.done(&["source", "preview", "csv", "--json"]).contains("[]"));
}
