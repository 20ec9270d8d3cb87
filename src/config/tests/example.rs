//! The files that the project brings are right, and the examples show every option.

use std::fs;
use std::path::{Path, PathBuf};

use super::support::Folder;
use crate::config::{amqp, authentication, files, format, http, settings, source, sql};
use crate::pipeline::IngestConfig;
use crate::sources::Limits;

const PEM: &str = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";

fn brought(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("config").join(name)).unwrap()
}

/// A folder with the secrets that the examples name.
fn folder() -> Folder {
    Folder::new()
        .with("credentials/bxd-secret", "s")
        .with("credentials/bxd-client-key", "k")
        .with("credentials/amqp-url", "amqps://ttcp:s@mq.example.vn:5671/%2f")
        .with("credentials/sql-url", "postgres://reader:s@10.1.2.3:5432/donthu")
        .with("secrets/bxd-token", "t")
        .with("tls/ca.pem", PEM)
        .with("tls/client.pem", PEM)
        .with("drop/csv/.keep", "")
        .with("drop/xlsx/.keep", "")
        .with("drop/xml/.keep", "")
}

/// Whether a line of the file, commented out or not, sets this key.
fn shows(text: &str, key: &str) -> bool {
    let sets =
        |line: &str| line.trim_start_matches('#').strip_prefix(key).is_some_and(|rest| rest.starts_with([' ', '.']));
    text.lines().any(sets) || [" ", "{ "].iter().any(|before| text.contains(&format!("{before}{key} =")))
}

#[test]
fn the_settings_of_a_checkout_are_right_with_the_environment_of_its_services() {
    let config = Folder::new()
        .with("petitiond.toml", brought("petitiond.toml"))
        .with_variable("PETITIOND__DATABASE__URL", "postgres://petitiond:petitiond@127.0.0.1:5433/petitiond")
        .with_variable("PETITIOND__BROKER__URL", "amqp://petitiond:petitiond@127.0.0.1:5673/%2f")
        .load()
        .unwrap();
    assert!(config.warnings.is_empty(), "{}", config.warnings);
    assert_eq!(config.settings.ingest, IngestConfig::default());
    let broker = crate::broker::BrokerConfig::new(config.settings.broker.url.clone());
    assert_eq!(format!("{:?}", config.settings.broker), format!("{broker:?}"));
    let text = brought("petitiond.toml");
    for key in settings::BROKER.iter().chain(settings::INGEST).chain(settings::DATABASE) {
        assert!(shows(&text, key), "{key}");
    }
}

#[test]
fn the_examples_are_right_and_show_the_defaults_of_limits() {
    let names: Vec<PathBuf> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("config/sources.d"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "example"))
        .collect();
    assert!(names.len() >= 2);
    for path in names {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        // the folders of the examples are those of a server
        let text = brought(&format!("sources.d/{name}.example")).replace("/srv/petitiond/drop", "drop");
        let folder = folder().with(&format!("sources.d/{name}"), text);
        assert_eq!(folder.problems(), "", "{name}");
        assert_eq!(folder.load().unwrap().sources[0].limits, Limits::default(), "{name}");
    }
}

#[test]
fn the_example_for_http_shows_every_option() {
    let text = brought("sources.d/http.toml.example");
    let lists = [http::KEYS, http::INCREMENTAL, http::PAGE, authentication::OAUTH2, authentication::API_KEY];
    let lists = lists.into_iter().chain([source::LIMITS, authentication::TLS]);
    // that one is of files
    for key in lists.flatten().filter(|key| **key != "file_bytes") {
        assert!(shows(&text, key), "{key}");
    }
    for key in source::KEYS
        .iter()
        .filter(|key| !["sql", "files", "amqp", "inbox", "http", "format", "map", "codes", "limits"].contains(key))
    {
        assert!(shows(&text, key), "{key}");
    }
}

#[test]
fn the_examples_for_files_show_every_option() {
    let shown = |name: &str, lists: &[&[&str]]| {
        let text = brought(&format!("sources.d/{name}.toml.example"));
        for key in lists.iter().copied().flatten() {
            assert!(shows(&text, key), "{name}: {key}");
        }
    };
    shown("files-csv", &[files::KEYS, format::CSV, &["file_bytes"]]);
    shown("files-xlsx", &[format::XLSX]);
    shown("files-xml", &[format::XML]);
}

