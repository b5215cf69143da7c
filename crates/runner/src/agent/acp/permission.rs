//! What an agent is answered when it asks for a permission: by policy, or by the people of the session.

use agent_client_protocol::v1::schema::{
    PermissionOption, PermissionOptionKind, RequestPermissionOutcome, RequestPermissionRequest,
    RequestPermissionResponse, SelectedPermissionOutcome,
};
use serde_json::Value;
use tenure_model::chat::AgentStatus;

use super::stage::Act;
use crate::agent::note::note;
use crate::config::PermissionPolicy;

/// Decides a request. Without an answer the narrowest refusal holds.
pub async fn decide(act: &Act, request: RequestPermissionRequest) -> RequestPermissionResponse {
    let (options, voice) = (&request.options, &act.voice);
    let chosen = match act.permissions {
        PermissionPolicy::Allow => allowed(options),
        PermissionPolicy::Deny => denied(options),
        PermissionPolicy::Ask => {
            voice.status(AgentStatus::Waiting, None);
            let names = options.iter().map(|option| option.name.clone()).collect();
            match voice.ask(&question(&request), names, None).await {
                Some(answer) => named(options, &answer).or_else(|| denied(options)),
                None => denied(options),
            }
        }
    };
    if let Some(remembered) = chosen.and_then(|option| remembered(option.kind)) {
        // The agent itself remembers it: nothing of it outlives its process.
        let title = format!("{remembered} until this agent process ends: {}", what(&request));
        voice.tool(note(&format!("permission:{}", request.tool_call.tool_call_id), &title, Value::Null));
    }
    let outcome = match chosen {
        Some(option) => RequestPermissionOutcome::Selected(SelectedPermissionOutcome::new(option.option_id.clone())),
        None => RequestPermissionOutcome::Cancelled,
    };
    RequestPermissionResponse::new(outcome)
}

/// Returns the narrowest option that allows.
fn allowed(options: &[PermissionOption]) -> Option<&PermissionOption> {
    of_kind(options, PermissionOptionKind::AllowOnce).or_else(|| of_kind(options, PermissionOptionKind::AllowAlways))
}

/// Returns the narrowest option that refuses.
fn denied(options: &[PermissionOption]) -> Option<&PermissionOption> {
    of_kind(options, PermissionOptionKind::RejectOnce).or_else(|| of_kind(options, PermissionOptionKind::RejectAlways))
}

fn of_kind(options: &[PermissionOption], kind: PermissionOptionKind) -> Option<&PermissionOption> {
    options.iter().find(|option| option.kind == kind)
}

fn named<'a>(options: &'a [PermissionOption], answer: &str) -> Option<&'a PermissionOption> {
    options.iter().find(|option| option.name.eq_ignore_ascii_case(answer.trim()))
}

fn remembered(kind: PermissionOptionKind) -> Option<&'static str> {
    match kind {
        PermissionOptionKind::AllowAlways => Some("Allowed"),
        PermissionOptionKind::RejectAlways => Some("Refused"),
        _ => None,
    }
}

fn what(request: &RequestPermissionRequest) -> &str {
    request.tool_call.fields.title.as_deref().unwrap_or("go on with a tool call")
}

fn question(request: &RequestPermissionRequest) -> String {
    let what = what(request);
    match &request.tool_call.fields.raw_input {
        Some(input) => format!("May the agent do this: {what}?\n{input}"),
        None => format!("May the agent do this: {what}?"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> Vec<PermissionOption> {
        vec![
            PermissionOption::new("all", "Always", PermissionOptionKind::AllowAlways),
            PermissionOption::new("one", "Once", PermissionOptionKind::AllowOnce),
            PermissionOption::new("no", "Reject", PermissionOptionKind::RejectOnce),
        ]
    }

    #[test]
    fn the_narrowest_option_is_taken() {
        let options = options();
        assert_eq!(allowed(&options).unwrap().name, "Once");
        assert_eq!(denied(&options).unwrap().name, "Reject");
        assert_eq!(allowed(&options[..1]).unwrap().name, "Always");
        assert!(denied(&options[..2]).is_none());
    }

    #[test]
    fn an_answer_is_known_by_its_name() {
        let options = options();
        assert_eq!(named(&options, " always ").unwrap().name, "Always");
        assert!(named(&options, "perhaps").is_none());
    }
}
