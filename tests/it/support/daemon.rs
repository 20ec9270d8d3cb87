//! The real daemon as a child process: its folder of configuration, its log, its word to systemd, its end.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use sqlx::PgPool;
use tokio::net::UnixDatagram;
use tokio::task::JoinHandle;

use super::{Scratch, eventually};

/// Longer than anything that goes well, on a loaded machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A folder of configuration, and the environment in which commands run on it. Several daemons may share one.
pub struct Site {
    folder: Scratch,
    environment: BTreeMap<String, String>,
}

impl Site {
    /// A key and settings; no sources yet.
    pub fn new(database: &str, broker: &str) -> Self {
        let folder = Scratch::new();
        let settings = "[identity]\nkey_file = \"identity.key\"\n[ingest]\nbatch_wait = \"20ms\"\n";
        folder.write("petitiond.toml", settings);
        std::fs::create_dir_all(folder.path().join("sources.d")).expect("a folder of sources");
        let mut site = Self { folder, environment: BTreeMap::new() };
        site.set("PETITIOND__DATABASE__URL", database);
        site.set("PETITIOND__BROKER__URL", broker);
        let key = site.path().join("identity.key");
        let made = site.command(&["key", "generate", &key.to_string_lossy()]);
        assert!(made.status.success(), "{made:?}");
        site
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Sets a variable for everything started later.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.insert(name.to_owned(), value.to_owned());
    }

    pub fn write(&self, path: &str, text: &str) -> PathBuf {
        self.folder.write(path, text)
    }

    /// Writes a file that nobody else may read, as `*_file` keys want them.
    pub fn secret(&self, path: &str, text: &str) {
        let file = self.write(path, text);
        std::fs::set_permissions(file, PermissionsExt::from_mode(0o600)).expect("permissions that can be set");
    }

    /// Writes `sources.d/<id>.toml`: the head that every source has, then `rest`.
    pub fn source(&self, id: &str, rest: &str) {
        let text = format!("id = \"{id}\"\nname = \"Nguồn {id}\"\ntier = \"ministry\"\nagency = \"G17\"\n{rest}");
        // as an editor does it: the daemon must never read half a file
        let new = self.write(&format!("{id}.new"), &text);
        std::fs::rename(new, self.path().join(format!("sources.d/{id}.toml"))).expect("a file that can be moved");
    }

    /// An inbox of interchange records.
    pub fn inbox(&self, id: &str) {
        self.source(id, "[inbox]\n[format.record]\n");
    }

    pub fn remove_source(&self, id: &str) {
        std::fs::remove_file(self.path().join(format!("sources.d/{id}.toml"))).expect("a file that can be removed");
    }

    fn process(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_petitiond"));
        command.args(arguments).arg("--config").arg(self.path());
        for name in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "PETITIOND_LOG", "CREDENTIALS_DIRECTORY"] {
            command.env_remove(name);
        }
        command.env("NO_PROXY", "127.0.0.1").envs(&self.environment).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub fn command(&self, arguments: &[&str]) -> Output {
        self.process(arguments).output().expect("the binary runs")
    }

