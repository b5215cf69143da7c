//! The calls that an agent reports: what it does, the changes it makes, what its commands print.

use agent_client_protocol::v1::schema::{
    ToolCall as AgentCall, ToolCallContent, ToolCallStatus, ToolCallUpdate, ToolCallUpdateFields, ToolKind,
};
use serde_json::{Value, json};
use tenure_model::chat::{AgentStatus, ToolCall, ToolStatus};

use super::stage::Act;
use super::updates::words;

/// Tells a new call.
pub fn begin(act: &Act, call: AgentCall) {
    act.voice.status(AgentStatus::ToolCalling, Some(call.title.clone()));
    let id = call.tool_call_id.0.to_string();
    let mut told = blank(&id);
    told.tool = call.name.unwrap_or_else(|| kind_word(call.kind));
    told.title = Some(call.title);
    told.status = status(call.status);
    told.arguments = call.raw_input.unwrap_or_default();
    told.result = result(&call.content, call.raw_output);
    act.voice.tool(told);
    show_terminals(act, &id, &call.content);
}

/// Tells how a call goes on. One that was never begun begins here: agents have been seen to mix the order up.
pub fn change(act: &Act, update: ToolCallUpdate) {
    let id = update.tool_call_id.0.to_string();
    let known = act.voice.known_call(&id).unwrap_or_else(|| blank(&id));
    let content = update.fields.content.clone().unwrap_or_default();
    act.voice.tool(changed(known, update.fields));
    show_terminals(act, &id, &content);
}

/// Returns a call of which nothing is known yet.
pub fn blank(id: &str) -> ToolCall {
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

fn changed(mut call: ToolCall, fields: ToolCallUpdateFields) -> ToolCall {
    if let Some(title) = fields.title {
        call.title = Some(title);
    }
    if let Some(tool) = fields.name.or_else(|| fields.kind.map(kind_word)) {
        call.tool = tool;
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

fn show_terminals(act: &Act, call: &str, content: &[ToolCallContent]) {
    for piece in content {
        if let ToolCallContent::Terminal(terminal) = piece {
            act.terminals.show(&terminal.terminal_id, call, &act.voice);
        }
    }
}

fn kind_word(kind: ToolKind) -> String {
    let word = serde_json::to_value(kind).ok();
    word.and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_else(|| "other".to_owned())
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
            // What a terminal prints is told live, as the output of the call.
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
