use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use reqwest::Url;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::support::{client, client_with, drain, now};
use crate::dial::Tls;
use crate::sources::Limits;
use crate::sources::http::{Auth, Error, HttpConfig, Mode, Pagination};

/// An authority of a test's own, and the files that it gives out.
struct Authority {
    folder: TempDir,
    certificate: rcgen::Certificate,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let authority = Self { folder: TempDir::new().unwrap(), certificate, issuer: Issuer::new(params, key) };
        authority.write("ca.pem", &authority.certificate.pem());
        authority
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    fn issue(&self, name: &str, usage: ExtendedKeyUsagePurpose) -> (rcgen::Certificate, KeyPair) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.extended_key_usages = vec![usage];
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }

    /// Files of a client certificate.
    fn client(&self) -> (Option<PathBuf>, Option<PathBuf>) {
        let (certificate, key) = self.issue("ttcp", ExtendedKeyUsagePurpose::ClientAuth);
        (Some(self.write("client.pem", &certificate.pem())), Some(self.write("client.key", &key.serialize_pem())))
    }
}

struct TlsServer {
    url: Url,
    task: JoinHandle<()>,
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves one page under a certificate of `authority` for `name`; wants a client certificate of `clients`.
async fn serve(authority: &Authority, name: &str, clients: Option<&Authority>) -> TlsServer {
    let (certificate, key) = authority.issue(name, ExtendedKeyUsagePurpose::ServerAuth);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions().unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(clients) => {
            let mut roots = RootCertStore::empty();
            roots.add(clients.certificate.der().clone()).unwrap();
            builder.with_client_cert_verifier(
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap(),
            )
        }
    };
    let chain: Vec<CertificateDer<'static>> = vec![certificate.der().clone()];
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let acceptor = TlsAcceptor::from(Arc::new(builder.with_single_cert(chain, key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("https://localhost:{}/api", listener.local_addr().unwrap().port())).unwrap();
    let task = tokio::spawn(async move {
        loop {
            let (connection, _) = listener.accept().await.unwrap();
            // A handshake that fails is what some of the tests are about.
            let Ok(mut connection) = acceptor.accept(connection).await else { continue };
            let mut request = [0; 4096];
            if connection.read(&mut request).await.is_ok() {
                let body = r#"{"data":{"items":[{"MaDon":7}]}}"#;
                let answer =
                    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
                connection.write_all(answer.as_bytes()).await.unwrap();
                connection.shutdown().await.unwrap();
            }
        }
    });
    TlsServer { url, task }
}

fn config(server: &TlsServer, tls: Tls) -> HttpConfig {
    HttpConfig {
        url: server.url.clone(),
        timeout: std::time::Duration::from_secs(5),
        rate_limit: None,
        headers: Vec::new(),
        auth: Auth::None,
        tls,
        pagination: Pagination::None,
        mode: Mode::Full,
    }
}

async fn ids(server: &TlsServer, tls: Tls) -> Result<Vec<u32>, Error> {
    let pulled = drain(client(&config(server, tls)).pull(None, now())).await;
    pulled.error.map_or(Ok(pulled.ids), Err)
}

#[tokio::test]
async fn an_authority_of_the_sources_own_is_trusted_where_configured() {
    let authority = Authority::new();
    let server = serve(&authority, "localhost", None).await;
    assert_eq!(ids(&server, Tls { ca_file: Some(authority.ca_file()), ..Tls::default() }).await.unwrap(), [7]);

    // Neither the system's roots nor another authority will do, and nobody asks again and again.
    let other = Authority::new();
    for ca_file in [None, Some(other.ca_file())] {
        let error = ids(&server, Tls { ca_file, ..Tls::default() }).await.unwrap_err();
        assert!(matches!(error, Error::Refused { .. }), "{error}");
        assert!(error.to_string().contains("certificate"), "{error}");
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let authority = Authority::new();
    let server = serve(&authority, "kntc.example.vn", None).await;
    let error = ids(&server, Tls { ca_file: Some(authority.ca_file()), ..Tls::default() }).await.unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error}");
}

#[tokio::test]
async fn a_client_certificate_is_shown() {
    let (authority, clients, strangers) = (Authority::new(), Authority::new(), Authority::new());
    let server = serve(&authority, "localhost", Some(&clients)).await;
    let (cert_file, key_file) = clients.client();
    let shown = Tls { ca_file: Some(authority.ca_file()), cert_file, key_file };
    assert_eq!(ids(&server, shown).await.unwrap(), [7]);

    let (cert_file, key_file) = strangers.client();
    for tls in [
        Tls { ca_file: Some(authority.ca_file()), ..Tls::default() },
        Tls { ca_file: Some(authority.ca_file()), cert_file, key_file },
    ] {
        let error = ids(&server, tls).await.unwrap_err();
        assert!(matches!(error, Error::Refused { .. }), "{error}");
    }
}

#[tokio::test]
async fn files_that_hold_no_certificate_are_named() {
    let authority = Authority::new();
    let server = serve(&authority, "localhost", None).await;
    let empty = authority.write("empty.pem", "");
    let garbage = authority.write("garbage.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let missing = authority.folder.path().join("missing.pem");
    for path in [&empty, &garbage, &missing] {
        for tls in [
            Tls { ca_file: Some(path.clone()), ..Tls::default() },
            Tls { cert_file: Some(path.clone()), key_file: Some(path.clone()), ..Tls::default() },
        ] {
            let error = client_with(&config(&server, tls), &Limits::default()).unwrap_err();
            assert!(matches!(error, Error::Setup { .. }), "{error}");
            assert!(error.to_string().contains(path.file_name().unwrap().to_str().unwrap()), "{error}");
        }
    }
}
