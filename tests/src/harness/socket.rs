//! The websockets of clients.

use futures_util::{SinkExt, StreamExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tenure_model::id::SessionId;
use tenure_protocol::CLIENT_SUBPROTOCOL;
use tenure_protocol::client::{ClientCommand, ClientEvent, ClientMessage};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::in_time;

/// A websocket whose frames are JSON objects.
pub struct Wire(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// The socket is over, for this reason.
#[derive(Debug)]
pub struct Over(pub String);

impl Wire {
    pub async fn open(url: &str, token: &str, subprotocol: &str) -> Result<Self, Over> {
        let mut request = url.into_client_request().expect("the address is good");
        let headers = request.headers_mut();
        headers.insert("authorization", format!("Bearer {token}").parse().expect("a token is plain text"));
        headers.insert("sec-websocket-protocol", subprotocol.parse().expect("it is plain text"));
        let (socket, _) = in_time("a socket", Box::pin(connect_async(request))).await.map_err(over)?;
        Ok(Self(socket))
    }

    pub async fn say(&mut self, message: &impl Serialize) -> Result<(), Over> {
        let text = serde_json::to_string(message).expect("a message is plain data");
        self.0.send(Message::text(text)).await.map_err(over)
    }

    /// Waits for the next frame.
    pub async fn next<T: DeserializeOwned>(&mut self) -> Result<T, Over> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => {
                    return Ok(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}")));
                }
                Some(Ok(Message::Close(frame))) => return Err(Over(format!("closed: {frame:?}"))),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(over(error)),
                None => return Err(Over("the stream ended".into())),
            }
        }
    }
}

/// A chat client's open socket.
pub struct Socket(Wire);

impl Socket {
    /// Joins a session, after a cursor when there is one.
    pub async fn open(address: &str, token: &str, session: SessionId, after: Option<u64>) -> Result<Self, Over> {
        let after = after.map(|after| format!("?after={after}")).unwrap_or_default();
        let url = format!("ws://{address}/api/sessions/{session}/ws{after}");
        Ok(Self(Wire::open(&url, token, CLIENT_SUBPROTOCOL).await?))
    }

    /// Sends a command.
    pub async fn send(&mut self, request_id: &str, command: ClientCommand) -> Result<(), Over> {
        self.0.say(&ClientMessage { request_id: Some(request_id.to_owned()), command }).await
    }

    /// Waits for the next event.
    pub async fn next(&mut self) -> Result<ClientEvent, Over> {
        self.0.next().await
    }

    /// Waits for an event that is meant, and shows every one on the way to `see`.
    pub async fn until<T>(&mut self, what: &str, mut see: impl FnMut(ClientEvent) -> Option<T>) -> T {
        let waiting = async {
            loop {
                let event = self.next().await.unwrap_or_else(|over| panic!("waiting for {what}: {over:?}"));
                if let Some(found) = see(event) {
                    return found;
                }
            }
        };
        in_time(what, waiting).await
    }
}

fn over(error: Error) -> Over {
    Over(error.to_string())
}
