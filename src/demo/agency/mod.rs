//! Ten agencies, no two alike: each with its own fields and codes, over HTTP or AMQP, as real servers and publishers.
//!
//! Owns: the shapes ([`Simulated::shape`]), the servers and what they count, the messages of those that publish,
//! the folder of configuration that points at them ([`folder`]), and the little changes of every day ([`Agencies::trickle`]).
//!
//! Must not know: the broker (a publisher hands its messages to a closure) and the daemon's mapping: that a record
//! comes out right is the doing of `config/demo/sources.d/` alone.
//!
//! To add an agency: its file here, an arm in [`simulated`], its configuration in `folder.rs`.

mod bacninh;
mod bgddt;
mod bhxh;
mod btp;
mod bxd;
mod byt;
mod danang;
mod desk;
mod door;
pub mod folder;
mod hanoi;
mod listing;
mod nghean;
mod publisher;
mod server;
mod shape;
mod thue;
mod town;
mod trickle;
mod words;

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

pub use folder::Surroundings;
pub use listing::Listing;
pub use publisher::Outgoing;
pub use town::{Agencies, Change, Entry, Error, Tally};
pub use words::{Term, Wording};

use super::generate::{Office, Record};
use crate::compression::Encoding;

/// One agency's system.
#[derive(Debug)]
pub struct Simulated {
    pub office: Office,
    /// How it writes codes; `None`: as the interchange record does.
    pub wording: Option<Wording>,
    /// A record in its own fields.
    pub shape: fn(&Record) -> Value,
    pub transport: Transport,
}

/// How its records come out of it.
#[derive(Debug)]
pub enum Transport {
    /// It is asked.
    Http(Http),
    /// It publishes to its inbox.
    Amqp(Amqp),
}

/// An interface that is asked.
#[derive(Debug)]
pub struct Http {
    pub path: &'static str,
    pub auth: Auth,
    pub paging: Paging,
    /// `None`: always everything.
    pub since: Option<Since>,
    /// Of the answer, where the client accepts it.
    pub encoding: Encoding,
    /// Whether withdrawn records are listed as such; else they are just not there any more.
    pub tombstones: bool,
    /// A page as this system frames it.
    pub envelope: fn(&Listing) -> Value,
    /// Calls, counted from 1, that are answered with 503 and `Retry-After: 1`.
    pub busy_on: &'static [u64],
    /// Calls that take a second and a half.
    pub slow_on: &'static [u64],
}

/// What a client must show.
#[derive(Debug)]
pub enum Auth {
    None,
    Basic {
        username: &'static str,
    },
    Bearer,
    ApiKey {
        header: &'static str,
    },
    ApiKeyParameter {
        name: &'static str,
    },
    /// Client credentials; a token lives that long.
    OAuth2 {
        client_id: &'static str,
        token_path: &'static str,
        lives: Duration,
    },
}

/// How its answer is divided.
#[derive(Debug)]
pub enum Paging {
    Everything,
    /// Numbered from 1; `size` unless the client asks for another.
    Page {
        param: &'static str,
        size_param: Option<&'static str>,
        size: usize,
    },
    Offset {
        param: &'static str,
        limit_param: &'static str,
    },
    /// What comes after a page is an opaque text, or a whole address.
    Cursor {
        param: &'static str,
        size: usize,
        as_url: bool,
    },
    /// RFC 8288; `param` is part of the address in the header.
    Link {
        param: &'static str,
        size: usize,
    },
}

/// The parameter that asks for what was edited since, and how it is read.
#[derive(Debug)]
pub struct Since {
    pub param: &'static str,
    pub read: fn(&str) -> Option<DateTime<Utc>>,
}

/// A publisher.
#[derive(Debug)]
pub struct Amqp {
    /// Records a message.
    pub batch: usize,
    pub encoding: Encoding,
    /// What it sends about a record, oldest first; the last is the newest.
    pub sent: fn(&Record) -> Vec<Sent>,
    /// A message as this system frames it.
    pub pack: fn(Vec<Value>) -> Value,
    /// Every so many messages one is sent twice; 0: never.
    pub again_every: u64,
}

/// One record, or a part or an earlier version of it, on its way out.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    pub at: DateTime<Utc>,
    pub value: Value,
}

/// The system of an agency.
pub fn simulated(office: Office) -> &'static Simulated {
    match office {
        Office::Bxd => &bxd::AGENCY,
        Office::Byt => &byt::AGENCY,
        Office::Bgddt => &bgddt::AGENCY,
        Office::Btp => &btp::AGENCY,
        Office::Bhxh => &bhxh::AGENCY,
        Office::Thue => &thue::AGENCY,
        Office::HaNoi => &hanoi::AGENCY,
        Office::BacNinh => &bacninh::AGENCY,
        Office::DaNang => &danang::AGENCY,
        Office::NgheAn => &nghean::AGENCY,
    }
}

impl Simulated {
    /// In a few words, for people: `HTTP, cursor, OAuth 2`.
    pub fn transport_name(&self) -> String {
        let http = match &self.transport {
            Transport::Amqp(_) => return "AMQP inbox".to_owned(),
            Transport::Http(http) => http,
        };
        let paging = match http.paging {
            Paging::Everything => "whole set",
            Paging::Page { .. } => "pages",
            Paging::Offset { .. } => "offset",
            Paging::Cursor { .. } => "cursor",
            Paging::Link { .. } => "link header",
        };
        let auth = match http.auth {
            Auth::None => "open",
            Auth::Basic { .. } => "basic",
            Auth::Bearer => "bearer",
            Auth::ApiKey { .. } | Auth::ApiKeyParameter { .. } => "API key",
            Auth::OAuth2 { .. } => "OAuth 2",
        };
        format!("HTTP, {paging}, {auth}")
    }
}

#[cfg(test)]
mod tests;
