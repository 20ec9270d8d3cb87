//! A folder where files are dropped: by hand, over SFTP, by a mail gateway.
//!
//! A file is a set of records that comes at once, and what must not happen is that one of them is skipped, or that half
//! a file passes for the whole:
//!
//! - A file is taken once its size and time have stood still for `settle`, seen by our own clock, and only if they still
//!   stand the same after it was read.
//! - It is known by its content, not by its name: dropped again under another name it is put away unread. The content is
//!   hashed with a key of the installation; the name is in no log, table or cursor, for names tell of people too.
//! - Its records are given out in batches, and the cursor says how many of them are safe. After a crash the file is read
//!   again from its beginning, and what was safe is passed over; the same content gives the same batches.
//! - Once all of it is safe the file is remembered, and then moved to `done/` or `failed/` beside it, over nothing that is
//!   there, with a text that says which rows failed and why. A move that fails is tried again and reads nothing twice.
//! - A fault of a file ends that file and no other. A fault of the surroundings (a folder that is away, a disk that is
//!   full) leaves the file where it is.
//!
//! This module owns: the folder, when a file is whole, what a person is told of it, the shape of the saved cursor.
//! It must not know: how records are told apart ([`Decoder`] does), where they go, what is remembered where.
//! To add a way to put files away: a variant of [`Done`] and the arm in `away.rs`.

mod away;
mod error;
mod fault;
mod folder;
mod note;
mod pattern;
pub mod probe;
mod progress;
mod reading;

pub use error::Error;
pub use fault::{Faults, RowFault, What};
pub use folder::{FileId, Folder, Found};
pub use note::{Note, Outcome};
pub use pattern::Pattern;
pub use progress::{Last, Open, Progress};
pub use reading::{Account, Batch, FileReading};

use std::path::PathBuf;
use std::time::Duration;

#[cfg(doc)]
use crate::sources::mapping::Decoder;

/// `[files]`, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilesConfig {
    pub path: PathBuf,
    /// Which files are taken.
    pub pattern: Pattern,
    /// A file is whole when its size and time have stood still for this long.
    pub settle: Duration,
    pub done: Done,
}

/// What becomes of a file that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// To `done/` or `failed/` beside it.
    Move,
    /// Nothing: the folder is somebody else's.
    Leave,
}
