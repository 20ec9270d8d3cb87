//! Everything once more from the archive: what was received is decoded, mapped, normalized and linked as if it came
//! today, by the mappings and rules of today.
//!
//! It goes the ordinary way, in the order in which bundles came, in transactions under the feed lock; so the daemon may
//! run beside it, and what was interrupted is begun anew. Nothing that is stored is taken away first: a record that can
//! no longer be read stays as it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::domain::SourceId;
use crate::seal::{KeyRing, Purpose};
use crate::sources::format::{Encoding, Format, Packing};
use crate::sources::mapping::{Decoder, DecoderConfig};
use crate::sources::{Limits, SourceConfig};
use crate::store;
use crate::store::archive::Bundle;

use super::Error;
use super::again::Again;
use super::archive::Stub;
use super::arrival::{Arrival, Bundled, Order, Origin};
use super::batch::{self, Batch, Desk, MessageName};
use super::decode::{reason_of, reason_of_body};

/// How the records of one source are read.
#[derive(Debug, Clone)]
pub struct Reader {
    pub origin: Arc<Origin>,
    pub decoder: Arc<Decoder>,
    /// Whether the decoder knows the source's own fields.
    pub is_configured: bool,
}

impl Reader {
    /// As intake reads them.
    pub fn of(config: &SourceConfig) -> Self {
        let (origin, decoder) = (Arc::new(Origin::of(config)), Arc::clone(&config.decoder));
        Self { origin, decoder, is_configured: true }
    }

    /// Of a source that is no longer configured: what it sent as interchange records needs no mapping.
    pub fn of_removed(source_id: SourceId, agency: &str) -> Self {
        let decoder = Decoder::new(DecoderConfig {
            source: source_id.clone(),
            format: Format::Record,
            encoding: Encoding::Utf8,
            records: None,
            mapping: None,
            limits: Limits::default(),
        });
        let origin = Origin { source_id, agency: agency.to_owned(), ordered_by_pull: false };
        Self { origin: Arc::new(origin), decoder: Arc::new(decoder), is_configured: false }
    }
}

/// The readers of all sources, by their ids.
pub type Readers = BTreeMap<String, Reader>;

/// The readers of the sources that are configured, and of those that once were.
///
/// # Errors
/// [`Error`] of the database.
pub async fn readers(desk: &Desk, configured: &[SourceConfig]) -> Result<Readers, Error> {
    let mut conn = desk.pool.acquire().await.map_err(store::Error::from)?;
    let known = store::source::status(&mut conn, None).await?;
    let of_removed = known.into_iter().filter_map(|source| {
        let id = SourceId::parse(&source.source_id).ok()?;
        Some((source.source_id, Reader::of_removed(id, &source.agency)))
    });
    let of_configured = configured.iter().map(|config| (config.id.as_str().to_owned(), Reader::of(config)));
    Ok(of_removed.chain(of_configured).collect())
}

/// Records that cannot be read, for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unread {
    pub reason: &'static str,
    pub records: u64,
    pub next_step: String,
}

/// A bundle that cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Damaged {
    pub archive_id: i64,
    pub received_at: DateTime<Utc>,
    pub records: i32,
    pub reason: String,
    pub next_step: &'static str,
}

/// What became of the records of one source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Rebuilt {
    pub source_id: String,
    /// Records in the archive, each as often as it came.
    pub read: u64,
    /// What is stored comes out again.
    pub same: u64,
    /// Something else comes out than what was stored.
    pub changed: u64,
    /// Was not stored, or not in this version.
    pub restored: u64,
    /// State secrets of which an earlier version kept nothing in the archive; what is stored of them stays.
    pub secret: u64,
    pub unread: Vec<Unread>,
    pub damaged: Vec<Damaged>,
}

/// One line of a bundle.
#[derive(Deserialize)]
struct Line<'l> {
    packing: &'l str,
    at: i64,
    tie: String,
    #[serde(borrow)]
    record: Option<&'l RawValue>,
    /// In the place of a state secret.
    #[serde(borrow, default)]
    stub: Option<&'l RawValue>,
}

/// What was read of some bundles.
#[derive(Default)]
struct Portion {
    arrivals: Vec<Arrival>,
    sources: BTreeMap<String, Rebuilt>,
    refused: BTreeMap<String, BTreeMap<&'static str, u64>>,
}

