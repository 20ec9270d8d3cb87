//! One question and its answer: credentials, redirects, retries, and a body of bounded size.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, DATE, HeaderMap, HeaderName, LINK, LOCATION, RETRY_AFTER,
};
use reqwest::{Response, StatusCode, Url};
use tokio::time::Instant;

use super::client::Inner;
use super::error::from_reqwest;
use super::origin::follow;
use super::patience::{Patience, http_date, retry_after};
use super::token::Token;
use super::{Error, link};
use crate::sources::stats::Stats;

/// Redirects that are followed for one request.
const REDIRECTS: u32 = 5;

/// An answer with a status of success; the body is still compressed.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// Where the answer came from, after redirects; without an API key.
    pub(super) url: Url,
    pub(super) content_type: Option<String>,
    pub(super) content_encoding: Option<String>,
    /// The target of `Link: rel="next"`.
    pub(super) next_link: Option<String>,
    pub(super) body: Vec<u8>,
    pub(super) elapsed: Duration,
}

/// What the answers tell about the source's clock: its `Date` and the moments between which it was written.
#[derive(Debug, Clone, Copy)]
pub(super) struct ClockReading {
    pub(super) date: DateTime<Utc>,
    pub(super) sent: Instant,
    pub(super) received: Instant,
}

impl ClockReading {
    /// How far the source's clock is ahead of ours, which said `at` at the moment `instant`; zero where its `Date`,
    /// which is cut to a second, can be explained by the time that the request took.
    pub(super) fn skew(&self, at: DateTime<Utc>, instant: Instant) -> TimeDelta {
        let ours = |moment: Instant| {
            let passed = TimeDelta::from_std(moment.saturating_duration_since(instant)).unwrap_or_default();
            at.checked_add_signed(passed).unwrap_or(at)
        };
        let (earliest, latest) = (ours(self.sent) - TimeDelta::seconds(1), ours(self.received));
        (self.date - latest).max(TimeDelta::zero()) + (self.date - earliest).min(TimeDelta::zero())
    }
}

/// What an exchange leaves behind even when it fails.
#[derive(Default)]
pub(super) struct Ledger {
    pub(super) stats: Stats,
    /// The first one counts.
    pub(super) clock: Option<ClockReading>,
}

impl Inner {
    /// Asks for `url` and tries again while there is hope.
    pub(super) async fn get(&self, url: &Url, patience: &Patience, ledger: &mut Ledger) -> Result<Answer, Error> {
        let begin = Instant::now();
        let mut attempt = 1;
        let mut renewed = false;
        loop {
            let error = match self.attempt(url, &mut renewed, ledger).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let wait = error
                .is_transient()
                .then(|| patience.wait(attempt, begin.elapsed(), error.after(), fastrand::f64()))
                .flatten();
            let Some(wait) = wait else {
                let times = if attempt > 1 { format!(", after {attempt} attempts") } else { String::new() };
                return Err(error.at(&format!("{}{times}", self.label)));
            };
            tracing::debug!(%error, attempt, ?wait, "asking again");
            tokio::time::sleep(wait).await;
            attempt += 1;
            ledger.stats.retries += 1;
        }
    }

    /// One try: over redirects, and once over a token that the source no longer takes.
    async fn attempt(&self, url: &Url, renewed: &mut bool, ledger: &mut Ledger) -> Result<Answer, Error> {
        let mut url = url.clone();
        let mut hops = 0;
        loop {
            if let Some(pacer) = &self.pacer {
                pacer.wait().await;
            }
            let token = self.token().await?;
            let timeout = self.config.timeout;
            let call = tokio::time::timeout(timeout, self.call(&url, token.as_ref(), ledger));
            let no_answer = || Error::Retry { what: format!("no answer in {timeout:?}"), after: None, status: None };
            let reply = call.await.unwrap_or_else(|_| Err(no_answer()))?;
            match (reply, token, &self.tokens) {
                (Reply::Answer(answer), ..) => return Ok(answer),
                (Reply::Redirect(target), ..) if hops < REDIRECTS => {
                    hops += 1;
                    url = follow(&url, &target, "a redirect")?;
                }
                (Reply::Redirect(_), ..) => {
                    return Err(Error::protocol(format!("more than {REDIRECTS} redirects; check http.url")));
                }
                (Reply::Unauthorized, Some(token), Some(tokens)) if !*renewed => {
                    *renewed = true;
                    tokens.forget(&token).await;
                }
                (Reply::Unauthorized, ..) => {
                    return Err(Error::Refused {
                        what: "answered 401: the credentials are not taken; check http.auth".to_owned(),
                    });
                }
            }
        }
    }