    /// Runs a command that must do what it is told; what it printed.
    pub fn done(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "petitiond {} ended with {}:\n{said}", arguments.join(" "), output.status);
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Runs a command that must fail with a status; what it said about it.
    pub fn fails(&self, status: i32, arguments: &[&str]) -> String {
        let output = self.command(arguments);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(status), "petitiond {}:\n{out}\n{err}", arguments.join(" "));
        assert!(!err.contains("panicked"), "{err}");
        format!("{out}{err}")
    }

    /// Runs a command whose output nobody reads, as `petitiond … | head -0` does, and perhaps nobody its complaints.
    pub fn unread(&self, arguments: &[&str], complaints: bool) -> (Option<i32>, String) {
        let closed = || std::io::pipe().expect("a pipe").1;
        let mut command = self.process(arguments);
        command.stdout(closed()).stderr(if complaints { Stdio::from(closed()) } else { Stdio::piped() });
        let output = command.spawn().and_then(Child::wait_with_output).expect("the binary runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// What `petitiond status --json` says of one source.
    pub fn status(&self, id: &str) -> Value {
        let report: Value = serde_json::from_str(&self.done(&["status", "--json"])).expect("JSON");
        let sources = report["sources"].as_array().expect("a list of sources");
        sources.iter().find(|source| source["source_id"] == id).cloned().unwrap_or(Value::Null)
    }

    /// Starts the daemon and waits until it works: it has told systemd how many sources there are.
    pub async fn start(&self) -> TestDaemon {
        let daemon = self.launch();
        daemon.notified("READY=1").await;
        daemon.notified(" sources, ").await;
        daemon
    }

    /// Starts the daemon and waits for nothing.
    pub fn launch(&self) -> TestDaemon {
        let name = super::unique("notify");
        let socket = self.path().join(&name[..16]);
        let listener = UnixDatagram::bind(&socket).expect("a socket");
        let told: Arc<Mutex<Vec<String>>> = Arc::default();
        let listening = tokio::spawn(listen(listener, Arc::clone(&told)));
        let log = self.path().join(format!("{name}.log"));
        let file = File::create(&log).expect("a log");
        let mut command = self.process(&["run"]);
        command.env("NOTIFY_SOCKET", &socket).stdout(Stdio::null()).stderr(file);
        let child = command.spawn().expect("the binary runs");
        TestDaemon { child, log, told, listening, expected: Mutex::default() }
    }
}

async fn listen(socket: UnixDatagram, told: Arc<Mutex<Vec<String>>>) {
    let mut datagram = vec![0; 64 * 1024];
    while let Ok(length) = socket.recv(&mut datagram).await {
        let text = String::from_utf8_lossy(&datagram[..length]).into_owned();
        told.lock().unwrap().push(text);
    }
}

/// A running daemon; killed with this value. An `ERROR` in its log that the test did not announce fails the test.
pub struct TestDaemon {
    child: Child,
    log: PathBuf,
    told: Arc<Mutex<Vec<String>>>,
    listening: JoinHandle<()>,
    expected: Mutex<Vec<String>>,
}

impl TestDaemon {
    /// Everything logged so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Announces an `ERROR` line that holds this.
    pub fn expect_error(&self, part: &str) {
        self.expected.lock().unwrap().push(part.to_owned());
    }

    /// Waits until the log holds this so many times.
    pub async fn logged(&self, part: &str, times: usize) {
        let what = format!("{times} times {part:?} in the log");
        let found = tokio::time::timeout(PATIENCE, async {
            while self.log().matches(part).count() < times {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        assert!(found.await.is_ok(), "{what}:\n{}", self.log());
    }

    /// Everything systemd was told so far.
    pub fn told(&self) -> Vec<String> {
        self.told.lock().unwrap().clone()
    }

    /// Waits until systemd is told something with `part` in it, now or earlier.
    pub async fn notified(&self, part: &str) {
        self.notified_since(0, part).await;
    }

    /// The same for what is told after the first `since` messages.
    pub async fn notified_since(&self, since: usize, part: &str) {
        let found = tokio::time::timeout(PATIENCE, async {
            while !self.told().iter().skip(since).any(|text| text.contains(part)) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        assert!(found.await.is_ok(), "systemd was not told {part:?}, only {:?}\n{}", self.told().last(), self.log());
    }

    pub fn signal(&self, name: &str) {
        let done = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(done.expect("kill runs").success());
    }

    pub fn kill9(&mut self) {
        self.child.kill().expect("a process that can be killed");
        self.child.wait().expect("a process that ends");
    }

    /// Asks it to end, waits, and checks its log.
    pub async fn terminate(&mut self) -> (ExitStatus, Duration) {
        let began = Instant::now();
        self.signal("TERM");
        let status = self.ended().await;
        (status, began.elapsed())
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status;
            }
            assert!(began.elapsed() < PATIENCE, "the daemon does not end:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn unexpected(&self) -> Vec<String> {
        let expected = self.expected.lock().unwrap();
        let log = self.log();
        let bad = |line: &&str| line.contains(" ERROR ") || line.contains("panicked");
        let announced = |line: &str| expected.iter().any(|part| line.contains(part));
        log.lines().filter(bad).filter(|line| !announced(line)).map(ToOwned::to_owned).collect()
    }
}

impl Drop for TestDaemon {
    fn drop(&mut self) {
        self.listening.abort();
        drop(self.child.kill());
        drop(self.child.wait());
        if std::thread::panicking() {
            let log = self.log();
            let from = log.len().saturating_sub(6000);
            eprintln!("the end of the daemon's log:\n{}", log.get(from..).unwrap_or(&log));
        } else {
            let unexpected = self.unexpected();
            assert!(unexpected.is_empty(), "the daemon logged errors:\n{}", unexpected.join("\n"));
        }
    }
}

/// Waits until a query for one number answers this.
pub async fn counts(pool: &PgPool, sql: &str, expected: i64) {
    let what = format!("{expected} from {sql}");
    let mut last = None;
    let asking = async {
        loop {
            last = sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(sql.to_owned())).fetch_one(pool).await.ok();
            if last == Some(expected) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let found = tokio::time::timeout(PATIENCE, asking).await;
    assert!(found.is_ok(), "{what}, but {last:?}");
}

/// Source records of a source, or of all (`%`).
pub async fn records(pool: &PgPool, source: &str, expected: i64) {
    let sql = format!("SELECT count(*) FROM petitiond.source_record WHERE NOT deleted AND source_id LIKE '{source}'");
    counts(pool, &sql, expected).await;
}

/// A hash over every row that a repeat must not touch, revisions and feed included.
pub async fn picture(pool: &PgPool) -> Vec<(String, Option<String>)> {
    let views = [
        "petition",
        "filing",
        "reception",
        "case_file",
        "petitioner",
        "petitioner_identity",
        "event",
        "source_record",
        "field_origin",
        "link",
        "change",
        "petition_alias",
        "case_alias",
    ];
    let mut picture = Vec::new();
    for view in views {
        let sql = format!(
            "SELECT md5(string_agg(row_text, E'\\n' ORDER BY row_text)) FROM (SELECT v::text AS row_text FROM national_v1.{view} v) r"
        );
        let hash = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(pool).await.expect("a hash");
        picture.push((view.to_owned(), hash));
    }
    picture
}

/// The feed has no gap, and no record is twice anywhere.
pub async fn feed_is_dense(pool: &PgPool) {
    let (rows, last): (i64, i64) =
        sqlx::query_as("SELECT count(*), coalesce(max(seq), 0) FROM national_v1.change").fetch_one(pool).await.unwrap();
    assert_eq!(rows, last, "a gap in the change feed");
    let orphans: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM petitiond.petition p
         WHERE NOT EXISTS (SELECT FROM petitiond.source_record r WHERE r.entity_id = p.petition_id)",
    )
    .fetch_one(pool)
    .await
    .unwrap();
    assert_eq!(orphans, 0, "petitions without a source record");
}

/// Every record is counted once: received is what it became.
pub async fn tally_adds_up(pool: &PgPool, source: &str) -> i64 {
    let (received, sum): (i64, i64) = sqlx::query_as(
        "SELECT records_received, records_stored + records_unchanged + records_stale + records_quarantined
         FROM petitiond.source WHERE source_id = $1",
    )
    .bind(source)
    .fetch_one(pool)
    .await
    .unwrap();
    assert_eq!(received, sum, "the tally of {source}");
    received
}

/// Takes from a process that was killed what it holds for another minute: a test does not wait for that.
pub async fn let_the_lease_run_out(pool: &PgPool) {
    eventually("a lease that ran out", PATIENCE, || async {
        sqlx::query("UPDATE petitiond.source SET pull_until = now() - interval '1 second'").execute(pool).await.ok()
    })
    .await;
}

/// Waits until a column of a source's status holds this text.
pub async fn last_error(pool: &PgPool, source: &str, part: &str) -> String {
    eventually(&format!("{part:?} as last_error of {source}"), PATIENCE, || async {
        let error: Option<String> = sqlx::query_scalar("SELECT last_error FROM petitiond.source WHERE source_id = $1")
            .bind(source)
            .fetch_optional(pool)
            .await
            .ok()
            .flatten()
            .flatten();
        error.filter(|error| error.contains(part))
    })
    .await
}
