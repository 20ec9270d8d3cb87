//! All agencies together, running.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::desk::{Count, Desk};
use super::folder::{self, Surroundings};
use super::server::{self, Server};
use super::{Amqp, Outgoing, Transport, publisher, simulated};
use crate::demo::generate::{Dice, Office, Record, Scribe, Truth, World};
use crate::domain::{SourceId, Tier};

/// Messages of one agency that are on their way at once.
const IN_FLIGHT: usize = 32;

/// Why the agencies could not be started.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no free port for {source_id} on 127.0.0.1: {error}")]
    Port { source_id: &'static str, error: std::io::Error },
    #[error("{} cannot be written: {error}; check that the folder is yours and has space", path.display())]
    Folder { path: PathBuf, error: std::io::Error },
    #[error(transparent)]
    Key(#[from] crate::seal::KeyError),
}

/// The simulated agencies at work. The servers end when this is dropped.
#[derive(Debug)]
pub struct Agencies {
    pub(super) desks: BTreeMap<Office, Arc<Desk>>,
    pub(super) scribe: Scribe,
    pub(super) dice: Dice,
    /// Changes of every day so far.
    pub(super) changes: u64,
    config_dir: PathBuf,
    _servers: Vec<Server>,
}

/// One agency, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub source_id: &'static str,
    pub name: &'static str,
    pub tier: Tier,
    /// `HTTP, cursor, OAuth 2`
    pub transport: String,
    /// Records that it hands over and that can be stored, each counted once.
    pub storable: u64,
    /// Records that it hands over and that cannot be stored.
    pub unstorable: u64,
}

/// What one agency has counted since the start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub source_id: &'static str,
    /// Requests for records, whatever the answer.
    pub calls: u64,
    /// Records in answers or messages; each time counts, and so does each part and earlier version.
    pub handed_over: u64,
    /// Requests without the right credentials.
    pub refused: u64,
    /// Requests answered with 503.
    pub busy: u64,
    pub messages: u64,
}

/// A change of every day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The handling went a step on.
    Step,
    /// A new petition came.
    Lodged,
    /// A petition went on to another agency.
    Forwarded,
    /// A record was withdrawn.
    Withdrawn,
}

impl Agencies {
    /// Starts the servers, and writes the folder of configuration that points at them under `scratch`.
    ///
    /// # Errors
    /// Where a port or the folder cannot be had.
    pub async fn start(world: World, surroundings: &Surroundings, scratch: &Path) -> Result<Self, Error> {
        let dice = Dice::new(world.seed).fork(3);
        let mut desks = BTreeMap::new();
        let mut servers = Vec::new();
        let mut ports = BTreeMap::new();
        for (n, office) in Office::ALL.iter().enumerate() {
            let records: Vec<Record> = world.of(*office).cloned().collect();
            let desk = Arc::new(Desk::new(simulated(*office), records, dice.fork(100 + n as u64)));
            if let Transport::Http(http) = &desk.agency.transport {
                let started = server::start(Arc::clone(&desk), http).await;
                let server = started.map_err(|error| Error::Port { source_id: office.source_id(), error })?;
                ports.insert(*office, server.address.port());
                servers.push(server);
            }
            desks.insert(*office, desk);
        }
        let config_dir = folder::write(scratch, &desks, &ports, surroundings)?;
        Ok(Self { desks, scribe: world.scribe, dice, changes: 0, config_dir, _servers: servers })
    }

    /// The folder for `--config`.
    pub fn config_dir(&self) -> &Path {
        &self.config_dir
    }

    /// Every agency, ministries first.
    pub fn roster(&self) -> Vec<Entry> {
        let entry = |(office, desk): (&Office, &Arc<Desk>)| {
            let tells = match &desk.agency.transport {
                Transport::Http(http) => http.tombstones,
                Transport::Amqp(_) => true,
            };
            let count = |storable: bool| {
                desk.read(|records| {
                    let handed_over = records.iter().filter(|record| tells || !record.deleted);
                    handed_over.filter(|record| record.is_storable() == storable).count() as u64
                })
            };
            Entry {
                source_id: office.source_id(),
                name: office.name(),
                tier: office.tier(),
                transport: desk.agency.transport_name(),
                storable: count(true),
                unstorable: count(false),
            }
        };
        self.desks.iter().map(entry).collect()
    }

