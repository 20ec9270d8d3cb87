//! One source at work: its messages are taken in, and where it is pulled, it is pulled on time.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::broker::State;
use crate::pipeline::arrival::Origin;
use crate::pipeline::decode::Reader;
use crate::pipeline::pull::{self, Pull};
use crate::pipeline::reconcile::reconcile;
use crate::sources::pull::Supply;
use crate::sources::schedule::open_from;
use crate::sources::{KindConfig, SourceConfig};
use crate::store;
use crate::store::reconciliation::{self, Figures};

use super::assembly::Parts;
use super::forward;

/// What a person has asked of a source, as the database says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    pub paused: bool,
    pub pull_requested_at: Option<DateTime<Utc>>,
    pub last_attempt_at: Option<DateTime<Utc>>,
}

/// Works for one source until `stop`. There is no wish before the database could be asked, and until then nothing is
/// done: the source may be paused.
pub async fn run(
    parts: Parts,
    config: Arc<SourceConfig>,
    wish: watch::Receiver<Option<Wish>>,
    stop: CancellationToken,
) {
    // first, so that a pull finds the queue it publishes to
    if !declare(&parts, &config, &stop).await {
        return;
    }
    let consuming = consume(&parts, &config, wish.clone(), &stop);
    match &config.kind {
        KindConfig::Inbox => consuming.await,
        KindConfig::Amqp(amqp) => {
            tokio::join!(consuming, forward::run(&parts, &config, amqp, wish, &stop));
        }
        KindConfig::Http(_) | KindConfig::Sql(_) | KindConfig::Files(_) => {
            let reconciling = reconcile_on_time(&parts, &config, wish.clone(), &stop);
            tokio::join!(consuming, pull_on_time(&parts, &config, wish, &stop), reconciling);
        }
    }
}

