//! `petitiond review` and `petitiond link explain` beside a daemon.

use serde_json::{Value, json};

use crate::support::agency::Publisher;
use crate::support::daemon::{counts, feed_is_dense, records};
use crate::support::{Site, TestBroker, TestDatabase};

fn petition(id: &str, kind: &str) -> Value {
    json!({
        "record_id": id, "version": 1, "kind": "petition", "type": kind, "received_on": "2026-03-02",
        "summary": format!("việc riêng số {id}"),
        "petitioners": [{ "name": "Nguyễn Thị Hoa", "address": "xã Yên Chính, huyện Ý Yên, tỉnh Nam Định" }],
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clerk_lists_shows_decides_and_undoes() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    site.inbox("post");
    let mut daemon = site.start().await;
    broker.inbox("post").await;
    let publisher = Publisher::connect(broker.url()).await;
    let sent = [petition("1", "complaint"), petition("2", "complaint"), petition("kin", "denunciation")];
    publisher.records("post", &sent, 1).await;
    records(&pool, "post", 3).await;

    let listed: Value = serde_json::from_str(&site.done(&["review", "list", "--kind", "person", "--json"])).unwrap();
    let pairs = listed.as_array().unwrap();
    assert_eq!(pairs.len(), 1, "{listed}");
    assert_eq!((&pairs[0]["left"]["name"], &pairs[0]["right"]["name"]), (&json!("post:1#0"), &json!("post:2#0")));
    assert!(!listed.to_string().contains("Hoa"), "{listed}");
    let id = pairs[0]["id"].as_str().unwrap();
    let table = site.done(&["review", "list"]);
    assert!(table.contains(id) && table.contains("giá trị") && !table.contains("Hoa"), "{table}");
    assert!(site.done(&["review", "list", "--agency", "H26"]).contains("nothing is to be decided"));

    let shown = site.done(&["review", "show", id]);
    for said in ["Nguyễn Thị Hoa", "họ tên", "post:1#0", "xác suất"] {
        assert!(shown.contains(said), "{said} in {shown}");
    }
    let shown: Value = serde_json::from_str(&site.done(&["review", "show", "post:1", "post:2", "--json"])).unwrap();
    assert_eq!(shown["comparisons"][0]["comparison"], "prior", "{shown}");

    assert!(site.fails(2, &["review", "decide", id, "same"]).contains("--by"), "who decides has to be said");
    assert!(
        site.fails(1, &["review", "decide", id, "perhaps", "--by", "Lê An"]).contains("neither same nor different")
    );
    let decided = site.done(&["review", "decide", id, "same", "--by", "Lê An", "--note", "đã gọi điện"]);
    assert!(decided.contains("quyết định 1: trùng"), "{decided}");
    counts(&pool, "SELECT count(DISTINCT person_id) FROM national_v1.petitioner_record WHERE person_id IS NOT NULL", 1)
        .await;
    let refused =
        site.fails(1, &["review", "decide", "post:1", "post:2#0", "different", "--kind", "person", "--by", "Vũ Bình"]);
    assert!(refused.contains("1: post:") && refused.contains("Lê An") && refused.contains("review undo"), "{refused}");
    let log = site.done(&["review", "log"]);
    assert!(log.contains("Lê An") && log.contains("đã gọi điện"), "{log}");
    assert!(site.done(&["review", "undo", "1", "--by", "Vũ Bình"]).contains("decision 1 is undone"));
    counts(&pool, "SELECT count(DISTINCT person_id) FROM national_v1.petitioner_record WHERE person_id IS NOT NULL", 2)
        .await;
    let log: Value = serde_json::from_str(&site.done(&["review", "log", "--json"])).unwrap();
    assert_eq!((&log[0]["undoes"], &log[1]["undone_by"]), (&json!(1), &json!(2)), "{log}");

    let picture = site.path().join("pair.svg").display().to_string();
    let pair = ["link", "explain", "post:1", "post:2"];
    let explained: Value =
        serde_json::from_str(&site.done(&[&pair[..], &["--svg", &picture, "--json"]].concat())).unwrap();
    assert_eq!(explained["steps"][0]["comparison"], "prior");
    assert!(std::fs::read_to_string(&picture).unwrap().starts_with("<svg"));
    let of_person = site.done(&[&pair[..], &["--kind", "person"]].concat());
    assert!(of_person.contains("prior") && of_person.contains("bits, probability"), "{of_person}");

    for command in [
        &["link", "explain", "post:1", "post:kin"][..],
        &["review", "show", "post:kin", "post:1"],
        &["review", "decide", "post:1", "post:kin", "same", "--by", "Lê An"],
    ] {
        let refused = site.fails(1, command);
        assert!(refused.contains("hồ sơ mật") && !refused.contains("Hoa"), "{refused}");
    }
    assert!(site.fails(1, &["review", "show", "00000000-00000000"]).contains("review list"));
    assert!(site.fails(1, &["link", "explain", "post:1", "post:9"]).contains("no record post:9"));
    feed_is_dense(&pool).await;
    daemon.terminate().await;
}
