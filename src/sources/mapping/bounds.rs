//! What one run of an expression may cost, and the account that is kept while it runs.
//!
//! jaq has no fuel of its own. Every call, every output of a generator and every turn of a loop passes through
//! [`Account::step`] (see `meter.rs`), so an expression that never ends is stopped from within its own thread:
//! no helper thread can be lost to it. Steps are counted first and time second, because steps are the same on
//! every machine and a record must map alike wherever it is mapped; the clock catches what few steps do slowly.

use std::cell::Cell;
use std::time::{Duration, Instant};

use jaq_json::{Num, Val};

use super::MapError;

/// Steps that an expression may take in each millisecond of its time: above what jaq can do, so that in an
/// ordinary case it is the count that ends an endless expression and not the clock.
const STEPS_PER_MILLISECOND: u64 = 4_000;

/// How often the clock is read, in steps.
const CLOCK_EVERY: u64 = 32;

/// Stack that an expression may use: a quarter of the smallest stack it runs on (2 MiB, tokio's workers).
const STACK_BYTES: usize = 512 << 10;

/// Levels of nested arrays and objects in a value that a loop builds. Such a value is freed recursively, so a
/// deeper one could overflow the stack.
const LOOP_DEPTH: usize = 256;

/// Elements of a string, an array or an object that an expression handles.
const LENGTH: usize = 16 << 20;

/// What one run may cost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub time: Duration,
    /// Bytes of all output, counted as [`weight`] does; also the most that a loop may build up.
    pub output: usize,
}

impl Bounds {
    /// For one record: up to 8 MiB of output.
    pub fn record(time: Duration) -> Self {
        Self { time, output: 8 << 20 }
    }

    /// For a page of this many bytes, where `time` is meant for each record: a record is taken to be 1 KiB.
    pub fn page(time: Duration, bytes: usize) -> Self {
        let records = u32::try_from(bytes / 1024).unwrap_or(u32::MAX).clamp(1, 240);
        Self { time: time.saturating_mul(records), output: (8 << 20) + bytes.saturating_mul(16) }
    }
}

/// The running account of one run.
pub(super) struct Account {
    steps_left: Cell<u64>,
    deadline: Instant,
    stack_base: usize,
    output: usize,
    /// Why the run was stopped.
    stopped: Cell<Option<Stopped>>,
}

/// Why a run was stopped from within.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stopped {
    Time,
    Output,
}

impl From<Stopped> for MapError {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Time => Self::TimedOut,
            Stopped::Output => Self::TooMuch,
        }
    }
}

impl Account {
    pub fn open(bounds: Bounds) -> Self {
        let steps = u64::try_from(bounds.time.as_millis()).unwrap_or(u64::MAX).max(1);
        Self {
            steps_left: Cell::new(steps.saturating_mul(STEPS_PER_MILLISECOND)),
            deadline: Instant::now() + bounds.time,
            stack_base: stack_pointer(),
            output: bounds.output,
            stopped: Cell::new(None),
        }
    }

    /// Pays for one step with this value as input.
    pub fn step(&self, value: &Val) -> Result<(), Stopped> {
        if let Some(stopped) = self.stopped.get() {
            return Err(stopped);
        }
        let left = self.steps_left.get();
        if left == 0 || (left.is_multiple_of(CLOCK_EVERY) && Instant::now() >= self.deadline) {
            return Err(self.stop(Stopped::Time));
        }
        self.steps_left.set(left - 1);
        if length(value) > LENGTH || self.stack_base.abs_diff(stack_pointer()) > STACK_BYTES {
            return Err(self.stop(Stopped::Output));
        }
        Ok(())
    }

    /// Pays for one turn of a loop that carries this value on: it must not grow without end.
    pub fn turn(&self, value: &Val) -> Result<(), Stopped> {
        self.step(value)?;
        match weight(value, self.output, LOOP_DEPTH) {
            Some(_) => Ok(()),
            None => Err(self.stop(Stopped::Output)),
        }
    }

    /// Refuses work that grows with the product of two sizes.
    pub fn product(&self, left: &Val, right: &Val, limit: usize) -> Result<(), Stopped> {
        let weigh = |value| weight(value, limit, LOOP_DEPTH);
        match (weigh(left), weigh(right)) {
            (Some(l), Some(r)) if l.saturating_mul(r) <= limit => Ok(()),
            _ => Err(self.stop(Stopped::Output)),
        }
    }

    /// Refuses a text repeated beyond the output, or an integer of thousands of digits.
    pub fn multiply(&self, left: &Val, right: &Val) -> Result<(), Stopped> {
        let too_much = match (left, right) {
            (Val::TStr(text) | Val::BStr(text), Val::Num(times))
            | (Val::Num(times), Val::TStr(text) | Val::BStr(text)) => {
                let times = times.as_isize().unwrap_or(isize::MAX);
                usize::try_from(times).unwrap_or(0).saturating_mul(text.len()) > self.output
            }
            (Val::Num(l), Val::Num(r)) => bits(l) + bits(r) > 4096,
            _ => false,
        };
        if too_much { Err(self.stop(Stopped::Output)) } else { Ok(()) }
    }

    /// Records why the run ends; the first reason stays.
    pub fn stop(&self, why: Stopped) -> Stopped {
        let first = self.stopped.get().unwrap_or(why);
        self.stopped.set(Some(first));
        first
    }

    pub fn stopped(&self) -> Option<Stopped> {
        self.stopped.get()
    }
}

/// Bytes or elements at the top of a value.
fn length(value: &Val) -> usize {
    match value {
        Val::TStr(text) | Val::BStr(text) => text.len(),
        Val::Arr(items) => items.len(),
        Val::Obj(fields) => fields.len(),
        _ => 0,
    }
}

fn bits(number: &Num) -> u64 {
    match number {
        Num::BigInt(integer) => integer.bits(),
        _ => 64,
    }
}

/// Roughly the bytes that a value takes, shared parts counted each time; `None` above `limit` or deeper than
/// `depth`.
pub(super) fn weight(value: &Val, limit: usize, depth: usize) -> Option<usize> {
    fn add(value: &Val, sum: &mut usize, limit: usize, depth: usize) -> Option<()> {
        *sum += 16;
        match value {
            Val::TStr(text) | Val::BStr(text) => *sum += text.len(),
            Val::Num(Num::BigInt(integer)) => *sum += usize::try_from(integer.bits() / 8).ok()?,
            Val::Arr(items) => {
                let depth = depth.checked_sub(1)?;
                items.iter().try_for_each(|item| add(item, sum, limit, depth))?;
            }
            Val::Obj(fields) => {
                let depth = depth.checked_sub(1)?;
                fields.iter().try_for_each(|(key, item)| {
                    *sum += length(key);
                    add(item, sum, limit, depth)
                })?;
            }
            _ => {}
        }
        (*sum <= limit).then_some(())
    }
    let mut sum = 0;
    add(value, &mut sum, limit, depth)?;
    Some(sum)
}

/// Where the stack stands, near enough.
fn stack_pointer() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(&here).addr()
}
