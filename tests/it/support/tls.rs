//! A server's line under TLS: what stands before a broker that wants client certificates.

use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::Scratch;

/// Ends TLS on `localhost` and passes everything on; lets nobody in without a certificate of its own authority.
pub struct TlsLine {
    folder: Scratch,
    issuer: Issuer<'static, KeyPair>,
    port: u16,
    accepting: JoinHandle<()>,
}

impl TlsLine {
    /// In front of the server of a URL.
    pub async fn before(url: &str) -> Self {
        let url = reqwest::Url::parse(url).expect("a URL");
        let server = format!("{}:{}", url.host_str().expect("a host"), url.port().expect("a port"));
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate().unwrap();
        let authority = params.self_signed(&key).unwrap();
        let folder = Scratch::new();
        folder.write("ca.pem", authority.pem());
        let issuer = Issuer::new(params, key);
        let (certificate, key) = issue(&issuer, "localhost", ExtendedKeyUsagePurpose::ServerAuth);
        let mut roots = RootCertStore::empty();
        roots.add(authority.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(clients.unwrap())
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (acceptor, server) = (acceptor.clone(), server.clone());
                tokio::spawn(async move {
                    // a handshake that fails is what a test is about
                    let (Ok(mut client), Ok(mut server)) =
                        (acceptor.accept(client).await, TcpStream::connect(server).await)
                    else {
                        return;
                    };
                    tokio::io::copy_bidirectional(&mut client, &mut server).await.ok();
                });
            }
        });
        Self { folder, issuer, port, accepting }
    }

    /// A URL of the server by way of this line, with another scheme.
    pub fn url(&self, scheme: &str, url: &str) -> String {
        let mut url = reqwest::Url::parse(url).expect("a URL");
        url.set_scheme(scheme).expect("a scheme of the same sort");
        url.set_host(Some("localhost")).expect("a host");
        url.set_port(Some(self.port)).expect("a port");
        url.into()
    }

    /// PEM of its authority.
    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// PEM files of a client certificate and its key.
    pub fn client(&self) -> (PathBuf, PathBuf) {
        let (certificate, key) = issue(&self.issuer, "ttcp", ExtendedKeyUsagePurpose::ClientAuth);
        (self.folder.write("client.pem", certificate.pem()), self.folder.write("client.key", key.serialize_pem()))
    }
}

impl Drop for TlsLine {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn issue(
    issuer: &Issuer<'static, KeyPair>,
    name: &str,
    usage: ExtendedKeyUsagePurpose,
) -> (rcgen::Certificate, KeyPair) {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.extended_key_usages = vec![usage];
    let key = KeyPair::generate().unwrap();
    (params.signed_by(&key, issuer).unwrap(), key)
}
