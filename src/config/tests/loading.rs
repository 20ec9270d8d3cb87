//! What comes of a configuration that is right.

use std::time::Duration;

use super::support::{Folder, HEAD, SETTINGS, TAIL};
use crate::secret::ExposeSecret;
use crate::sources::KindConfig;
use crate::sources::http::{Auth, Mode, Pagination};
use crate::sources::pull::MaxMissing;

fn source(http: &str) -> String {
    format!("{HEAD}[http]\nurl = \"https://a.vn\"\n{http}\n{TAIL}")
}

#[test]
fn defaults_fill_what_is_left_out() {
    let config = Folder::new().with("sources.d/bxd.toml", source("")).load().unwrap();
    assert_eq!(config.settings.broker.prefix, "petition");
    assert_eq!(config.settings.ingest, crate::pipeline::IngestConfig::default());
    assert_eq!(config.settings.web.listen.to_string(), "127.0.0.1:8420");
    let [source] = config.sources.as_slice() else { panic!("{:?}", config.sources) };
    assert!(source.enabled && source.windows.is_empty());
    assert_eq!(source.limits, crate::sources::Limits::default());
    let KindConfig::Http(http) = &source.kind else { panic!() };
    assert_eq!((http.timeout, http.rate_limit), (Duration::from_secs(30), None));
    assert!(matches!((&http.auth, &http.pagination, &http.mode), (Auth::None, Pagination::None, Mode::Full)));
}

#[test]
fn the_environment_wins_over_the_file() {
    let config = Folder::new()
        .with("petitiond.toml", format!("{SETTINGS}[ingest]\nbatch_records = 10\nbatch_wait = \"1s\"\n"))
        .with_variable("PETITIOND__DATABASE__URL", "postgres://u:p@h:5433/d")
        .with_variable("PETITIOND__INGEST__BATCH_RECORDS", "500")
        .with_variable("PETITIOND__BROKER__PREFIX", "test-1")
        .with_variable("PETITIOND__BROKER__URL", "")
        .load()
        .unwrap();
    assert_eq!(config.settings.database.url.expose_secret(), "postgres://u:p@h:5433/d");
    assert_eq!(config.settings.broker.url.expose_secret(), "amqp://127.0.0.1:5672/%2f");
    assert_eq!(config.settings.broker.prefix, "test-1");
    assert_eq!(config.settings.ingest.batch_records, 500);
    assert_eq!(config.settings.ingest.batch_wait, Duration::from_secs(1));
}

#[test]
fn a_section_may_come_from_the_environment_alone() {
    let config = Folder::new()
        .with("petitiond.toml", "[identity]\nkey_file = \"identity.key\"\n")
        .with_variable("PETITIOND__DATABASE__URL", "postgres://u:p@h/d")
        .with_variable("PETITIOND__BROKER__URL", "amqp://u:p@127.0.0.1")
        .load()
        .unwrap();
    assert!(config.warnings.is_empty());
}

#[test]
fn secrets_come_from_files_without_their_line_end() {
    let config = Folder::new()
        .with("sources.d/bxd.toml", source("auth.basic = { username = \"u\", password_file = \"secrets/bxd\" }"))
        .with("secrets/bxd", " mật khẩu\t\r\n")
        .load()
        .unwrap();
    let KindConfig::Http(http) = &config.sources[0].kind else { panic!() };
    let Auth::Basic { password, .. } = &http.auth else { panic!() };
    assert_eq!(password.expose_secret(), " mật khẩu\t");
    assert!(!format!("{config:?}").contains("mật"));
}

#[test]
fn snapshot_brakes_are_shares_or_numbers() {
    for (written, expected) in [("\"5%\"", MaxMissing::Share(0.05)), ("200", MaxMissing::Records(200))] {
        let http = format!("snapshot = {{ max_missing = {written} }}");
        let config = Folder::new().with("sources.d/bxd.toml", source(&http)).load().unwrap();
        let KindConfig::Http(http) = &config.sources[0].kind else { panic!() };
        let Mode::Snapshot { max_missing } = http.mode else { panic!() };
        assert_eq!(max_missing, expected);
    }
}

#[test]
fn the_first_pull_may_begin_at_a_date_of_vietnam() {
    for written in ["\"2024-01-01\"", "2024-01-01", "\"2024-01-01T00:00:00+07:00\"", "2023-12-31T17:00:00Z"] {
        let http = format!("incremental = {{ param = \"since\", format = \"epoch_s\", start = {written} }}");
        let config = Folder::new().with("sources.d/bxd.toml", source(&http)).load().unwrap();
        let KindConfig::Http(http) = &config.sources[0].kind else { panic!() };
        let Mode::Incremental { start: Some(start), .. } = &http.mode else { panic!() };
        assert_eq!(start.to_rfc3339(), "2023-12-31T17:00:00+00:00", "{written}");
    }
}

#[test]
fn each_file_of_a_reload_stands_for_itself() {
    let folder = Folder::new()
        .with("sources.d/bxd.toml", source(""))
        .with("sources.d/broken.toml", "id = ")
        .with("sources.d/.bxd.toml", "an editor's")
        .with("sources.d/new.toml.example", "not loaded")
        .with("sources.d/byt.toml", source("").replace("bxd", "byt"));
    let files: Vec<_> = folder.sources().into_iter().map(|(stem, good, _)| (stem, good)).collect();
    assert_eq!(files, [("broken".to_owned(), false), ("bxd".to_owned(), true), ("byt".to_owned(), true)]);
}

#[test]
fn a_folder_of_sources_that_is_not_there_is_a_warning() {
    let folder = Folder::new();
    std::fs::remove_dir(folder.origin().dir.join("sources.d")).unwrap();
    let config = folder.load().unwrap();
    assert_eq!((config.warnings.errors(), config.warnings.warnings()), (0, 1));
}
