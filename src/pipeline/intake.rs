//! Intake: deliveries become batches, batches become transactions, and only then deliveries are acknowledged.
//!
//! Every source has its own consumer with its own prefetch; all of them hand their messages to one short queue, in
//! turn, so a source with a long backlog gets no more turns than one with a single message. A few writers take
//! batches from the queue. While the database is away they keep what they hold and try again; nothing is rejected.

use std::collections::BTreeMap;
use std::num::NonZeroU16;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, Notify, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::broker::{Broker, Delivery, Message, Outcome, Publisher};
use crate::store;
use crate::store::source::Tally;

use super::batch::{self, Batch, Desk, MessageName, Written};
use super::decode::{Read, Reader};
use super::{IngestConfig, progress::Progress};

/// Longer than any statement may take (two minutes); then the line to the database is taken for dead.
const LONGEST_BATCH: Duration = Duration::from_secs(150);

/// A message on its way to a writer.
struct Incoming {
    delivery: Delivery,
    source_id: String,
    read: Read,
}

/// The running intake of one process.
pub struct Intake {
    /// `None` once it drains.
    queue: std::sync::Mutex<Option<mpsc::Sender<Incoming>>>,
    shared: Arc<Shared>,
    writers: Mutex<JoinSet<()>>,
}

struct Shared {
    desk: Desk,
    config: IngestConfig,
    broker: Broker,
    publisher: Publisher,
    incoming: Mutex<mpsc::Receiver<Incoming>>,
    /// Something was written: the relay has receipts to send.
    wrote: Arc<Notify>,
    /// Tallies of messages that wrote nothing.
    unwritten: std::sync::Mutex<BTreeMap<String, Tally>>,
    progress: Arc<Progress>,
    /// Why intake waits, if it does.
    waiting: watch::Sender<Option<String>>,
    batches: AtomicU64,
    stop: CancellationToken,
}

impl Intake {
    /// Starts the writers.
    pub fn start(
        desk: Desk,
        config: IngestConfig,
        broker: Broker,
        progress: Arc<Progress>,
        wrote: Arc<Notify>,
        stop: CancellationToken,
    ) -> Arc<Self> {
        let writers = config.writers.max(1);
        // short: what waits here is unacknowledged and in memory
        let (queue, incoming) = mpsc::channel(writers * 4);
        let publisher = broker.publisher();
        let shared = Arc::new(Shared {
            desk,
            config,
            broker,
            publisher,
            incoming: Mutex::new(incoming),
            wrote,
            unwritten: std::sync::Mutex::default(),
            progress,
            waiting: watch::Sender::new(None),
            batches: AtomicU64::new(0),
            stop,
        });
        let mut tasks = JoinSet::new();
        for number in 1..=writers {
            tasks.spawn(Arc::clone(&shared).write_batches(format!("writer {number}")));
        }
        Arc::new(Self { queue: std::sync::Mutex::new(Some(queue)), shared, writers: Mutex::new(tasks) })
    }

