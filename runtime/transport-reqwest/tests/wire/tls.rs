//! TLS with a certificate authority of the test's own.

use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use specwright_core::transport::{SendErrorKind, Sent, Transport};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::server::{Then, builder, get, limits, serve, transport};

/// A server whose certificate for `localhost` is signed by a new authority: its URI, and the authority as PEM.
async fn start() -> (String, String) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()])
        .unwrap()
        .signed_by(&key, &authority)
        .unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            if let Ok(socket) = acceptor.accept(socket).await {
                let then = Then::Answer("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
                tokio::spawn(serve(socket, then, Arc::new(Mutex::default())));
            }
        }
    });
    (format!("https://localhost:{port}/"), authority.pem())
}

#[tokio::test]
async fn an_authority_that_was_added_is_trusted() {
    let (uri, authority) = start().await;
    let transport = builder().root_certificates(authority).build().unwrap();
    let answer = transport.send(get(&uri), limits()).await.unwrap();
    assert_eq!(&**answer.body(), b"ok");
}

#[tokio::test]
async fn an_unknown_authority_is_refused_before_anything_is_sent() {
    let (uri, _) = start().await;
    let error = transport().send(get(&uri), limits()).await.unwrap_err();
    assert_eq!((error.sent, error.kind), (Sent::No, SendErrorKind::Connect));
}

#[tokio::test]
async fn another_authority_is_not_enough() {
    let (uri, _) = start().await;
    let (_, other) = start().await;
    let transport = builder().root_certificates(other).build().unwrap();
    let error = transport.send(get(&uri), limits()).await.unwrap_err();
    assert_eq!((error.sent, error.kind), (Sent::No, SendErrorKind::Connect));
}
