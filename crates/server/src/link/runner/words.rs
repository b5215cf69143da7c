//! The runner link's messages, read and written.

use serde_json::Value;
use tenure_model::link::WorkKind;
use tenure_protocol::Problem;
use tenure_protocol::runner::{RunnerMessage, ServerMessage, WorkVerdict};
use tenure_runtime::{Order, Verdict};

use crate::auth::agent;
use crate::desk::Desk;
use crate::problem::{Rejection, problem};

/// Every type of message that a runner may send.
const TYPES: [&str; 10] =
    ["hello", "accept", "decline", "done", "frames", "told", "connector_told", "list_tools", "call_tool", "heartbeat"];

/// Reads a message.
pub fn parse(text: &str) -> Result<RunnerMessage, Rejection> {
    // The common case is read once; only what fails is looked at again to say why.
    serde_json::from_str(text).map_err(|error| complaint(text, &error))
}

fn complaint(text: &str, error: &serde_json::Error) -> Rejection {
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        return problem(400, "frame_malformed", format!("this is no JSON: {error}"));
    };
    match value.get("type").and_then(Value::as_str) {
        None => problem(422, "frame_invalid", "a message is a JSON object with a \"type\"").field("type"),
        Some(kind) if !TYPES.contains(&kind) => {
            let detail = format!("there is no message of the type \"{kind}\"; types are {}", TYPES.join(", "));
            problem(422, "type_unknown", detail).field("type")
        }
        Some(_) => problem(422, "frame_invalid", format!("the message cannot be read: {error}")),
    }
}

/// Writes a message down.
pub fn written(message: &ServerMessage) -> String {
    serde_json::to_string(message).expect("a server message is plain data")
}

/// Returns an order as the runner hears it; none when it closes the link, with the reason.
pub fn of_order(desk: &Desk, order: Order) -> Result<ServerMessage, String> {
    Ok(match order {
        Order::Offer { reference, offer } => ServerMessage::Offer { reference, offer },
        Order::Start { reference, mut spec } => {
            // Only agents have a use for tools; what is no turn has none.
            spec.mcp = (spec.kind() == WorkKind::Turn).then(|| agent::access(desk, &spec));
            ServerMessage::Start { reference, spec }
        }
        Order::Cancel { reference, work, generation, reason } => {
            ServerMessage::Cancel { reference, work, generation, reason }
        }
        Order::Answer { reference, work, generation, question, answer } => {
            ServerMessage::Answer { reference, work, generation, question, answer }
        }
        Order::Ask { reference, session, question } => ServerMessage::Ask { reference, session, question },
        Order::Connector { reference, order } => ServerMessage::Connector { reference, order },
        Order::Drop { work, generation, reason } => {
            let problem = Problem::new(409, "work_not_wanted", reason);
            ServerMessage::Drop { work, generation, problem }
        }
        Order::Close { reason } => return Err(reason),
    })
}

/// Returns a verdict as the runner hears it.
pub fn of_verdict(verdict: Verdict) -> WorkVerdict {
    match verdict {
        Verdict::Keep { work, generation, next } => WorkVerdict::Keep { work, generation, next },
        Verdict::Drop { work, generation, reason } => WorkVerdict::Drop { work, generation, reason },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_told_clearly() {
        let code = |text: &str| parse(text).expect_err(text).0.code;
        assert_eq!(code("{"), "frame_malformed");
        assert_eq!(code("7"), "frame_invalid");
        assert_eq!(code(r#"{"type":"dance"}"#), "type_unknown");
        assert_eq!(code(r#"{"type":"accept"}"#), "frame_invalid");
        assert_eq!(code(r#"{"type":"frames","session":"x"}"#), "frame_invalid");
        assert!(parse(r#"{"type":"done","ref":"7"}"#).is_ok());
    }
}