    /// Takes in the messages of one source until `stop`.
    pub async fn consume(&self, reader: Reader, stop: CancellationToken) {
        let source_id = reader.origin.source_id.clone();
        let Some(queue) = lock(&self.queue).clone() else { return };
        let prefetch = NonZeroU16::new(self.shared.config.prefetch).unwrap_or(NonZeroU16::MIN);
        let mut consumer = self.shared.broker.consume(&source_id, prefetch);
        let reader = Arc::new(reader);
        loop {
            let delivery = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                delivery = consumer.next() => delivery,
            };
            let Some(delivery) = delivery else { break };
            if !delivery.envelope.is_addressed() {
                tracing::error!(source = %source_id, "a message came into this inbox under another name; it is in the dead queue");
                delivery.settle(Outcome::Dead);
                continue;
            }
            let Some(incoming) = read(&reader, delivery).await else { break };
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                sent = queue.send(incoming) => if sent.is_err() { break },
            }
        }
        // what the writers still hold is settled by them; the rest goes back to the queue
        consumer.handle().stop(Duration::from_secs(5)).await;
    }

    /// Why intake waits, if it does.
    pub fn waiting(&self) -> watch::Receiver<Option<String>> {
        self.shared.waiting.subscribe()
    }

    /// Batches written since the start.
    pub fn batches(&self) -> u64 {
        self.shared.batches.load(Ordering::Relaxed)
    }

    /// Adds the tallies of repeats to the database; they are only figures, so losing some in a crash loses nothing.
    ///
    /// # Errors
    /// [`store::Error`]; the tallies are kept for the next time.
    pub async fn flush_tallies(&self) -> Result<(), store::Error> {
        let taken = std::mem::take(&mut *lock(&self.shared.unwritten));
        if taken.is_empty() {
            return Ok(());
        }
        let counted: Vec<(&str, &Tally)> = taken.iter().map(|(source, tally)| (source.as_str(), tally)).collect();
        let desk = &self.shared.desk;
        let done = async {
            let mut conn = desk.pool.acquire().await?;
            store::source::count(&mut conn, desk.clock.now(), &counted).await
        };
        let done = done.await;
        if done.is_err() {
            taken.iter().for_each(|(source, tally)| self.shared.remember(source, tally));
        }
        done
    }

    /// Waits until the writers have written what they hold; consumers must have stopped.
    pub async fn drain(&self) {
        drop(lock(&self.queue).take());
        let mut writers = self.writers.lock().await;
        while writers.join_next().await.is_some() {}
    }
}

fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Decodes on the blocking pool; `None` when the process is going down.
async fn read(reader: &Arc<Reader>, delivery: Delivery) -> Option<Incoming> {
    let reader = Arc::clone(reader);
    let work = move || {
        let read = reader.read(&delivery.envelope, &delivery.body);
        Incoming { source_id: reader.origin.source_id.as_str().to_owned(), delivery, read }
    };
    tokio::task::spawn_blocking(work).await.ok()
}

impl Shared {
    async fn write_batches(self: Arc<Self>, name: String) {
        while let Some(incoming) = self.collect(&name).await {
            self.write(incoming, &name).await;
            self.progress.moved(&name);
        }
        self.progress.ended(&name);
    }

    /// The next batch: what is there, and what comes within a moment; `None` at the end.
    async fn collect(&self, name: &str) -> Option<Vec<Incoming>> {
        let mut queue = self.look_alive(name, self.incoming.lock()).await?;
        let first = self.look_alive(name, queue.recv()).await??;
        let until = Instant::now() + self.config.batch_wait;
        let mut records = first.records();
        let mut batch = vec![first];
        while records < self.config.batch_records {
            match tokio::time::timeout_at(until, queue.recv()).await {
                Ok(Some(next)) => {
                    records += next.records();
                    batch.push(next);
                }
                Ok(None) | Err(_) => break,
            }
        }
        Some(batch)
    }

    /// Waits for `future`, and says now and then that this is what is waited for; `None` when told to stop.
    async fn look_alive<T>(&self, name: &str, future: impl Future<Output = T>) -> Option<T> {
        tokio::pin!(future);
        loop {
            self.progress.waits(name);
            tokio::select! {
                biased;
                done = &mut future => return Some(done),
                () = self.stop.cancelled() => return None,
                () = tokio::time::sleep(Duration::from_secs(5)) => {}
            }
        }
    }

    async fn write(&self, incoming: Vec<Incoming>, name: &str) {
        let (batch, deliveries) = assemble(incoming);
        let Some(written) = self.store(batch, name).await else {
            // going down: the broker keeps these for the next process
            deliveries.into_iter().for_each(|delivery| delivery.settle(Outcome::Requeue));
            return;
        };
        written.uncounted.iter().for_each(|(source, tally)| self.remember(source, tally));
        if written.wrote {
            self.wrote.notify_one();
        }
        self.send(written).await;
        deliveries.into_iter().for_each(|delivery| delivery.settle(Outcome::Done));
        self.batches.fetch_add(1, Ordering::Relaxed);
    }

