//! Every agency is crawled by a plain client, and gives exactly what it has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::LINK;
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;

use super::*;
use crate::compression::inflate;
use crate::demo::generate::World;
use crate::secret::Secret;

mod mapping;
mod pull;
mod sample;

fn surroundings() -> Surroundings {
    let secret = |text: &str| Secret::from(text.to_owned());
    Surroundings {
        database_url: secret("postgres://demo@127.0.0.1:1/demo"),
        broker_url: secret("amqp://127.0.0.1:1/%2f"),
    }
}

async fn started(seed: u64, petitions: usize) -> (Agencies, tempfile::TempDir) {
    let scratch = tempfile::tempdir().unwrap();
    let agencies = Agencies::start(World::generate(seed, petitions), &surroundings(), scratch.path()).await.unwrap();
    (agencies, scratch)
}

/// A client that knows of an agency what its file in `sources.d` says, and nothing else.
struct Visitor {
    http: Client,
    url: String,
    settings: toml_edit::DocumentMut,
    credentials: Vec<(String, String)>,
    key: Option<(String, String)>,
}

impl Visitor {
    async fn new(agencies: &Agencies, office: Office) -> Self {
        // another test may have been first
        rustls::crypto::ring::default_provider().install_default().ok();
        let folder = agencies.config_dir();
        let text = std::fs::read_to_string(folder.join(format!("sources.d/{}.toml", office.source_id()))).unwrap();
        let settings: toml_edit::DocumentMut = text.parse().unwrap();
        let http = Client::builder().no_proxy().build().unwrap();
        let url = settings["http"]["url"].as_str().unwrap().to_owned();
        let mut visitor = Self { http, url, settings, credentials: Vec::new(), key: None };
        visitor.bring_credentials(folder).await;
        visitor
    }

    fn setting(&self, path: &[&str]) -> Option<String> {
        let mut item = self.settings.as_item();
        for key in path {
            item = item.get(key)?;
        }
        item.as_str().map(str::to_owned).or_else(|| item.as_integer().map(|number| number.to_string()))
    }

    async fn bring_credentials(&mut self, folder: &std::path::Path) {
        let secret = |file: Option<String>| std::fs::read_to_string(folder.join(file.unwrap())).unwrap();
        let auth = |path: &[&str]| self.setting(&[&["http", "auth"], path].concat());
        if let Some(username) = auth(&["basic", "username"]) {
            use base64::Engine as _;
            let pair = format!("{username}:{}", secret(auth(&["basic", "password_file"])));
            let value = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
            self.credentials.push(("authorization".into(), value));
        } else if let file @ Some(_) = auth(&["bearer", "token_file"]) {
            self.credentials.push(("authorization".into(), format!("Bearer {}", secret(file))));
        } else if let Some(header) = auth(&["api_key", "header"]) {
            self.credentials.push((header, secret(auth(&["api_key", "key_file"]))));
        } else if let Some(param) = auth(&["api_key", "query"]) {
            self.key = Some((param, secret(auth(&["api_key", "key_file"]))));
        } else if let Some(token_url) = auth(&["oauth2", "token_url"]) {
            let form = [
                ("grant_type", "client_credentials".to_owned()),
                ("client_id", auth(&["oauth2", "client_id"]).unwrap()),
                ("client_secret", secret(auth(&["oauth2", "client_secret_file"]))),
            ];
            let answer: Value = self.http.post(token_url).form(&form).send().await.unwrap().json().await.unwrap();
            assert_eq!(answer["expires_in"], 180);
            let token = answer["access_token"].as_str().unwrap();
            self.credentials.push(("authorization".into(), format!("Bearer {token}")));
        }
    }

    /// Asks until the agency is not busy any more.
    async fn get(&self, url: &str, query: &[(String, String)]) -> Response {
        loop {
            let mut request = self.http.get(url).query(query).header("accept-encoding", "gzip, zstd");
            for (name, value) in &self.credentials {
                request = request.header(name, value);
            }
            let response = request.query(self.key.as_slice()).send().await.unwrap();
            if response.status() != StatusCode::SERVICE_UNAVAILABLE {
                return response;
            }
            assert_eq!(response.headers()["retry-after"], "1");
        }
    }

