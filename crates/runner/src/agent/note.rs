//! What people are told about an agent that it did not say itself: a call without effects, so that every client shows it.

use serde_json::Value;
use serde_json::json;
use tenure_model::chat::{ToolCall, ToolStatus};

use crate::works::Voice;

/// Returns a note; a later one with the same id replaces it.
pub fn note(id: &str, title: &str, result: Value) -> ToolCall {
    ToolCall {
        call: format!("note:{id}"),
        tool: "note".to_owned(),
        title: Some(title.to_owned()),
        status: ToolStatus::Completed,
        arguments: Value::Null,
        result: Some(result).filter(|result| !result.is_null()),
        error: None,
    }
}

/// Notes that the agent's earlier conversation is lost to it.
pub fn fresh_start(voice: &Voice, why: &str) {
    let title = "The agent starts anew: it does not remember what was said before";
    voice.tool(note("conversation", title, json!({ "text": why })));
}
