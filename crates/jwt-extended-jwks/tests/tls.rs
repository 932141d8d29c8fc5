//! Keys come over TLS, from whom one trusts, and no step on the way leaves it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::sync::Arc;

use common::{API, Server, new_key, public_jwk, reason, token};
use jwt_extended::{Algorithm, SigningKey};
use jwt_extended_jwks::{Issuer, Issuers};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

/// A server with a certificate of its own making for `localhost`: the URL and the certificate. What it
/// answers is made of its URL and the path.
async fn https(answer: impl Fn(&str, &str) -> String + Send + 'static) -> (String, String) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key.into())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let own_url = url.clone();
    tokio::spawn(async move {
        loop {
            let (connection, _) = listener.accept().await.unwrap();
            // Who does not trust the certificate goes away.
            let Ok(mut connection) = acceptor.accept(connection).await else { continue };
            let mut request = vec![0; 8192];
            let length = connection.read(&mut request).await.unwrap();
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            let path = request.split(' ').nth(1).unwrap();
            connection.write_all(answer(&own_url, path).as_bytes()).await.unwrap();
            connection.shutdown().await.unwrap();
        }
    });
    (url, cert.pem())
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

fn moved(to: &str) -> String {
    format!(
        "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
}

fn keys(key: &SigningKey) -> String {
    json!({ "keys": [public_jwk(key)] }).to_string()
}

#[tokio::test]
async fn keys_come_over_tls_from_whom_one_trusts() {
    let key = new_key(Algorithm::ES256);
    let set = keys(&key);
    let (url, certificate) = https(move |url, path| match path {
        "/.well-known/openid-configuration" => {
            ok(&json!({ "issuer": url, "jwks_uri": format!("{url}/jwks") }).to_string())
        }
        "/jwks" => moved("/here"),
        _ => ok(&set),
    })
    .await;
    let issuer = || Issuer::new(&url, API);
    let issuers = Issuers::new([issuer().root_certificate(certificate)]).unwrap();
    assert!(issuers.verify(&token(&url, &key)).await.is_ok());

    let issuers = Issuers::new([issuer()]).unwrap();
    let why = reason(issuers.verify(&token(&url, &key)).await);
    assert!(why.contains("certificate"), "{why}");
}

#[tokio::test]
async fn no_step_on_the_way_leaves_tls() {
    let key = new_key(Algorithm::ES256);
    let plain = Server::with_text(keys(&key)).await;
    let target = format!("{}/keys", plain.url);

    let to = target.clone();
    let (url, certificate) = https(move |_, _| moved(&to)).await;
    let redirected = Issuer::new(&url, API).jwks_url(format!("{url}/jwks"));
    let issuers = Issuers::new([redirected.root_certificate(certificate)]).unwrap();
    let why = reason(issuers.verify(&token(&url, &key)).await);
    assert!(why.contains("it redirects to http://"), "{why}");

    let (url, certificate) =
        https(move |url, _| ok(&json!({ "issuer": url, "jwks_uri": target }).to_string())).await;
    let issuers = Issuers::new([Issuer::new(&url, API).root_certificate(certificate)]).unwrap();
    let why = reason(issuers.verify(&token(&url, &key)).await);
    assert!(why.contains("not https"), "{why}");
    assert_eq!(plain.asked(), 0);
}
