//! What chat clients and HTTP callers ask of a session, in the session's own words, and its answers in theirs.

use serde_json::Value;
use tenure_account::realm::Realm;
use tenure_model::id::SessionId;
use tenure_protocol::client::{Answered, ClientCommand, ClientMessage, LimitWarning, Reply};
use tenure_session::{Action, Command, Pressure, RequestId, SandboxWish};

use crate::api::quota;
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::{Rejection, of_ask, problem};

/// Every type of message that a chat client may send.
const TYPES: [&str; 22] = [
    "prompt",
    "queue.edit",
    "queue.move",
    "queue.withdraw",
    "queue.promote",
    "abort",
    "retry",
    "answer",
    "thread.open",
    "thread.rename",
    "title",
    "mode",
    "share",
    "decide",
    "run.event",
    "workspace.restore",
    "sandbox.wake",
    "sandbox.hibernate",
    "sandbox.stop",
    "terminate",
    "typing",
    "ping",
];

/// Reads a frame. A problem names the request when that much could be read.
pub fn parse(text: &str) -> Result<ClientMessage, Rejection> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| problem(400, "frame_malformed", format!("this is no JSON: {error}")))?;
    let request_id = value.get("request_id").and_then(Value::as_str).map(str::to_owned);
    read(value).map_err(|rejection| rejection.request(request_id))
}

fn read(value: Value) -> Result<ClientMessage, Rejection> {
    if !value.is_object() {
        return Err(problem(422, "frame_invalid", "a frame is a JSON object with a \"type\""));
    }
    let Some(kind) = value.get("type").and_then(Value::as_str) else {
        return Err(problem(422, "frame_invalid", "a frame needs a \"type\", a text").field("type"));
    };
    if !TYPES.contains(&kind) {
        let detail = format!("there is no frame of the type \"{kind}\"; types are {}", TYPES.join(", "));
        return Err(problem(422, "type_unknown", detail).field("type"));
    }
    let message: ClientMessage = serde_json::from_value(value)
        .map_err(|error| problem(422, "frame_invalid", format!("the frame cannot be read: {error}")))?;
    if matches!(message.command, ClientCommand::Prompt { .. }) && message.request_id.is_none() {
        let detail = "a prompt needs a request_id of 1 to 100 bytes, so that sending it again is harmless";
        return Err(problem(422, "request_id_missing", detail).field("request_id"));
    }
    Ok(message)
}

/// Reads a request id.
pub fn request_of(request_id: Option<String>) -> Result<Option<RequestId>, Rejection> {
    let parse = |text: String| {
        RequestId::parse(text).map_err(|bad| problem(400, "request_id_invalid", bad.to_string()).field("request_id"))
    };
    request_id.map(parse).transpose()
}

/// Returns what a command wants of the session; none for what is not recorded.
pub fn action_of(command: ClientCommand, realm: &Realm) -> Result<Option<Action>, Rejection> {
    let action = match command {
        ClientCommand::Prompt { thread, text, attachments, mode, agent, model } => {
            Action::Prompt { thread, text, attachments, mode, agent, model }
        }
        ClientCommand::QueueEdit { prompt, text } => Action::EditPrompt { prompt, text },
        ClientCommand::QueueMove { prompt, before } => Action::MovePrompt { prompt, before },
        ClientCommand::QueueWithdraw { prompt } => Action::WithdrawPrompt { prompt },
        ClientCommand::QueuePromote { prompt } => Action::PromotePrompt { prompt },
        ClientCommand::Abort { thread, turn } => Action::Abort { thread, turn },
        ClientCommand::Retry { turn } => Action::Retry { turn },
        ClientCommand::Answer { question, answer } => Action::Answer { question, answer },
        ClientCommand::ThreadOpen { title } => Action::OpenThread { title: Some(title) },
        ClientCommand::ThreadRename { thread, title } => Action::RenameThread { thread, title },
        ClientCommand::Title { title } => Action::SetTitle { title },
        ClientCommand::Mode { mode } => Action::SetMode { mode },
        ClientCommand::Share { user, role: None } => Action::Unshare { user },
        ClientCommand::Share { user, role: Some(role) } => {
            let known = realm.users.get(&user);
            let known = known.ok_or_else(|| problem(404, "user_unknown", "there is no such user").field("user"))?;
            Action::Share { user, name: known.name.clone(), role }
        }
        ClientCommand::WorkspaceRestore { turn } => Action::Restore { to: turn },
        ClientCommand::SandboxWake {} => Action::Sandbox { wish: SandboxWish::Wake },
        ClientCommand::SandboxHibernate {} => Action::Sandbox { wish: SandboxWish::Hibernate },
        ClientCommand::SandboxStop {} => Action::Sandbox { wish: SandboxWish::Stop },
        ClientCommand::Terminate {} => Action::Terminate,
        // What is said to a run is no action of the session.
        ClientCommand::Decide { .. } | ClientCommand::RunEvent { .. } => return Ok(None),
        ClientCommand::Typing { .. } | ClientCommand::Ping {} => return Ok(None),
    };
    Ok(Some(action))
}

