//! The life of the daemon in one place: ready, watchdog, reload, soft stop, hard stop.

use std::time::Duration;

use anyhow::bail;
use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::config::{Config, Origin};
use crate::store::{self, SchemaState};

use super::assembly::Parts;
use super::control::Control;
use super::supervisor::Supervisor;

/// From SIGTERM to the end; systemd kills after 20 s.
const SOFT_STOP: Duration = Duration::from_secs(7);
/// A worker that says nothing for this long hangs.
const SILENCE: Duration = Duration::from_mins(2);

/// Runs until SIGTERM, SIGINT or `end`.
///
/// # Errors
/// What an administrator must mend before it can run.
pub async fn run(origin: Origin, config: Config, end: CancellationToken) -> anyhow::Result<()> {
    let mut signals = Signals::listen(end)?;
    let parts = Parts::assemble(&config.settings)?;
    notify(&[NotifyState::Ready, NotifyState::Status("starting: waiting for the database")]);
    tracing::info!(sources = config.sources.len(), "started");
    let outcome = tokio::select! {
        usable = wait_for_schema(&parts) => usable,
        () = signals.stop.recv() => {
            notify(&[NotifyState::Stopping]);
            return Ok(());
        }
    };
    outcome?;
    let mut supervisor = Supervisor::new(parts.clone());
    let mut control = Control::new(origin, parts.clone());
    control.reload(&mut supervisor).await;
    serve(&mut signals, &mut supervisor, &mut control, &parts).await;
    stop(&parts, &mut supervisor, &control).await;
    Ok(())
}

/// The loop of a healthy daemon.
async fn serve(signals: &mut Signals, supervisor: &mut Supervisor, control: &mut Control, parts: &Parts) {
    let mut rounds = interval(Duration::from_secs(1));
    let mut slow_rounds = interval(Duration::from_secs(5));
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    slow_rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = signals.stop.recv() => return,
            _ = signals.hangup.recv() => {
                let now = NotifyState::monotonic_usec_now().ok();
                notify(&[&[NotifyState::Reloading], now.as_slice()].concat());
                tracing::info!("reloading the sources");
                control.reload(supervisor).await;
                notify(&[NotifyState::Ready]);
            }
            _ = rounds.tick() => {
                let line = control.round(supervisor).await;
                notify(&[NotifyState::Status(&line)]);
                feed(parts);
            }
            _ = slow_rounds.tick() => {
                if control.is_changed() {
                    tracing::info!("the folder of sources has changed");
                    control.reload(supervisor).await;
                }
                control.figures().await;
            }
        }
    }
}

/// Feeds the watchdog, unless a worker hangs: then systemd restarts the daemon, and the broker still has everything.
fn feed(parts: &Parts) {
    let silent = parts.progress.silent(SILENCE);
    if silent.is_empty() {
        notify(&[NotifyState::Watchdog]);
    } else {
        tracing::error!(workers = silent.join(", "), "no progress; the watchdog is not fed");
    }
}

/// Waits for the database, and for somebody to migrate it where that is needed.
async fn wait_for_schema(parts: &Parts) -> anyhow::Result<()> {
    let mut said = false;
    loop {
        let line = match store::schema_state(&parts.desk.pool).await {
            Ok(SchemaState::Current) => return Ok(()),
            Ok(SchemaState::Newer(version)) => bail!(store::Error::Newer(version)),
            Ok(SchemaState::Behind(steps)) => {
                bail!("the database is {steps} migrations behind; run `petitiond migrate`, then start again")
            }
            Err(error) => format!("waiting for the database: {error}"),
        };
        if !std::mem::replace(&mut said, true) {
            tracing::warn!("{line}");
        }
        notify(&[NotifyState::Status(&line), NotifyState::Watchdog]);
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
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
    parts.hard_stop.cancel();
    let closed = tokio::time::timeout(Duration::from_secs(2), async {
        parts.broker.stop().await;
        parts.desk.pool.close().await;
    });
    if closed.await.is_err() {
        tracing::debug!("connections were dropped");
    }
    tracing::info!(after_ms = began.elapsed().as_millis() as u64, "stopped");
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
