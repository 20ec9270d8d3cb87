//! A page: from the bytes of an answer to records and to what points at the next page.

use std::sync::Arc;

use serde_json::Value;

use super::client::Inner;
use super::exchange::Answer;
use super::position::Pointer;
use super::{Error, Pagination};
use crate::compression::{self, Encoding, inflate};
use crate::domain::RawRecord;
use crate::sources::format::ReadError;
use crate::sources::mapping::{BodyError, Expression, MapError};

/// What is in a page.
pub(super) struct Content {
    pub(super) records: Vec<RawRecord>,
    pub(super) pointer: Pointer,
    /// Of the records' text; `None` for a page without records.
    pub(super) digest: Option<blake3::Hash>,
}

/// Reads a page away from the threads that serve the network: a page may be hundreds of megabytes.
pub(super) async fn read(inner: &Arc<Inner>, answer: Answer) -> Result<Content, Error> {
    let inner = Arc::clone(inner);
    let label = inner.label.clone();
    let read = tokio::task::spawn_blocking(move || read_now(&inner, answer));
    // The task cannot be cancelled; an error here is a panic of a parser, and it must not take the source down.
    let content =
        read.await.unwrap_or_else(|_| Err(Error::protocol("the page made the reader fail; see the log".to_owned())));
    content.map_err(|error| error.at(&label))
}

fn read_now(inner: &Inner, answer: Answer) -> Result<Content, Error> {
    let described = format!("answered {} with {}", answer.status.as_u16(), media_type(answer.content_type.as_deref()));
    if answer.body.is_empty() && answer.status != reqwest::StatusCode::OK {
        return Ok(Content {
            records: Vec::new(),
            pointer: Pointer { link: answer.next_link, ..Pointer::default() },
            digest: None,
        });
    }
    let encoding = Encoding::parse(answer.content_encoding.as_deref()).map_err(|error| unpacked(&error))?;
    let body = inflate(encoding, &answer.body, inner.limits.decompressed_bytes).map_err(|error| unpacked(&error))?;
    let records = inner.decoder.records(&body).map_err(|error| unreadable(&error, &described))?;
    let expression = match &inner.config.pagination {
        Pagination::Cursor { next, .. } => Some(next),
        Pagination::Page { total_pages, .. } => total_pages.as_ref(),
        Pagination::None | Pagination::Offset { .. } | Pagination::LinkHeader => None,
    };
    let value = expression.map(|expression| point(inner, expression, &body, &described)).transpose()?.flatten();
    let pointer = Pointer { records: records.len() as u64, value, link: answer.next_link };
    let digest = (!records.is_empty()).then(|| digest(&records));
    Ok(Content { records, pointer, digest })
}

/// What an expression of the pagination makes of a page.
fn point(inner: &Inner, expression: &Expression, body: &[u8], described: &str) -> Result<Option<Value>, Error> {
    let found = inner.decoder.find(expression, body).map_err(|error| unreadable(&error, described))?;
    found.map_err(|error| match error {
        MapError::TimedOut | MapError::TooMuch => Error::Limit { what: format!("http.pagination: {error}") },
        MapError::Unfit(_) => Error::protocol(format!("http.pagination: {error}")),
    })
}

fn unpacked(error: &compression::Error) -> Error {
    match error {
        compression::Error::TooLarge { .. } => Error::Limit { what: error.to_string() },
        _ => Error::protocol(error.to_string()),
    }
}

fn unreadable(error: &BodyError, described: &str) -> Error {
    let what = format!("{described}: {error}");
    match error {
        BodyError::TooLarge { .. }
        | BodyError::TooDeep { .. }
        | BodyError::Records(MapError::TimedOut | MapError::TooMuch)
        | BodyError::Unreadable(
            ReadError::TooLarge { .. } | ReadError::TooLargeForMemory { .. } | ReadError::RecordTooLarge { .. },
        ) => Error::Limit { what },
        _ => Error::protocol(what),
    }
}

/// `text/html`, without parameters, and only if it looks like a media type.
fn media_type(header: Option<&str>) -> &str {
    let Some(header) = header else { return "no content type" };
    let kind = header.split(';').next().unwrap_or_default().trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/+-._".contains(c);
    if !kind.is_empty() && kind.len() <= 80 && kind.chars().all(plain) { kind } else { "a strange content type" }
}

fn digest(records: &[RawRecord]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for record in records {
        let text = record.0.get();
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    hasher.finalize()
}
