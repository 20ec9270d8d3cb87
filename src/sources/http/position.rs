//! Where in its pages a pull stands, and how it comes to the next one.

use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::origin::{drop_query, follow, set_query};
use super::{Auth, Error, HttpConfig, KeyPlace, Mode, Pagination, since};
use chrono::{DateTime, Utc};

/// A page of a pull; part of the saved cursor.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub(super) enum Position {
    /// The first page, where pages have no numbers.
    Start,
    Page {
        page: u64,
    },
    Offset {
        offset: u64,
    },
    Cursor {
        value: String,
    },
    /// An address that the source gave, without the API key.
    Url {
        url: String,
    },
}

/// What a page tells about the one after it.
#[derive(Debug, Default)]
pub(super) struct Pointer {
    /// How many records the page holds.
    pub(super) records: u64,
    /// What the expression of the pagination (`next`, `total_pages`) made of the page.
    pub(super) value: Option<Value>,
    /// The target of the `Link` header's `next`.
    pub(super) link: Option<String>,
}

impl Position {
    pub(super) const fn first(pagination: &Pagination) -> Self {
        match pagination {
            Pagination::None | Pagination::Cursor { .. } | Pagination::LinkHeader => Self::Start,
            Pagination::Page { first, .. } => Self::Page { page: *first },
            Pagination::Offset { .. } => Self::Offset { offset: 0 },
        }
    }

    /// Whether a saved position still means something: not after the pagination was configured anew.
    pub(super) const fn fits(&self, pagination: &Pagination) -> bool {
        matches!(
            (self, pagination),
            (Self::Start, Pagination::None | Pagination::Cursor { .. } | Pagination::LinkHeader)
                | (Self::Page { .. }, Pagination::Page { .. })
                | (Self::Offset { .. }, Pagination::Offset { .. })
                | (Self::Cursor { .. }, Pagination::Cursor { .. })
                | (Self::Url { .. }, Pagination::Cursor { .. } | Pagination::LinkHeader)
        )
    }

    /// The address of this page, without credentials.
    pub(super) fn address(&self, config: &HttpConfig, since: Option<DateTime<Utc>>) -> Result<Url, Error> {
        if let Self::Url { url } = self {
            return follow(&config.url, url, "the saved next link");
        }
        let mut url = config.url.clone();
        if let (Mode::Incremental { param, format, .. }, Some(since)) = (&config.mode, since) {
            set_query(&mut url, param, &since::write(since, format).map_err(Error::setup)?);
        }
        match (self, &config.pagination) {
            (Self::Page { page }, Pagination::Page { param, size_param, size, .. }) => {
                set_query(&mut url, param, &page.to_string());
                if let (Some(param), Some(size)) = (size_param, size) {
                    set_query(&mut url, param, &size.to_string());
                }
            }
            (Self::Offset { offset }, Pagination::Offset { param, limit_param, limit }) => {
                set_query(&mut url, param, &offset.to_string());
                set_query(&mut url, limit_param, &limit.to_string());
            }
            (Self::Cursor { value }, Pagination::Cursor { param, .. }) => set_query(&mut url, param, value),
            _ => {}
        }
        Ok(url)
    }

    /// The page after this one; `None`: this one was the last.
    ///
    /// Numbered pages go on until one is empty: a page shorter than was asked for proves nothing, because many
    /// servers give fewer records a page than they are asked for.
    pub(super) fn after(&self, config: &HttpConfig, page_url: &Url, pointer: &Pointer) -> Result<Option<Self>, Error> {
        match (self, &config.pagination) {
            (Self::Page { page }, Pagination::Page { first, .. }) => {
                let more = match &pointer.value {
                    Some(total) => page.saturating_sub(*first).saturating_add(1) < whole_number(total)?,
                    None => pointer.records > 0,
                };
                Ok(more.then(|| Self::Page { page: page.saturating_add(1) }))
            }
            (Self::Offset { offset }, Pagination::Offset { .. }) => {
                let next = Self::Offset { offset: offset.saturating_add(pointer.records) };
                Ok((pointer.records > 0).then_some(next))
            }
            (_, Pagination::Cursor { .. }) => match &pointer.value {
                None | Some(Value::Null | Value::Bool(false)) => Ok(None),
                Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
                Some(Value::String(text)) if is_address(text, page_url) => link(config, page_url, text).map(Some),
                Some(Value::String(value)) => Ok(Some(Self::Cursor { value: value.clone() })),
                Some(Value::Number(value)) => Ok(Some(Self::Cursor { value: value.to_string() })),
                Some(_) => Err(Error::protocol(
                    "the next cursor is neither text nor a number; check pagination.cursor.next".to_owned(),
                )),
            },
            (_, Pagination::LinkHeader) => {
                pointer.link.as_deref().map(|target| link(config, page_url, target)).transpose()
            }
            _ => Ok(None),
        }
    }
}

/// Whether a cursor's text is an address rather than a value for the parameter: with a scheme, or the page's own
/// path (or nothing) before a query.
fn is_address(text: &str, page_url: &Url) -> bool {
    let path = text.split_once('?').map(|(path, _)| path);
    text.starts_with("https://")
        || text.starts_with("http://")
        || path.is_some_and(|it| it.is_empty() || it == page_url.path())
}

/// An address that the source gave, as it is saved: the API key, should the source repeat it there, is left out.
fn link(config: &HttpConfig, page_url: &Url, target: &str) -> Result<Position, Error> {
    let mut url = follow(page_url, target, "the next link")?;
    if let Auth::ApiKey { place: KeyPlace::Query, name, .. } = &config.auth {
        drop_query(&mut url, name);
    }
    Ok(Position::Url { url: url.into() })
}

fn whole_number(value: &Value) -> Result<u64, Error> {
    let number = match value {
        Value::Number(number) => number.as_u64().or_else(|| number.as_f64().map(|number| number.max(0.0) as u64)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.ok_or_else(|| {
        Error::protocol("the number of pages is no number; check pagination.page.total_pages".to_owned())
    })
}
