//! A connector over streamable HTTP.

use std::collections::HashMap;

use http::{HeaderName, HeaderValue};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ClientConfig, Implementation, PaginatedRequestParams, Tool,
};
use rmcp::service::{RunningService, serve_client};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{RoleClient, ServiceError};

use super::dial::{Bounds, Dial};
use super::failure::{Failure, Kind};
use super::peer::{Greeting, PAGES_MAX, check_list};
use super::veil::Veil;

/// A connection over HTTP.
pub struct Http {
    client: RunningService<RoleClient, ClientConfig>,
}

impl Http {
    pub async fn greet(url: &str, dial: &Dial<'_>, veil: &Veil) -> Result<(Self, Greeting), Failure> {
        let headers = sent(&dial.credentials)?;
        let mut config = StreamableHttpClientTransportConfig::with_uri(url).custom_headers(headers);
        config.max_sse_event_size = dial.bounds.answer_bytes_max;
        config.max_json_response_size = dial.bounds.answer_bytes_max;
        let transport = StreamableHttpClientTransport::with_client(dial.wire.clone(), config);
        let client = serve_client(about_us(), transport).await.map_err(|error| Failure::of_greeting(&error, veil))?;
        let server = client.peer().peer_info().and_then(|info| {
            let Implementation { name, version, .. } = info.server_info.as_ref()?;
            Some(format!("{name} {version}"))
        });
        let tools = all_tools(&client, veil, dial.bounds).await.map_err(Failure::before_any_call)?;
        Ok((Self { client }, Greeting { server: server.unwrap_or_default(), tools }))
    }

    pub async fn call(&self, params: CallToolRequestParams, veil: &Veil) -> Result<CallToolResult, Failure> {
        match self.client.peer().call_tool_once(params).await {
            Ok(CallToolResponse::Complete(result)) => Ok(result),
            Ok(_) => Err(Failure::new(Kind::Refused, "asks back before it goes on, which is not supported")),
            Err(error) => Err(Failure::of_request(&error, veil)),
        }
    }

    pub fn is_over(&self) -> bool {
        self.client.is_closed() || self.client.peer().is_transport_closed()
    }
}

fn about_us() -> ClientConfig {
    let mut about = ClientConfig::default();
    about.client_info = Implementation::new("tenure", env!("CARGO_PKG_VERSION"));
    about
}

fn sent(headers: &[(String, String)]) -> Result<HashMap<HeaderName, HeaderValue>, Failure> {
    let pair = |(name, value): &(String, String)| {
        let mut value = HeaderValue::from_str(value).ok()?;
        value.set_sensitive(true);
        Some((HeaderName::from_bytes(name.as_bytes()).ok()?, value))
    };
    let sent: Option<_> = headers.iter().map(pair).collect();
    sent.ok_or_else(|| Failure::new(Kind::KeyLost, "has a header that cannot be sent; set it anew"))
}

async fn all_tools(
    client: &RunningService<RoleClient, ClientConfig>,
    veil: &Veil,
    bounds: Bounds,
) -> Result<Vec<Tool>, Failure> {
    let (mut tools, mut cursor, mut bytes) = (vec![], None, 0);
    for _ in 0..PAGES_MAX {
        let asked = PaginatedRequestParams::default().with_cursor(cursor);
        let page = client.peer().list_tools(Some(asked)).await;
        let page = page.map_err(|error: ServiceError| Failure::of_request(&error, veil))?;
        // Each page is within the limit already; all of them together are held to it, too.
        bytes += serde_json::to_string(&page.tools).map_or(usize::MAX, |text| text.len());
        check_list(bytes, bounds)?;
        tools.extend(page.tools);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(tools);
        }
    }
    Err(Failure::new(Kind::Invalid, format!("lists its tools on more than {PAGES_MAX} pages")))
}
