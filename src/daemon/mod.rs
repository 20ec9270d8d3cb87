//! The daemon: build, lifecycle, supervision of sources, reload.
//!
//! Owns: which tasks run, when they stop, what systemd and `petitiond status` are told.
//! Must not know: how a record is mapped, linked or stored; how a person types commands.
//! To add a task: start it in `assembly.rs`, let it say its progress, stop it in `lifecycle.rs`.
//!
//! The database or the broker being away is no reason to exit: the daemon stays up, waits, and says so. A wrong
//! configuration is one, with status 78 (a key file that is not the database's too), and a database newer than the binary is another.

pub mod assembly;
pub mod control;
mod forward;
pub mod keys;
pub mod lifecycle;
pub mod source;
pub mod supervisor;

pub use lifecycle::run;