    /// What the consolidated database should say now.
    pub fn truth(&self) -> Truth {
        Truth::of(&self.records())
    }

    /// The records of all agencies as they are now.
    pub fn records(&self) -> Vec<Record> {
        self.desks.values().flat_map(|desk| desk.read(<[Record]>::to_vec)).collect()
    }

    /// What each agency has counted, in the order of [`Self::roster`].
    pub fn tally(&self) -> Vec<Tally> {
        let read = Count::read;
        let tally = |(office, desk): (&Office, &Arc<Desk>)| Tally {
            source_id: office.source_id(),
            calls: read(&desk.count.calls),
            handed_over: read(&desk.count.served) + read(&desk.count.published),
            refused: read(&desk.count.refused),
            busy: read(&desk.count.busy),
            messages: read(&desk.count.messages),
        };
        self.desks.iter().map(tally).collect()
    }

    /// Everything that the publishing agencies have to say, through `publish`, which returns once the broker has
    /// confirmed. Each agency goes its own way, some messages at once.
    ///
    /// # Errors
    /// The first of `publish`; what was under way then may have been published or not.
    pub async fn publish_all<F, Sending, E>(&self, publish: F) -> Result<u64, E>
    where
        F: Fn(Outgoing) -> Sending,
        Sending: Future<Output = Result<(), E>>,
    {
        let publish = &publish;
        let agencies = self.publishers().map(|(desk, amqp, source)| async move {
            let messages = stream::iter(publisher::all(desk, amqp, &source));
            messages.map(|message| hand_over(desk, message, publish)).buffered(IN_FLIGHT).try_fold(0, add).await
        });
        let sent = futures_util::future::try_join_all(agencies).await?;
        Ok(sent.into_iter().sum())
    }

    /// The access tokens that were given out so far end now, as if the agency had been restarted.
    pub fn revoke_tokens(&self) {
        for desk in self.desks.values() {
            desk.door.revoke();
        }
    }

    fn publishers(&self) -> impl Iterator<Item = (&Desk, &'static Amqp, SourceId)> {
        self.desks.iter().filter_map(|(office, desk)| match &desk.agency.transport {
            Transport::Amqp(amqp) => Some((&**desk, amqp, SourceId::parse(office.source_id()).ok()?)),
            Transport::Http(_) => None,
        })
    }

    /// The newest of these records through `publish`, for those of agencies that publish.
    pub(super) async fn publish_newest<F, Sending, E>(&self, records: &[Record], publish: &F) -> Result<(), E>
    where
        F: Fn(Outgoing) -> Sending,
        Sending: Future<Output = Result<(), E>>,
    {
        for (desk, amqp, source) in self.publishers() {
            for record in records.iter().filter(|record| record.office == desk.agency.office) {
                let newest = (amqp.sent)(record).into_iter().max_by_key(|sent| sent.at);
                let number = format!("d{}-{}", self.changes, record.revision);
                let message = publisher::message(amqp, &source, &number, newest.as_slice());
                hand_over(desk, message, publish).await?;
            }
        }
        Ok(())
    }
}

/// Publishes one message and counts it once it is confirmed.
async fn hand_over<F, Sending, E>(desk: &Desk, message: Outgoing, publish: &F) -> Result<u64, E>
where
    F: Fn(Outgoing) -> Sending,
    Sending: Future<Output = Result<(), E>>,
{
    let records = message.records;
    publish(message).await?;
    Count::add(&desk.count.messages, 1);
    Count::add(&desk.count.published, records);
    Ok(1)
}

async fn add<E>(sum: u64, more: u64) -> Result<u64, E> {
    Ok(sum + more)
}
