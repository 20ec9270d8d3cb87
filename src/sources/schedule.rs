//! When a source is pulled: `every 5m` or a cron expression, and the windows of the day in which it may be.

use std::time::Duration;

use chrono::NaiveTime;

/// `schedule = "…"`, in Indochina time.
#[derive(Debug, Clone)]
pub enum Schedule {
    Every(Duration),
    Cron(Box<croner::Cron>),
}

/// `"19:00-06:00"`: from the first time of the day to the second, over midnight where the second is earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub from: NaiveTime,
    pub to: NaiveTime,
}
