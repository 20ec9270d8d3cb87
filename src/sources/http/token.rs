//! OAuth 2 client credentials (RFC 6749, section 4.4): one token a source, renewed before it ends.

use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::{StatusCode, Url};
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::Error;
use super::error::from_reqwest;
use super::origin::label;
use super::patience::{Patience, http_date, retry_after};
use crate::secret::{ExposeSecret, Secret};

/// A token answer is a few hundred bytes; one of this size is none.
const LARGEST_ANSWER: usize = 256 << 10;
/// A token is renewed this long before it ends, or a tenth of its life before, whichever is shorter.
const MARGIN: Duration = Duration::from_mins(1);

/// Gets tokens and keeps the newest.
pub(super) struct Tokens {
    url: Url,
    client_id: String,
    client_secret: Secret,
    scope: Option<String>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    token: Option<Token>,
    /// How many tokens there have been: tells a token that was refused from its successor.
    serial: u64,
    /// The endpoint wants the credentials as HTTP Basic rather than in the form.
    basic: bool,
}

/// A token, ready to be sent as `authorization`.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) header: HeaderValue,
    pub(super) serial: u64,
    renew_at: Option<Instant>,
}

impl Tokens {
    pub(super) fn new(url: Url, client_id: String, client_secret: Secret, scope: Option<String>) -> Self {
        Self { url, client_id, client_secret, scope, state: Mutex::default() }
    }

    /// The present token, or a new one where there is none or it is about to end. One request at a time: whoever
    /// comes meanwhile waits for its answer.
    pub(super) async fn current(
        &self,
        http: &reqwest::Client,
        timeout: Duration,
        patience: &Patience,
    ) -> Result<Token, Error> {
        let mut state = self.state.lock().await;
        if let Some(token) = &state.token
            && token.renew_at.is_none_or(|renew_at| Instant::now() < renew_at)
        {
            return Ok(token.clone());
        }
        let fetch = self.fetch(http, &mut state, patience);
        let timed_out = || Error::Retry { what: format!("no answer in {timeout:?}"), after: None, status: None };
        let (header, lifetime) = tokio::time::timeout(timeout, fetch)
            .await
            .unwrap_or_else(|_| Err(timed_out()))
            .map_err(|error| error.at(&format!("POST {}", label(&self.url))))?;
        state.serial += 1;
        let renew_at = lifetime.map(|lifetime| Instant::now() + lifetime.saturating_sub(MARGIN.min(lifetime / 10)));
        let token = Token { header, serial: state.serial, renew_at };
        state.token = Some(token.clone());
        Ok(token)
    }

    /// Drops a token that the source refused, unless a newer one is there already.
    pub(super) async fn forget(&self, refused: &Token) {
        let mut state = self.state.lock().await;
        if state.token.as_ref().is_some_and(|token| token.serial == refused.serial) {
            state.token = None;
        }
    }

    /// Asks with the credentials in the form; where the endpoint does not take them so, with HTTP Basic, which it
    /// must take (section 2.3.1), and so from then on.
    async fn fetch(
        &self,
        http: &reqwest::Client,
        state: &mut State,
        patience: &Patience,
    ) -> Result<(HeaderValue, Option<Duration>), Error> {
        let mut answer = self.ask(http, state.basic, patience).await?;
        if !state.basic && is_client_refused(&answer) {
            let by_basic = self.ask(http, true, patience).await?;
            state.basic = by_basic.status.is_success();
            answer = by_basic;
        }
        read_token(&answer)
    }

