//! Why a pull stopped, told apart by what the caller can do about it.

use std::time::Duration;

/// Why the source could not be read. No text holds a query string, a body, a credential or a person's data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The source is away, overloaded, or asked for patience: pull again, not before `after` has passed.
    #[error("{what}")]
    Retry {
        what: String,
        after: Option<Duration>,
        /// The HTTP status, where there was an answer.
        status: Option<u16>,
    },
    /// The source does not let us in, or we do not trust it: an administrator must look at credentials or
    /// certificates. Pulling again before that may lock the account.
    #[error("{what}")]
    Refused { what: String },
    /// The source answered with something that cannot be used: its administrator, or `[http]`, must be asked.
    #[error("{what}")]
    Protocol {
        what: String,
        /// The HTTP status, where that is what was wrong.
        status: Option<u16>,
    },
    /// The source sends more than `[limits]` allows.
    #[error("{what}")]
    Limit { what: String },
    /// The source leads in a circle. The pull is not complete and its cursor has not moved.
    #[error("{what}")]
    Endless { what: String },
    /// This machine's side of the matter: a certificate file or a setting cannot be used.
    #[error("{what}")]
    Setup { what: String },
}

impl Error {
    /// Whether the same pull may succeed later without anybody doing anything.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Retry { .. })
    }

    /// How long the source asked us to stay away.
    pub const fn after(&self) -> Option<Duration> {
        match self {
            Self::Retry { after, .. } => *after,
            _ => None,
        }
    }

    /// The HTTP status that was the trouble, if one was.
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Retry { status, .. } | Self::Protocol { status, .. } => *status,
            _ => None,
        }
    }

    pub(super) const fn protocol(what: String) -> Self {
        Self::Protocol { what, status: None }
    }

    pub(super) const fn setup(what: String) -> Self {
        Self::Setup { what }
    }

    /// Sets `label` (what was asked) before what went wrong.
    pub(super) fn at(mut self, label: &str) -> Self {
        let (Self::Retry { what, .. }
        | Self::Refused { what }
        | Self::Protocol { what, .. }
        | Self::Limit { what }
        | Self::Endless { what }
        | Self::Setup { what }) = &mut self;
        what.insert_str(0, ": ");
        what.insert_str(0, label);
        self
    }
}

/// The failure of one exchange, from what the HTTP client says.
///
/// `reqwest` prints the whole address, query and all; so only the innermost cause is taken, which names the
/// trouble (`connection refused`, `certificate expired`) and no address.
pub(super) fn from_reqwest(error: reqwest::Error) -> Error {
    let error = error.without_url();
    if let Some(tls) = tls_cause(&error) {
        return Error::Refused { what: format!("no trusted connection: {tls}; check the certificates and http.tls") };
    }
    let what = if error.is_timeout() {
        "no answer in time".to_owned()
    } else if error.is_builder() {
        return Error::Setup { what: "the request cannot be built; check http.url and http.headers".to_owned() };
    } else if error.is_connect() {
        format!("cannot connect: {}", innermost(&error))
    } else {
        format!("the connection broke: {}", innermost(&error))
    };
    Error::Retry { what, after: None, status: None }
}

/// The TLS error in the chain that no retry mends: a certificate that one of both sides does not accept.
fn tls_cause(error: &reqwest::Error) -> Option<String> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
    while let Some(inner) = cause {
        let wrapped = inner.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        let tls = inner.downcast_ref::<rustls::Error>().or_else(|| wrapped?.downcast_ref::<rustls::Error>());
        match tls {
            Some(
                tls @ (rustls::Error::InvalidCertificate(_)
                | rustls::Error::NoCertificatesPresented
                | rustls::Error::AlertReceived(_)),
            ) => return Some(tls.to_string()),
            _ => {
                cause = wrapped.map(|wrapped| wrapped as &(dyn std::error::Error + 'static)).or_else(|| inner.source());
            }
        }
    }
    None
}

fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
