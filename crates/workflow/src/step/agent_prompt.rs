//! `agent_prompt`: asks the agent and awaits its reply.

use serde::{Deserialize, Serialize};

use crate::definition::Ident;
use crate::read::draft::Draft;
use crate::read::form::{Field, Form, Shape};
use crate::template::Template;

/// One prompt to the agent of the run's session, whose reply streams into the chat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgentPrompt {
    pub prompt: Template,
    #[serde(default, skip_serializing_if = "Thread::is_shared")]
    pub thread: Thread,
    /// Whether the current turn of that thread is interrupted first.
    #[serde(default, skip_serializing_if = "super::is_false")]
    pub interrupt: bool,
    /// Whether the step ends with the reply (within its timeout) or as soon as the prompt is in the queue.
    pub await_response: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The models to try, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persona: Option<Template>,
    /// The fields that the reply must hold as JSON, in authored order; none means that the reply is text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub output_schema: Vec<OutputField>,
}

/// Which conversation the prompt goes to.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Thread {
    /// The one that all such steps of the run share.
    #[default]
    Shared,
    /// One that is used once and closed after the step.
    New,
    /// One that all steps of the run with this name share.
    Named(String),
}

/// One field of a structured reply. All are required, and null is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputField {
    pub name: Ident,
    #[serde(rename = "type")]
    pub of: OutputFieldType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// What kind of value a field of a structured reply holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputFieldType {
    String,
    Number,
    Boolean,
    Array,
    Object,
}

impl Thread {
    fn is_shared(&self) -> bool {
        *self == Thread::Shared
    }
}

impl Serialize for Thread {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Thread::Shared => to.serialize_none(),
            Thread::New => to.serialize_str("@new"),
            Thread::Named(name) => to.serialize_str(name),
        }
    }
}

impl<'de> Deserialize<'de> for Thread {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(match Option::<String>::deserialize(from)? {
            None => Thread::Shared,
            Some(name) if name == "@new" => Thread::New,
            Some(name) => Thread::Named(name),
        })
    }
}

pub(crate) const FORM: Form = Form {
    word: "agent_prompt",
    description: "Asks the agent of the run's session and awaits its reply, which streams into the chat. \
        Gives `response` (an object when there is an output schema), `prompt`, `model` and tokens.",
    fields: &[
        Field::new("prompt", Shape::Template, "What the agent is asked.")
            .required()
            .or(&["content", "message", "goal"]),
        Field::new(
            "thread",
            Shape::Text,
            "A conversation: steps with the same name share it, `@new` is used once; without it, the run's own is used.",
        ),
        Field::new("interrupt", Shape::Bool, "Whether what the agent does in that thread is interrupted first.")
            .default("false"),
        Field::new(
            "await_response",
            Shape::Bool,
            "Whether the step ends with the reply, or as soon as the prompt is queued.",
        )
        .or(&["awaitResponse"])
        .default("true"),
        Field::new("await_timeout_ms", Shape::Duration, "Another name for the step's timeout.").or(&["awaitTimeoutMs"]),
        Field::new("agent", Shape::Text, "Which agent of the runner is asked; without it, the session's."),
        Field::new("models", Shape::Texts, "The models to try, in this order.").or(&["model"]),
        Field::new("persona", Shape::Template, "The name of a persona of the owner."),
        Field::new(
            "output_schema",
            Shape::Named { form: &OUTPUT_FIELD, short: Some("type") },
            "The fields that the reply must hold as JSON; it is repaired in up to three tries.",
        )
        .or(&["outputSchema"]),
    ],
    check,
};

const OUTPUT_FIELD: Form = Form {
    word: "",
    description: "One field of the reply.",
    fields: &[
        Field::new("name", Shape::Ident, "Letters, digits and `_`.").required(),
        Field::new(
            "type",
            Shape::OneOf(&["string", "number", "boolean", "array", "object"]),
            "What kind of value it holds.",
        )
        .required(),
        Field::new("description", Shape::Text, "What the agent is to put there."),
    ],
    check: crate::read::form::no_rules,
};

fn check(draft: &mut Draft<'_, '_>) {
    if let Some(timeout) = draft.object.remove("await_timeout_ms") {
        if draft.has("timeout_ms") {
            draft.wrong("await_timeout_ms", "duplicate_field", "says the same as `timeout`", "keep one of them");
        }
        draft.object.insert("timeout_ms".to_owned(), timeout);
    }
    if draft.is_empty("output_schema") {
        draft.wrong("output_schema", "empty", "has no fields", "leave it out, or name a field");
    }
}
