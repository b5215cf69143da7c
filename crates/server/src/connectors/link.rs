//! One connection to a connector: greeted, its tools listed, good for calls until it ends.

use std::collections::HashMap;
use std::sync::Arc;

use http::{HeaderName, HeaderValue};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ClientConfig, Implementation, PaginatedRequestParams,
    RequestMetaObject, RequestParamsMeta,
};
use rmcp::service::{RunningService, serve_client};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{RoleClient, ServiceError};
use serde_json::{Map, Value};
use tenure_account::owner::Settings;
use tenure_model::Span;
use tokio::time::timeout;

use super::failure::{Failure, Kind};
use super::listed::{self, Listed};
use super::veil::Veil;
use super::wire::Wire;

/// Where a call says under which key it is made: a server that knows the key can tell a repeat.
const KEY: &str = "tenure/idempotency-key";
/// Pages of tools that are read.
const PAGES_MAX: usize = 50;

/// What a connection is made with.
pub struct Dial<'a> {
    pub name: &'a str,
    pub settings: &'a Settings,
    /// In clear.
    pub headers: Vec<(String, String)>,
    pub wire: Wire,
    pub bounds: Bounds,
}

/// How long a connector may take, and how much it may say.
#[derive(Clone, Copy)]
pub struct Bounds {
    pub greet_within: Span,
    pub call_within: Span,
    pub answer_bytes_max: usize,
    pub tools_max: usize,
}

/// A connection.
pub struct Link {
    client: RunningService<RoleClient, ClientConfig>,
    veil: Veil,
    call_within: Span,
    /// What the connector calls itself, with its version.
    pub server: String,
    pub tools: Arc<Vec<Listed>>,
}

impl Link {
    /// Connects, and asks for the tools.
    pub async fn open(dial: Dial<'_>) -> Result<Self, Failure> {
        let late = |_| Failure::new(Kind::Unreachable, "has not greeted in time");
        timeout(dial.bounds.greet_within.duration(), Self::greeted(dial)).await.map_err(late)?
    }

    async fn greeted(dial: Dial<'_>) -> Result<Self, Failure> {
        let Dial { name, settings, headers, wire, bounds } = dial;
        let veil = Veil::over(headers.iter().map(|(_, value)| value.as_str()));
        let mut config =
            StreamableHttpClientTransportConfig::with_uri(settings.transport.url()).custom_headers(sent(&headers)?);
        config.max_sse_event_size = bounds.answer_bytes_max;
        config.max_json_response_size = bounds.answer_bytes_max;
        let transport = StreamableHttpClientTransport::with_client(wire, config);
        let client = serve_client(about_us(), transport).await.map_err(|error| Failure::of_greeting(&error, &veil))?;
        let server = client.peer().peer_info().and_then(|info| {
            let Implementation { name, version, .. } = info.server_info.as_ref()?;
            Some(veil.said(&format!("{name} {version}")))
        });
        let listed = all_tools(&client, &veil, bounds).await.map_err(Failure::before_any_call)?;
        let tools = listed::read(name, listed, settings, bounds.tools_max, &veil);
        let tools = tools.map_err(|why| Failure::new(Kind::Invalid, why))?;
        let server = server.unwrap_or_default();
        Ok(Self { client, veil, call_within: bounds.call_within, server, tools: Arc::new(tools) })
    }

    pub fn is_over(&self) -> bool {
        self.client.is_closed() || self.client.peer().is_transport_closed()
    }

    /// Calls a tool, once.
    pub async fn call(&self, tool: &str, arguments: Map<String, Value>, key: Option<&str>) -> Result<Said, Failure> {
        let mut request = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
        if let Some(key) = key {
            let mut meta = RequestMetaObject::new();
            meta.0.insert(KEY.to_owned(), key.into());
            request.set_meta(meta);
        }
        let called = timeout(self.call_within.duration(), self.client.peer().call_tool_once(request)).await;
        let late = |_| Failure::new(Kind::Unanswered, format!("has not answered within {}", self.call_within));
        match called.map_err(late)? {
            Ok(CallToolResponse::Complete(result)) => self.said(result),
            Ok(_) => Err(Failure::new(Kind::Refused, "asks back before it goes on, which is not supported")),
            Err(error) => Err(Failure::of_request(&error, &self.veil)),
        }
    }

    fn said(&self, result: CallToolResult) -> Result<Said, Failure> {
        let texts = result.content.iter().map(|block| match block.as_text() {
            Some(text) => self.veil.text(&text.text),
            None => "(something that is no text; it stands in the data)".to_owned(),
        });
        let text = texts.collect::<Vec<_>>().join("\n");
        if result.is_error == Some(true) {
            return Err(Failure::new(Kind::Failed, format!("says: {}", self.veil.said(&text))));
        }
        let all_text = result.content.iter().all(|block| block.as_text().is_some());
        let content = match all_text {
            true => None,
            false => Some(serde_json::to_value(&result.content).map(|content| self.veil.value(content))),
        };
        let content = content.transpose().map_err(|error| Failure::new(Kind::Invalid, error.to_string()))?;
        Ok(Said { text, data: result.structured_content.map(|data| self.veil.value(data)), content })
    }
}

/// What a tool has answered.
#[derive(Debug, PartialEq)]
pub struct Said {
    pub text: String,
    pub data: Option<Value>,
    /// Everything in it, when there is more than text.
    pub content: Option<Value>,
}

impl Said {
    /// Returns all of it as the output of a step.
    pub fn output(self) -> Value {
        let mut output = Map::from_iter([("text".to_owned(), Value::String(self.text))]);
        output.extend(self.data.map(|data| ("data".to_owned(), data)));
        output.extend(self.content.map(|content| ("content".to_owned(), content)));
        Value::Object(output)
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
) -> Result<Vec<rmcp::model::Tool>, Failure> {
    let (mut tools, mut cursor, mut bytes) = (vec![], None, 0);
    for _ in 0..PAGES_MAX {
        let asked = PaginatedRequestParams::default().with_cursor(cursor);
        let page = client.peer().list_tools(Some(asked)).await;
        let page = page.map_err(|error: ServiceError| Failure::of_request(&error, veil))?;
        // Each page is within the limit already; all of them together are held to it, too.
        bytes += serde_json::to_string(&page.tools).map_or(usize::MAX, |text| text.len());
        if bytes > bounds.answer_bytes_max {
            return Err(Failure::new(Kind::Invalid, "lists more than is read, the limit connector_answer_bytes_max"));
        }
        tools.extend(page.tools);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(tools);
        }
    }
    Err(Failure::new(Kind::Invalid, format!("lists its tools on more than {PAGES_MAX} pages")))
}
