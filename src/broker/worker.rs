//! The task behind a [`super::Consumer`]: it alone has the channel, hands deliveries on and tells settlements.

use std::num::NonZeroU16;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::StreamExt;
use lapin::Channel;
use lapin::options::{
    BasicAckOptions, BasicCancelOptions, BasicConsumeOptions, BasicNackOptions, BasicQosOptions, BasicRejectOptions,
};
use lapin::types::{FieldTable, ShortString};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::consume::{Arrival, Order, Shared};
use super::declare::{close, declare_common, declare_source, is_not_found};
use super::envelope::Envelope;
use super::lane::{ANSWER, Lane};
use super::ledger::{Act, Ledger, Outcome};
use super::topology::Topology;
use super::{Error, is_answer};
use crate::domain::SourceId;

/// How long a settlement may wait for others to be told along with it, and how many wait at most.
const LINGER: Duration = Duration::from_millis(5);
const BATCH: usize = 100;
/// How long settlements beyond a gap wait for the gap to close.
const PATIENCE: Duration = Duration::from_millis(100);
/// Between attempts to consume from a queue that cannot be had: doubling from the first to the second.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LAST_PAUSE: Duration = Duration::from_secs(30);
/// A channel that lived so long was a good one.
const LONG_ENOUGH: Duration = Duration::from_secs(10);
/// How long deliveries in hand may take to be settled when the consumer was dropped rather than stopped.
const GRACE: Duration = Duration::from_secs(30);

/// Owns the channel; see the module.
pub(super) struct Worker {
    lane: Lane,
    topology: Topology,
    source: SourceId,
    prefetch: NonZeroU16,
    arrivals: mpsc::UnboundedSender<Arrival>,
    orders: mpsc::UnboundedReceiver<Order>,
    shared: Arc<Shared>,
    epoch: u64,
    ledger: Ledger,
    /// Settlements since the broker was last told, and when the first of them came.
    fresh: usize,
    fresh_since: Option<Instant>,
    /// Since when settlements wait beyond a gap.
    gap_since: Option<Instant>,
    /// Settlements heard of, whatever their epoch.
    heard: u64,
    pause: Duration,
    complaint: Option<Error>,
}

/// An open channel on which the queue is consumed.
struct Open {
    lane_epoch: u64,
    channel: Channel,
    deliveries: lapin::Consumer,
}

/// Why work on one channel ended.
enum End {
    /// The connection is gone.
    Lost,
    /// The broker closed the channel or ended the consumer, and the connection stands.
    Closed,
    Stop {
        grace: Duration,
        done: Option<oneshot::Sender<()>>,
    },
}

impl Worker {
    pub(super) fn new(
        lane: Lane,
        topology: Topology,
        source: SourceId,
        prefetch: NonZeroU16,
        arrivals: mpsc::UnboundedSender<Arrival>,
        orders: mpsc::UnboundedReceiver<Order>,
        shared: Arc<Shared>,
    ) -> Self {
        Self {
            lane,
            topology,
            source,
            prefetch,
            arrivals,
            orders,
            shared,
            epoch: 0,
            ledger: Ledger::default(),
            fresh: 0,
            fresh_since: None,
            gap_since: None,
            heard: 0,
            pause: FIRST_PAUSE,
            complaint: None,
        }
    }

    pub(super) async fn run(mut self) {
        loop {
            let mut open = match self.wait_for_channel().await {
                Ok(open) => open,
                Err(done) => return confirm(done),
            };
            let lane = self.lane.clone();
            let lost = std::pin::pin!(lane.lost(open.lane_epoch));
            let began = Instant::now();
            let end = self.serve(&mut open, lost).await;
            // Nothing of this channel is handed out any more.
            self.shared.epoch.store(0, Ordering::Release);
            if let End::Stop { grace, done } = end {
                self.wind_up(open, grace).await;
                return confirm(done);
            }
            self.void();
            close(&open.channel).await;
            if began.elapsed() > LONG_ENOUGH {
                self.pause = FIRST_PAUSE;
            } else if let End::Closed = end
                && let Err(done) = self.rest().await
            {
                return confirm(done);
            }
        }
    }

    /// Opens a channel, however long that takes, and answers orders meanwhile. `Err`: told to stop.
    async fn wait_for_channel(&mut self) -> Result<Open, Option<oneshot::Sender<()>>> {
        loop {
            let (lane, topology, source) = (self.lane.clone(), self.topology.clone(), self.source.clone());
            let mut opening = std::pin::pin!(open(&lane, &topology, &source, self.prefetch));
            let opened = loop {
                tokio::select! {
                    opened = &mut opening => break opened,
                    order = self.orders.recv() => self.answer_without_channel(order)?,
                    () = self.arrivals.closed() => return Err(None),
                }
            };
            match opened {
                Ok(open) => {
                    if self.complaint.take().is_some() {
                        tracing::info!(queue = %topology.inbox_queue(&source), "the queue is consumed again");
                    }
                    self.begin();
                    return Ok(open);
                }
                Err(Error::Stopped) => return Err(None),
                Err(error) => self.complain(error),
            }
            self.rest().await?;
        }
    }

