//! What was said to an agent: while it waits, and as it stands in the transcript.

use serde::{Deserialize, Serialize};
use tenure_model::chat::{Attachment, PromptMode};
use tenure_model::id::{PromptId, ThreadId, TurnId};
use tenure_model::link::RestoreWork;
use tenure_model::time::Timestamp;

use crate::command::Author;
use crate::run::{QueuedStep, StepTurn};

/// A prompt that waits for its turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedPrompt {
    pub id: PromptId,
    pub thread: ThreadId,
    pub by: Author,
    pub text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    pub mode: PromptMode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    pub queued_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_of: Option<TurnId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<QueuedStep>,
}

/// What people or a workflow step said, as it stands in the transcript: one prompt, or several that were collected into one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserMessage {
    pub prompts: Vec<PromptId>,
    pub authors: Vec<Author>,
    pub text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    pub mode: PromptMode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Not said to an agent: it puts the workspace's files back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restore: Option<RestoreWork>,
    /// The workflow step whose work it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepTurn>,
}
