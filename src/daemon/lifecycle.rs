//! The life of the daemon in one place: ready, watchdog, reload, soft stop, hard stop.

use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::config::{Origin, Settings};
use crate::pipeline::progress::Progress;
use crate::store::{self, SchemaState};

use super::assembly::Parts;
use super::control::Control;
use super::keys::{self, KeyFault};
use super::supervisor::Supervisor;

/// From SIGTERM to the end of what can end well; with [`HARD_STOP`] under ten seconds. Systemd kills after 20 s.
const SOFT_STOP: Duration = Duration::from_secs(6);
/// For what is left after that.
const HARD_STOP: Duration = Duration::from_secs(2);
/// A worker that says nothing for this long hangs.
const SILENCE: Duration = Duration::from_mins(2);
/// The longest time between two meals of the watchdog.
const MEAL: Duration = Duration::from_secs(5);
/// This loop, as one of those whose progress feeds the watchdog.
const WORKER: &str = "control";

/// Runs until SIGTERM, SIGINT or `end`.
///
/// # Errors
/// What an administrator must mend before it can run.
pub async fn run(origin: Origin, settings: Settings, end: CancellationToken) -> anyhow::Result<()> {
    let mut signals = Signals::listen(end)?;
    let parts = Parts::assemble(&settings)?;
    notify(&[NotifyState::Ready, NotifyState::Status("starting: waiting for the database")]);
    tokio::spawn(feed(Arc::clone(&parts.progress), parts.hard_stop.clone()));
    tracing::info!("started");
    let usable = tokio::select! {
        usable = wait_for_database(&parts, &settings) => usable.map(|()| true),
        () = signals.stop.recv() => Ok(false),
    };
    if !matches!(usable, Ok(true)) {
        notify(&[NotifyState::Stopping]);
        close(&parts).await;
        return usable.map(drop);
    }
    parts.begin();
    let mut supervisor = Supervisor::new(parts.clone());
    let mut control = Control::new(origin, parts.clone());
    control.reload(&mut supervisor).await;
    serve(&mut signals, &mut supervisor, &mut control, &parts).await;
    stop(&parts, &mut supervisor, &control).await;
    Ok(())
}

/// What the loop does next.
enum Work {
    Reload,
    Round,
    Figures,
}

/// The loop of a healthy daemon. Whatever it waits for, a database or broker that is silent included, it hears when it
/// is to stop.
async fn serve(signals: &mut Signals, supervisor: &mut Supervisor, control: &mut Control, parts: &Parts) {
    let mut rounds = interval(Duration::from_secs(1));
    let mut slow_rounds = interval(Duration::from_secs(5));
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    slow_rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        parts.progress.waits(WORKER);
        let work = tokio::select! {
            biased;
            () = signals.stop.recv() => return,
            _ = signals.hangup.recv() => Work::Reload,
            _ = rounds.tick() => Work::Round,
            _ = slow_rounds.tick() => Work::Figures,
        };
        tokio::select! {
            biased;
            () = signals.stop.recv() => return,
            () = perform(work, supervisor, control) => {}
        }
    }
}

async fn perform(work: Work, supervisor: &mut Supervisor, control: &mut Control) {
    match work {
        Work::Reload => {
            let now = NotifyState::monotonic_usec_now().ok();
            notify(&[&[NotifyState::Reloading], now.as_slice()].concat());
            tracing::info!("reloading the sources");
            control.reload(supervisor).await;
            notify(&[NotifyState::Ready]);
        }
        Work::Round => {
            let line = control.round(supervisor).await;
            notify(&[NotifyState::Status(&line)]);
        }
        Work::Figures => {
            if control.is_changed() {
                tracing::info!("the folder of sources has changed");
                control.reload(supervisor).await;
            }
            control.figures().await;
        }
    }
}

/// Feeds the watchdog for as long as no worker hangs: then systemd restarts the daemon, and the broker still has
/// everything. A task of its own, because waiting for a database or a broker is no hanging.
async fn feed(progress: Arc<Progress>, stop: CancellationToken) {
    let pause = sd_notify::watchdog_enabled().map_or(MEAL, |limit| MEAL.min(limit / 3));
    let mut starving = false;
    while !stop.is_cancelled() {
        let silent = progress.silent(SILENCE);
        if silent.is_empty() {
            starving = false;
            notify(&[NotifyState::Watchdog]);
        } else if !std::mem::replace(&mut starving, true) {
            tracing::error!(workers = silent.join(", "), "no progress; the watchdog is not fed");
        }
        tokio::time::sleep(pause).await;
    }
}

/// Waits for the database; it must be of this version, and written with these keys.
async fn wait_for_database(parts: &Parts, settings: &Settings) -> anyhow::Result<()> {
    let (pool, key_file) = (&parts.desk.pool, &settings.identity.key_file);
    let mut said = String::new();
    loop {
        let line = match store::schema_state(pool).await {
            Ok(SchemaState::Current) => match keys::agree(pool, &parts.desk.ring, key_file).await {
                Ok(()) => return Ok(()),
                Err(KeyFault::Store(error)) => waiting(&error),
                Err(fault) => bail!(fault),
            },
            Ok(SchemaState::Newer(version)) => bail!(store::Error::Newer(version)),
            Ok(SchemaState::Behind(steps)) => bail!(store::Error::Behind(steps)),
            Err(error) => waiting(&error),
        };
        // once for each reason: it may be another one after the first was mended
        if line != said {
            tracing::warn!("{line}");
            said.clone_from(&line);
        }
        notify(&[NotifyState::Status(&line)]);
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}

/// What the daemon waits for, and what to do about it.
fn waiting(error: &store::Error) -> String {
    format!("waiting for the database: {error}{}", store::place::next_step(error))
}

/// Sources first, then what the writers hold, then everything else, within the time that systemd gives.
async fn stop(parts: &Parts, supervisor: &mut Supervisor, control: &Control) {
    notify(&[NotifyState::Stopping, NotifyState::Status("stopping: finishing what was received")]);
    tracing::info!("stopping");
    let began = Instant::now();
    let soft = async {
        supervisor.stop().await;
        parts.intake.drain().await;
        control.figures().await;
    };
    if tokio::time::timeout(SOFT_STOP, soft).await.is_err() {
        tracing::warn!("not everything ended in time; what is unfinished stays with the broker and the sources");
    }
    close(parts).await;
    tracing::info!(after_ms = began.elapsed().as_millis() as u64, "stopped");
}

/// Ends what is still at work, and the connections.
async fn close(parts: &Parts) {
    parts.hard_stop.cancel();
    let closed = tokio::time::timeout(HARD_STOP, async {
        parts.broker.stop().await;
        parts.desk.pool.close().await;
    });
    if closed.await.is_err() {
        tracing::debug!("connections were dropped");
    }
}

fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "systemd was not told");
    }
}

/// The signals of an orderly life.
struct Signals {
    stop: Stops,
    hangup: Signal,
}

/// SIGTERM from systemd, SIGINT from a terminal.
struct Stops {
    terminate: Signal,
    interrupt: Signal,
    end: CancellationToken,
}

impl Signals {
    fn listen(end: CancellationToken) -> std::io::Result<Self> {
        let (terminate, interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let stop = Stops { terminate, interrupt, end };
        Ok(Self { stop, hangup: signal(SignalKind::hangup())? })
    }
}

impl Stops {
    async fn recv(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            () = self.end.cancelled() => {}
        }
    }
}
