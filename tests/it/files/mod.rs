//! Files in a drop folder: taken whole and once, moved with a text, through crashes and hostile contents.
//!
//! Owns: a drop folder of a [`Site`] and the tables that are dropped there. Must not know how files are read: what is
//! right is told by what was dropped and what the database holds.
//! To add a behaviour: a test in the file of its like; what an attacker could drop belongs in `hostile`.

mod crash;
mod hostile;
mod taking;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use sqlx::{AssertSqlSafe, PgPool};

use crate::support::{Site, eventually};

const PATIENCE: Duration = Duration::from_mins(1);

/// The drop folder of one source.
pub struct DropFolder {
    path: PathBuf,
}

impl DropFolder {
    /// A source that takes such files, and its folder.
    pub fn open(site: &Site, id: &str, files: &str, format: &str) -> Self {
        let path = site.path().join("drop").join(id);
        std::fs::create_dir_all(&path).unwrap();
        let toml = format!(
            "schedule = \"every 1s\"\n[files]\npath = \"drop/{id}\"\nsettle = \"1s\"\n{files}\n{format}\n[map]\n\
             record_id = \".ma\"\nkind = '\"petition\"'\ntype = '\"complaint\"'\nreceived_on = \".ngay\"\n\
             summary = \".noi_dung\"\npetitioners = \"[{{name: .ten}}]\"\n"
        );
        site.source(id, &toml);
        Self { path }
    }

    /// Of CSV files.
    pub fn of_csv(site: &Site, id: &str) -> Self {
        Self::open(site, id, "pattern = \"*.csv\"", "[format.csv]\nencoding = \"auto\"")
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Drops a file as a careful program does: under another name first.
    pub fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let beside = self.at(&format!(".{name}"));
        std::fs::write(&beside, bytes).unwrap();
        std::fs::rename(beside, self.at(name)).unwrap();
    }

    /// Waits until a file stands there.
    pub async fn appears(&self, name: &str) {
        eventually(&format!("{name} in the folder"), PATIENCE, || async { self.at(name).is_file().then_some(()) })
            .await;
    }

    /// The text beside a file that was put away, once it is there and whole.
    pub async fn text(&self, name: &str) -> String {
        self.appears(name).await;
        std::fs::read_to_string(self.at(&format!("{name}.txt"))).unwrap()
    }

    /// The names of the files that lie in a folder.
    pub fn names(&self, folder: &str) -> BTreeSet<String> {
        let entries = std::fs::read_dir(self.at(folder)).into_iter().flatten().flatten();
        let files = entries.filter(|entry| entry.path().is_file());
        files.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    }
}

/// The rows of a table from this number on, as CSV with headings.
pub fn table(from: usize, count: usize) -> String {
    let mut text = "ma,ngay,ten,noi_dung\n".to_owned();
    for number in from..from + count {
        text.push_str(&format!(
            "d-{number:06},{:02}/{:02}/2026,Nguyễn Thị Hoa {number},\"Khiếu nại quyết định thu hồi đất số {number}, lần 1\"\n",
            1 + number % 28,
            1 + number % 9
        ));
    }
    text
}

/// The ids of the records of a source.
pub async fn stored(pool: &PgPool, source: &str) -> BTreeSet<String> {
    let sql = "SELECT record_id FROM petitiond.source_record WHERE source_id = $1 AND NOT deleted";
    sqlx::query_scalar::<_, String>(sql).bind(source).fetch_all(pool).await.unwrap().into_iter().collect()
}

/// The ids of a table.
pub fn ids(from: usize, count: usize) -> BTreeSet<String> {
    (from..from + count).map(|number| format!("d-{number:06}")).collect()
}

/// Waits until the set stored equals the set served.
pub async fn holds(pool: &PgPool, source: &str, served: &BTreeSet<String>) {
    let count = i64::try_from(served.len()).unwrap();
    crate::support::daemon::records(pool, source, count).await;
    assert_eq!(&stored(pool, source).await, served);
}

pub async fn one(pool: &PgPool, sql: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(pool).await.unwrap()
}
