//! `agent_prompt`: asks the agent and awaits its reply.

use serde::{Deserialize, Serialize};

use crate::definition::Ident;
use crate::template::Template;

/// One prompt to the agent of the run's session, whose reply streams into the chat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgentPrompt {
    pub prompt: Template,
    #[serde(default)]
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
