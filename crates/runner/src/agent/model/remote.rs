//! The server's tools for the built-in agent, over the Model Context Protocol: listed once a turn, called by the model.

use std::sync::Arc;
use std::time::Duration;

use rmcp::RoleClient;
use rmcp::model::CallToolRequestParams;
use rmcp::service::{RunningService, serve_client};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use serde_json::Value;
use tenure_llm::{Call, Offered};
use tenure_model::link::McpAccess;
use tokio::time::timeout;
use tracing::info;

/// How long the server may take until its tools are known.
const READY_WITHIN: Duration = Duration::from_secs(10);
/// How long one call may take: the server's longest wait, and some.
const CALL_WITHIN: Duration = Duration::from_secs(90);

/// The server's tools, within reach.
pub struct Remote {
    client: RunningService<RoleClient, ()>,
    tools: Vec<Offered>,
}

impl Remote {
    /// Asks the server for its tools; none when the turn came without access to them, or they cannot be had.
    pub async fn reach(access: Option<&McpAccess>) -> Option<Self> {
        let reached = timeout(READY_WITHIN, Self::list(access?)).await;
        match reached.map_err(|_| "it did not answer in time".to_owned()).and_then(|listed| listed) {
            Ok(remote) => Some(remote),
            Err(why) => {
                info!("the built-in agent goes without the tools of the server: {why}");
                None
            }
        }
    }

    async fn list(access: &McpAccess) -> Result<Self, String> {
        let config = StreamableHttpClientTransportConfig::with_uri(Arc::<str>::from(access.url.as_str()))
            .auth_header(access.token.clone());
        let transport = StreamableHttpClientTransport::from_config(config);
        let client = serve_client((), transport).await.map_err(|error| error.to_string())?;
        let listed = client.list_all_tools().await.map_err(|error| error.to_string())?;
        let tools = listed.into_iter().map(|tool| Offered {
            name: tool.name.to_string(),
            description: tool.description.as_deref().unwrap_or_default().to_owned(),
            schema: Value::Object((*tool.input_schema).clone()),
        });
        Ok(Self { tools: tools.collect(), client })
    }

    pub fn tools(&self) -> &[Offered] {
        &self.tools
    }

    pub fn has(&self, name: &str) -> bool {
        self.tools.iter().any(|tool| tool.name == name)
    }

    /// Calls a tool, and returns what it says; an error when it says no.
    pub async fn call(&self, call: &Call) -> Result<String, String> {
        let arguments = call.arguments.as_object().cloned().unwrap_or_default();
        let request = CallToolRequestParams::new(call.tool.clone()).with_arguments(arguments);
        let called = timeout(CALL_WITHIN, self.client.call_tool(request)).await;
        let result = called.map_err(|_| format!("{} did not answer in time", call.tool))?;
        let result = result.map_err(|error| error.to_string())?;
        let texts: Vec<&str> = result.content.iter().filter_map(|block| Some(block.as_text()?.text.as_str())).collect();
        match result.is_error {
            Some(true) => Err(texts.join("\n")),
            _ => Ok(texts.join("\n")),
        }
    }
}