/// Compares all that the source holds with what is stored whenever that is due, and keeps what came of it.
async fn reconcile_on_time(
    parts: &Parts,
    config: &SourceConfig,
    mut wish: watch::Receiver<Option<Wish>>,
    stop: &CancellationToken,
) {
    if config.reconcile.is_none() {
        return;
    }
    let work = async {
        let mut failures = 0;
        loop {
            let outcome = reconcile_next(parts, config, &mut wish).await;
            failures = if outcome.is_err() { failures + 1 } else { 0 };
            match outcome {
                Ok(Some(figures)) => {
                    let Figures { missing, extra, different, .. } = figures;
                    tracing::info!(source = %config.id, missing, extra, different, "reconciled");
                }
                // another process is at it
                Ok(None) => tokio::time::sleep(Duration::from_mins(1)).await,
                Err(error) => {
                    if failures == 1 {
                        tracing::warn!(source = %config.id, %error, "the source was not reconciled; it is tried again");
                    }
                    tokio::time::sleep(backoff(failures)).await;
                }
            }
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = work => {}
    }
}

/// Waits until the source is to be reconciled and does it; `None`: another process does.
async fn reconcile_next(
    parts: &Parts,
    config: &SourceConfig,
    wish: &mut watch::Receiver<Option<Wish>>,
) -> Result<Option<Figures>, pull::Error> {
    let (desk, id) = (&parts.desk, config.id.as_str());
    let mut conn = desk.pool.acquire().await.map_err(store::Error::from)?;
    let last = reconciliation::newest(&mut conn, id).await?.map(|last| last.at);
    drop(conn);
    let now = desk.clock.now();
    let due = config.next_reconciliation(now, last).unwrap_or(DateTime::<Utc>::MAX_UTC);
    tokio::time::sleep((due - now).to_std().unwrap_or_default()).await;
    let may_work = |wished: &Option<Wish>| wished.as_ref().is_some_and(|wished| !wished.paused);
    if wish.wait_for(may_work).await.is_err() {
        return Ok(None);
    }
    // not given back: with it goes the right to reconcile the source, however this ends
    let mut claim = desk.pool.acquire().await.map_err(store::Error::from)?.detach();
    let is_ours = reconciliation::claim(&mut claim, id).await?;
    // another process may have been through with it before this one asked
    if !is_ours || reconciliation::newest(&mut claim, id).await?.map(|last| last.at) != last {
        return Ok(None);
    }
    let Some(reconciled) = reconcile(desk, config).await? else { return Ok(None) };
    let figures = reconciled.figures();
    reconciliation::insert(&mut claim, id, desk.clock.now(), &figures).await?;
    Ok(Some(figures))
}

/// Takes in the source's messages while it is not paused.
async fn consume(
    parts: &Parts,
    config: &SourceConfig,
    mut wish: watch::Receiver<Option<Wish>>,
    stop: &CancellationToken,
) {
    let reader = Reader {
        origin: Arc::new(Origin::of(config)),
        decoder: Arc::clone(&config.decoder),
        limits: config.limits.clone(),
        ring: Arc::clone(&parts.desk.ring),
        clock: parts.desk.clock,
    };
    while !stop.is_cancelled() {
        let may_work = wish.borrow_and_update().as_ref().is_some_and(|wished| !wished.paused);
        if !may_work {
            tokio::select! {
                () = stop.cancelled() => return,
                changed = wish.changed() => if changed.is_err() { return },
            }
            continue;
        }
        let consuming = stop.child_token();
        tokio::select! {
            () = parts.intake.consume(reader.clone(), consuming.clone()) => {}
            () = cancel_when_paused(&mut wish, &consuming) => {}
        }
    }
}

/// Tells a piece of work to end once the source is paused. Never returns: the work ends in its own order.
pub(super) async fn cancel_when_paused(wish: &mut watch::Receiver<Option<Wish>>, work: &CancellationToken) {
    while wish.changed().await.is_ok() {
        if wish.borrow_and_update().as_ref().is_some_and(|wished| wished.paused) {
            work.cancel();
        }
    }
    std::future::pending::<()>().await;
}

/// Declares the source's queues as soon as there is a broker; false when told to stop meanwhile.
async fn declare(parts: &Parts, config: &SourceConfig, stop: &CancellationToken) -> bool {
    let mut said = false;
    loop {
        let declared = tokio::select! {
            () = stop.cancelled() => return false,
            declared = parts.broker.declare(std::slice::from_ref(&config.id)) => declared,
        };
        let Err(error) = declared else { return true };
        if !std::mem::replace(&mut said, true) {
            tracing::warn!(source = %config.id, %error, "the queues of the source are not declared yet");
        }
        tokio::select! {
            () = stop.cancelled() => return false,
            () = tokio::time::sleep(Duration::from_secs(3)) => {}
        }
    }
}

/// Lets the status say what keeps a source from being pulled at all, until `stop`; what is registered anew forgets it.
async fn tell(parts: &Parts, config: &SourceConfig, fault: &str, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        if let Ok(mut conn) = parts.desk.pool.acquire().await {
            let told = store::source::config_error(&mut conn, parts.desk.clock.now(), &config.id, fault).await;
            told.unwrap_or_else(|error| tracing::debug!(source = %config.id, %error, "the status does not say so yet"));
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(Duration::from_secs(15)) => {}
        }
    }
}

