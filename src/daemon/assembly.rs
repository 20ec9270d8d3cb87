//! The parts of a daemon, put together.

use std::sync::Arc;

use anyhow::Context as _;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::broker::Broker;
use crate::clock::Clock;
use crate::config::Settings;
use crate::pipeline::batch::Desk;
use crate::pipeline::intake::Intake;
use crate::pipeline::progress::Progress;
use crate::pipeline::relay;
use crate::seal::KeyRing;
use crate::store;

/// What every task of this process works with.
#[derive(Clone)]
pub struct Parts {
    pub desk: Desk,
    pub broker: Broker,
    pub intake: Arc<Intake>,
    pub progress: Arc<Progress>,
    /// This process, as the one that pulls.
    pub holder: Uuid,
    /// Rung whenever there are receipts to send.
    wrote: Arc<Notify>,
    /// What must end in any case is told so here, after everything had its time to end well.
    pub hard_stop: CancellationToken,
}

impl Parts {
    /// Opens the key file and the pool, connects to the broker and starts what does not depend on sources.
    ///
    /// # Errors
    /// What an administrator must mend; a database or broker that is away is not one of these.
    pub fn assemble(settings: &Settings) -> anyhow::Result<Self> {
        let ring = Arc::new(KeyRing::load(&settings.identity.key_file)?);
        let pool = store::connect(&settings.database, store::DAEMON)?;
        let broker = Broker::connect(settings.broker.clone(), "petitiond").context("the broker's settings")?;
        let desk = Desk { pool, ring, clock: Clock::System };
        let progress = Arc::new(Progress::default());
        let wrote = Arc::new(Notify::new());
        let hard_stop = CancellationToken::new();
        let intake = Intake::start(
            desk.clone(),
            settings.ingest.clone(),
            broker.clone(),
            Arc::clone(&progress),
            Arc::clone(&wrote),
            hard_stop.clone(),
        );
        Ok(Self { desk, broker, intake, progress, holder: Uuid::new_v4(), wrote, hard_stop })
    }

    /// Starts what works on the database by itself, once it is known to be the right one.
    pub fn begin(&self) {
        let (desk, stop) = (&self.desk, &self.hard_stop);
        let (wrote, progress) = (Arc::clone(&self.wrote), Arc::clone(&self.progress));
        tokio::spawn(relay::run(desk.clone(), self.broker.clone(), wrote, progress, stop.clone()));
    }
}