    async fn token(&self) -> Result<Option<Token>, Error> {
        match &self.tokens {
            Some(tokens) => tokens.current(&self.http, self.config.timeout, &self.patience).await.map(Some),
            None => Ok(None),
        }
    }

    /// One request and its answer.
    async fn call(&self, url: &Url, token: Option<&Token>, ledger: &mut Ledger) -> Result<Reply, Error> {
        let sent = Instant::now();
        ledger.stats.calls += 1;
        let mut request = self.http.get(self.with_key(url)).headers(self.headers.clone());
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, token.header.clone());
        }
        let response = request.send().await.map_err(from_reqwest)?;
        let date = text(response.headers(), &DATE).and_then(http_date);
        if let Some(date) = date {
            ledger.clock.get_or_insert(ClockReading { date, sent, received: Instant::now() });
        }
        let status = response.status();
        let headers = response.headers();
        if status.is_redirection() {
            ledger.stats.latencies.push(sent.elapsed());
            let target = text(headers, &LOCATION).map(ToOwned::to_owned);
            let nowhere = || Error::Protocol {
                what: format!("answered {} without an address to go to; check http.url", status.as_u16()),
                status: Some(status.as_u16()),
            };
            return target.map(Reply::Redirect).ok_or_else(nowhere);
        }
        if !status.is_success() {
            ledger.stats.latencies.push(sent.elapsed());
            let after = text(headers, &RETRY_AFTER).and_then(|header| retry_after(header, date));
            return refusal(status, after).map_or(Ok(Reply::Unauthorized), Err);
        }
        let owned = |name: &HeaderName| text(headers, name).map(ToOwned::to_owned);
        let (content_type, content_encoding) = (owned(&CONTENT_TYPE), owned(&CONTENT_ENCODING));
        let links = headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
        let next_link = link::next(links).map(ToOwned::to_owned);
        let body = self.body(response, &mut ledger.stats.bytes).await?;
        let elapsed = sent.elapsed();
        ledger.stats.latencies.push(elapsed);
        Ok(Reply::Answer(Answer { status, url: url.clone(), content_type, content_encoding, next_link, body, elapsed }))
    }

    /// Reads a body piece by piece and stops as soon as it is too large.
    async fn body(&self, mut response: Response, bytes: &mut u64) -> Result<Vec<u8>, Error> {
        let limit = self.limits.response_bytes;
        let too_large = || Error::Limit {
            what: format!(
                "the answer is larger than {limit} bytes; ask for smaller pages or raise limits.response_bytes"
            ),
        };
        let announced = response.content_length().unwrap_or_default();
        if announced > limit as u64 {
            return Err(too_large());
        }
        // What is announced need not come: only so much is set aside at once.
        let mut body = Vec::with_capacity(announced.min(1 << 20) as usize);
        let stall = self.patience.stall;
        let stalled = |_| Error::Retry { what: format!("the answer stalled for {stall:?}"), after: None, status: None };
        while let Some(piece) =
            tokio::time::timeout(stall, response.chunk()).await.map_err(stalled)?.map_err(from_reqwest)?
        {
            *bytes += piece.len() as u64;
            if body.len() + piece.len() > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }
}

enum Reply {
    Answer(Answer),
    Redirect(String),
    Unauthorized,
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// What a status other than success means; `None` for 401, which a new token may mend.
fn refusal(status: StatusCode, after: Option<Duration>) -> Option<Error> {
    let code = status.as_u16();
    let said = format!("answered {code}{}", status.canonical_reason().map(|it| format!(" {it}")).unwrap_or_default());
    Some(match status {
        StatusCode::UNAUTHORIZED => return None,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {
            Error::Retry { what: said, after, status: Some(code) }
        }
        status if status.is_server_error() => Error::Retry { what: said, after, status: Some(code) },
        StatusCode::FORBIDDEN | StatusCode::PROXY_AUTHENTICATION_REQUIRED => Error::Refused {
            what: format!(
                "{said}: the credentials do not reach this far; ask the source's administrator for the right to read"
            ),
        },
        _ => {
            Error::Protocol { what: format!("{said}; check http.url, pagination and incremental"), status: Some(code) }
        }
    })
}
