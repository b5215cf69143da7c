//! The server's tools as an agent sees them through its bridge: the Model Context Protocol, each call carried over the link.

use std::sync::{Arc, Mutex};

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData, GetPromptRequestParams,
    GetPromptResponse, GetPromptResult, Implementation, ListPromptsResult, ListToolsResult, PaginatedRequestParams,
    Prompt, PromptArgument as Argument, PromptMessage, Role, ServerCapabilities, ServerConfig, Tool, ToolAnnotations,
};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler};
use serde_json::{Value, json};
use tenure_protocol::Problem;
use tenure_protocol::tool::{Does, INSTRUCTIONS, KEY_IN_META, PromptArgument, PromptRow, Risk, ToolAnswer, ToolRow};

use super::calls::{Calling, Calls};

/// What one agent can call.
#[derive(Clone)]
pub struct Service {
    pub calls: Arc<Calls>,
    /// The turn that is under way: calls are made for it.
    pub turn: Arc<Mutex<Option<Calling>>>,
}

impl Service {
    fn calling(&self) -> Option<Calling> {
        *self.turn.lock().expect("no holder of this lock panics")
    }

    async fn list(&self) -> Result<Vec<ToolRow>, Problem> {
        self.calls.list(self.calling().ok_or_else(no_turn)?).await
    }

    async fn call(&self, request: CallToolRequestParams, key: Option<&Value>) -> Result<ToolAnswer, Problem> {
        let key = match key {
            Some(Value::String(key)) => Some(key.clone()),
            Some(_) => {
                let detail = format!("{KEY_IN_META} is a text");
                return Err(Problem::new(400, "idempotency_key_invalid", detail).with_field(KEY_IN_META));
            }
            None => None,
        };
        let params = request.arguments.unwrap_or_default();
        self.calls.call(self.calling().ok_or_else(no_turn)?, request.name.into_owned(), params, key).await
    }
}

impl ServerHandler for Service {
    fn get_info(&self) -> ServerConfig {
        let server = Implementation::new("tenure", env!("CARGO_PKG_VERSION"));
        let info = ServerConfig::new(ServerCapabilities::builder().enable_tools().enable_prompts().build());
        info.with_server_info(server).with_instructions(format!("{INSTRUCTIONS} The prompt workflows tells more."))
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = self.list().await.map_err(|problem| ErrorData::internal_error(problem.to_model(), None))?;
        Ok(ListToolsResult::with_all_items(tools.into_iter().map(described).collect()))
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let prompts = match self.calling() {
            Some(calling) => self.calls.prompts(calling).await,
            None => Err(no_turn()),
        };
        let prompts = prompts.map_err(|problem| ErrorData::internal_error(problem.to_model(), None))?;
        Ok(ListPromptsResult::with_all_items(prompts.into_iter().map(prompt).collect()))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let read = match self.calling() {
            Some(calling) => self.calls.prompt(calling, request.name, request.arguments.unwrap_or_default()).await,
            None => Err(no_turn()),
        };
        let (about, text) = read.map_err(|problem| match problem.code.as_str() {
            "prompt_unknown" | "prompt_invalid" => ErrorData::invalid_params(problem.detail, None),
            _ => ErrorData::internal_error(problem.to_model(), None),
        })?;
        Ok(GetPromptResult::new(vec![PromptMessage::new_text(Role::User, text)]).with_description(about).into())
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        tokio::select! {
            called = self.call(request, context.meta.get(KEY_IN_META)) => Ok(called.map_or_else(failed, told).into()),
            () = context.ct.cancelled() => Err(ErrorData::internal_error("the agent has taken the call back", None)),
        }
    }
}

fn no_turn() -> Problem {
    Problem::new(409, "work_not_here", "no turn is under way that a tool could be called for")
}

fn prompt(PromptRow { name, title, about, arguments }: PromptRow) -> Prompt {
    let argument =
        |PromptArgument { name, about, required }| Argument::new(name).with_description(about).with_required(required);
    let arguments = arguments.into_iter().map(argument).collect();
    Prompt::new(name, Some(about), Some(arguments)).with_title(title)
}

fn described(tool: ToolRow) -> Tool {
    let hints =
        ToolAnnotations::new().read_only(tool.does == Does::Reads).destructive(tool.risk > Risk::Low).open_world(false);
    let schema = tool.schema.as_object().cloned().unwrap_or_default();
    Tool::new(tool.name, tool.about, Arc::new(schema)).with_annotations(hints)
}

fn told(answer: ToolAnswer) -> CallToolResult {
    let mut result = CallToolResult::structured(json!({ "success": true, "data": answer.data }));
    result.content = vec![ContentBlock::text(answer.text)];
    result
}

/// Tells a refusal as the result of the call, so that the model reads it and can mend what was wrong.
fn failed(problem: Problem) -> CallToolResult {
    let text = problem.to_model();
    let mut result = CallToolResult::structured_error(json!({ "success": false, "error": problem }));
    result.content = vec![ContentBlock::text(text)];
    result
}
