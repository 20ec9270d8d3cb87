//! What a person types, and what they are told: exit statuses, messages with their place, listings.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use base64::Engine as _;
use petitiond::secret::ExposeSecret as _;
use petitiond::store::key_fingerprint::{self, Fingerprint};
use petitiond::store::{DatabaseConfig, throwaway};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::agency::{Agency, Publisher, petition, petitions};
use crate::support::daemon::{counts, records};
use crate::support::{Site, TestBroker, TestDatabase, database, eventually, services};

fn nowhere() -> Site {
    Site::new("postgres://nobody:wrong-hunter2@127.0.0.1:9/nothing", "amqp://nobody:wrong-hunter2@127.0.0.1:9/%2f")
}

#[test]
fn wrong_usage_is_2_and_help_is_0() {
    let site = nowhere();
    for arguments in
        [&["frobnicate"][..], &["run", "--nonsense"], &["source", "reset", "x"], &["quarantine", "discard", "1"]]
    {
        let said = site.fails(2, arguments);
        assert!(said.contains("Usage") || said.contains("usage"), "{said}");
    }
    let since = site.fails(2, &["source", "reset", "x", "--since", "yesterday"]);
    assert!(since.contains("2026-03-05"), "{since}");
    assert!(site.done(&["--help"]).contains("quarantine"));
    assert!(site.done(&["completions", "bash"]).contains("petitiond"));
    let schema: Value = serde_json::from_str(&site.done(&["schema", "record"])).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
}

#[test]
fn a_first_configuration_is_written_once_and_its_marks_are_refused() {
    let site = nowhere();
    let sample = "Mã đơn,Ngày nhận,Họ tên,Số CCCD,Điện thoại,Loại đơn,Nội dung,Ngày sinh\n\
                  BN-1,05/03/2024,Nguyễn Thị Hoa,001162003453,0912345678,Khiếu nại,Khiếu nại về đất của bà,01/02/1962\n\
                  BN-2,06/03/2024,Trần Văn Nam,001062003454,0987654321,ZZ,Tố cáo cán bộ nhận tiền,03/04/1962\n";
    let sample = site.write("Nguyễn Thị Hoa.csv", sample);
    let new = ["source", "new", "--from-sample", sample.to_str().unwrap(), "--id", "tinh-27"];
    let said = site.done(&new);
    for part in ["sources.d/tinh-27.toml: 2 records of csv", "5 places", "petitiond check", "source preview tinh-27"] {
        assert!(said.contains(part), "{part:?} is not in\n{said}");
    }
    let path = site.path().join("sources.d/tinh-27.toml");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
    let text = std::fs::read_to_string(&path).unwrap();
    for value in
        ["Hoa", "Trần", "001162003453", "0912345678", "0987654321", "1962", "BN-1", "05/03", "về đất", "nhận tiền"]
    {
        assert!(!text.contains(value) && !said.contains(value), "{value} is in\n{text}\n{said}");
    }
    // as written it is refused, each mark with its place
    let said = site.fails(78, &["check"]);
    for mark in ["`name`", "`tier`", "`agency`", "`files.path`", "`codes.type.ZZ`"] {
        assert!(said.contains(&format!("error: {mark} is not decided yet")), "{mark} is not said but\n{said}");
    }
    assert!(said.contains("tinh-27.toml:6:8") && said.contains("5 errors"), "{said}");
    // and it is nobody's to overwrite
    std::fs::write(&path, format!("# mine\n{text}")).unwrap();
    let refused = site.fails(1, &new);
    assert!(refused.contains("tinh-27 already") && refused.contains("another id"), "{refused}");
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("# mine"));
    assert_eq!(site.done(&[&new[..], &["--print"]].concat()), text);
}

#[test]
fn a_sample_that_is_none_is_named_with_what_to_do() {
    let site = nowhere();
    let empty = site.write("empty.csv", "");
    let new = |sample: &str, id: &str| {
        site.fails(if id == "A" { 2 } else { 1 }, &["source", "new", "--from-sample", sample, "--id", id])
    };
    for (sample, id, parts) in [
        ("x.csv", "A", &["\"A\" is no source id"][..]),
        ("missing.csv", "aa", &["missing.csv", "cannot be read", "https://"]),
        (empty.to_str().unwrap(), "aa", &["empty.csv", "is empty", "some records"]),
        (site.path().to_str().unwrap(), "aa", &["is a folder", "one file"]),
        ("/dev/null", "aa", &["read twice", "save it"]),
        ("https://u:hunter2@a.vn/api", "aa", &["user, a password or a key", "save one answer"]),
        ("https://a.vn/api?api_key=hunter2", "aa", &["user, a password or a key"]),
        ("http://127.0.0.1:9/api", "aa", &["cannot be fetched", "127.0.0.1:9", "refused"]),
    ] {
        let said = new(sample, id);
        for part in parts {
            assert!(said.contains(part), "{part:?} is not said of {sample} but\n{said}");
        }
        assert!(!said.contains("hunter2"), "{said}");
    }
    assert!(!site.path().join("sources.d/aa.toml").exists());
}

