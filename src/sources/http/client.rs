//! One client a source: connections, credentials and the rate limit live as long as it does.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use reqwest::Url;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use super::origin::{label, set_query};
use super::pacer::Pacer;
use super::pull::Pull;
use super::token::Tokens;
use super::{Auth, Error, HttpConfig, KeyPlace, Mode, Patience, since};
use crate::dial::Tls;
use crate::secret::ExposeSecret;
use crate::sources::Limits;
use crate::sources::cursor::Cursor;
use crate::sources::mapping::Decoder;

/// Speaks with one source. Cheap to clone; clones share connections, tokens and the rate limit.
#[derive(Clone)]
pub struct Client {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) config: HttpConfig,
    pub(super) limits: Limits,
    pub(super) decoder: Arc<Decoder>,
    pub(super) patience: Patience,
    pub(super) http: reqwest::Client,
    /// The source's address as it may be logged.
    pub(super) label: String,
    /// Sent with every request to the source (not to the token endpoint).
    pub(super) headers: HeaderMap,
    pub(super) tokens: Option<Tokens>,
    pub(super) pacer: Option<Pacer>,
}

impl Client {
    /// Prepares a client; nothing is sent yet. A process-wide rustls provider must have been installed.
    ///
    /// # Errors
    /// [`Error::Setup`] when a certificate file, a header or a format cannot be used.
    pub fn new(config: &HttpConfig, limits: &Limits, decoder: Arc<Decoder>) -> Result<Self, Error> {
        Self::with_patience(config, limits, decoder, Patience::default())
    }

    /// The same with other retries than the usual.
    pub fn with_patience(
        config: &HttpConfig,
        limits: &Limits,
        decoder: Arc<Decoder>,
        patience: Patience,
    ) -> Result<Self, Error> {
        if let Mode::Incremental { format, .. } = &config.mode {
            since::check_format(format).map_err(Error::setup)?;
        }
        let tokens = match &config.auth {
            Auth::OAuth2 { token_url, client_id, client_secret, scope } => {
                Some(Tokens::new(token_url.clone(), client_id.clone(), client_secret.clone(), scope.clone()))
            }
            _ => None,
        };
        Ok(Self {
            inner: Arc::new(Inner {
                http: connect_by(&config.tls, &patience)?,
                label: format!("GET {}", label(&config.url)),
                headers: headers(config)?,
                tokens,
                pacer: config.rate_limit.map(Pacer::new),
                config: config.clone(),
                limits: limits.clone(),
                decoder,
                patience,
            }),
        })
    }

    /// Begins a pull, or goes on with the one that `cursor` says was interrupted. `started_at` is the moment at
    /// which the pull was begun; the high-water mark never passes it.
    pub fn pull(&self, cursor: Option<Cursor>, started_at: DateTime<Utc>) -> Pull {
        Pull::new(self.clone(), cursor, started_at)
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("source", &self.inner.label).finish_non_exhaustive()
    }
}

impl Inner {
    /// Adds an API key that is sent in the query.
    pub(super) fn with_key(&self, url: &Url) -> Url {
        let mut url = url.clone();
        if let Auth::ApiKey { place: KeyPlace::Query, name, key } = &self.config.auth {
            set_query(&mut url, name, key.expose_secret());
        }
        url
    }
}

/// The HTTP client of all sources that use the system's roots: reading these takes a hundred kilobytes and some
/// milliseconds, too much for each of 300 sources. Roots that change on disk are taken up by a restart.
static BY_SYSTEM_ROOTS: OnceLock<reqwest::Client> = OnceLock::new();

fn connect_by(tls: &Tls, patience: &Patience) -> Result<reqwest::Client, Error> {
    let is_common = *tls == Tls::default() && patience.connect == Patience::default().connect;
    if let Some(common) = BY_SYSTEM_ROOTS.get().filter(|_| is_common) {
        return Ok(common.clone());
    }
    let http = build(tls, patience)?;
    Ok(if is_common { BY_SYSTEM_ROOTS.get_or_init(|| http).clone() } else { http })
}

/// Builds an HTTP client. Redirects are followed by [`super::exchange`], which keeps to the origin; compression is
/// undone in [`super::page`], under a limit.
fn build(tls: &Tls, patience: &Patience) -> Result<reqwest::Client, Error> {
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("petitiond/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(patience.connect)
        .pool_max_idle_per_host(2);
    if let Some(path) = &tls.ca_file {
        let unusable = || Error::setup(format!("{} holds no PEM certificate; check http.tls.ca_file", path.display()));
        let certificates = reqwest::Certificate::from_pem_bundle(&read(path)?).map_err(|_| unusable())?;
        if certificates.is_empty() {
            return Err(unusable());
        }
        builder = builder.tls_certs_only(certificates);
    }
    if let (Some(certificate), Some(key)) = (&tls.cert_file, &tls.key_file) {
        let mut pem = read(certificate)?;
        pem.push(b'\n');
        pem.extend(read(key)?);
        let unusable = |_| {
            let (certificate, key) = (certificate.display(), key.display());
            Error::setup(format!("{certificate} and {key} are no PEM certificate and key; check http.tls"))
        };
        builder = builder.identity(reqwest::Identity::from_pem(&pem).map_err(unusable)?);
    }
    builder.build().map_err(|_| {
        let files = [&tls.ca_file, &tls.cert_file, &tls.key_file].into_iter().flatten();
        let files: Vec<_> = files.map(|path| path.display().to_string()).collect();
        let used = if files.is_empty() { "the system's roots".to_owned() } else { files.join(", ") };
        Error::setup(format!("no TLS connection can be prepared with {used}; check the certificates and http.tls"))
    })
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|error| Error::setup(format!("{} cannot be read: {error}", path.display())))
}

fn headers(config: &HttpConfig) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json, */*;q=0.5"));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip, zstd"));
    let secret = |text: String, key: &str| {
        let mut value = HeaderValue::from_str(&text)
            .map_err(|_| Error::setup(format!("{key} holds signs that no header can carry")))?;
        value.set_sensitive(true);
        Ok::<_, Error>(value)
    };
    let name = |name: &str, key: &str| {
        HeaderName::from_bytes(name.as_bytes()).map_err(|_| Error::setup(format!("{key}: {name:?} is no header name")))
    };
    for (key, value) in &config.headers {
        headers.insert(name(key, "http.headers")?, secret(value.clone(), "http.headers")?);
    }
    match &config.auth {
        Auth::Basic { username, password } => {
            let pair = format!("{username}:{}", password.expose_secret());
            let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, pair);
            headers.insert(AUTHORIZATION, secret(format!("Basic {encoded}"), "http.auth.basic")?);
        }
        Auth::Bearer { token } => {
            headers.insert(AUTHORIZATION, secret(format!("Bearer {}", token.expose_secret()), "http.auth.bearer")?);
        }
        Auth::ApiKey { place: KeyPlace::Header, name: header, key } => {
            let value = secret(key.expose_secret().to_owned(), "http.auth.api_key")?;
            headers.insert(name(header, "http.auth.api_key.name")?, value);
        }
        Auth::None | Auth::OAuth2 { .. } | Auth::ApiKey { place: KeyPlace::Query, .. } => {}
    }
    Ok(headers)
}
