//! Dials a server: the same way for runners and for the other commands, encrypted when the address says so.

use std::io;
use std::sync::{Arc, OnceLock};

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async};

use super::Address;

/// A connection to a server.
pub type Stream = MaybeTlsStream<TcpStream>;
/// A websocket to a server.
pub type Socket = WebSocketStream<Stream>;

/// Opens a connection.
pub async fn dial(address: &Address) -> io::Result<Stream> {
    let stream = TcpStream::connect((address.host(), address.port())).await?;
    // Messages are small and people wait for them: they are not held back to fill a packet.
    stream.set_nodelay(true)?;
    if !address.is_encrypted() {
        return Ok(MaybeTlsStream::Plain(stream));
    }
    let name = ServerName::try_from(address.host().to_owned()).map_err(io::Error::other)?;
    let stream = TlsConnector::from(trust()?).connect(name, stream).await?;
    Ok(MaybeTlsStream::Rustls(stream))
}

/// Opens a connection, and on it the websocket that `request` asks for.
pub async fn dial_socket(address: &Address, request: Request) -> Result<Socket, Error> {
    let stream = dial(address).await?;
    client_async(request, stream).await.map(|(socket, _)| socket)
}

/// Returns whom this process trusts: the authorities that the machine trusts, or those in the file that `SSL_CERT_FILE` names,
/// so that a private authority works too.
fn trust() -> io::Result<Arc<ClientConfig>> {
    static TRUST: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(trust) = TRUST.get() {
        return Ok(trust.clone());
    }
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (added, _unreadable) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        return Err(io::Error::other("this machine trusts no certificate authority; SSL_CERT_FILE can name some"));
    }
    // Named, because a process may hold several.
    let provider = Arc::new(ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = versions.map_err(io::Error::other)?.with_root_certificates(roots).with_no_client_auth();
    Ok(TRUST.get_or_init(|| Arc::new(config)).clone())
}