/// A page of an interface: fetched once, read as it will be, and its pages found.
#[tokio::test(flavor = "multi_thread")]
async fn a_first_configuration_of_an_interface() {
    let records: Vec<Value> = (0..3)
        .map(|number| json!({ "MaDon": format!("D{number}"), "NgayNhan": "05/03/2024", "NoiDung": "về đất đai", "HoTen": "Nguyễn Thị Hoa" }))
        .collect();
    let agency = Agency::open(records, 2).await;
    let (site, url) = (nowhere(), agency.url().to_owned());
    let text = tokio::task::spawn_blocking(move || {
        let address = format!("{url}?loai=tat-ca");
        site.done(&["source", "new", "--from-sample", &address, "--id", "bxd"]);
        let path = site.path().join("sources.d/bxd.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let decided = [("name", "Bộ"), ("tier", "ministry"), ("agency", "G17")]
            .iter()
            .fold(text.clone(), |text, (key, value)| {
                text.replace(&format!("{key} = \"???\""), &format!("{key} = \"{value}\""))
            });
        std::fs::write(&path, decided.replace("param = \"???\"", "param = \"cursor\"")).unwrap();
        assert!(site.done(&["check"]).contains("1 source"));
        let shown: Value = serde_json::from_str(&site.done(&["source", "preview", "bxd", "--json"])).unwrap();
        assert_eq!(shown.as_array().unwrap().len(), 3, "all pages: {shown}");
        assert_eq!(shown[2]["after"]["received_on"], "2024-03-05", "{shown}");
        text
    });
    let text = text.await.unwrap();
    assert!(text.contains("/records?loai=tat-ca\"") && text.contains("records = \".data[]\""), "{text}");
    assert!(text.contains("pagination.cursor = { next = \".next\", param = \"???\" }"), "{text}");
    assert!(!text.contains("Hoa") && !text.contains("D1"), "{text}");
}

#[test]
fn a_wrong_configuration_is_78_and_every_fault_has_its_place() {
    let site = nowhere();
    site.inbox("good");
    let said = site.done(&["check"]);
    assert!(said.ends_with(": 1 source\n"), "{said}");
    let http = "schedule = \"every 5m\"\n[http]\nurl = \"http://127.0.0.1:1/\"\n";
    let map = "[format.json]\n[map]\nrecord_id = \".a\"\nkind = '\"petition\"'\nreceived_on = \".b\"\n";
    let cases: Vec<(String, &[&str])> = vec![
        ("[inbox]\n[format.record\n".to_owned(), &["xx.toml:6:", "TOML"]),
        ("[inbx]\n[format.record]\n".to_owned(), &["xx.toml:5:2", "did you mean `inbox`?"]),
        (format!("{http}tiemout = \"5s\"\n{map}"), &["xx.toml:8:1", "did you mean `timeout`?"]),
        (
            format!("{http}auth.bearer = {{ token_file = \"secrets/none\" }}\n{map}"),
            &["xx.toml:8:", "secrets/none", "cannot be read"],
        ),
        (format!("{http}auth.bearer = {{ token = \"hunter2\" }}\n{map}"), &["xx.toml:8:", "secret"]),
        (format!("{http}{map}summary = \".a | nosuch(1)\"\n"), &["xx.toml:13:", "jq"]),
        (format!("{http}{map}summary = \".a[\"\n"), &["xx.toml:13:", "jq"]),
        (format!("{http}{map}sumary = \".a\"\n"), &["xx.toml:13:1", "did you mean \"summary\"?"]),
        ("[inbox]\n[format.json]\n[map]\nkind = '\"petition\"'\n".to_owned(), &["xx.toml:7:", "record_id"]),
        (format!("{}{map}", http.replace("every 5m", "now and then")), &["xx.toml:5:", "every 5m"]),
    ];
    for (rest, parts) in cases {
        site.source("xx", &rest);
        // `run` would leave this source out and go on with the others
        let said = site.fails(78, &["check"]);
        for part in parts {
            assert!(said.contains(part), "{part:?} is not said of\n{rest}\nbut\n{said}");
        }
        assert!(!said.contains("hunter2"), "{said}");
    }
    site.remove_source("xx");

    std::fs::write(site.path().join("sources.d/bytes.toml"), b"id = \"\xff\"\n").unwrap();
    assert!(site.fails(78, &["check"]).contains("UTF-8"));
    site.remove_source("bytes");
    site.write("petitiond.toml", "[identity]\nkey_file = \"missing.key\"\n");
    assert!(site.fails(78, &["run"]).contains("missing.key"));
    std::fs::remove_file(site.path().join("petitiond.toml")).unwrap();
    assert!(site.fails(78, &["run"]).contains("petitiond.toml"));
}

#[test]
fn a_key_is_made_once_and_is_nobody_elses() {
    let site = nowhere();
    let key = site.path().join("identity.key");
    let before = std::fs::read(&key).unwrap();
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    let said = site.fails(1, &["key", "generate", &key.to_string_lossy()]);
    assert!(said.contains("identity.key"), "{said}");
    assert_eq!(std::fs::read(&key).unwrap(), before);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(site.fails(78, &["run"]).contains("chmod 600"));
}

/// As the unit file has it: systemd hands the credentials to the daemon, and root's own commands find them beside.
#[test]
fn commands_find_the_credentials_of_the_service() {
    let mut site = nowhere();
    std::fs::create_dir(site.path().join("credentials")).unwrap();
    let key = site.path().join("credentials/identity-key");
    site.done(&["key", "generate", &key.to_string_lossy()]);
    site.write("petitiond.toml", "[identity]\nkey_file = \"credential:identity-key\"\n");
    site.done(&["check"]);
    std::fs::rename(&key, site.path().join("identity-key")).unwrap();
    assert!(site.fails(78, &["check"]).contains("credentials/identity-key"));
    let folder = site.path().display().to_string();
    site.set("CREDENTIALS_DIRECTORY", &folder);
    site.done(&["check"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_reached_is_named_and_no_password_is_told() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let site = nowhere();
    let agency = Agency::open(petitions(3), 10).await;
    site.source("web", &agency.toml(""));
    site.source("away", &agency.toml("").replace(agency.url(), "http://127.0.0.1:9/x?key=hunter2"));
    // each of them waits a while for servers that may be on their way
    let commands =
        [&["check", "--connect"][..], &["status"], &["migrate"], &["source", "list"], &["quarantine", "list"]];
    let said: Vec<String> = std::thread::scope(|scope| {
        let running: Vec<_> = commands.iter().map(|arguments| scope.spawn(|| site.fails(1, arguments))).collect();
        running.into_iter().map(|command| command.join().unwrap()).collect()
    });
    for part in ["FAIL  database", "FAIL  broker", "FAIL  source away", "ok    source web"] {
        assert!(said[0].contains(part), "{part:?} is not in\n{}", said[0]);
    }
    for noise in ["WARN", "ERROR", "AMQPError"] {
        assert!(!said[0].contains(noise), "{noise:?} is in\n{}", said[0]);
    }
    for said in said {
        assert!(said.contains("database nothing at 127.0.0.1:9") && !said.contains("hunter2"), "{said}");
    }

    let site = Site::new(database.url(), broker.url());
    site.source("web", &agency.toml(""));
    let said = site.done(&["check", "--connect"]);
    assert!(!said.contains("FAIL"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_refuses_or_cannot_be_written_is_told_with_its_place_and_the_next_step() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let pool = database.pool().await;
    let name = database.url().rsplit('/').next().unwrap();
    let account = format!("account_{name}");
    for sql in [
        format!("CREATE ROLE {account} LOGIN PASSWORD 'hunter2'"),
        format!("GRANT USAGE ON SCHEMA petitiond TO {account}"),
        format!("GRANT SELECT ON ALL TABLES IN SCHEMA petitiond, public TO {account}"),
        format!("GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA petitiond TO {account}"),
        format!("REVOKE DELETE ON petitiond.link FROM {account}"),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&pool).await.unwrap();
    }
    let url = |user: &str, password: &str, name: &str| {
        let mut url = reqwest::Url::parse(database.url()).unwrap();
        url.set_username(user).unwrap();
        url.set_password(Some(password)).unwrap();
        url.set_path(name);
        url.to_string()
    };
    let check = |url: &str| Site::new(url, broker.url()).fails(1, &["check", "--connect"]);
    let port = reqwest::Url::parse(database.url()).unwrap().port().unwrap();
    for (url, parts) in [
        (url(&account, "hunter2", name), ["may not read and write petitiond.link;", "petitiond migrate", name]),
        (url(&account, "hunter22", name), ["28P01", "correct the account or password", name]),
        (url(&account, "hunter2", "no_such_database"), ["3D000", "createdb", "no_such_database"]),
    ] {
        let said = check(&url);
        for part in parts.iter().copied().chain([&*format!(" at 127.0.0.1:{port}"), "FAIL  database"]) {
            assert!(said.contains(part), "{part:?} is not in\n{said}");
        }
        assert!(!said.contains("hunter2"), "{said}");
        assert_eq!(said.matches("FAIL").count(), 1, "{said}");
    }
    for sql in [format!("DROP OWNED BY {account}"), format!("DROP ROLE {account}")] {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&pool).await.unwrap();
    }
    let read_only = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
    sqlx::query(sqlx::AssertSqlSafe(read_only)).execute(&pool).await.unwrap();
    let said = check(database.url());
    assert!(said.contains("read-only") && said.contains(" at 127.0.0.1:"), "{said}");
}

/// What refuses is named as what refuses, and not as something that took too long.
#[tokio::test(flavor = "multi_thread")]
async fn servers_that_are_not_there_are_told_by_what_happened() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (database, broker) = (format!("postgres://a:hunter2@{nobody}/x"), format!("amqp://a:hunter2@{nobody}/%2f"));
    let said = Site::new(&database, &broker).fails(1, &["check", "--connect"]);
    for part in ["FAIL  database", "FAIL  broker", &nobody.to_string()] {
        assert!(said.contains(part), "{part:?} is not in\n{said}");
    }
    assert_eq!(said.to_lowercase().matches("refused").count(), 2, "{said}");
    assert!(!said.contains("max_connections") && !said.contains("hunter2"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_another_version_is_refused_with_what_to_do() {
    let (empty, broker) = tokio::join!(TestDatabase::empty(), TestBroker::create());
    let site = Site::new(empty.url(), broker.url());
    // as a wrong configuration: a supervisor that starts it again makes nothing better
    let said = site.fails(78, &["run"]);
    assert!(said.contains("petitiond migrate"), "{said}");
    assert!(site.fails(1, &["status"]).contains("petitiond migrate"));

    database::migrate(empty.url()).await;
    assert!(site.done(&["migrate"]).contains("at this version"));
    assert!(site.done(&["migrate"]).contains("at this version"));
    sqlx::query(
        "INSERT INTO public._sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (29990101000000, 'of the future', true, '\\x00', 0)",
    )
    .execute(&empty.pool().await)
    .await
    .unwrap();
    for (status, command) in [(78, &["run"][..]), (1, &["status"]), (1, &["migrate"]), (1, &["source", "list"])] {
        let said = site.fails(status, command);
        assert!(said.contains("newer"), "{command:?}: {said}");
    }
}

/// Ending while the broker is being connected: the library's thread waits for work that will never be done.
#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_accepts_and_says_nothing_makes_no_end_ugly() {
    let empty = TestDatabase::empty().await;
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = mute.local_addr().unwrap();
    // keeps every connection open; that the daemon has come this far is how the test knows that it dials
    let (dialled, mut seen) = tokio::sync::watch::channel(0_usize);
    let peer = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = mute.accept().await {
            held.push(stream);
            dialled.send_modify(|count| *count += 1);
        }
    });
    let site = Site::new(empty.url(), &format!("amqp://petitiond:x@{address}/%2f"));
    for _ in 0..3 {
        let said = tokio::task::block_in_place(|| site.fails(78, &["run"]));
        assert!(said.contains("petitiond migrate"), "{said}");
    }
    tokio::time::timeout(Duration::from_secs(30), seen.wait_for(|count| *count > 0)).await.unwrap().unwrap();
    peer.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn several_migrations_at_once_all_end_well() {
    let fresh = TestDatabase::empty().await;
    database::migrate_at_once(fresh.url(), 6).await;
    let pool = fresh.pool().await;
    let agencies = i64::try_from(petitiond::reference::agency::all().len()).unwrap();
    counts(&pool, "SELECT count(*) FROM petitiond.agency", agencies).await;
    // the lock is let go, also while the connections of the others are still open
    database::migrate_at_once(fresh.url(), 2).await;
}

/// `petitiond source list | head -1`
#[tokio::test(flavor = "multi_thread")]
async fn output_that_nobody_reads_ends_a_command_without_a_word() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let site = Site::new(database.url(), broker.url());
    for command in [
        &["source", "list"][..],
        &["quarantine", "list"],
        &["quarantine", "list", "--json"],
        &["status"],
        &["completions", "bash"],
        &["schema", "record"],
        &["check", "--connect"],
        &["--help"],
    ] {
        assert_eq!(site.unread(command, false), (Some(0), String::new()), "{command:?}");
        assert_eq!(site.unread(command, true).0, Some(0), "{command:?}");
    }
    assert_eq!(site.unread(&["source", "show", "nowhere"], true).0, Some(1));
    site.write("petitiond.toml", "[databse]\n");
    assert_eq!(site.unread(&["check"], true).0, Some(78));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throwaway_database_is_one_users_at_a_time() {
    let spare = TestDatabase::empty().await;
    let name = spare.url().rsplit('/').next().unwrap();
    let config = DatabaseConfig { url: services().database.clone().into(), max_connections: 2 };
    let make = async || throwaway::make(&config, name).await.expect("a server");
    let first = make().await;
    assert_eq!(first.as_ref().map(|made| made.url.expose_secret()), Some(spare.url()));
    assert!(make().await.is_none());
    drop(first);
    eventually("the end of a session", Duration::from_secs(30), make).await;
}

/// The demo's database has one name, and a second demo would throw away what the first one fills.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_demo_on_the_same_server_is_refused() {
    let servers = services();
    let mut first = database::maintenance().await;
    sqlx::query("SELECT pg_try_advisory_lock(hashtextextended('petitiond_demo', 0))")
        .execute(&mut first)
        .await
        .unwrap();
    let site = Site::new(&servers.database, &servers.amqp);
    let folder = site.path().join("demo");
    let said = site.fails(1, &["demo", "--petitions", "1", "--folder", &folder.to_string_lossy()]);
    for part in ["another demo runs on this PostgreSQL", "Ctrl-C", "SERVICES_INSTANCE"] {
        assert!(said.contains(part), "{said}");
    }
    // nor on other servers, where its files would stand in the place of the first one's
    let lock = std::fs::File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let said = site.fails(1, &["demo", "--petitions", "1", "--folder", &folder.to_string_lossy()]);
    assert!(said.contains("another demo runs in") && said.contains("--folder"), "{said}");
}

/// With another key file repeats would be stored again and what is stored could not be opened: nothing starts.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_file_that_is_not_the_databases_is_refused() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    site.inbox("post");
    let path = site.path().join("identity.key");
    let own = std::fs::read_to_string(&path).unwrap();
    let mut daemon = site.start().await;
    counts(&pool, "SELECT count(*) FROM petitiond.key_fingerprint", 2).await;
    assert!(daemon.terminate().await.0.success());

    let key = |byte: u8| base64::engine::general_purpose::STANDARD.encode([byte; 32]);
    let (index, seal) = (line(&own, "index"), line(&own, "seal"));
    let id = seal.split(' ').nth(1).unwrap();
    let others = [
        (format!("{seal}\nindex {}\n", key(1)), "the `index` key is another one".to_owned()),
        (format!("seal {id} {}\n{index}\n", key(2)), format!("the `seal {id}` key is another one")),
        (format!("seal 7 {}\n{index}\n", key(3)), format!("the `seal {id}` key is missing")),
    ];
    for (other, what) in others {
        std::fs::write(&path, &other).unwrap();
        for (status, command) in [(78, &["run"][..]), (78, &["migrate"]), (1, &["check", "--connect"])] {
            let said = site.fails(status, command);
            for part in [what.as_str(), "identity.key", "Restore the file from its safe copy"] {
                assert!(said.contains(part), "{command:?}: {part:?} is not in\n{said}");
            }
            let secrets = other.lines().filter_map(|line| line.rsplit(' ').next());
            assert!(secrets.into_iter().all(|secret| !said.contains(secret)), "{said}");
        }
    }
    counts(&pool, "SELECT count(*) FROM petitiond.key_fingerprint", 2).await;

    // rotation: a key more is registered, and from then on belongs to the database
    std::fs::write(&path, format!("seal 7 {}\n{own}", key(4))).unwrap();
    assert!(site.done(&["check", "--connect"]).contains("ok    key file"));
    counts(&pool, "SELECT count(*) FROM petitiond.key_fingerprint", 3).await;
    std::fs::write(&path, &own).unwrap();
    assert!(site.fails(78, &["run"]).contains("the `seal 7` key is missing"));
}

/// Of two processes that come to a new database at once with different keys, one is refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_database_takes_the_keys_of_one_process() {
    let database = TestDatabase::create().await;
    let pool = database.pool().await;
    let register = async |byte: u8| {
        let mut conn = pool.acquire().await.unwrap();
        let key = |key_name: &str| Fingerprint { key_name: key_name.to_owned(), fingerprint: [byte; 32] };
        let own = format!("seal {byte}");
        let at = chrono::DateTime::UNIX_EPOCH;
        key_fingerprint::register(&mut conn, at, &[key("index"), key(&own)]).await.unwrap()
    };
    for _ in 0..10 {
        sqlx::query("TRUNCATE petitiond.key_fingerprint").execute(&pool).await.unwrap();
        let (one, other) = tokio::join!(register(1), register(2));
        assert_ne!(one.is_empty(), other.is_empty(), "{one:?} {other:?}");
        counts(&pool, "SELECT count(*) FROM petitiond.key_fingerprint", 2).await;
    }
}

