//! Opens the websocket, and tells a refusal from a failure that may pass.

use std::time::Duration;

use tenure_protocol::RUNNER_SUBPROTOCOL;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::{Error, ProtocolError};
use tokio_tungstenite::tungstenite::http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL};
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode};

use super::Address;
use super::dial::{Socket, dial_socket};
use crate::error::RunnerError;

/// How long a server may take to answer the upgrade.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// Why there is no connection, or none any more.
pub enum Lost {
    /// Trying again may help.
    ForNow(String),
    /// Trying again cannot help.
    ForGood(RunnerError),
}

/// Opens the link.
pub async fn connect(address: &Address, token: &str) -> Result<Socket, Lost> {
    let mut request = address.link().into_client_request().map_err(|error| {
        Lost::ForGood(RunnerError::Address { address: address.to_string(), reason: error.to_string() })
    })?;
    let mut bearer = HeaderValue::try_from(format!("Bearer {token}"))
        .map_err(|_| Lost::ForGood(RunnerError::Protocol("the token holds characters that no token has".to_owned())))?;
    bearer.set_sensitive(true);
    request.headers_mut().insert(AUTHORIZATION, bearer);
    request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(RUNNER_SUBPROTOCOL));
    match timeout(CONNECT_WITHIN, dial_socket(address, request)).await {
        Ok(Ok(socket)) => Ok(socket),
        Ok(Err(error)) => Err(judge(error)),
        Err(_) => Err(Lost::ForNow("the server did not answer in time".to_owned())),
    }
}

fn judge(error: Error) -> Lost {
    match error {
        Error::Http(answer) => match answer.status() {
            status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                let reason = "the token is no runner's, or has ended, or was revoked".to_owned();
                Lost::ForGood(RunnerError::Refused { status: status.as_u16(), reason })
            }
            StatusCode::UPGRADE_REQUIRED => Lost::ForGood(another_protocol()),
            status => Lost::ForNow(format!("the server answered {status}")),
        },
        Error::Protocol(ProtocolError::SecWebSocketSubProtocolError(_)) => Lost::ForGood(another_protocol()),
        Error::Url(error) => Lost::ForGood(RunnerError::Protocol(error.to_string())),
        error => Lost::ForNow(error.to_string()),
    }
}

fn another_protocol() -> RunnerError {
    RunnerError::Protocol(format!("it does not speak {RUNNER_SUBPROTOCOL}; runner and server must be of one version"))
}
