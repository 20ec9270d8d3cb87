//! Pulls against real servers on the loopback interface.

mod auth;
mod body;
mod failure;
mod incremental;
mod pagination;
mod probe;
mod support;
mod tls;
