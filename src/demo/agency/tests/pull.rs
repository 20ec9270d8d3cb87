//! The daemon's own HTTP client pulls every agency as its file says: all of it, and then what changed.

use std::collections::BTreeSet;

use super::mapping::load;
use super::*;
use crate::sources::cursor::Cursor;
use crate::sources::http::Client;
use crate::sources::{KindConfig, SourceConfig};

/// One pull: the record ids, the cursor for the next, whether it was the whole set.
async fn pull(
    source: &SourceConfig,
    cursor: Option<Cursor>,
    now: DateTime<Utc>,
) -> (Vec<String>, Option<Cursor>, bool) {
    let KindConfig::Http(http) = &source.kind else { panic!("{} is not pulled", source.id) };
    let client = Client::new(http, &source.limits, source.decoder.clone()).unwrap();
    let mut pull = client.pull(cursor, now);
    let mut ids = Vec::new();
    while let Some(page) = pull.next_page().await.unwrap() {
        ids.extend(page.records.iter().map(|record| source.decoder.record_id(record).unwrap()));
    }
    let end = pull.finish();
    (ids, end.cursor, end.whole_set)
}

#[tokio::test]
async fn the_daemon_pulls_everything_and_then_what_changed() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let (mut agencies, _scratch) = started(71, 500).await;
    let config = load(&agencies);
    let now: DateTime<Utc> = "2026-11-24T02:00:00Z".parse().unwrap();
    let mut cursors = BTreeMap::new();
    for (office, http) in pulled() {
        let source = config.sources.iter().find(|source| source.id.as_str() == office.source_id()).unwrap();
        let (ids, cursor, whole) = pull(source, None, now).await;
        let expected: BTreeSet<String> = agencies
            .records()
            .into_iter()
            .filter(|record| record.office == office && (http.tombstones || !record.deleted))
            .map(|record| record.record_id)
            .collect();
        assert_eq!(ids.len(), expected.len(), "{office:?}: each record once");
        assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), expected, "{office:?}");
        assert_eq!(whole, office == Office::Bhxh);
        cursors.insert(office, cursor);
    }
    // what an agency enters later than the pull began comes with the next one; a client trusts the agency's clock
    // more than its own, and these agencies run on the clock of this machine
    let later = crate::clock::Clock::System.now() + TimeDelta::hours(1);
    let before = agencies.records();
    for n in 0..40 {
        let inbox = Inbox::default();
        agencies.trickle(later + TimeDelta::seconds(n), |message| inbox.take(message)).await.unwrap();
    }
    for office in [Office::Bxd, Office::Byt, Office::Bgddt, Office::NgheAn] {
        let source = config.sources.iter().find(|source| source.id.as_str() == office.source_id()).unwrap();
        let (ids, ..) = pull(source, cursors.remove(&office).unwrap(), now + TimeDelta::minutes(1)).await;
        let ids: BTreeSet<String> = ids.into_iter().collect();
        let changed =
            agencies.records().into_iter().filter(|record| record.office == office && !before.contains(record));
        let changed: BTreeSet<String> = changed.map(|record| record.record_id).collect();
        assert!(!changed.is_empty(), "{office:?}");
        assert_eq!(ids, changed, "{office:?}");
    }
}