    /// Waits before the next attempt, longer each time, and answers orders meanwhile. `Err`: told to stop.
    async fn rest(&mut self) -> Result<(), Option<oneshot::Sender<()>>> {
        let mut pausing = std::pin::pin!(sleep(self.pause));
        self.pause = (self.pause * 2).min(LAST_PAUSE);
        loop {
            tokio::select! {
                () = &mut pausing => return Ok(()),
                order = self.orders.recv() => self.answer_without_channel(order)?,
                () = self.arrivals.closed() => return Err(None),
            }
        }
    }

    fn answer_without_channel(&mut self, order: Option<Order>) -> Result<(), Option<oneshot::Sender<()>>> {
        match order {
            Some(Order::Settle { .. }) => {
                self.heard += 1;
                self.shared.stale.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            Some(Order::Flush { done }) => {
                confirm(Some(done));
                Ok(())
            }
            Some(Order::Stop { done, .. }) => Err(Some(done)),
            None => Err(None),
        }
    }

    /// Says once what is wrong with the queue; what is wrong with the connection is said elsewhere.
    fn complain(&mut self, error: Error) {
        if !matches!(error, Error::Unavailable { .. }) && self.complaint.as_ref() != Some(&error) {
            let queue = self.topology.inbox_queue(&self.source);
            tracing::error!(%queue, %error, "the queue cannot be consumed");
            self.complaint = Some(error);
        }
    }

    fn begin(&mut self) {
        self.epoch += 1;
        self.ledger = Ledger::default();
        (self.fresh, self.fresh_since, self.gap_since) = (0, None, None);
        self.shared.epoch.store(self.epoch, Ordering::Release);
    }

    /// Counts what was settled and never told: its messages come again.
    fn void(&mut self) {
        self.shared.stale.fetch_add(self.ledger.settled() as u64, Ordering::Relaxed);
        self.ledger = Ledger::default();
    }

    /// Passes deliveries and settlements on until the channel ends or the consumer is told to stop.
    async fn serve(&mut self, open: &mut Open, mut lost: std::pin::Pin<&mut impl Future<Output = ()>>) -> End {
        loop {
            let due = self.due();
            let ring = async {
                match due {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            let told = tokio::select! {
                delivery = open.deliveries.next() => match delivery {
                    Some(Ok(delivery)) => {
                        self.arrive(delivery);
                        continue;
                    }
                    Some(Err(error)) if is_answer(&error) => {
                        tracing::warn!(source = %self.source, %error, "the broker closed the channel of a consumer");
                        return End::Closed;
                    }
                    Some(Err(_)) => return End::Lost,
                    None => {
                        tracing::warn!(source = %self.source, "the broker ended a consumer; was the queue deleted?");
                        return End::Closed;
                    }
                },
                order = self.orders.recv() => match order {
                    Some(Order::Settle { epoch, tag, outcome }) => self.settle(&open.channel, epoch, tag, outcome).await,
                    Some(Order::Flush { done }) => {
                        let told = self.tell(&open.channel, true).await;
                        confirm(Some(done));
                        told
                    }
                    Some(Order::Stop { grace, done }) => return End::Stop { grace, done: Some(done) },
                    None => return End::Stop { grace: Duration::ZERO, done: None },
                },
                () = ring => {
                    let beyond_gaps = self.gap_since.is_some_and(|since| since.elapsed() >= PATIENCE);
                    self.tell(&open.channel, beyond_gaps).await
                }
                () = self.arrivals.closed() => return End::Stop { grace: GRACE, done: None },
                () = &mut lost => return End::Lost,
            };
            if let Err(error) = told {
                tracing::debug!(%error, "settlements could not be told to the broker");
                return End::Lost;
            }
        }
    }

    /// When to tell the broker next.
    fn due(&self) -> Option<Instant> {
        let fresh = self.fresh_since.map(|since| since + LINGER);
        let gap = self.gap_since.map(|since| since + PATIENCE);
        fresh.into_iter().chain(gap).min()
    }

    fn arrive(&mut self, delivery: lapin::message::Delivery) {
        let tag = delivery.delivery_tag;
        self.ledger.receive(tag);
        let envelope = Envelope::read(
            self.source.clone(),
            delivery.routing_key.as_str(),
            &delivery.properties,
            delivery.redelivered,
        );
        // Fails when the consumer was dropped, which is noticed elsewhere.
        drop(self.arrivals.send(Arrival { epoch: self.epoch, tag, envelope, body: delivery.data }));
    }

    async fn settle(&mut self, channel: &Channel, epoch: u64, tag: u64, outcome: Outcome) -> Result<(), Error> {
        self.heard += 1;
        if epoch != self.epoch || !self.ledger.settle(tag, outcome) {
            self.shared.stale.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        self.fresh += 1;
        self.fresh_since.get_or_insert_with(Instant::now);
        // With nothing else out, there is nothing to wait for.
        if self.fresh >= BATCH || self.ledger.open() == 0 { self.tell(channel, false).await } else { Ok(()) }
    }

    /// Tells the broker what there is to tell.
    async fn tell(&mut self, channel: &Channel, beyond_gaps: bool) -> Result<(), Error> {
        let telling = self.ledger.take(beyond_gaps);
        (self.fresh, self.fresh_since) = (0, None);
        self.gap_since =
            if self.ledger.settled() == 0 { None } else { self.gap_since.or_else(|| Some(Instant::now())) };
        let count = telling.done + telling.requeued + telling.dead;
        for act in telling.acts {
            let told = match timeout(ANSWER, perform(channel, act)).await {
                Ok(told) => told.map_err(|error| Error::from_lapin("settling", &error)),
                Err(_) => Err(Error::slow("settling")),
            };
            if let Err(error) = told {
                self.shared.stale.fetch_add(count, Ordering::Relaxed);
                return Err(error);
            }
        }
        self.shared.done.fetch_add(telling.done, Ordering::Relaxed);
        self.shared.requeued.fetch_add(telling.requeued, Ordering::Relaxed);
        self.shared.dead.fetch_add(telling.dead, Ordering::Relaxed);
        Ok(())
    }

    /// Takes no more, lets what is in hand be settled, tells it, closes the channel.
    async fn wind_up(&mut self, open: Open, grace: Duration) {
        let Open { lane_epoch, channel, deliveries } = open;
        // The consumer's end of this one is nobody's: the true one closes, so that `next` returns `None`.
        self.arrivals = mpsc::unbounded_channel().0;
        let cancelled = channel.basic_cancel(deliveries.tag(), BasicCancelOptions::default());
        let cancelled = matches!(timeout(ANSWER, cancelled).await, Ok(Ok(())));
        let lane = self.lane.clone();
        let mut lost = std::pin::pin!(lane.lost(lane_epoch));
        let mut over = std::pin::pin!(sleep(grace));
        while cancelled && self.heard < self.shared.received.load(Ordering::Acquire) {
            tokio::select! {
                order = self.orders.recv() => match order {
                    Some(Order::Settle { epoch, tag, outcome }) => {
                        if self.settle(&channel, epoch, tag, outcome).await.is_err() {
                            break;
                        }
                    }
                    Some(Order::Flush { done } | Order::Stop { done, .. }) => confirm(Some(done)),
                    None => break,
                },
                () = &mut lost => break,
                () = &mut over => break,
            }
        }
        if let Err(error) = self.tell(&channel, true).await {
            tracing::debug!(%error, "the last settlements could not be told to the broker");
        }
        self.void();
        close(&channel).await;
    }
}

/// Answers whoever waits, if somebody still does.
fn confirm(done: Option<oneshot::Sender<()>>) {
    if done.is_some_and(|done| done.send(()).is_err()) {
        tracing::trace!("nobody waits for the consumer any more");
    }
}

async fn perform(channel: &Channel, act: Act) -> lapin::Result<()> {
    match act {
        Act::AckThrough(tag) => channel.basic_ack(tag, BasicAckOptions { multiple: true }).await,
        Act::Ack(tag) => channel.basic_ack(tag, BasicAckOptions { multiple: false }).await,
        Act::Requeue(tag) => channel.basic_nack(tag, BasicNackOptions { multiple: false, requeue: true }).await,
        Act::Reject(tag) => channel.basic_reject(tag, BasicRejectOptions { requeue: false }).await,
    }
}

/// Consumes from the queue; declares it first where it does not exist.
async fn open(lane: &Lane, topology: &Topology, source: &SourceId, prefetch: NonZeroU16) -> Result<Open, Error> {
    let queue = topology.inbox_queue(source);
    let what = format!("consuming from queue {queue:?}");
    let mut declared = false;
    loop {
        let (lane_epoch, channel) = lane.channel().await?;
        let consuming = async {
            channel.basic_qos(prefetch.get(), BasicQosOptions::default()).await?;
            let (options, arguments) = (BasicConsumeOptions::default(), FieldTable::default());
            let name = ShortString::try_new(queue.as_str()).map_err(std::io::Error::other)?;
            channel.basic_consume(name, ShortString::default(), options, arguments).await
        };
        match timeout(ANSWER, consuming).await {
            Ok(Ok(deliveries)) => return Ok(Open { lane_epoch, channel, deliveries }),
            Ok(Err(error)) if is_not_found(&error) && !declared => {
                declared = true;
                declare_common(lane, topology).await?;
                declare_source(lane, topology, source).await?;
            }
            Ok(Err(error)) => return Err(Error::from_lapin(&what, &error)),
            Err(_) => {
                lane.suspect(lane_epoch, "a consumer could not be started in time");
                return Err(Error::slow(&what));
            }
        }
    }
}
