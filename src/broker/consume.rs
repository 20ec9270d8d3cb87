//! Consuming: deliveries, and their settlement.
//!
//! A [`Consumer`] outlives channels and connections: when one is lost it declares its queue again, consumes from it
//! again and goes on under a new epoch. Deliveries of an older epoch that nobody has taken yet are thrown away;
//! those in somebody's hands may still be worked on, but their settlement is void, and they come again.
//!
//! Settling never waits. It goes to the one task that owns the channel, which tells the broker in multiples (see
//! [`super::ledger`]) within a few milliseconds, and at once when nothing else is out.

use std::num::NonZeroU16;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::connection::Broker;
use super::envelope::Envelope;
use super::ledger::Outcome;
use super::worker::Worker;
use crate::domain::SourceId;

/// A message handed over for handling. [`Delivery::settle`] is the only way to be rid of it for good; dropped, it
/// goes back to its queue.
#[must_use = "a delivery that is dropped is delivered again"]
pub struct Delivery {
    pub envelope: Envelope,
    pub body: Vec<u8>,
    /// `None` once settled.
    ticket: Option<Ticket>,
}

/// What it takes to settle.
struct Ticket {
    epoch: u64,
    tag: u64,
    shared: Arc<Shared>,
    orders: mpsc::UnboundedSender<Order>,
}

impl Delivery {
    /// Says what became of it; returns at once. Void when the channel it came through is gone: then it comes again.
    pub fn settle(mut self, outcome: Outcome) {
        if let Some(ticket) = self.ticket.take() {
            ticket.hand_in(outcome);
        }
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            ticket.shared.dropped.fetch_add(1, Ordering::Relaxed);
            ticket.hand_in(Outcome::Requeue);
        }
    }
}

impl std::fmt::Debug for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Delivery")
            .field("envelope", &self.envelope)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl Ticket {
    fn hand_in(self, outcome: Outcome) {
        let Self { epoch, tag, shared, orders } = self;
        shared.handed_in.fetch_add(1, Ordering::Relaxed);
        if orders.send(Order::Settle { epoch, tag, outcome }).is_err() {
            shared.stale.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// What has gone through a consumer since it began. *received = in hand + done + requeued + dead + stale* once
/// everything settled has been told ([`ConsumerHandle::flush`]); those dropped are among requeued and stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Handed to the caller.
    pub received: u64,
    /// Settled and told to the broker, by outcome.
    pub done: u64,
    pub requeued: u64,
    pub dead: u64,
    /// Dropped without having been settled.
    pub dropped: u64,
    /// Settled in vain, because their channel was gone.
    pub stale: u64,
    /// With the caller now.
    pub in_hand: u64,
}

/// What consumer, deliveries and worker know together.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// The channel whose deliveries are handed out; 0 before the first.
    pub epoch: AtomicU64,
    pub received: AtomicU64,
    pub done: AtomicU64,
    pub requeued: AtomicU64,
    pub dead: AtomicU64,
    pub stale: AtomicU64,
    dropped: AtomicU64,
    handed_in: AtomicU64,
}

/// What the worker is told.
pub(super) enum Order {
    Settle { epoch: u64, tag: u64, outcome: Outcome },
    Flush { done: oneshot::Sender<()> },
    Stop { grace: Duration, done: oneshot::Sender<()> },
}

/// A delivery on its way to the caller.
pub(super) struct Arrival {
    pub epoch: u64,
    pub tag: u64,
    pub envelope: Envelope,
    pub body: Vec<u8>,
}

/// The stream of deliveries of one queue.
pub struct Consumer {
    arrivals: mpsc::UnboundedReceiver<Arrival>,
    handle: ConsumerHandle,
}

/// Says what is to become of a [`Consumer`] from elsewhere.
#[derive(Clone)]
pub struct ConsumerHandle {
    orders: mpsc::UnboundedSender<Order>,
    shared: Arc<Shared>,
}

impl Consumer {
    /// The next delivery; waits for it however long the broker is away. `None` only after
    /// [`ConsumerHandle::stop`] or when the broker handle was stopped.
    pub async fn next(&mut self) -> Option<Delivery> {
        loop {
            let Arrival { epoch, tag, envelope, body } = self.arrivals.recv().await?;
            let shared = &self.handle.shared;
            if epoch != shared.epoch.load(Ordering::Acquire) {
                // Its channel is gone; it comes again on the next.
                continue;
            }
            shared.received.fetch_add(1, Ordering::Relaxed);
            let ticket = Ticket { epoch, tag, shared: Arc::clone(shared), orders: self.handle.orders.clone() };
            return Some(Delivery { envelope, body, ticket: Some(ticket) });
        }
    }

    /// A handle to stop, flush and count by.
    pub fn handle(&self) -> ConsumerHandle {
        self.handle.clone()
    }
}

impl ConsumerHandle {
    /// Takes no more deliveries ([`Consumer::next`] returns `None`), waits up to `grace` until those in hand are
    /// settled, tells the broker, and closes the channel, which gives back what is left.
    pub async fn stop(&self, grace: Duration) {
        let (done, stopped) = oneshot::channel();
        if self.orders.send(Order::Stop { grace, done }).is_ok() {
            // An error: it had ended already.
            drop(stopped.await);
        }
    }

    /// Waits until everything settled before this call has been told to the broker, or has become void.
    pub async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        if self.orders.send(Order::Flush { done }).is_ok() {
            drop(flushed.await);
        }
    }

    /// What has gone through so far.
    pub fn counters(&self) -> Counters {
        let Shared { epoch: _, received, done, requeued, dead, stale, dropped, handed_in } = &*self.shared;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        // In this order, so that none is in hand before it was received.
        let handed_in = read(handed_in);
        let received = read(received);
        Counters {
            received,
            done: read(done),
            requeued: read(requeued),
            dead: read(dead),
            dropped: read(dropped),
            stale: read(stale),
            in_hand: received.saturating_sub(handed_in),
        }
    }
}

impl Broker {
    /// Consumes the inbox of `source`, which is declared if need be. At most `prefetch` deliveries are out and not
    /// settled at a time; that is also the only bound on memory.
    pub fn consume(&self, source: &SourceId, prefetch: NonZeroU16) -> Consumer {
        let (sender, arrivals) = mpsc::unbounded_channel();
        let (orders, ordered) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared::default());
        let lane = self.consuming().clone();
        let worker =
            Worker::new(lane, self.topology().clone(), source.clone(), prefetch, sender, ordered, Arc::clone(&shared));
        tokio::spawn(worker.run());
        Consumer { arrivals, handle: ConsumerHandle { orders, shared } }
    }
}