fn line<'a>(text: &'a str, start: &str) -> &'a str {
    text.lines().find(|line| line.starts_with(start)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_are_listed_shown_paused_pulled_and_reset() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let agency = Agency::open(petitions(20), 10).await;
    let incremental = "incremental = { param = \"since\", format = \"%Y-%m-%dT%H:%M:%S%:z\", overlap = \"0s\" }";
    site.source("web", &agency.toml(incremental).replace("every 1s", "every 1h"));
    site.inbox("post");
    let daemon = site.start().await;
    site.done(&["source", "pull", "web"]);
    records(&pool, "web", 20).await;

    let list: Value = serde_json::from_str(&site.done(&["source", "list", "--json"])).unwrap();
    let ids: Vec<&Value> = list.as_array().unwrap().iter().map(|source| &source["source_id"]).collect();
    assert_eq!(ids, [&json!("post"), &json!("web")]);
    assert!(site.done(&["source", "list"]).contains("Nguồn web"));
    let shown = site.done(&["source", "show", "web"]);
    assert!(shown.contains("stored  20"), "{shown}");
    assert!(shown.contains("next pull  20"), "{shown}");
    assert!(site.done(&["source", "show", "post"]).contains("next pull  –"));
    let cursor = |site: &Site| {
        let shown: Value = serde_json::from_str(&site.done(&["source", "show", "web", "--json"])).unwrap();
        shown["cursor"].clone()
    };
    let before = eventually("a cursor", Duration::from_secs(30), || async {
        Some(cursor(&site)).filter(|cursor| !cursor.is_null())
    })
    .await;
    let asked = agency.asked();
    site.done(&["source", "reset", "web", "--since", "2020-01-01"]);
    eventually("another pull", Duration::from_secs(30), || async { (agency.asked() > asked).then_some(()) }).await;
    eventually("another cursor", Duration::from_secs(30), || async { (cursor(&site) != before).then_some(()) }).await;

    assert!(site.fails(1, &["source", "show", "webb"]).contains("did you mean \"web\"?"));
    assert!(site.fails(1, &["source", "pull", "post"]).contains("inbox"));
    assert!(site.fails(1, &["source", "reset", "post", "--since", "2020-01-01"]).contains("cursor"));
    let before = cursor(&site);
    let said = site.fails(1, &["source", "reset", "web", "--since", "2999-01-01"]);
    assert!(said.contains("2999-01-01 00:00:00 +07:00 lies in the future"), "{said}");
    assert_eq!(cursor(&site), before);
    site.source("all", &agency.toml("snapshot = { max_missing = 0 }").replace("every 1s", "every 1h"));
    eventually("a source", Duration::from_secs(30), || async { (!site.status("all").is_null()).then_some(()) }).await;
    let said = site.fails(1, &["source", "reset", "all", "--since", "2020-01-01"]);
    assert!(said.contains("snapshot") && said.contains("petitiond source pull all"), "{said}");
    site.remove_source("all");
    eventually("a source without a file", Duration::from_secs(30), || async {
        (site.status("all")["enabled"] == false).then_some(())
    })
    .await;
    assert!(site.fails(1, &["source", "reset", "all", "--since", "2020-01-01"]).contains("no file"));
    for action in ["pause", "resume"] {
        site.done(&["source", action, "post"]);
        assert_eq!(site.status("post")["paused"], json!(action == "pause"));
    }
    let preview: Value =
        serde_json::from_str(&site.done(&["source", "preview", "web", "--limit", "2", "--json"])).unwrap();
    assert_eq!(preview.as_array().unwrap().len(), 2);
    assert_eq!(preview[0]["before"]["record_id"], preview[0]["after"]["record_id"]);
    assert!(site.done(&["status"]).contains("20 source records"));
    drop(daemon);
}

