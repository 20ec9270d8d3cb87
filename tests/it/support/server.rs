//! The private PostgreSQL and RabbitMQ: those that `tests/run.sh` started, or, when a test is run by hand, those of
//! this checkout's instance `test`, started on first use and left running for the next time.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use super::Scratch;

/// Where the servers are, as URLs with user and password.
#[derive(Debug, Clone)]
pub struct Servers {
    /// A database that nobody keeps anything in, as the superuser.
    pub database: String,
    /// The default virtual host, as an administrator.
    pub amqp: String,
    /// The base of RabbitMQ's management API.
    pub management: String,
}

/// The servers that all tests share.
pub fn services() -> &'static Servers {
    static SERVERS: OnceLock<Servers> = OnceLock::new();
    SERVERS.get_or_init(|| {
        let given = |name| setting(&format!("TEST_{name}"));
        match (given("DATABASE_URL"), given("AMQP_URL"), given("MANAGEMENT_URL")) {
            (Some(database), Some(amqp), Some(management)) => Servers { database, amqp, management },
            _ => Servers::parse(&script(&[("SERVICES_INSTANCE", "test")], &["up"])),
        }
    })
}

/// The MariaDB that stands for an agency's own, with a user who may make databases.
pub fn mariadb() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| {
        let exports = || script(&[("SERVICES_INSTANCE", "test")], &["up", "maria"]);
        setting("TEST_MARIADB_URL").unwrap_or_else(|| value(&exports(), "MARIADB_URL"))
    })
}

/// From the lines `export NAME='value'` that the script prints.
fn value(exports: &str, name: &str) -> String {
    exports
        .lines()
        .find_map(|line| line.strip_prefix(&format!("export {name}='"))?.strip_suffix('\''))
        .unwrap_or_else(|| panic!("deploy/services.sh up told no {name}"))
        .to_owned()
}

impl Servers {
    /// From the lines `export NAME='value'` that the script prints.
    fn parse(exports: &str) -> Self {
        let value = |name: &str| value(exports, name);
        Self { database: value("DATABASE_URL"), amqp: value("AMQP_URL"), management: value("RABBITMQ_MANAGEMENT_URL") }
    }
}

/// Servers of one test's own, which it may kill. They take about six seconds to start.
pub struct PrivateServers {
    folder: Scratch,
    pub servers: Servers,
}

impl PrivateServers {
    pub fn start() -> Self {
        let folder = Scratch::new();
        let servers = Servers::parse(&Self::command(&folder, &["up"]));
        Self { folder, servers }
    }

    /// Kills a server (`pg` or `amqp`) as a power cut would.
    pub fn kill(&self, which: &str) {
        Self::command(&self.folder, &["kill", which]);
    }

    /// Stops a server (`pg` or `amqp`) as an administrator would.
    pub fn stop(&self, which: &str) {
        Self::command(&self.folder, &["down", which]);
    }

    /// Starts a killed or stopped server again, where it was before.
    pub fn restart(&self, which: &str) {
        Self::command(&self.folder, &["up", which]);
    }

    /// Where its ports listen, as the kernel writes addresses; each that is not on loopback.
    pub fn open_to_others(&self) -> Vec<String> {
        let ports = std::fs::read_to_string(self.folder.path().join("ports")).expect("the file of ports");
        let ports: Vec<u16> =
            ports.lines().map(|line| line.split_once('=').unwrap().1.parse().expect("a port")).collect();
        let mut sockets = 0;
        let mut open = Vec::new();
        for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
            for line in std::fs::read_to_string(table).unwrap_or_default().lines().skip(1) {
                let fields: Vec<&str> = line.split_whitespace().collect();
                let (address, port) = fields[1].rsplit_once(':').expect("address and port");
                let is_ours = ports.contains(&u16::from_str_radix(port, 16).expect("a port"));
                // state 0A: listening
                if fields[3] != "0A" || !is_ours {
                    continue;
                }
                sockets += 1;
                // 127.x.x.x and ::1, each word with its bytes turned round
                let is_loopback = match address.len() {
                    8 => address.ends_with("7F"),
                    _ => address == "00000000000000000000000001000000",
                };
                if !is_loopback {
                    open.push(line.to_owned());
                }
            }
        }
        assert!(sockets >= ports.len(), "{sockets} sockets listen on {ports:?}");
        open
    }

    /// Tells the broker something that only `rabbitmqctl` can.
    pub fn ctl(&self, args: &[&str]) {
        Self::command(&self.folder, &[&["ctl"], args].concat());
    }

    fn command(folder: &Scratch, args: &[&str]) -> String {
        // Not "fast": what was committed before a kill has to be there after it.
        script(&[("SERVICES_DIR", &folder.path().to_string_lossy()), ("SERVICES_FAST", "0")], args)
    }
}

impl Drop for PrivateServers {
    fn drop(&mut self) {
        // its log goes with the folder, and is what a broker that answers nothing leaves to be read
        let log = self.folder.path().join("mq/log/node.log");
        if std::thread::panicking()
            && let Ok(log) = std::fs::read_to_string(log)
        {
            let lines: Vec<&str> = log.lines().collect();
            eprintln!("the end of the broker's log:\n{}", lines[lines.len().saturating_sub(200)..].join("\n"));
        }
        Self::command(&self.folder, &["wipe"]);
    }
}

/// Runs `deploy/services.sh`; its output. A failure fails the test with the sentence the script says.
fn script(settings: &[(&str, &str)], args: &[&str]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/services.sh");
    let output = Command::new(&script)
        .args(args)
        .env_remove("SERVICES_DIR")
        .env_remove("SERVICES_INSTANCE")
        .envs(settings.iter().copied())
        .output()
        .unwrap_or_else(|e| panic!("{} cannot be run: {e}", script.display()));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the private servers are not to be had (services.sh {}):\n{said}", args.join(" "));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[expect(clippy::disallowed_methods, reason = "tests/run.sh hands the servers over in the environment")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