    async fn ask(&self, http: &reqwest::Client, basic: bool, patience: &Patience) -> Result<Answer, Error> {
        let mut form = vec![("grant_type", "client_credentials")];
        form.extend(self.scope.as_deref().map(|scope| ("scope", scope)));
        let mut request = http.post(self.url.clone()).header("accept", "application/json");
        if basic {
            let secret = form_encoded(self.client_secret.expose_secret());
            request = request.basic_auth(form_encoded(&self.client_id), Some(secret));
        } else {
            form.push(("client_id", &self.client_id));
            form.push(("client_secret", self.client_secret.expose_secret()));
        }
        let mut response = request.form(&form).send().await.map_err(from_reqwest)?;
        let status = response.status();
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        let date = header("date").and_then(http_date);
        let after = header("retry-after").and_then(|value| retry_after(value, date));
        let mut body = Vec::new();
        loop {
            let stalled = |_| Error::Retry { what: "the answer stalled".to_owned(), after: None, status: None };
            let chunk = tokio::time::timeout(patience.stall, response.chunk()).await.map_err(stalled)?;
            let Some(chunk) = chunk.map_err(from_reqwest)? else { break };
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return Err(Error::Limit {
                    what: format!("the answer is larger than {LARGEST_ANSWER} bytes; check token_url"),
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, after, body: serde_json::from_slice(&body).unwrap_or(Value::Null) })
    }
}

struct Answer {
    status: StatusCode,
    after: Option<Duration>,
    body: Value,
}

impl Answer {
    /// The error code of section 5.2, if it is one of those: anything else might be anything.
    fn code(&self) -> Option<&'static str> {
        let codes = [
            "invalid_request",
            "invalid_client",
            "invalid_grant",
            "unauthorized_client",
            "unsupported_grant_type",
            "invalid_scope",
        ];
        let said = self.body.get("error")?.as_str()?;
        codes.into_iter().find(|code| *code == said)
    }
}

fn is_client_refused(answer: &Answer) -> bool {
    match answer.status {
        StatusCode::UNAUTHORIZED => true,
        StatusCode::BAD_REQUEST => {
            matches!(answer.code(), Some("invalid_client" | "invalid_request" | "unauthorized_client"))
        }
        _ => false,
    }
}

fn read_token(answer: &Answer) -> Result<(HeaderValue, Option<Duration>), Error> {
    let status = answer.status;
    let code = answer.code().map(|code| format!(" ({code})")).unwrap_or_default();
    if status.is_server_error() || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT) {
        let what = format!("the token endpoint answered {}", status.as_u16());
        return Err(Error::Retry { what, after: answer.after, status: Some(status.as_u16()) });
    }
    if status.is_redirection() {
        let what = format!(
            "the token endpoint answered {} (a redirect), and the secret is sent nowhere else; set auth.oauth2.token_url to the new address if it is right",
            status.as_u16()
        );
        return Err(Error::Protocol { what, status: Some(status.as_u16()) });
    }
    if status.is_client_error() {
        let what = format!(
            "the token endpoint answered {}{code}; check auth.oauth2: client_id, client_secret_file, scope",
            status.as_u16()
        );
        return Err(Error::Refused { what });
    }
    let unusable =
        |why: &str| Error::protocol(format!("the token endpoint's answer {why}; check auth.oauth2.token_url"));
    let token =
        answer.body.get("access_token").and_then(Value::as_str).ok_or_else(|| unusable("holds no access_token"))?;
    let kind = answer.body.get("token_type").and_then(Value::as_str).unwrap_or("bearer");
    if !kind.eq_ignore_ascii_case("bearer") {
        return Err(unusable("is a token of another type than bearer"));
    }
    let mut header = HeaderValue::from_str(&format!("Bearer {token}"))
        .map_err(|_| unusable("is a token that no header can hold"))?;
    header.set_sensitive(true);
    let lifetime =
        answer.body.get("expires_in").and_then(|it| it.as_f64().or_else(|| it.as_str()?.trim().parse().ok()));
    Ok((header, lifetime.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())))
}

/// `application/x-www-form-urlencoded`, as section 2.3.1 wants it before the Base64 of HTTP Basic.
fn form_encoded(text: &str) -> String {
    let Ok(mut url) = Url::parse("form:") else { return text.to_owned() };
    url.query_pairs_mut().append_key_only(text);
    url.query().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_encoded_for_basic() {
        assert_eq!(form_encoded("tt cp:1/ü"), "tt+cp%3A1%2F%C3%BC");
    }

    #[test]
    fn only_known_error_codes_are_repeated() {
        let answer = |error: &str| Answer {
            status: StatusCode::BAD_REQUEST,
            after: None,
            body: serde_json::json!({ "error": error, "error_description": "secret" }),
        };
        let text = |error: &str| read_token(&answer(error)).unwrap_err().to_string();
        assert!(text("invalid_scope").contains("400 (invalid_scope)"));
        assert!(!text("secret").contains("secret;"));
        assert!(!text("invalid_scope").contains("secret,"), "{}", text("invalid_scope"));
    }
}