/// The figures of a daemon that is dead look like those of one that is at work: the status says which they are.
#[tokio::test(flavor = "multi_thread")]
async fn a_status_that_nobody_keeps_up_to_date_says_so() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    site.inbox("post");
    let said = site.done(&["status"]);
    assert!(said.contains("no daemon is at work") && said.contains("none has run yet"), "{said}");
    let mut daemon = site.start().await;
    counts(&pool, "SELECT count(*) FROM petitiond.broker_state WHERE state = 'connected'", 1).await;
    let said = site.done(&["status"]);
    assert!(!said.contains("no daemon") && said.contains("broker connected"), "{said}");
    daemon.kill9();
    let said = eventually("the end of its sessions", Duration::from_secs(30), || async {
        Some(site.done(&["status"])).filter(|said| said.contains("no daemon is at work"))
    })
    .await;
    assert!(said.contains("the last one wrote this status at 20"), "{said}");
    let status: Value = serde_json::from_str(&site.done(&["status", "--json"])).unwrap();
    assert_eq!(status["daemon_is_there"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_quality_of_a_source_is_shown_and_nobody_is_given_away() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let with_phone = |number: usize, kind: &str, phone: &str| {
        let mut record = petition(number, 1);
        record["type"] = json!(kind);
        record["petitioners"][0]["phone"] = json!(phone);
        record
    };
    let bad = [with_phone(8, "complaint", "máy bà Hoa 5"), with_phone(9, "denunciation", "của tôi 77-77")];
    let agency = Agency::open(petitions(8).into_iter().chain(bad).collect(), 10).await;
    site.source("web", &agency.toml("").replace("every 1s", "every 1h"));
    site.inbox("post");
    let daemon = site.start().await;
    site.done(&["source", "pull", "web"]);
    records(&pool, "web", 10).await;

    let shown: Value = serde_json::from_str(&site.done(&["source", "quality", "web", "--json"])).unwrap();
    assert_eq!((&shown["source_id"], &shown["name"]), (&json!("web"), &json!("Nguồn web")));
    let day = &shown["days"][0];
    assert_eq!((&day["records"], &day["valid"], &day["records_complete"]), (&json!(10), &json!(0.8), &json!(0)));
    let phone = shown["causes"].as_array().unwrap().iter().find(|cause| cause["code"] == "phone_invalid").unwrap();
    assert_eq!(phone["records"], 2);
    assert_eq!(phone["examples"].as_array().unwrap().len(), 1, "{phone}");
    assert_eq!(phone["examples"][0]["value"], "xxx xx xxx 9");

    let said = site.done(&["source", "quality", "web", "--days", "1"]);
    for part in ["Chất lượng dữ liệu của nguồn web (Nguồn web)", "đầy đủ", "80,0 %", "Số điện thoại không hợp lệ [lỗi]"]
    {
        assert!(said.contains(part), "{part:?} is not in\n{said}");
    }
    for told in ["Hoa", "77", "99-99", "r-00000"] {
        assert!(!said.contains(told) && !shown.to_string().contains(told), "{told:?} is in\n{said}");
    }
    assert!(site.done(&["source", "quality", "post"]).contains("Không có bản ghi nào"));
    assert!(site.fails(1, &["source", "quality", "webb"]).contains("did you mean \"web\"?"));
    site.fails(2, &["source", "quality", "web", "--days", "0"]);
    drop(daemon);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_quarantined_is_shown_retried_and_discarded() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let mapped = |id: &str| {
        format!(
            "[inbox]\n[format.json]\n[map]\nrecord_id = \"{id}\"\nkind = '\"petition\"'\nreceived_on = \".received_on\"\n"
        )
    };
    site.source("post", &mapped(".wrong_name"));
    let daemon = site.start().await;
    broker.inbox("post").await;
    let publisher = Publisher::connect(broker.url()).await;
    publisher.records("post", &petitions(3), 3).await;
    assert!(publisher.send("post", "html", None, b"<html>").await);
    counts(&pool, "SELECT count(*) FROM petitiond.quarantine WHERE state = 'held'", 4).await;

    let list: Value = serde_json::from_str(&site.done(&["quarantine", "list", "--json", "--source", "post"])).unwrap();
    let entries = list.as_array().unwrap();
    assert_eq!(entries.len(), 4);
    let of =
        |reason: &str| entries.iter().find(|entry| entry["reason"] == reason).unwrap()["quarantine_id"].to_string();
    let (idless, html) = (of("no_record_id"), of("not_decodable"));
    let shown = site.done(&["quarantine", "show", &idless]);
    assert!(shown.contains("no_record_id") && shown.contains("text of") && !shown.contains("Khiếu nại"), "{shown}");
    let shown: Value = serde_json::from_str(&site.done(&["quarantine", "show", &html, "--json"])).unwrap();
    assert_eq!(shown["reason"], "not_decodable");
    assert!(site.fails(1, &["quarantine", "show", "999999"]).contains("999999"));

    let said = site.done(&["quarantine", "discard", &html, "--reason", "a page of maintenance"]);
    assert!(said.contains("1 entry discarded"), "{said}");
    let said = site.fails(1, &["quarantine", "discard", &idless, &html, "--reason", "again"]);
    for part in
        [&format!("entry {html} was discarded already on "), " by ", "(a page of maintenance)", "nothing was done"]
    {
        assert!(said.contains(part), "{part:?} is not in {said}");
    }
    assert!(site.fails(2, &["quarantine", "retry"]).contains("<IDS>"));
    for command in [&["list"][..], &["retry", "--all"]] {
        let said = site.fails(1, &[&["quarantine"], command, &["--source", "pots"]].concat());
        assert!(said.contains("there is no source \"pots\"; did you mean \"post\"?"), "{said}");
    }
    for reason in ["", "  "] {
        let said = site.fails(2, &["quarantine", "discard", &idless, "--reason", reason]);
        assert!(said.contains("say why"), "{said}");
    }
    counts(&pool, "SELECT count(*) FROM petitiond.quarantine WHERE state = 'held'", 3).await;
    site.source("post", &mapped(".record_id"));
    daemon.logged("the folder of sources has changed", 1).await;
    let said = site.done(&["quarantine", "retry", "--all"]);
    assert!(said.contains("3 entries put back into the inbox of post"), "{said}");
    records(&pool, "post", 3).await;
    counts(&pool, "SELECT count(*) FROM petitiond.quarantine WHERE state = 'held'", 0).await;
    counts(
        &pool,
        "SELECT count(*) FROM petitiond.quarantine WHERE state = 'discarded' AND decision_reason IS NOT NULL",
        1,
    )
    .await;
    assert!(site.done(&["quarantine", "retry", "--all", "--source", "post"]).contains("nothing is held of post"));
    for command in [&["retry", &idless][..], &["discard", &idless, "--reason", "late"]] {
        let said = site.fails(1, &[&["quarantine"], command].concat());
        assert!(said.contains(&format!("entry {idless} is not held: it was put back into its inbox on ")), "{said}");
    }
    assert!(site.fails(1, &["quarantine", "retry", "999999"]).contains("no quarantine entry 999999"));
    let all: Value = serde_json::from_str(&site.done(&["quarantine", "list", "--json", "--all"])).unwrap();
    assert_eq!(all.as_array().unwrap().len(), 4);
    drop(daemon);
}

/// What was retried before it was mended is held again: a retry that fails loses nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_retry_too_early_is_held_again() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    site.inbox("post");
    let _daemon = site.start().await;
    broker.inbox("post").await;
    let publisher = Publisher::connect(broker.url()).await;
    let mut idless = petition(1, 1);
    idless["record_id"] = Value::Null;
    assert!(publisher.send("post", "one", None, idless.to_string().as_bytes()).await);
    assert!(publisher.send("post", "two", None, b"<html>").await);
    assert!(publisher.send("post", "three", None, br#"{"record_id": "KN-77/2026"}"#).await);
    counts(&pool, "SELECT count(*) FROM petitiond.quarantine WHERE state = 'held'", 3).await;
    assert!(site.done(&["quarantine", "list"]).contains("KN-77/2026"));
    site.done(&["quarantine", "retry", "--all"]);
    counts(&pool, "SELECT records_quarantined FROM petitiond.source WHERE source_id = 'post'", 6).await;
    counts(&pool, "SELECT count(*) FROM petitiond.quarantine WHERE state = 'held'", 3).await;
}
