//! Publishing: a message counts as published when the broker has confirmed it and some queue has taken it.
//!
//! One task owns the channel. It remembers every message until its confirm, in order, and sends what is left again,
//! in that order, on the next channel. Three things it must know about RabbitMQ and its client:
//!
//! - An unroutable message is returned **and** acknowledged. The client hands the returned message to whichever
//!   confirm it resolves next, which with many outstanding need not be that message's own. So returned messages are
//!   matched by what they say of themselves, and a confirm is believed only after everything that was resolved
//!   before it has been looked at.
//! - One wrong message (an exchange that does not exist, a body above the broker's limit) closes the channel, and all
//!   that was outstanding looks failed. What was outstanding is then sent again one at a time, until the
//!   culprit has been found and its publisher told.
//! - A blocked broker answers nothing and nothing is wrong: that time does not count against a confirm.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::ShortString;
use lapin::{BasicProperties, Channel, Confirmation};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::{Instant, timeout};

use super::envelope::{Message, short};
use super::lane::{ANSWER, Lane};
use super::setting::BrokerConfig;
use super::topology::Route;
use super::{Error, is_answer};

/// What a small message counts as in the bound on outstanding bytes: its bookkeeping.
const LEAST_BYTES: usize = 1024;
const TICK: Duration = Duration::from_millis(500);

/// Publishes; clones share one channel.
#[derive(Debug, Clone)]
pub struct Publisher {
    jobs: mpsc::UnboundedSender<Job>,
    room: Arc<Semaphore>,
    outstanding_bytes: usize,
    message_bytes: usize,
}

/// A message on its way.
#[derive(Debug)]
struct Job {
    letter: Arc<Letter>,
    /// Dropped when the caller has lost interest.
    reply: oneshot::Sender<Result<(), Error>>,
    /// When it was sent on the present channel.
    sent_at: Option<Instant>,
    /// A confirm has been missed before.
    missed: bool,
    _room: OwnedSemaphorePermit,
}

/// What is sent, in the client's terms.
#[derive(Debug)]
struct Letter {
    route: Route,
    exchange: ShortString,
    routing_key: ShortString,
    properties: BasicProperties,
    body: Vec<u8>,
}

/// How a returned message is told: exchange, routing key, message id.
type Mark = (String, String, String);

impl Letter {
    fn new(route: Route, message: Message) -> Result<Self, Error> {
        Ok(Self {
            exchange: short("an exchange name", &route.exchange)?,
            routing_key: short("a routing key", &route.routing_key)?,
            properties: message.properties()?,
            body: message.body,
            route,
        })
    }

    fn mark(&self) -> Mark {
        let id = self.properties.message_id().as_ref().map_or("", ShortString::as_str);
        (self.route.exchange.clone(), self.route.routing_key.clone(), id.to_owned())
    }
}

impl Publisher {
    pub(super) fn start(lane: Lane, config: &BrokerConfig) -> Self {
        let (jobs, incoming) = mpsc::unbounded_channel();
        let driver = Driver {
            lane,
            incoming,
            confirm_timeout: config.confirm_timeout,
            jobs: BTreeMap::new(),
            next: 0,
            suspects: BTreeSet::new(),
            last_confirm: Instant::now(),
            counting_from: Instant::now(),
        };
        tokio::spawn(driver.run());
        Self {
            jobs,
            room: Arc::new(Semaphore::new(config.outstanding_bytes)),
            outstanding_bytes: config.outstanding_bytes,
            message_bytes: config.message_bytes,
        }
    }

    /// Publishes `message`, kept on disk, and returns when the broker has confirmed it and, where the route is
    /// mandatory, a queue has taken it. Any number may be under way at once; they reach the broker in the order in
    /// which the futures were first polled. While there is no broker, or it is blocked, this waits; dropping the future
    /// gives the message up, though it may have been published.
    ///
    /// # Errors
    /// [`Error::Unroutable`], [`Error::Refused`] (queue full), [`Error::Rejected`] (too large, an id too long),
    /// [`Error::Misconfigured`] (no such exchange, no permission), [`Error::Unavailable`] (the broker lives and does not
    /// confirm this message), [`Error::Stopped`].
    pub async fn publish(&self, route: Route, message: Message) -> Result<(), Error> {
        let bytes = message.body.len();
        if bytes > self.message_bytes {
            return Err(Error::Rejected {
                what: format!("a message of {bytes} bytes"),
                advice: format!(
                    "the limit is {}: raise broker.message_bytes and the broker's max_message_size, or send less at once",
                    self.message_bytes
                ),
            });
        }
        let letter = Arc::new(Letter::new(route, message)?);
        let weight = bytes.max(LEAST_BYTES).min(self.outstanding_bytes);
        let room = Arc::clone(&self.room).acquire_many_owned(u32::try_from(weight).unwrap_or(u32::MAX));
        let room = room.await.map_err(|_| Error::Stopped)?;
        let (reply, answer) = oneshot::channel();
        let job = Job { letter, reply, sent_at: None, missed: false, _room: room };
        self.jobs.send(job).map_err(|_| Error::Stopped)?;
        answer.await.map_err(|_| Error::Stopped)?
    }
}