/// Brings an action to a session and waits for its durable answer.
pub async fn carry_out(
    desk: &Desk,
    caller: &Caller,
    session: SessionId,
    request: Option<RequestId>,
    action: Action,
) -> Result<Answered, Rejection> {
    let ends = matches!(action, Action::Terminate);
    let adds = matches!(action, Action::Prompt { .. } | Action::OpenThread { .. } | Action::Share { .. });
    let command = Command::Client { by: caller.by(), request, action };
    let answer = desk.runtime.sessions.ask(session, command).await.map_err(|error| {
        let rejection = of_ask(error);
        desk.figures.refused(&rejection.0.code);
        rejection
    })?;
    if ends {
        release(desk, session).await;
    }
    let warnings = if adds { warnings(desk, session).await } else { vec![] };
    Ok(Answered { reply: reply_of(answer.reply), warnings })
}

/// Lists the limits that a session comes close to, for the operator's log and for whoever adds to it.
async fn warnings(desk: &Desk, session: SessionId) -> Vec<LimitWarning> {
    let Ok(look) = desk.runtime.sessions.look(session).await else {
        return vec![];
    };
    let warning = |Pressure { limit, used, max }: Pressure| {
        tracing::warn!(session.id = %session, limit, used, max, "session {session} uses {used} of {max}, the limit {limit}");
        LimitWarning { limit: limit.to_owned(), used, max }
    };
    look.state.pressure().into_iter().map(warning).collect()
}

/// Lets a terminated session count no more for its owner.
async fn release(desk: &Desk, session: SessionId) {
    let Ok(look) = desk.runtime.sessions.look(session).await else {
        return;
    };
    if let Some(about) = &look.state.about {
        quota::give_back(desk, about.owner, session).await;
    }
}

/// Returns a session's answer as clients hear it.
pub fn reply_of(reply: tenure_session::Reply) -> Reply {
    use tenure_session::Reply as Said;
    match reply {
        Said::Prompted { prompt, thread, turn, mode, place, ends } => {
            Reply::Prompted { prompt, thread, turn, mode, ahead: place.unwrap_or(0), ends }
        }
        Said::Withdrawn { prompt, text, .. } => Reply::Withdrawn { prompt, text },
        Said::Aborted { turn } => Reply::Aborting { turn },
        Said::Answered { question } => Reply::Answered { question },
        Said::Restoring { turn } => Reply::Restoring { turn },
        Said::ThreadOpened { thread } => Reply::ThreadOpened { thread },
        Said::Done | Said::Created { .. } | Said::Frames { .. } => Reply::Done {},
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_of(text: &str) -> (String, Option<String>) {
        let problem: tenure_protocol::Problem = parse(text).expect_err(text).into();
        (problem.code, problem.request_id)
    }

    #[test]
    fn what_cannot_be_read_is_told_clearly() {
        assert_eq!(code_of("{"), ("frame_malformed".into(), None));
        assert_eq!(code_of("[]"), ("frame_invalid".into(), None));
        assert_eq!(code_of("{}"), ("frame_invalid".into(), None));
        assert_eq!(code_of(r#"{"type":"dance","request_id":"7"}"#), ("type_unknown".into(), Some("7".into())));
        assert_eq!(code_of(r#"{"type":"prompt","text":"hi"}"#), ("request_id_missing".into(), None));
        assert_eq!(code_of(r#"{"type":"prompt","request_id":"7"}"#), ("frame_invalid".into(), Some("7".into())));
        assert_eq!(code_of(r#"{"type":"answer","question":"x","answer":"y"}"#), ("frame_invalid".into(), None));
    }

    #[test]
    fn every_listed_type_is_known_and_the_other_way_round() {
        let schema = serde_json::to_string(&tenure_protocol::schema::frames()).expect("a schema is plain JSON");
        for kind in TYPES {
            assert!(schema.contains(&format!("\"{kind}\"")), "{kind} is not described");
            let error = serde_json::from_value::<ClientMessage>(serde_json::json!({ "type": kind }));
            let unknown = error.err().is_some_and(|error| error.to_string().contains("unknown variant"));
            assert!(!unknown, "{kind} is no type of message");
        }
        let error = serde_json::from_str::<ClientMessage>(r#"{"type":"dance"}"#).expect_err("no such type");
        assert_eq!(error.to_string().matches('`').count() / 2 - 1, TYPES.len(), "{error}");
    }

    #[test]
    fn request_ids_have_1_to_100_bytes() {
        assert_eq!(request_of(None).expect("absent is fine"), None);
        assert!(request_of(Some("x".repeat(100))).is_ok());
        for bad in [String::new(), "x".repeat(101)] {
            assert_eq!(request_of(Some(bad)).expect_err("out of bounds").0.code, "request_id_invalid");
        }
    }
}
