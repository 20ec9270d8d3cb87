//! Owns what the integration tests stand on: private servers, a database and a virtual host of its own for each test, a
//! line that can be cut, folders that vanish.
//!
//! Must not know what the daemon does: what a test wants to say about intake, linking or feeds stands in that test's
//! file. Everything here cleans up in `Drop`, also when the test fails, and works whether tests share a process
//! (`cargo test`) or have one each (`cargo nextest`).
//!
//! To add a support: a file here, and a test in `services.rs` that shows it doing its work.

pub mod agency;
pub mod broker;
pub mod daemon;
pub mod database;
pub mod proxy;
pub mod scratch;
pub mod server;
pub mod table;
pub mod tls;

use std::future::Future;
use std::time::Duration;

pub use broker::TestBroker;
pub use daemon::{Site, TestDaemon};
pub use database::TestDatabase;
pub use proxy::Proxy;
pub use scratch::Scratch;
pub use server::{PrivateServers, services};

/// Asks again and again until the answer is `Some`, for states that nobody announces (a queue's depth, a row that
/// another process writes). Fails the test with `what` when the time is over.
pub async fn eventually<T, F>(what: &str, within: Duration, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let asking = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let answer = tokio::time::timeout(within, asking).await.ok();
    answer.unwrap_or_else(|| panic!("not within {within:?}: {what}"))
}

/// Runs a future to its end from `Drop`, where nothing can be awaited, on a thread with a runtime of its own. A
/// cleaning that fails is reported and fails no test.
fn clean_up<F>(what: &str, cleaning: F)
where
    F: Future<Output = Result<(), String>> + Send + 'static,
{
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
        runtime.block_on(async {
            tokio::time::timeout(Duration::from_secs(20), cleaning).await.unwrap_or_else(|_| Err("timed out".into()))
        })
    });
    if let Err(problem) = thread.join().unwrap_or_else(|_| Err("the cleaning thread panicked".into())) {
        eprintln!("{what} was left behind: {problem}");
    }
}

/// A name that no other test, process or run has.
fn unique(prefix: &str) -> String {
    format!("{prefix}_{}", uuid::Uuid::new_v4().simple())
}
