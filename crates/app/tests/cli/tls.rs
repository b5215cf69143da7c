//! The commands over TLS: a proxy with the certificate of a private authority stands before a real server.
//!
//! The authority and the certificate in `tls/` were made for this test and are good for nothing else.

use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};

use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::support::{Dev, done, tenure, text};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/tls").join(name)
}

fn acceptor() -> TlsAcceptor {
    let chain = vec![CertificateDer::from_pem_file(file("server.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(file("server.key")).unwrap();
    let versions = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = versions.with_safe_default_protocol_versions().unwrap();
    TlsAcceptor::from(Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap()))
}

/// Starts a proxy that ends TLS before `server`, and returns its port; it lives as long as the test's process.
fn proxy(server: String) -> u16 {
    let (send, port) = mpsc::channel();
    std::thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            send.send(listener.local_addr().unwrap().port()).unwrap();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (acceptor, server) = (acceptor(), server.clone());
                tokio::spawn(async move {
                    // A client that does not trust us hangs up here.
                    let Ok(mut client) = acceptor.accept(stream).await else { return };
                    let mut server = TcpStream::connect(server).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                });
            }
        });
    });
    port.recv().unwrap()
}

#[test]
fn commands_speak_tls_to_a_server_whose_authority_is_trusted() {
    let dev = Dev::start();
    let port = proxy(dev.address.trim_start_matches("http://").to_owned());
    let note = std::fs::read_to_string(dev.folder.path().join(".tenure/dev.json")).unwrap();
    let token = serde_json::from_str::<Value>(&note).unwrap()["token"].as_str().unwrap().to_owned();
    let run = |authority: &Path, host: &str, args: &[&str]| {
        let server = format!("https://{host}:{port}");
        let mut command = tenure();
        command.env_remove("SSL_CERT_DIR").env("SSL_CERT_FILE", authority);
        done(command.current_dir(dev.folder.path()).args(args).args(["--server", &server, "--token", &token]))
    };
    let chat = run(&file("ca.pem"), "localhost", &["chat", "--prompt", "hello there", "--once"]);
    assert_eq!(chat.status.code(), Some(0), "{}", text(&chat.stderr));
    assert!(text(&chat.stdout).contains("hello there"));
    let list = run(&file("ca.pem"), "127.0.0.1", &["session", "list", "--json"]);
    assert_eq!(list.status.code(), Some(0), "{}", text(&list.stderr));
    assert_eq!(serde_json::from_slice::<Value>(&list.stdout).unwrap()["items"].as_array().unwrap().len(), 1);

    // A server of an authority that nobody trusts hears no token.
    let wary = run(&file("server.pem"), "localhost", &["session", "list"]);
    assert_eq!(wary.status.code(), Some(5));
    assert!(text(&wary.stderr).contains("certificate"), "{}", text(&wary.stderr));
    dev.stop();
}
