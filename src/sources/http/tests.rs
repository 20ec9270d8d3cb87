//! Pulls against real HTTP servers.