    /// Every record, page after page, as `http.pagination` says.
    async fn crawl(&self, query: &[(String, String)]) -> Vec<Value> {
        let paging = |path: &[&str]| self.setting(&[&["http", "pagination"], path].concat());
        let mut records = Vec::new();
        let mut url = self.url.clone();
        let mut turning: Vec<(String, String)> = Vec::new();
        for page in 0.. {
            if let (Some(param), Some(limit)) = (paging(&["offset", "param"]), paging(&["offset", "limit"])) {
                let offset = page * limit.parse::<usize>().unwrap();
                turning = vec![(param, offset.to_string()), (paging(&["offset", "limit_param"]).unwrap(), limit)];
            } else if let Some(param) = paging(&["page", "param"]) {
                let size = (paging(&["page", "size_param"]).unwrap(), paging(&["page", "size"]).unwrap());
                turning = vec![(param, (page + 1).to_string()), size];
            }
            let response = self.get(&url, &[query, &turning].concat()).await;
            assert_eq!(response.status(), StatusCode::OK, "{url}");
            let link = response.headers().get(LINK).map(|link| link.to_str().unwrap().to_owned());
            let body = body(response).await;
            let found = self.records(&body);
            let seen_all = found.is_empty();
            records.extend(found);
            if let Some(path) = paging(&["cursor", "next"]) {
                match path.trim_start_matches('.').split('.').fold(&body, |at, key| &at[key]).as_str() {
                    Some(next) if next.starts_with("http") => url = next.to_owned(),
                    Some(next) => turning = vec![(paging(&["cursor", "param"]).unwrap(), next.to_owned())],
                    None => return records,
                }
            } else if let Some(link) = link {
                let (target, relation) = link.split_once("; ").unwrap();
                assert_eq!(relation, "rel=\"next\"");
                url = target.trim_matches(['<', '>']).to_owned();
            } else if paging(&["page", "param"]).is_some() {
                if page as u64 + 1 >= body["total_pages"].as_u64().unwrap() {
                    return records;
                }
            } else if seen_all || paging(&["offset", "param"]).is_none() {
                return records;
            }
        }
        records
    }

    /// The records of a page by `format.json.records`, of which only paths and lists of paths are understood here.
    fn records(&self, body: &Value) -> Vec<Value> {
        let path = self.setting(&["format", "json", "records"]).unwrap();
        let (prefix, lists) = path.split_once(" | ").unwrap_or(("", &path));
        let at = |path: &str| {
            path.split('.').filter(|key| !key.is_empty()).fold(body, |at, key| &at[key]).as_array().unwrap().clone()
        };
        lists.split(", ").flat_map(|list| at(&format!("{prefix}{}", list.trim_end_matches("[]")))).collect()
    }

    fn record_id(&self, record: &Value) -> String {
        let path = self.setting(&["map", "record_id"]).unwrap();
        record[path.trim_start_matches('.').trim_matches('"')].as_str().unwrap().to_owned()
    }
}

async fn body(response: Response) -> Value {
    let encoding = response.headers().get("content-encoding").map(|value| value.to_str().unwrap().to_owned());
    let encoding = Encoding::parse(encoding.as_deref()).unwrap();
    let bytes = response.bytes().await.unwrap();
    serde_json::from_slice(&inflate(encoding, &bytes, 100 << 20).unwrap()).unwrap()
}

fn pulled() -> impl Iterator<Item = (Office, &'static Http)> {
    Office::ALL.iter().filter_map(|office| match &simulated(*office).transport {
        Transport::Http(http) => Some((*office, http)),
        Transport::Amqp(_) => None,
    })
}

