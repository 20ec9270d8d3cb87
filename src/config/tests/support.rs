//! A folder with a configuration in it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use expect_test::Expect;

use crate::config::{Config, Origin, Problems, load, load_sources};
use crate::seal::KeyRing;

pub struct Folder {
    dir: tempfile::TempDir,
    environment: Vec<(String, String)>,
}

/// A `petitiond.toml` without a fault.
pub const SETTINGS: &str = r#"
[database]
url = "postgres://petitiond@127.0.0.1:5432/petitiond"
[broker]
url = "amqp://127.0.0.1:5672/%2f"
[identity]
key_file = "identity.key"
"#;

/// The head of a source that is pulled, without a fault.
pub const HEAD: &str = r#"id = "bxd"
name = "Bộ Xây dựng"
tier = "ministry"
agency = "G17"
schedule = "every 5m"
"#;

/// The rest of a source, without a fault.
pub const TAIL: &str = r#"
[format.json]
records = ".data[]"
[map]
record_id = ".MaDon"
kind = '"petition"'
received_on = ".NgayNhan"
"#;

impl Folder {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("sources.d")).unwrap();
        KeyRing::generate(&dir.path().join("identity.key")).unwrap();
        Self { dir, environment: Vec::new() }.with("petitiond.toml", SETTINGS)
    }

    /// With this file, of mode 600.
    pub fn with(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        self
    }

    pub fn with_link(self, name: &str, to: &str) -> Self {
        std::os::unix::fs::symlink(to, self.dir.path().join(name)).unwrap();
        self
    }

    pub fn with_mode(self, name: &str, mode: u32) -> Self {
        fs::set_permissions(self.dir.path().join(name), fs::Permissions::from_mode(mode)).unwrap();
        self
    }

    pub fn without(self, name: &str) -> Self {
        fs::remove_file(self.dir.path().join(name)).unwrap();
        self
    }

    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn origin(&self) -> Origin {
        Origin {
            dir: self.dir.path().to_owned(),
            environment: self.environment.clone(),
            credentials: self.dir.path().join("credentials").is_dir().then(|| self.dir.path().join("credentials")),
        }
    }

    pub fn load(&self) -> Result<Config, Problems> {
        load(&self.origin())
    }

    /// Every problem in full, paths from the folder on; warnings too.
    pub fn problems(&self) -> String {
        let problems = self.load().map_or_else(|problems| problems, |config| config.warnings);
        self.shown(&problems)
    }

    pub fn shown(&self, problems: &Problems) -> String {
        problems.render(false).replace(&format!("{}/", self.dir.path().display()), "")
    }

    pub fn sources(&self) -> Vec<(String, bool, String)> {
        let (files, _) = load_sources(&self.origin());
        files.into_iter().map(|file| (file.stem, file.source.is_some(), self.shown(&file.problems))).collect()
    }
}

/// Problems are worded so.
pub fn check(problems: &str, expected: &Expect) {
    expected.assert_eq(problems);
}

/// The problems of one source, `sources.d/bxd.toml`.
pub fn problems_of(source: &str) -> String {
    Folder::new().with("sources.d/bxd.toml", source).problems()
}

/// The problems of a source with this `[http]` and what follows it.
pub fn problems_of_http(http: &str) -> String {
    problems_of(&format!("{HEAD}[http]\nurl = \"https://kntc.example.vn/api\"\n{http}{TAIL}"))
}
