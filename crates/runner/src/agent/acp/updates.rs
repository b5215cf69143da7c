//! Turns what the agent reports into frames: text, thinking, calls, plans, titles, models.

use agent_client_protocol::v1::schema::{
    ContentBlock, Plan, SessionConfigKind, SessionConfigOption, SessionConfigOptionCategory,
    SessionConfigSelectOptions, SessionUpdate, ToolCall as AgentCall, ToolCallContent, ToolCallStatus,
    ToolCallUpdateFields,
};
use serde_json::{Value, json};
use tenure_model::chat::{AgentStatus, ToolCall, ToolStatus};

use crate::works::Voice;

/// The part under which the agent's plan stands; each new plan replaces it.
const PLAN: &str = "plan";

/// Tells one report.
pub fn tell(voice: &Voice, update: SessionUpdate) {
    match update {
        SessionUpdate::AgentMessageChunk(chunk) => {
            voice.status(AgentStatus::Streaming, None);
            voice.text(&words(&chunk.content));
        }
        SessionUpdate::AgentThoughtChunk(chunk) => {
            voice.status(AgentStatus::Thinking, None);
            voice.reasoning(&words(&chunk.content));
        }
        SessionUpdate::ToolCall(call) => begin_call(voice, call),
        SessionUpdate::ToolCallUpdate(update) => {
            let known = voice.known_call(&update.tool_call_id.0);
            let call = known.unwrap_or_else(|| blank(&update.tool_call_id.0));
            voice.tool(changed(call, update.fields));
        }
        SessionUpdate::Plan(plan) => voice.tool(plan_call(&plan)),
        SessionUpdate::SessionInfoUpdate(info) => {
            if let Some(title) = info.title.value() {
                voice.title(title);
            }
        }
        SessionUpdate::ConfigOptionUpdate(update) => {
            if let Some((models, current)) = models(&update.config_options) {
                voice.models(models, current);
            }
        }
        // The prompt as the agent saw it, commands, modes and notices have no place in a reply.
        _ => {}
    }
}

/// Finds the models among the agent's options, and the one in use.
pub fn models(options: &[SessionConfigOption]) -> Option<(Vec<String>, Option<String>)> {
    let option = options.iter().find(|option| option.category == Some(SessionConfigOptionCategory::Model))?;
    let SessionConfigKind::Select(select) = &option.kind else {
        return None;
    };
    let models = match &select.options {
        SessionConfigSelectOptions::Ungrouped(options) => {
            options.iter().map(|option| option.value.0.to_string()).collect()
        }
        SessionConfigSelectOptions::Grouped(groups) => {
            groups.iter().flat_map(|group| &group.options).map(|option| option.value.0.to_string()).collect()
        }
        _ => Vec::new(),
    };
    Some((models, Some(select.current_value.0.to_string())))
}

fn begin_call(voice: &Voice, call: AgentCall) {
    voice.status(AgentStatus::ToolCalling, Some(call.title.clone()));
    let mut told = blank(&call.tool_call_id.0);
    told.tool =
        serde_json::to_value(call.kind).ok().and_then(|kind| kind.as_str().map(str::to_owned)).unwrap_or(told.tool);
    told.title = Some(call.title);
    told.status = status(call.status);
    told.arguments = call.raw_input.unwrap_or_default();
    told.result = result(&call.content, call.raw_output);
    voice.tool(told);
}

fn changed(mut call: ToolCall, fields: ToolCallUpdateFields) -> ToolCall {
    if let Some(title) = fields.title {
        call.title = Some(title);
    }
    if let Some(kind) = fields.kind.and_then(|kind| serde_json::to_value(kind).ok()) {
        call.tool = kind.as_str().map_or(call.tool, str::to_owned);
    }
    if let Some(news) = fields.status {
        call.status = status(news);
    }
    if let Some(input) = fields.raw_input {
        call.arguments = input;
    }
    if let Some(told) = result(&fields.content.unwrap_or_default(), fields.raw_output) {
        call.result = Some(told);
    }
    if call.status == ToolStatus::Error && call.error.is_none() {
        call.error = Some("the agent reports that the call failed".to_owned());
    }
    call
}

/// The plan as one call without effects, so that its entries are seen as a list that changes. The call is complete
/// whatever the entries are: a plan that was not carried out was still told.
fn plan_call(plan: &Plan) -> ToolCall {
    ToolCall {
        tool: "plan".to_owned(),
        title: Some("plan".to_owned()),
        status: ToolStatus::Completed,
        result: Some(json!({ "entries": plan.entries })),
        ..blank(PLAN)
    }
}

fn blank(id: &str) -> ToolCall {
    ToolCall {
        call: id.to_owned(),
        tool: "other".to_owned(),
        title: None,
        status: ToolStatus::Pending,
        arguments: Value::Null,
        result: None,
        error: None,
    }
}

fn status(status: ToolCallStatus) -> ToolStatus {
    match status {
        ToolCallStatus::InProgress => ToolStatus::Running,
        ToolCallStatus::Completed => ToolStatus::Completed,
        ToolCallStatus::Failed => ToolStatus::Error,
        _ => ToolStatus::Pending,
    }
}

/// Gathers what a call brought: its texts, its changes of files, and its raw output.
fn result(content: &[ToolCallContent], raw: Option<Value>) -> Option<Value> {
    let mut texts = Vec::new();
    let mut diffs = Vec::new();
    for piece in content {
        match piece {
            ToolCallContent::Content(content) => texts.push(words(&content.content)),
            ToolCallContent::Diff(diff) => {
                diffs.push(json!({ "path": diff.path, "old": diff.old_text, "new": diff.new_text }));
            }
            _ => {}
        }
    }
    let mut gathered = serde_json::Map::new();
    if !texts.is_empty() {
        gathered.insert("text".to_owned(), texts.join("\n").into());
    }
    if !diffs.is_empty() {
        gathered.insert("diffs".to_owned(), diffs.into());
    }
    if let Some(raw) = raw {
        gathered.insert("raw".to_owned(), raw);
    }
    (!gathered.is_empty()).then(|| gathered.into())
}

/// Returns the words of a block; of what is not text, what it is.
fn words(block: &ContentBlock) -> String {
    match block {
        ContentBlock::Text(text) => text.text.clone(),
        ContentBlock::Image(image) => format!("[image, {}]", image.mime_type),
        ContentBlock::Audio(audio) => format!("[audio, {}]", audio.mime_type),
        ContentBlock::ResourceLink(link) => format!("[{}]({})", link.name, link.uri),
        _ => "[attachment]".to_owned(),
    }
}