    /// Stores, and tries again for as long as the surroundings are at fault; `None` when told to stop meanwhile.
    async fn store(&self, batch: Batch, name: &str) -> Option<Written> {
        let mut pause = Duration::from_millis(200);
        let batch = Arc::new(batch);
        let mut most = batch.len().min(batch::MOST);
        loop {
            // a task of its own: a transaction is never dropped half way when this one is cancelled
            let (desk, batch) = (self.desk.clone(), Arc::clone(&batch));
            let work = tokio::spawn(async move { batch::store(&desk, batch, most).await });
            let outcome = self.attend(work, name).await;
            let error = match outcome {
                Ok(Ok(written)) => {
                    if self.waiting.send_replace(None).is_some() {
                        tracing::info!("intake goes on");
                    }
                    return Some(written);
                }
                Ok(Err(error)) => {
                    // what never ends in time at once may end in parts; what was written of it is a repeat the next time
                    if error.is_too_much() {
                        most = (most / 2).max(1);
                    }
                    error.to_string()
                }
                Err(error) => {
                    most = (most / 2).max(1);
                    format!("a batch ended abnormally: {error}")
                }
            };
            if self.waiting.send_replace(Some(error.clone())).is_none() {
                tracing::warn!(%error, "intake waits; nothing is rejected, what was received stays with the broker");
            }
            self.progress.waits(name);
            tokio::select! {
                () = self.stop.cancelled() => return None,
                () = tokio::time::sleep(pause.mul_f64(fastrand::f64().mul_add(0.5, 0.75))) => {}
            }
            pause = (pause * 2).min(Duration::from_secs(10));
        }
    }

    /// Waits for a batch, and says so now and then; a database that has gone without a word is given up, so that the
    /// batch is tried again on another connection.
    async fn attend<T>(&self, mut work: tokio::task::JoinHandle<T>, name: &str) -> Result<T, tokio::task::JoinError> {
        let until = Instant::now() + LONGEST_BATCH;
        loop {
            self.progress.waits(name);
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = tokio::time::sleep(Duration::from_secs(5)) => {}
            }
            if Instant::now() >= until {
                work.abort();
            }
        }
    }

    /// Sends the receipts of messages that wrote nothing.
    async fn send(&self, written: Written) {
        let sends = written.receipts.into_iter().filter_map(|receipt| {
            let source = crate::domain::SourceId::parse(&receipt.source_id).ok()?;
            let route = self.broker.topology().to_receipts(&source);
            Some(self.publisher.publish(route, receipt_message(&receipt)))
        });
        let all = futures_util::future::join_all(sends);
        // a receipt that cannot leave now comes again with the message, which stays unacknowledged no longer than this
        let within = tokio::time::timeout(Duration::from_secs(10), all).await;
        for error in within.into_iter().flatten().filter_map(Result::err) {
            tracing::debug!(%error, "a receipt was not taken by the broker");
        }
    }

    fn remember(&self, source: &str, tally: &Tally) {
        let mut unwritten = lock(&self.unwritten);
        let mine = unwritten.entry(source.to_owned()).or_default();
        mine.add(tally);
    }
}

/// A receipt as a message.
pub fn receipt_message(receipt: &store::receipt::Receipt) -> Message {
    let mut message = Message::new(format!("receipt {}", receipt.message_id), receipt.body.to_string().into_bytes());
    message.content_type = Some("application/json".to_owned());
    message
}

impl Incoming {
    fn records(&self) -> usize {
        self.read.arrivals.len() + self.read.rejects.len()
    }
}

fn assemble(incoming: Vec<Incoming>) -> (Batch, Vec<Delivery>) {
    let mut batch = Batch::default();
    let mut deliveries = Vec::with_capacity(incoming.len());
    for (message, one) in incoming.into_iter().enumerate() {
        let message_id = one.delivery.envelope.message_id.clone();
        batch.messages.push(MessageName { source_id: one.source_id, message_id });
        for mut arrival in one.read.arrivals {
            arrival.message = message;
            batch.arrivals.push(arrival);
        }
        for mut reject in one.read.rejects {
            reject.message = message;
            batch.rejects.push(reject);
        }
        deliveries.push(one.delivery);
    }
    (batch, deliveries)
}
