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
use crate::action::{Action, Answer, At, call, list};
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
        list::find(name).map(described)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(list::open_to(&self.caller).map(described).collect()))
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
        if list::find(&request.name).is_none() {
            return Err(ErrorData::invalid_params(format!("there is no tool \"{}\"", request.name), None));
        }
        let key = match context.meta.get(KEY_IN_META).map(key) {
            Some(Err(refused)) => return Ok(failed(refused).into()),
            Some(Ok(key)) => Some(key),
            None => None,
        };
        let at = At { desk: &self.desk, caller: &self.caller, key };
        let called = call::call(&at, &request.name, request.arguments.unwrap_or_default()).await;
        Ok(called.map_or_else(failed, told).into())
    }
}

fn described(action: &Action) -> Tool {
    let hints = ToolAnnotations::new()
        .read_only(action.does == Does::Reads)
        .destructive(action.risk > tenure_protocol::tool::Risk::Low)
        .open_world(false);
    Tool::new(action.name, action.about, Arc::new((action.schema)())).with_annotations(hints)
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