#[tokio::test]
async fn a_crawl_gives_exactly_the_records_of_each_agency() {
    let (agencies, _scratch) = started(51, 700).await;
    let records = agencies.records();
    for (office, http) in pulled() {
        let visitor = Visitor::new(&agencies, office).await;
        let crawled = visitor.crawl(&[]).await;
        let theirs: Vec<&Record> =
            records.iter().filter(|record| record.office == office && (http.tombstones || !record.deleted)).collect();
        assert_eq!(crawled.len(), theirs.len(), "{office:?}: each record once");
        let by_id: BTreeMap<String, Value> = crawled.into_iter().map(|r| (visitor.record_id(&r), r)).collect();
        for record in theirs {
            assert_eq!(by_id.get(&record.record_id), Some(&(simulated(office).shape)(record)), "{office:?}");
        }
    }
    for tally in agencies.tally() {
        let entry = agencies.roster().into_iter().find(|entry| entry.source_id == tally.source_id).unwrap();
        if entry.transport.starts_with("HTTP") {
            assert_eq!(tally.handed_over, entry.storable + entry.unstorable, "{tally:?}");
            assert_eq!(tally.refused, 0);
        }
    }
    let busy: u64 = agencies.tally().iter().map(|tally| tally.busy).sum();
    assert!(busy >= 4, "some agencies are busy now and then");
}

