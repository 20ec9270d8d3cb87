//! Who may ask: credentials of each kind, and the tokens of the one agency that gives them out.

use std::collections::HashMap;
use std::sync::Mutex;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::time::Instant;

use super::Auth;
use super::listing::Query;
use crate::demo::generate::Dice;

/// Checks credentials.
#[derive(Debug)]
pub struct Door {
    auth: &'static Auth,
    /// Password, token, key or client secret. Of a simulated agency on the loopback interface, so it may be guessed.
    secret: String,
    /// Access tokens and when they end.
    tokens: Mutex<HashMap<String, Instant>>,
    dice: Mutex<Dice>,
}

/// An access token and how many seconds it lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    pub token: String,
    pub seconds: u64,
}

impl Door {
    pub fn new(auth: &'static Auth, mut dice: Dice) -> Self {
        let secret = format!("{:016x}{:016x}", dice.next(), dice.next());
        Self { auth, secret, tokens: Mutex::default(), dice: Mutex::new(dice) }
    }

    /// What a client keeps in its secret file; `None` where nothing is asked for.
    pub fn secret(&self) -> Option<&str> {
        (!matches!(self.auth, Auth::None)).then_some(&self.secret)
    }

    /// Whether the request shows what this agency wants to see.
    pub fn admits(&self, headers: &HeaderMap, query: &Query) -> bool {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let authorization = header(AUTHORIZATION.as_str());
        match self.auth {
            Auth::None => true,
            Auth::Basic { username } => {
                let expected = STANDARD.encode(format!("{username}:{}", self.secret));
                authorization.and_then(|value| value.strip_prefix("Basic ")) == Some(expected.as_str())
            }
            Auth::Bearer => authorization.and_then(|value| value.strip_prefix("Bearer ")) == Some(&self.secret),
            Auth::ApiKey { header: name } => header(name) == Some(&self.secret),
            Auth::ApiKeyParameter { name } => query.get(*name) == Some(&self.secret),
            Auth::OAuth2 { .. } => {
                let token = authorization.and_then(|value| value.strip_prefix("Bearer "));
                token.is_some_and(|token| self.is_live(token))
            }
        }
    }

    /// Client credentials (RFC 6749, section 4.4), in the form or as basic authentication; `None`: not these.
    pub fn issue(&self, headers: &HeaderMap, form: &Query) -> Option<Issued> {
        let Auth::OAuth2 { client_id, lives, .. } = self.auth else { return None };
        let field = |name: &str| form.get(name).map(String::as_str);
        let basic = STANDARD.encode(format!("{client_id}:{}", self.secret));
        let by_header =
            headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()) == Some(&format!("Basic {basic}"));
        let by_form = field("client_id") == Some(client_id) && field("client_secret") == Some(&self.secret);
        if field("grant_type") != Some("client_credentials") || !(by_header || by_form) {
            return None;
        }
        let token = format!("{:016x}", self.dice.lock().ok()?.next());
        self.tokens.lock().ok()?.insert(token.clone(), Instant::now() + *lives);
        Some(Issued { token, seconds: lives.as_secs() })
    }

    /// All tokens given out so far end now.
    pub fn revoke(&self) {
        if let Ok(mut tokens) = self.tokens.lock() {
            tokens.clear();
        }
    }

    fn is_live(&self, token: &str) -> bool {
        let tokens = self.tokens.lock();
        tokens.is_ok_and(|tokens| tokens.get(token).is_some_and(|end| *end > Instant::now()))
    }
}