struct Driver {
    lane: Lane,
    incoming: mpsc::UnboundedReceiver<Job>,
    confirm_timeout: Duration,
    /// Everything unconfirmed, in the order it came.
    jobs: BTreeMap<u64, Job>,
    next: u64,
    /// Messages one of which closed a channel: sent one at a time.
    suspects: BTreeSet<u64>,
    last_confirm: Instant,
    /// Time before this does not count against confirms.
    counting_from: Instant,
}

/// Why work on one channel ended.
enum End {
    /// Nobody can publish any more.
    Finished,
    /// The channel is gone; what is unconfirmed goes out on the next one.
    Lost,
}

type Sent = (u64, lapin::Result<Confirmation>);

impl Driver {
    async fn run(mut self) {
        loop {
            if self.jobs.is_empty() {
                match self.incoming.recv().await {
                    Some(job) => drop(self.admit(job)),
                    None => return,
                }
            }
            let Ok((epoch, channel)) = self.lane.channel().await else { return };
            match timeout(ANSWER, channel.confirm_select(ConfirmSelectOptions::default())).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => continue,
                Err(_) => {
                    self.lane.suspect(epoch, "confirms could not be switched on in time");
                    self.lane.lost(epoch).await;
                    continue;
                }
            }
            if let End::Finished = self.work(epoch, &channel).await {
                super::declare::close(&channel).await;
                return;
            }
            if self.lane.stopped() {
                return;
            }
        }
    }

    fn admit(&mut self, job: Job) -> u64 {
        let seq = self.next;
        self.next += 1;
        self.jobs.insert(seq, job);
        seq
    }

    /// Sends and collects confirms until the channel ends.
    async fn work(&mut self, epoch: u64, channel: &Channel) -> End {
        self.jobs.retain(|_, job| !job.reply.is_closed());
        self.jobs.values_mut().for_each(|job| job.sent_at = None);
        let Self { jobs, suspects, .. } = self;
        suspects.retain(|seq| jobs.contains_key(seq));
        let mut waiting: VecDeque<u64> = jobs.keys().copied().collect();
        let mut under_way: FuturesUnordered<BoxFuture<'static, Sent>> = FuturesUnordered::new();
        let mut returned = HashMap::new();
        self.counting_from = Instant::now();
        let lane = self.lane.clone();
        let mut lost = std::pin::pin!(lane.lost(epoch));
        let mut tick = tokio::time::interval(TICK);
        loop {
            while (self.suspects.is_empty() || under_way.is_empty())
                && let Some(seq) = waiting.pop_front()
            {
                self.send(seq, channel, &under_way);
            }
            tokio::select! {
                biased;
                Some(first) = under_way.next(), if !under_way.is_empty() => {
                    let mut batch = vec![first];
                    while let Some(Some(more)) = under_way.next().now_or_never() {
                        batch.push(more);
                    }
                    if self.conclude(batch, &mut returned).is_err() {
                        return End::Lost;
                    }
                }
                job = self.incoming.recv() => match job {
                    Some(job) => waiting.push_back(self.admit(job)),
                    // Whatever is left has lost its caller.
                    None => return End::Finished,
                },
                () = &mut lost => return End::Lost,
                _ = tick.tick() => if self.overdue(epoch) { return End::Lost },
            }
        }
    }

    /// Hands one message to the client; its fate comes out of `under_way`.
    fn send(&mut self, seq: u64, channel: &Channel, under_way: &FuturesUnordered<BoxFuture<'static, Sent>>) {
        let Some(job) = self.jobs.get_mut(&seq) else { return };
        job.sent_at = Some(Instant::now());
        let (letter, channel) = (Arc::clone(&job.letter), channel.clone());
        under_way.push(
            async move {
                let options = BasicPublishOptions { mandatory: letter.route.mandatory, immediate: false };
                let Letter { exchange, routing_key, properties, body, .. } = &*letter;
                let sending =
                    channel.basic_publish(exchange.clone(), routing_key.clone(), options, body, properties.clone());
                let fate = match sending.await {
                    Ok(confirm) => confirm.await,
                    Err(error) => Err(error),
                };
                (seq, fate)
            }
            .boxed(),
        );
    }

    /// Believes a batch of confirms. An error means that the channel is gone.
    fn conclude(&mut self, batch: Vec<Sent>, returned: &mut HashMap<Mark, u32>) -> Result<(), ()> {
        let mut acknowledged = Vec::new();
        let mut broken = None;
        for (seq, fate) in batch {
            match fate {
                Ok(confirmation) => {
                    let accepted = confirmation.is_ack();
                    if let Some(message) = confirmation.take_message() {
                        let id = message.properties.message_id().as_ref().map_or("", ShortString::as_str).to_owned();
                        let mark = (message.exchange.to_string(), message.routing_key.to_string(), id);
                        *returned.entry(mark).or_default() += 1;
                    }
                    acknowledged.push((seq, accepted));
                }
                Err(error) => {
                    broken.get_or_insert((seq, error));
                }
            }
        }
        for (seq, accepted) in acknowledged {
            self.last_confirm = Instant::now();
            let Some(job) = self.jobs.get(&seq) else { continue };
            let route = job.letter.route.to_string();
            let result = if take_one(returned, &job.letter.mark()) {
                Err(Error::Unroutable { route })
            } else if accepted {
                Ok(())
            } else {
                Err(Error::Refused { route })
            };
            self.finish(seq, result);
        }
        match broken {
            None => Ok(()),
            Some((seq, error)) => {
                self.blame(seq, &error);
                Err(())
            }
        }
    }

    /// Finds out whose fault it is that the channel was closed.
    fn blame(&mut self, seq: u64, error: &lapin::Error) {
        if !is_answer(error) {
            tracing::debug!(%error, unconfirmed = self.jobs.len(), "the publishing channel is gone");
            return;
        }
        if !self.suspects.is_empty() || self.jobs.len() == 1 {
            // It was under way alone.
            let what = self.jobs.get(&seq).map(|job| format!("publishing to {}", job.letter.route));
            self.finish(seq, Err(Error::from_lapin(&what.unwrap_or_default(), error)));
        } else {
            self.suspects = self.jobs.keys().copied().collect();
        }
    }

    fn finish(&mut self, seq: u64, result: Result<(), Error>) {
        self.suspects.remove(&seq);
        if let Some(job) = self.jobs.remove(&seq) {
            // Fails when the caller has lost interest, which is the caller's business.
            drop(job.reply.send(result));
        }
    }

    /// Looks for confirms that have not come in time. True: the connection is to be replaced.
    fn overdue(&mut self, epoch: u64) -> bool {
        let now = Instant::now();
        if self.lane.blocked() {
            self.counting_from = now;
            return false;
        }
        let late = |sent_at: Instant| now.duration_since(sent_at.max(self.counting_from)) > self.confirm_timeout;
        // Others were confirmed meanwhile, or it is the second connection: this queue is the trouble.
        let (hopeless, hung): (Vec<_>, Vec<_>) = self
            .jobs
            .iter()
            .filter_map(|(seq, job)| Some((*seq, job.missed, job.sent_at.filter(|at| late(*at))?)))
            .map(|(seq, missed, sent_at)| (seq, missed || self.last_confirm > sent_at))
            .partition(|(_, hopeless)| *hopeless);
        for (seq, _) in hopeless {
            let what = self.jobs.get(&seq).map(|job| {
                format!("the broker lives and does not confirm what is sent to {}: see with `rabbitmq-queues quorum_status` whether its queue has a leader, and delete the queue where it has none; the confirm", job.letter.route)
            });
            self.finish(seq, Err(Error::slow(&what.unwrap_or_default())));
        }
        if hung.is_empty() {
            return false;
        }
        for (seq, _) in hung {
            if let Some(job) = self.jobs.get_mut(&seq) {
                job.missed = true;
            }
        }
        self.lane.suspect(epoch, "nothing was confirmed in time");
        true
    }
}

/// Takes one return of that mark out of the count, if there is one.
fn take_one(returned: &mut HashMap<Mark, u32>, mark: &Mark) -> bool {
    match returned.get_mut(mark) {
        None | Some(0) => false,
        Some(count) => {
            *count -= 1;
            if *count == 0 {
                returned.remove(mark);
            }
            true
        }
    }
}