#[tokio::test]
async fn without_credentials_nobody_gets_in() {
    let (agencies, _scratch) = started(52, 60).await;
    for (office, http) in pulled() {
        let visitor = Visitor::new(&agencies, office).await;
        let status = visitor.http.get(&visitor.url).send().await.unwrap().status();
        let wrong = visitor.http.get(&visitor.url).bearer_auth("wrong").send().await.unwrap().status();
        if matches!(http.auth, Auth::None) {
            continue;
        }
        assert_eq!((status, wrong), (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED), "{office:?}");
    }
    let token_url =
        Visitor::new(&agencies, Office::Bxd).await.setting(&["http", "auth", "oauth2", "token_url"]).unwrap();
    let form = [("grant_type", "client_credentials"), ("client_id", "csdlqg-tcd"), ("client_secret", "guess")];
    let refused = Client::builder().no_proxy().build().unwrap().post(token_url).form(&form).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_that_has_ended_is_refused_and_a_new_one_taken() {
    let (agencies, _scratch) = started(53, 60).await;
    let visitor = Visitor::new(&agencies, Office::Bxd).await;
    assert_eq!(visitor.get(&visitor.url, &[]).await.status(), StatusCode::OK);
    agencies.revoke_tokens();
    assert_eq!(visitor.get(&visitor.url, &[]).await.status(), StatusCode::UNAUTHORIZED);
    let again = Visitor::new(&agencies, Office::Bxd).await;
    assert_eq!(again.get(&again.url, &[]).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn what_was_edited_since_is_all_that_comes() {
    let (agencies, _scratch) = started(54, 400).await;
    let since: DateTime<Utc> = "2026-06-01T00:00:00+07:00".parse().unwrap();
    let asked = [
        (Office::Bxd, "2026-06-01T00:00:00+07:00".to_owned()),
        (Office::Byt, since.timestamp().to_string()),
        (Office::Bgddt, "2026-06-01".to_owned()),
        (Office::NgheAn, "01/06/2026".to_owned()),
    ];
    for (office, text) in asked {
        let visitor = Visitor::new(&agencies, office).await;
        let param = visitor.setting(&["http", "incremental", "param"]).unwrap();
        let crawled: BTreeSet<String> =
            visitor.crawl(&[(param.clone(), text)]).await.iter().map(|record| visitor.record_id(record)).collect();
        let mut expected = agencies.records();
        expected.retain(|record| record.office == office && record.updated_at >= since);
        expected.retain(|record| office == Office::Bxd || !record.deleted);
        assert!(!expected.is_empty());
        assert_eq!(crawled, expected.into_iter().map(|record| record.record_id).collect(), "{office:?}");
        let nonsense = visitor.get(&visitor.url, &[(param, "soon".to_owned())]).await;
        assert_eq!(nonsense.status(), StatusCode::BAD_REQUEST, "{office:?}");
    }
}

/// Collects what is published.
#[derive(Default)]
struct Inbox(Mutex<Vec<Outgoing>>);

impl Inbox {
    fn take(&self, message: Outgoing) -> std::future::Ready<Result<(), std::convert::Infallible>> {
        self.0.lock().unwrap().push(message);
        std::future::ready(Ok(()))
    }
}

#[tokio::test]
async fn publishers_say_everything_they_have() {
    let (agencies, _scratch) = started(55, 700).await;
    let inbox = Inbox::default();
    let messages = agencies.publish_all(|message| inbox.take(message)).await.unwrap();
    let inbox = inbox.0.into_inner().unwrap();
    assert_eq!(inbox.len() as u64, messages);
    let mut ids: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for message in &inbox {
        let encoding = Encoding::parse(message.content_encoding).unwrap();
        let body: Value = serde_json::from_slice(&inflate(encoding, &message.body, 10 << 20).unwrap()).unwrap();
        let office = Office::parse(message.source.as_str()).unwrap();
        let (records, key) = match office {
            Office::Thue => (body["rows"].as_array().unwrap().clone(), "/ID"),
            Office::HaNoi => (body.as_array().unwrap().clone(), "/Số"),
            Office::BacNinh => (vec![body], "/phieu/ma"),
            _ => (body.as_array().unwrap().clone(), "/record_id"),
        };
        assert_eq!(records.len() as u64, message.records);
        let ids = ids.entry(office.source_id()).or_default();
        ids.extend(records.iter().map(|record| record.pointer(key).unwrap().as_str().unwrap().to_owned()));
    }
    assert_eq!(ids.len(), 4);
    for (source_id, ids) in ids {
        let entry = agencies.roster().into_iter().find(|entry| entry.source_id == source_id).unwrap();
        assert_eq!(ids.len() as u64, entry.storable + entry.unstorable, "{source_id}");
        let tally = agencies.tally().into_iter().find(|tally| tally.source_id == source_id).unwrap();
        assert!(tally.handed_over >= ids.len() as u64 && tally.messages > 0);
    }
    let twice = inbox.iter().filter(|m| m.source.as_str() == "nganh-thue").count();
    let once: BTreeSet<&str> =
        inbox.iter().filter(|m| m.source.as_str() == "nganh-thue").map(|m| m.message_id.as_str()).collect();
    assert!(twice > once.len(), "some messages come twice");
}

#[tokio::test]
async fn every_day_brings_something_and_always_the_same() {
    let start: DateTime<Utc> = "2026-11-24T02:00:00.250Z".parse().unwrap();
    let mut stories = Vec::new();
    for _ in 0..2 {
        let (mut agencies, _scratch) = started(56, 300).await;
        let before = agencies.truth();
        let inbox = Inbox::default();
        let mut story = Vec::new();
        for n in 0..120 {
            let now = start + TimeDelta::milliseconds(300 * n);
            story.push(agencies.trickle(now, |message| inbox.take(message)).await.unwrap());
        }
        let kinds: BTreeSet<String> = story.iter().map(|(change, _)| format!("{change:?}")).collect();
        assert_eq!(kinds.len(), 4, "{kinds:?}");
        assert!(!inbox.0.lock().unwrap().is_empty());
        let after = agencies.truth();
        assert!(after.petitions > before.petitions && after.transfers > before.transfers);
        let records = agencies.records();
        let unique: BTreeSet<(Office, &str)> = records.iter().map(|r| (r.office, r.record_id.as_str())).collect();
        assert_eq!(unique.len(), records.len());
        stories.push((story, after));
    }
    assert_eq!(stories[0], stories[1]);
}

#[test]
fn the_files_speak_of_the_agencies_as_they_are() {
    for office in Office::ALL {
        let file: toml_edit::DocumentMut = folder::template(*office).parse().unwrap();
        assert_eq!(file["id"].as_str(), Some(office.source_id()));
        assert_eq!(file["name"].as_str(), Some(office.name()));
        assert_eq!(file["tier"].as_str(), Some(office.tier().as_str()));
        assert_eq!(file["agency"].as_str(), Some(office.code()));
        let pulled = matches!(simulated(*office).transport, Transport::Http(_));
        assert_eq!((file.contains_key("http"), file.contains_key("inbox")), (pulled, !pulled));
    }
    folder::SETTINGS.parse::<toml_edit::DocumentMut>().unwrap();
}

#[tokio::test]
async fn the_folder_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let (agencies, _scratch) = started(57, 30).await;
    let folder = agencies.config_dir();
    for entry in std::fs::read_dir(folder.join("secrets")).unwrap() {
        assert_eq!(entry.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(std::fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
    for office in Office::ALL {
        let text = std::fs::read_to_string(folder.join(format!("sources.d/{}.toml", office.source_id()))).unwrap();
        assert!(!text.contains("{{"), "{office:?}");
    }
}
