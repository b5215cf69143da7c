//! Turns what the agent reports into frames: text, thinking, plans, titles, modes, notices; calls are in `calls`.

use std::sync::atomic::Ordering;

use agent_client_protocol::v1::schema::{CompactionStatus, ContentBlock, NoticeSeverity, Plan, SessionUpdate};
use serde_json::{Value, json};
use tenure_model::chat::{AgentStatus, ToolCall, ToolStatus};

use super::stage::Act;
use super::{calls, models};
use crate::agent::note::note;

/// The part under which the agent's plan stands; each new plan replaces it.
const PLAN: &str = "plan";

/// Tells one report.
pub fn tell(act: &Act, update: SessionUpdate) {
    let voice = &act.voice;
    match update {
        SessionUpdate::AgentMessageChunk(chunk) => {
            act.said.store(true, Ordering::Release);
            voice.status(AgentStatus::Streaming, None);
            voice.text(&words(&chunk.content));
        }
        SessionUpdate::AgentThoughtChunk(chunk) => {
            act.said.store(true, Ordering::Release);
            voice.status(AgentStatus::Thinking, None);
            voice.reasoning(&words(&chunk.content));
        }
        SessionUpdate::ToolCall(call) => {
            act.said.store(true, Ordering::Release);
            calls::begin(act, call);
        }
        SessionUpdate::ToolCallUpdate(update) => {
            act.said.store(true, Ordering::Release);
            calls::change(act, update);
        }
        SessionUpdate::Plan(plan) => voice.tool(plan_call(&plan)),
        SessionUpdate::SessionInfoUpdate(info) => {
            if let Some(title) = info.title.value() {
                voice.title(title);
            }
        }
        SessionUpdate::ConfigOptionUpdate(update) => {
            if let Some(models) = models::Offered::of(&update.config_options) {
                voice.models(models.names, Some(models.current));
            }
        }
        SessionUpdate::CurrentModeUpdate(update) => {
            voice.tool(note("mode", &format!("the agent works in the mode {}", update.current_mode_id), Value::Null));
        }
        SessionUpdate::AvailableCommandsUpdate(update) => {
            let names: Vec<String> = update.available_commands.iter().map(|one| format!("/{}", one.name)).collect();
            voice.status(AgentStatus::Thinking, Some(format!("commands of the agent: {}", names.join(" "))));
        }
        SessionUpdate::Notice(notice) => {
            let grave = notice.severity == NoticeSeverity::Error;
            let mut call = note(&notice.title, &notice.title, json!({ "text": notice.description }));
            call.status = if grave { ToolStatus::Error } else { call.status };
            call.error = grave.then(|| notice.description.unwrap_or(notice.title));
            voice.tool(call);
        }
        SessionUpdate::CompactionUpdate(update) if update.status == CompactionStatus::InProgress => {
            voice.status(AgentStatus::Thinking, Some("shortens the conversation".to_owned()));
        }
        // The prompt as the agent saw it, and what is only kept: the fill of the context.
        _ => {}
    }
}

/// The plan as one call without effects, so that its entries are seen as a list that changes. The call is complete
/// whatever the entries are: a plan that was not carried out was still told.
fn plan_call(plan: &Plan) -> ToolCall {
    ToolCall {
        tool: "plan".to_owned(),
        title: Some("plan".to_owned()),
        status: ToolStatus::Completed,
        result: Some(json!({ "entries": plan.entries })),
        ..calls::blank(PLAN)
    }
}

/// Returns the words of a block; of what is not text, what it is.
pub fn words(block: &ContentBlock) -> String {
    match block {
        ContentBlock::Text(text) => text.text.clone(),
        ContentBlock::Image(image) => format!("[image, {}]", image.mime_type),
        ContentBlock::Audio(audio) => format!("[audio, {}]", audio.mime_type),
        ContentBlock::ResourceLink(link) => format!("[{}]({})", link.name, link.uri),
        _ => "[attachment]".to_owned(),
    }
}