/// Reads the archive from its beginning to what is its end now, and stores everything anew; `most` records in one
/// transaction at most. What became of it, by source.
///
/// # Errors
/// Faults of the surroundings; what was done until then stays, and to run it again does the rest.
pub async fn run(desk: &Desk, readers: Readers, only: Option<&SourceId>, most: usize) -> Result<Vec<Rebuilt>, Error> {
    let readers = Arc::new(readers);
    let until = {
        let mut conn = desk.pool.acquire().await.map_err(store::Error::from)?;
        store::archive::last(&mut conn).await?
    };
    let most = most.clamp(1, batch::MOST);
    let (mut after, mut sources) = (0, BTreeMap::new());
    let mut refused: BTreeMap<String, BTreeMap<&'static str, u64>> = BTreeMap::new();
    loop {
        let bundles = {
            let mut conn = desk.pool.acquire().await.map_err(store::Error::from)?;
            let records = i64::try_from(most).unwrap_or(i64::MAX);
            store::archive::after(&mut conn, after, until, only.map(SourceId::as_str), records).await?
        };
        let Some(last) = bundles.last().map(|bundle| bundle.archive_id) else { break };
        let (ring, readers) = (Arc::clone(&desk.ring), Arc::clone(&readers));
        let reading = tokio::task::spawn_blocking(move || read(&ring, &readers, &bundles));
        let portion = reading.await.map_err(|error| Error::Interrupted(error.to_string()))?;
        let again = store_again(desk, portion.arrivals, most).await?;
        absorb(&mut sources, portion.sources, &again);
        let unreadable = portion.refused.into_iter().chain(again.into_iter().map(|(id, again)| (id, again.refused)));
        for (source_id, reasons) in unreadable {
            let of_source = refused.entry(source_id).or_default();
            reasons.into_iter().for_each(|(reason, records)| *of_source.entry(reason).or_default() += records);
        }
        after = last;
        tracing::info!(archive_id = last, of = until, "the archive was read anew as far as this");
    }
    for (source_id, rebuilt) in &mut sources {
        let reasons = refused.remove(source_id).unwrap_or_default();
        let unread = |(reason, records)| Unread { reason, records, next_step: next_step(reason, source_id) };
        rebuilt.unread = reasons.into_iter().map(unread).collect();
    }
    Ok(sources.into_values().collect())
}

/// Stores records of the archive.
async fn store_again(desk: &Desk, arrivals: Vec<Arrival>, most: usize) -> Result<BTreeMap<String, Again>, Error> {
    if arrivals.is_empty() {
        return Ok(BTreeMap::new());
    }
    let message = MessageName { source_id: String::new(), message_id: "archive".to_owned() };
    let batch = Batch { messages: vec![message], arrivals, rejects: Vec::new(), is_again: true };
    Ok(batch::store(desk, Arc::new(batch), most).await?.again)
}

fn absorb(sources: &mut BTreeMap<String, Rebuilt>, read: BTreeMap<String, Rebuilt>, again: &BTreeMap<String, Again>) {
    for (source_id, mut read) in read {
        let rebuilt = sources.entry(source_id.clone()).or_default();
        rebuilt.source_id = source_id;
        rebuilt.read += read.read;
        rebuilt.secret += read.secret;
        rebuilt.damaged.append(&mut read.damaged);
    }
    for (source_id, again) in again {
        let rebuilt = sources.entry(source_id.clone()).or_default();
        rebuilt.same += again.same;
        rebuilt.changed += again.changed;
        rebuilt.restored += again.restored;
    }
}

/// Opens bundles and decodes their records: work for a core.
fn read(ring: &KeyRing, readers: &Readers, bundles: &[Bundle]) -> Portion {
    let mut portion = Portion::default();
    for bundle in bundles {
        if let Err(reason) = portion.read(ring, readers.get(&bundle.source_id), bundle) {
            let archive_id = bundle.archive_id;
            tracing::error!(source = %bundle.source_id, archive_id, reason, "a bundle of the archive cannot be read");
            portion.of(&bundle.source_id).damaged.push(Damaged {
                archive_id,
                received_at: bundle.received_at,
                records: bundle.record_count,
                reason,
                next_step: "restore this row of petitiond.archive from a backup, then run this again; or have the source send these records again",
            });
        }
    }
    portion
}

