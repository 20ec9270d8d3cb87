//! `http.auth.*` and `http.tls`: as whom a source is asked, and whom it is believed to be.

use super::section::{Placed, Section};
use crate::dial::Tls;
use crate::sources::http::{Auth, KeyPlace, Url};

const AUTHS: &[&str] = &["none", "basic", "bearer", "api_key", "oauth2"];
/// The keys of `http.auth.api_key`.
pub const API_KEY: &[&str] = &["header", "query", "key_file"];
/// The keys of `http.auth.oauth2`.
pub const OAUTH2: &[&str] = &["token_url", "client_id", "client_secret_file", "scope"];
/// The keys of a `tls` table.
pub const TLS: &[&str] = &["ca_file", "cert_file", "key_file"];

/// Checks `auth.*`; without it, nobody in particular asks.
pub fn auth(http: &Section<'_>, url: Option<&Placed<Url>>) -> Option<Auth> {
    if !http.has("auth") {
        return Some(Auth::None);
    }
    let choice = http.child("auth", AUTHS)?;
    let name = choice.exactly_one(AUTHS)?;
    if name == "none" {
        return choice.bare(name).then_some(Auth::None);
    }
    if let Some(url) = url {
        warn_unencrypted(&choice, url);
    }
    match name {
        "basic" => {
            let table = choice.child(name, &["username", "password_file"])?;
            let username = table.required_text("username", "as whom the source is asked");
            let password = table.required_secret("password_file");
            Some(Auth::Basic { username: username?.value.to_owned(), password: password? })
        }
        "bearer" => {
            let token = choice.child(name, &["token_file"])?.required_secret("token_file")?;
            Some(Auth::Bearer { token })
        }
        "api_key" => api_key(&choice.child(name, API_KEY)?),
        _ => oauth2(&choice.child(name, OAUTH2)?),
    }
}

fn api_key(table: &Section<'_>) -> Option<Auth> {
    let key = table.required_secret("key_file");
    let place = table.exactly_one(&["header", "query"])?;
    let name = table.required_text(place, "the name under which the source wants the key")?;
    let place = if place == "header" { KeyPlace::Header } else { KeyPlace::Query };
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if place == KeyPlace::Header && !name.value.chars().all(token) {
        table.check.error(&name.place, format!("{:?} is no name of a header", name.value));
        return None;
    }
    Some(Auth::ApiKey { place, name: name.value.to_owned(), key: key? })
}

fn oauth2(table: &Section<'_>) -> Option<Auth> {
    let token_url =
        table.required_url("token_url", "where tokens are issued, as in \"https://kntc.example.vn/oauth/token\"");
    if let Some(url) = &token_url {
        warn_unencrypted(table, url);
    }
    let client_id = table.required_text("client_id", "the name of this client at the source");
    let client_secret = table.required_secret("client_secret_file");
    let scope = table.text("scope").map(|scope| scope.value.to_owned());
    Some(Auth::OAuth2 {
        token_url: token_url?.value,
        client_id: client_id?.value.to_owned(),
        client_secret: client_secret?,
        scope,
    })
}

fn warn_unencrypted(section: &Section<'_>, url: &Placed<Url>) {
    let host = url.value.host_str().unwrap_or("");
    let loopback = host == "localhost" || host == "[::1]" || host.starts_with("127.");
    if url.value.scheme() == "http" && !loopback {
        let message = "a secret goes to this address unencrypted, for everybody on the way to read";
        section.check.doubt(&url.place, message, "use https://");
    }
}

/// Checks the table `tls` of a section; without one the system's roots are trusted.
pub fn tls_of(section: &Section<'_>) -> Option<Tls> {
    section.child("tls", TLS).map_or_else(|| Some(Tls::default()), |table| tls(&table))
}

fn tls(section: &Section<'_>) -> Option<Tls> {
    let read = |key: &str| if section.has(key) { certificate(section, key).map(Some) } else { Some(None) };
    let (ca_file, cert_file) = (read("ca_file"), read("cert_file"));
    let key_file = if section.has("key_file") { section.secret_path("key_file", None).map(Some) } else { Some(None) };
    for (one, other) in [("cert_file", "key_file"), ("key_file", "cert_file")] {
        if section.has(one) && !section.has(other) {
            section.missing(other, "a client certificate has both: the certificate and its key");
            return None;
        }
    }
    let key_file = key_file?.map(|key| key.value);
    Some(Tls { ca_file: ca_file?, cert_file: cert_file?, key_file })
}

fn certificate(section: &Section<'_>, key: &str) -> Option<std::path::PathBuf> {
    let file = section.file(key)?;
    let pem = std::fs::read_to_string(&file.value).is_ok_and(|text| text.contains("-----BEGIN CERTIFICATE-----"));
    if !pem {
        let message = format!("`{}`: {} holds no certificate in PEM", section.full(key), file.value.display());
        section.check.fault(&file.place, message, "it begins with -----BEGIN CERTIFICATE-----");
        return None;
    }
    Some(file.value)
}
