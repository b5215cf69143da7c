//! The tools in the words of the Model Context Protocol.

use std::sync::Arc;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData, GetPromptRequestParams,
    GetPromptResponse, Implementation, ListPromptsResult, ListToolsResult, PaginatedRequestParams, ServerCapabilities,
    ServerConfig, Tool, ToolAnnotations,
};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler};
use serde_json::{Value, json};
use tenure_model::request::RequestId;
use tenure_protocol::tool::{Does, INSTRUCTIONS, KEY_IN_META};

use super::prompts;
use crate::action::found::{self, Found};
use crate::action::{Answer, At, call, list};
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::{Rejection, problem};

/// What one caller can do.
#[derive(Clone)]
pub struct Tools {
    pub desk: Arc<Desk>,
    pub caller: Caller,
}

impl ServerHandler for Tools {
    fn get_info(&self) -> ServerConfig {
        let server = Implementation::new("tenure", env!("CARGO_PKG_VERSION"));
        let info = ServerConfig::new(ServerCapabilities::builder().enable_tools().enable_prompts().build());
        info.with_server_info(server).with_instructions(format!("{INSTRUCTIONS} The prompt workflows tells more."))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        list::find(name).map(|action| described(&Found::Own(action)))
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let open = found::open_to(&self.desk, &self.caller).await;
        let open = open.map_err(|refused| ErrorData::internal_error(refused.to_string(), None))?;
        Ok(ListToolsResult::with_all_items(open.iter().map(described).collect()))
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        Ok(prompts::listed())
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        Ok(prompts::told(request)?.into())
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let key = match context.meta.get(KEY_IN_META).map(key) {
            Some(Err(refused)) => return Ok(failed(refused).into()),
            Some(Ok(key)) => Some(key),
            None => None,
        };
        let at = At { desk: &self.desk, caller: &self.caller, key };
        let called = call::call(&at, &request.name, request.arguments.unwrap_or_default()).await;
        match called {
            Err(refused) if refused.0.code == "tool_unknown" => Err(ErrorData::invalid_params(refused.0.detail, None)),
            called => Ok(called.map_or_else(failed, told).into()),
        }
    }
}

fn described(tool: &Found) -> Tool {
    let hints = ToolAnnotations::new()
        .read_only(tool.does() == Does::Reads)
        .destructive(tool.risk() > tenure_protocol::tool::Risk::Low)
        .open_world(tool.does() == Does::Outside);
    Tool::new(tool.name().to_owned(), tool.about().to_owned(), Arc::new(tool.schema())).with_annotations(hints)
}

fn key(said: &Value) -> Result<RequestId, Rejection> {
    let key = said.as_str().and_then(|key| RequestId::parse(key).ok());
    let detail = format!("{KEY_IN_META} is a text of 1 to {} bytes", RequestId::BYTES_MAX);
    key.ok_or_else(|| problem(400, "idempotency_key_invalid", detail).field(KEY_IN_META))
}

fn told(answer: Answer) -> CallToolResult {
    let mut result = CallToolResult::structured(json!({ "success": true, "data": answer.data }));
    result.content = vec![ContentBlock::text(answer.text())];
    result
}

/// Tells a refusal as the result of the call, so that the model reads it and can mend what was wrong.
fn failed(rejection: Rejection) -> CallToolResult {
    let problem = *rejection.0;
    let text = problem.to_model();
    let mut result = CallToolResult::structured_error(json!({ "success": false, "error": problem }));
    result.content = vec![ContentBlock::text(text)];
    result
}