impl Portion {
    fn of(&mut self, source_id: &str) -> &mut Rebuilt {
        self.sources.entry(source_id.to_owned()).or_default()
    }

    fn refuse(&mut self, source_id: &str, reason: &'static str) {
        *self.refused.entry(source_id.to_owned()).or_default().entry(reason).or_default() += 1;
    }

    fn read(&mut self, ring: &KeyRing, reader: Option<&Reader>, bundle: &Bundle) -> Result<(), String> {
        let source_id = bundle.source_id.as_str();
        let plain = ring.open(Purpose::Archive, source_id, &bundle.payload).map_err(|error| error.to_string())?;
        let lines: Result<Vec<Line<'_>>, _> = serde_json::Deserializer::from_slice(&plain).into_iter().collect();
        let lines = lines.map_err(|error| format!("line {} of it is not as it was written", error.line()))?;
        let bundled = Bundled { archive_id: bundle.archive_id, received_at: bundle.received_at };
        self.of(source_id).read += u64::try_from(lines.len()).unwrap_or(u64::MAX);
        for line in lines {
            let read = match (line.record, line.stub) {
                (Some(record), _) => decode(ring, reader, &line, record.get()),
                (None, Some(stub)) => unfold(reader, &line, stub.get()),
                (None, None) => {
                    self.of(source_id).secret += 1;
                    continue;
                }
            };
            match read {
                Ok(arrivals) => {
                    let arrivals = arrivals.into_iter().map(|arrival| Arrival { bundled: Some(bundled), ..arrival });
                    self.arrivals.extend(arrivals);
                }
                Err(reason) => self.refuse(source_id, reason),
            }
        }
        Ok(())
    }
}

/// A state secret, of which its stub is left: that needs no mapping.
fn unfold(reader: Option<&Reader>, line: &Line<'_>, stub: &str) -> Result<Vec<Arrival>, &'static str> {
    let reader = reader.ok_or("source_removed")?;
    let stub: Stub = serde_json::from_str(stub).map_err(|_| "stub_unreadable")?;
    let order = Arc::new(Order { at: line.at, tie: line.tie.clone(), packing: "interchange" });
    Ok(vec![stub.arrival(&reader.origin, &order)])
}

/// Decodes one record; the reason if it cannot be read.
fn decode(ring: &KeyRing, reader: Option<&Reader>, line: &Line<'_>, raw: &str) -> Result<Vec<Arrival>, &'static str> {
    let (packing, name) = match line.packing {
        "interchange" => (Packing::Interchange, "interchange"),
        // a message of the source itself was taken apart before it came here
        "foreign" => (Packing::Records, "foreign"),
        "records" => (Packing::Records, "records"),
        _ => return Err("unknown_packing"),
    };
    let is_readable = |reader: &&Reader| reader.is_configured || packing == Packing::Interchange;
    let reader = reader.filter(is_readable).ok_or("source_removed")?;
    let order = Arc::new(Order { at: line.at, tie: line.tie.clone(), packing: name });
    let decoded = reader.decoder.decode(packing, raw.as_bytes()).map_err(|error| reason_of_body(&error))?;
    let arrival = |record: crate::sources::mapping::Decoded<'_>| {
        let parsed = record.result.map_err(|error| reason_of(&error))?;
        Ok(Arrival::new(ring, &reader.origin, 0, &order, parsed, &record.raw))
    };
    decoded.into_iter().map(arrival).collect()
}

/// What a person does about records that cannot be read.
fn next_step(reason: &str, source_id: &str) -> String {
    match reason {
        "source_removed" => format!("put sources.d/{source_id}.toml back, then run this again"),
        "unknown_packing" | "stub_unreadable" => "a newer petitiond wrote them: run that one".to_owned(),
        "too_large" | "too_deep" => format!("raise [limits] in sources.d/{source_id}.toml, then run this again"),
        "not_storable" => "the log says what stands against them; mend that, then run this again".to_owned(),
        _ => format!(
            "mend [map] in sources.d/{source_id}.toml (`petitiond source preview {source_id}` shows what it makes of records), then run this again"
        ),
    }
}