/// Pulls the source whenever it is due, or somebody asks.
async fn pull_on_time(
    parts: &Parts,
    config: &SourceConfig,
    mut wish: watch::Receiver<Option<Wish>>,
    stop: &CancellationToken,
) {
    let worker = format!("pull {}", config.id);
    let supply = match Supply::new(config, parts.desk.ring.hash_bytes("file", b"content")) {
        Ok(Some(supply)) => supply,
        Ok(None) => return,
        Err(error) => {
            tracing::error!(source = %config.id, %error, "the source cannot be pulled");
            return tell(parts, config, &format!("it cannot be pulled with what its file says: {error}"), stop).await;
        }
    };
    let mut failures: u32 = 0;
    let mut so_far = SoFar::default();
    while wait_until_due(parts, config, &mut wish, &mut so_far, &worker, stop).await {
        so_far.attempted_at = Some(parts.desk.clock.now());
        let pull = Pull {
            desk: &parts.desk,
            broker: &parts.broker,
            source_id: &config.id,
            supply: &supply,
            snapshot: config.kind.snapshot(),
            decoder: &config.decoder,
            limits: &config.limits,
            stop,
            holder: parts.holder,
            progress: &parts.progress,
            worker: &worker,
        };
        let outcome = pull.run().await;
        parts.progress.moved(&worker);
        let pause = match outcome {
            Ok(done) => {
                if std::mem::take(&mut failures) > 0 {
                    tracing::info!(source = %config.id, "the source can be pulled again");
                }
                let (records, tombstones, calls) = (done.records, done.tombstones, done.calls);
                tracing::debug!(source = %config.id, records, tombstones, calls, "pulled");
                None
            }
            Err(pull::Error::Stopped) => break,
            Err(pull::Error::Superseded) => Some(Duration::from_secs(5)),
            Err(error) => {
                failures = failures.saturating_add(1);
                if failures == 1 {
                    tracing::warn!(source = %config.id, %error, "the pull failed; it is tried again");
                }
                let soon = error.is_transient().then(|| backoff(failures));
                error.after().or(soon)
            }
        };
        let now = parts.desk.clock.now();
        so_far.retry_at = pause.and_then(|pause| now.checked_add_signed(chrono::TimeDelta::from_std(pause).ok()?));
    }
    parts.progress.ended(&worker);
}

/// 2 s, 4 s, … up to 5 minutes, each within a quarter by chance, so that sources that failed together do not come
/// back together.
pub(super) fn backoff(failures: u32) -> Duration {
    let seconds = 2_u64.saturating_pow(failures.min(9)).min(300);
    Duration::from_secs(seconds).mul_f64(fastrand::f64().mul_add(0.5, 0.75))
}

/// What this task did already. The wishes it is shown are up to a round old: a request that it has answered, and an
/// attempt that it has made, still look open in them.
#[derive(Debug, Default)]
struct SoFar {
    attempted_at: Option<DateTime<Utc>>,
    answered: Option<DateTime<Utc>>,
    retry_at: Option<DateTime<Utc>>,
}

/// Waits for the schedule, for a retry or for a request, with the broker there; false when told to stop.
async fn wait_until_due(
    parts: &Parts,
    config: &SourceConfig,
    wish: &mut watch::Receiver<Option<Wish>>,
    so_far: &mut SoFar,
    worker: &str,
    stop: &CancellationToken,
) -> bool {
    let mut scheduled: Option<(Option<DateTime<Utc>>, DateTime<Utc>)> = None;
    loop {
        if stop.is_cancelled() {
            return false;
        }
        parts.progress.waits(worker);
        let now = parts.desk.clock.now();
        let Some(wished) = wish.borrow_and_update().clone() else {
            tokio::select! {
                () = stop.cancelled() => return false,
                changed = wish.changed() => if changed.is_err() { return false },
                () = tokio::time::sleep(Duration::from_secs(5)) => {}
            }
            continue;
        };
        // asked once for each attempt: asked again later, a run that is late would move on by the jitter
        let last_attempt_at = wished.last_attempt_at.max(so_far.attempted_at);
        let due = match scheduled {
            Some((attempt, due)) if attempt == last_attempt_at => due,
            _ => config.next_pull(now, last_attempt_at).unwrap_or(DateTime::<Utc>::MAX_UTC),
        };
        scheduled = Some((last_attempt_at, due));
        let due =
            so_far.retry_at.map_or(due, |retry_at| open_from(retry_at, &config.windows, chrono::TimeDelta::zero()));
        // a blocked or absent broker could take nothing of what is pulled
        let broker_ready = matches!(*parts.broker.state().borrow(), State::Connected);
        let is_asked = wished.pull_requested_at.is_some()
            && wished.pull_requested_at != so_far.answered
            && so_far.retry_at.is_none_or(|at| at <= now);
        if !wished.paused && broker_ready && (is_asked || due <= now) {
            so_far.answered = wished.pull_requested_at;
            return true;
        }
        let wait = (due - now).to_std().unwrap_or(Duration::from_secs(1)).min(Duration::from_secs(5));
        tokio::select! {
            () = stop.cancelled() => return false,
            changed = wish.changed() => if changed.is_err() { return false },
            () = tokio::time::sleep(wait.max(Duration::from_millis(50))) => {}
        }
    }
}
