//! The language of a chat turn: parts, tool calls, usage, finishing. Sessions store it, runners and clients speak it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What happens to a prompt while its thread is busy.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, Default)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PromptMode {
    /// Waits for its turn.
    #[default]
    Followup,
    /// Ends the running turn and goes first.
    Steer,
    /// Waits a moment for more of its kind; they become one prompt.
    Collect,
}

/// How a turn ended.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// The agent said all it had to say.
    EndTurn,
    /// The agent or its model failed.
    Error,
    /// A person ended it.
    Canceled,
    /// The runner was lost; the text so far is kept.
    Interrupted,
}

/// How far a tool call is.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ToolStatus {
    Pending,
    Running,
    Completed,
    Error,
    /// The turn ended before the call did.
    Interrupted,
}

/// What the agent is doing, for people who watch.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, Default)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AgentStatus {
    #[default]
    Idle,
    Thinking,
    ToolCalling,
    Streaming,
    /// Waits for an answer to a question.
    Waiting,
    Error,
}

/// What a text delta is added to.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TextKind {
    /// The answer.
    Text,
    /// The agent's thinking aloud.
    Reasoning,
    /// The live output of the tool call that stands at this part.
    Output,
}

/// A tool call as it stands now; a later one with the same `call` replaces it.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ToolCall {
    /// The agent's id of the call, unique within the turn; at most 200 bytes.
    pub call: String,
    /// The tool's name.
    pub tool: String,
    /// One line that says what the call does, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    pub status: ToolStatus,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub arguments: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// One piece of an assistant's message, at a fixed place in it.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "parts live in maps and lists; the text in them outweighs the variant")]
pub enum Part {
    Text {
        text: String,
    },
    Reasoning {
        text: String,
    },
    ToolCall {
        #[serde(flatten)]
        call: ToolCall,
        /// What the tool has printed so far.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        output: String,
    },
    Error {
        message: String,
    },
    /// Closes every assistant message.
    Finish {
        reason: FinishReason,
    },
}

/// What a turn used, as the agent reports it. Reports of one turn add up.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, Default)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Usage {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    #[serde(default)]
    pub input_tokens: u64,
    #[serde(default)]
    pub output_tokens: u64,
}

impl Usage {
    /// Adds another report of the same turn.
    pub fn add(&mut self, more: &Usage) {
        self.input_tokens = self.input_tokens.saturating_add(more.input_tokens);
        self.output_tokens = self.output_tokens.saturating_add(more.output_tokens);
        if more.model.is_some() {
            self.model.clone_from(&more.model);
        }
    }
}

/// A file that comes with a prompt.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Attachment {
    pub name: String,
    /// The media type, such as `image/png`.
    pub mime: String,
    /// The content, base64; it counts towards the size of the prompt.
    pub data: String,
}
