//! One answer of an address that is no source yet.

use std::sync::Arc;
use std::time::Duration;

use super::client::Client;
use super::exchange::Ledger;
use super::{Auth, Error, HttpConfig, Mode, Pagination, Patience, Tls, Url};
use crate::compression::{Encoding, inflate};
use crate::domain::SourceId;
use crate::sources::Limits;
use crate::sources::format::{Encoding as TextEncoding, Format};
use crate::sources::mapping::{Decoder, DecoderConfig};

/// What an address answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// Without what it was compressed with on its way.
    pub bytes: Vec<u8>,
    /// Whether the answer names the next page in its `Link` header.
    pub has_link: bool,
}

/// Fetches an address once, without credentials and without a retry.
///
/// # Errors
/// See [`Error`].
pub async fn fetch_once(url: &Url) -> Result<Body, Error> {
    let config = HttpConfig {
        url: url.clone(),
        timeout: Duration::from_secs(30),
        rate_limit: None,
        headers: Vec::new(),
        auth: Auth::None,
        tls: Tls::default(),
        pagination: Pagination::None,
        mode: Mode::Full,
    };
    let limits = Limits::default();
    let source = SourceId::parse("sample").map_err(Error::setup)?;
    // a client reads pages with it; here the answer is looked at as it is
    let decoder = Decoder::new(DecoderConfig {
        source,
        format: Format::Json,
        encoding: TextEncoding::Utf8,
        records: None,
        mapping: None,
        limits: limits.clone(),
    });
    let once = Patience { attempts: 1, ..Patience::default() };
    let client = Client::with_patience(&config, &limits, Arc::new(decoder), once.clone())?;
    let inner = &client.inner;
    let answer = inner.get(&config.url, &once, &mut Ledger::default()).await?;
    let unpack = || {
        let encoding = Encoding::parse(answer.content_encoding.as_deref())?;
        inflate(encoding, &answer.body, limits.decompressed_bytes).map(std::borrow::Cow::into_owned)
    };
    let bytes = unpack().map_err(|error| Error::protocol(error.to_string()).at(&inner.label))?;
    Ok(Body { bytes, has_link: answer.next_link.is_some() })
}
