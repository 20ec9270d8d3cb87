//! One file read on a thread of its own: batches of records come out, and at the end an account of it.

use std::ops::ControlFlow;

use chrono::NaiveDate;
use serde_json::{Map, Value};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::Error;
use super::error::because;
use super::fault::{Faults, RowFault, What};
use super::folder::{FileId, Folder, Found, Inner};
use crate::domain::{ParsedRecord, RawRecord, RecordKey, WHOLE};
use crate::normalize;
use crate::sources::format::{Detected, ReadError, Row};

/// Records of one batch, and bytes of their text.
const BATCH_RECORDS: usize = 500;
const BATCH_BYTES: usize = 1 << 20;

/// Some records, in the order of the file.
#[derive(Debug)]
pub struct Batch {
    pub records: Vec<RawRecord>,
    /// Records of the file up to the end of this batch: what is saved once they are safe.
    pub until: u64,
}

/// What a file has shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// Records that were given out, those that were passed over included.
    pub records: u64,
    pub faults: Faults,
    pub detected: Option<Detected>,
    /// Files in the archive that are of another format.
    pub left_out: u32,
    /// Why it could not be read to its end.
    pub end: Result<(), ReadError>,
}

impl Account {
    /// Whether all of it, or some of it, was handed on, and so whether it is done or has failed.
    pub const fn is_done(&self) -> bool {
        self.end.is_ok() && (self.records == 0 || self.faults.refused < self.records)
    }
}

/// A file that is being read.
pub struct FileReading {
    file: FileId,
    batches: mpsc::Receiver<Batch>,
    thread: JoinHandle<Result<Account, Error>>,
}

impl FileReading {
    /// The next batch; `None` at the end, well or not.
    pub async fn next_batch(&mut self) -> Option<Batch> {
        self.batches.recv().await
    }

    /// The account, after the last batch.
    ///
    /// # Errors
    /// [`Error::Unreadable`] and [`Error::Changed`]; what was given out may not be the file's.
    pub async fn finish(self) -> Result<Account, Error> {
        drop(self.batches);
        let failed = |_| Error::Unreadable { file: self.file, what: "its reader failed; see the log".to_owned() };
        self.thread.await.map_err(failed)?
    }
}

impl Folder {
    /// Reads a file; its first `safe` records are passed over, though they are looked at again.
    pub fn read(&self, found: &Found, file: FileId, safe: u64, today: NaiveDate) -> FileReading {
        let (sender, batches) = mpsc::channel(1);
        let (inner, found) = (std::sync::Arc::clone(&self.inner), found.clone());
        let thread = tokio::task::spawn_blocking(move || read_now(&inner, &found, file, safe, today, &sender));
        FileReading { file, batches, thread }
    }