#[test]
fn the_example_for_amqp_shows_every_option() {
    let text = brought("sources.d/amqp.toml.example");
    for key in amqp::KEYS.iter().chain(authentication::TLS) {
        assert!(shows(&text, key), "{key}");
    }
    let by_file = text.replace("\nurl_file =", "\n#url_file =");
    let by_certificate = by_file.replace("\n#url = ", "\nurl = ");
    assert!(by_file != text && by_certificate != by_file, "the example shows both ways");
    assert_eq!(folder().with("sources.d/amqp.toml", by_certificate).problems(), "");
}

#[test]
fn the_example_for_sql_shows_every_option_and_its_other_choices_are_right() {
    let text = brought("sources.d/sql.toml.example");
    for key in sql::KEYS.iter().chain(sql::INCREMENTAL).chain(authentication::TLS) {
        assert!(shows(&text, key), "{key}");
    }
    let mut last = "";
    let mut choices = 0;
    for line in text.lines() {
        let Some(choice) = line.strip_prefix('#').filter(|rest| !rest.starts_with(' ') && !rest.is_empty()) else {
            if !line.starts_with('#') {
                last = line;
            }
            continue;
        };
        let whole = text.replace(&format!("\n{last}\n"), &format!("\n{choice}\n"));
        assert_ne!(whole, text, "{choice}");
        choices += 1;
        assert_eq!(folder().with("sources.d/sql.toml", whole).problems(), "", "{choice}");
    }
    assert_eq!(choices, 3);
}

/// Each line that begins with `#` and no space, put in the place of the line it is another choice for.
#[test]
fn every_other_choice_of_the_examples_is_right_too() {
    let text = brought("sources.d/http.toml.example");
    let choices: Vec<&str> = text.lines().filter(|line| line.starts_with('#') && !line.starts_with("# ")).collect();
    assert!(choices.len() > 10, "{choices:?}");
    for choice in choices {
        let choice = choice.trim_start_matches('#');
        let table = choice.starts_with('[');
        let first = choice.split(['.', ' ']).next().unwrap().replace("snapshot", "incremental");
        let rival =
            |line: &str| line.split(['.', ' ']).next() == Some(&first) || (table && line.starts_with("records"));
        let mut lines: Vec<String> =
            text.lines().map(|line| if rival(line) { String::new() } else { line.to_owned() }).collect();
        let at = text.lines().position(rival).unwrap();
        lines[at] = choice.to_owned();
        let mut whole = lines.join("\n");
        if choice == "[format.record]" {
            whole = without_tables(&whole, &["[map]", "[codes."]);
        }
        assert_eq!(folder().with("sources.d/http.toml", whole).problems(), "", "{choice}");
    }
}

fn without_tables(text: &str, headers: &[&str]) -> String {
    let mut keep = true;
    let mut kept = Vec::new();
    for line in text.lines() {
        if line.starts_with('[') {
            keep = !headers.iter().any(|header| line.starts_with(header));
        }
        if keep {
            kept.push(line);
        }
    }
    kept.join("\n")
}

#[test]
fn the_sources_of_the_demo_are_right() {
    let mut folder = Folder::new()
        .with("petitiond.toml", brought("demo/petitiond.toml"))
        .with("secrets/database-url", "postgres://petitiond:s@127.0.0.1:5433/petitiond")
        .with("secrets/broker-url", "amqp://petitiond:s@127.0.0.1:5673/%2f");
    let key = folder.origin().dir.join("secrets/identity-key");
    crate::seal::KeyRing::generate(&key).unwrap();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/demo/sources.d");
    let names: Vec<String> = fs::read_dir(demo)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_str().unwrap().trim_end_matches(".toml").to_owned())
        .collect();
    for name in &names {
        let text = brought(&format!("demo/sources.d/{name}.toml")).replace("{{port}}", "8081");
        folder = folder.with(&format!("sources.d/{name}.toml"), text).with(&format!("secrets/{name}"), "s");
    }
    assert_eq!(folder.problems(), "");
    let config = folder.load().unwrap();
    assert_eq!(config.sources.len(), names.len());
    assert_ne!(config.settings.broker.prefix, "petition", "the queues of a real installation are not the demo's");
}
