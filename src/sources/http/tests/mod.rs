//! Pulls against real servers on the loopback interface.
//!
//! Owns: what HTTP sources must do with pages, credentials, certificates, clocks, failures and crashes.
//! Must not know: the broker and the database; what becomes of a page is tested where it is stored.
//! To add a behaviour: a test in the file of its subject, against a server that is made to behave so.

mod auth;
mod body;
mod failure;
mod incremental;
mod pagination;
mod probe;
mod support;
mod tls;