    /// The first records of a file, for a look that takes nothing.
    ///
    /// # Errors
    /// [`Error::Nameless`], [`Error::Failed`].
    pub async fn first_records(&self, found: &Found, count: usize) -> Result<Vec<RawRecord>, Error> {
        let found = found.clone();
        self.blocking(move |inner| {
            let failed = |error: std::io::Error| Error::Nameless { what: because(&error) };
            let opened = found.open().map_err(failed)?;
            let mut file = opened.ok_or_else(|| Error::Nameless { what: "it changed meanwhile".to_owned() })?;
            let mut records = Vec::new();
            let reading = inner.decoder.read(&mut file, &mut |row| {
                records.push(row.record);
                if records.len() < count { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
            match reading.end {
                Ok(()) | Err(ReadError::Stopped) => Ok(records),
                Err(_) if !records.is_empty() => Ok(records),
                Err(error) => Err(Error::Nameless { what: error.to_string() }),
            }
        })
        .await
    }

    /// Says how files are read, in short; another configuration says something else.
    pub fn layout(&self) -> String {
        let text = self.inner.decoder.layout();
        blake3::hash(text.as_bytes()).to_hex().chars().take(16).collect()
    }
}

fn read_now(
    inner: &Inner,
    found: &Found,
    file: FileId,
    safe: u64,
    today: NaiveDate,
    sender: &mpsc::Sender<Batch>,
) -> Result<Account, Error> {
    let opened = found.open().map_err(|error| Error::Unreadable { file, what: because(&error) })?;
    let mut input = opened.ok_or(Error::Changed { file })?;
    let mut gathered = Gathered { sender, safe, count: 0, bytes: 0, records: Vec::new(), faults: Faults::default() };
    let reading = inner.decoder.read(&mut input, &mut |row| {
        if let Some(what) = trouble(inner, &row, today) {
            gathered.faults.add(RowFault { entry: row.entry, number: row.number, what });
        }
        gathered.take(row.record)
    });
    let taken = gathered.give();
    let end = match reading.end {
        Err(ReadError::Stopped) => return Err(Error::Unreadable { file, what: "the pull was stopped".to_owned() }),
        Err(ReadError::Io(what)) => return Err(Error::Unreadable { file, what }),
        _ if taken.is_break() => return Err(Error::Unreadable { file, what: "the pull was stopped".to_owned() }),
        end => end,
    };
    if !found.is_unchanged() {
        return Err(Error::Changed { file });
    }
    let Gathered { count, faults, .. } = gathered;
    Ok(Account { records: count, faults, detected: reading.detected, left_out: reading.left_out, end })
}

/// Records on their way into a batch.
struct Gathered<'s> {
    sender: &'s mpsc::Sender<Batch>,
    safe: u64,
    count: u64,
    bytes: usize,
    records: Vec<RawRecord>,
    faults: Faults,
}

impl Gathered<'_> {
    fn take(&mut self, record: RawRecord) -> ControlFlow<()> {
        self.count += 1;
        if self.count <= self.safe {
            return if self.sender.is_closed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
        }
        self.bytes += record.0.get().len();
        self.records.push(record);
        if self.records.len() >= BATCH_RECORDS || self.bytes >= BATCH_BYTES {
            return self.give();
        }
        ControlFlow::Continue(())
    }

    fn give(&mut self) -> ControlFlow<()> {
        if self.records.is_empty() {
            return ControlFlow::Continue(());
        }
        self.bytes = 0;
        let batch = Batch { records: std::mem::take(&mut self.records), until: self.count };
        match self.sender.blocking_send(batch) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }
}

/// What intake will find wrong with a row.
fn trouble(inner: &Inner, row: &Row, today: NaiveDate) -> Option<What> {
    match inner.decoder.map(&row.record) {
        Err(error) => Some(What::Unmapped(error)),
        Ok(parsed) => incomplete(inner, parsed, today).map(What::Incomplete).or(row.remark.map(What::Odd)),
    }
}

/// What a whole record must have. Only that is normalized here; the rest can have flaws and is taken all the same.
fn incomplete(inner: &Inner, parsed: ParsedRecord, today: NaiveDate) -> Option<normalize::Incomplete> {
    if parsed.deleted || parsed.part != WHOLE {
        return None;
    }
    let mut fields = parsed.fields;
    let required = ["kind", "received_on"];
    let required: Map<String, Value> =
        required.into_iter().filter_map(|name| Some((name.to_owned(), fields.remove(name)?))).collect();
    let context = normalize::Context { agency: &inner.agency, today };
    let key = RecordKey { source_id: inner.decoder.source().clone(), record_id: parsed.record_id };
    normalize::record(&context, key, required, Vec::new()).err()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::domain::SourceId;
    use crate::sources::Limits;
    use crate::sources::files::{Done, FilesConfig, Pattern};
    use crate::sources::format::{CsvLayout, Encoding, Format};
    use crate::sources::mapping::{Decoder, DecoderConfig};

    #[tokio::test]
    async fn a_look_follows_no_link_and_reads_no_other_file() {
        let scratch = tempfile::tempdir().unwrap();
        let at = |name: &str| scratch.path().join(name);
        let decoder = Decoder::new(DecoderConfig {
            source: SourceId::parse("csv").unwrap(),
            format: Format::Csv(CsvLayout::default()),
            encoding: Encoding::Utf8,
            records: None,
            mapping: None,
            limits: Limits::default(),
        });
        let config = FilesConfig {
            path: at("drop"),
            pattern: Pattern::parse("*.csv").unwrap(),
            settle: Duration::ZERO,
            done: Done::Leave,
        };
        let folder = Folder::new(&config, Arc::new(decoder), "H05", [0; 32]);
        std::fs::create_dir(at("drop")).unwrap();
        std::fs::write(at("secret"), "record_id\nsecret\n").unwrap();
        std::fs::write(at("drop/a.csv"), "record_id\n1\n").unwrap();
        let found = folder.waiting().await.unwrap().pop().unwrap();
        assert_eq!(folder.first_records(&found, 5).await.unwrap().len(), 1);
        // something else takes its name after the folder was read
        std::fs::remove_file(at("drop/a.csv")).unwrap();
        std::os::unix::fs::symlink(at("secret"), at("drop/a.csv")).unwrap();
        assert!(matches!(folder.first_records(&found, 5).await, Err(Error::Nameless { .. })));
        std::fs::remove_file(at("drop/a.csv")).unwrap();
        std::fs::write(at("drop/a.csv"), "record_id\n2\n3\n").unwrap();
        assert!(matches!(folder.first_records(&found, 5).await, Err(Error::Nameless { .. })));
    }
}
