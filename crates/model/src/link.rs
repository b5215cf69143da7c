//! What a runner is given and what it tells of it: the shared half of the runner link.

use serde::{Deserialize, Serialize};

use crate::chat::{AgentStatus, Attachment, FinishReason, TextKind, ToolCall, Usage};
use crate::id::{QuestionId, SessionId, ThreadId, WorkId};
use crate::time::Span;

/// One numbered statement of a runner about one work. The names are those of the wire.
///
/// Frames of a work are numbered 0, 1, 2, … A runner keeps them until the server has acknowledged them.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type")]
pub enum TurnFrame {
    /// The agent has begun; the first frame of a turn.
    #[serde(rename = "message.create")]
    MessageCreate {
        agent: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        model: Option<String>,
        /// The agent's own id of this conversation; handed back with the thread's next turn.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent_session: Option<String>,
    },
    /// More text at `offset` bytes of part `part`.
    #[serde(rename = "message.part.text-delta")]
    TextDelta { part: u32, kind: TextKind, offset: u64, text: String },
    /// The tool call at part `part`, whole, as it stands now.
    #[serde(rename = "message.part.tool-update")]
    ToolUpdate { part: u32, call: ToolCall },
    /// The agent asks people; it waits for the answer.
    #[serde(rename = "question")]
    Question {
        question: QuestionId,
        text: String,
        #[serde(default)]
        options: Vec<String>,
        /// How long it waits; the session's own limit when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        timeout_ms: Option<Span>,
    },
    #[serde(rename = "agentStatus")]
    AgentStatus {
        status: AgentStatus,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
    },
    /// The models that the agent offers, and the one in use.
    #[serde(rename = "models")]
    Models {
        models: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        current: Option<String>,
    },
    /// What was used since the last report of this turn.
    #[serde(rename = "usage")]
    Usage { usage: Usage },
    /// A better title for the session.
    #[serde(rename = "title")]
    Title { title: String },
    /// The last frame: nothing of the work runs any more, its process group is gone.
    #[serde(rename = "message.finalize")]
    Finalize {
        reason: FinishReason,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
}

/// What a runner needs to know before it takes a work on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct WorkOffer {
    pub session: SessionId,
    pub work: WorkId,
    pub generation: u32,
    /// The agent that is asked for; the runner's first one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
}

/// All that a runner needs to do one turn.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct WorkSpec {
    pub session: SessionId,
    pub thread: ThreadId,
    pub work: WorkId,
    pub generation: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The agent's own id of the conversation, from an earlier turn of this thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_session: Option<String>,
    pub text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// The wall time after which the runner ends the turn.
    pub timeout_ms: Span,
}

/// How far a runner is with a work that it holds.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WorkPhase {
    /// Accepted, not started.
    Accepted,
    Running,
    /// Over; its last frames wait for their acknowledgement.
    Ended,
}

/// A work that a runner holds, as it says itself.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct HeldWork {
    pub session: SessionId,
    pub work: WorkId,
    pub generation: u32,
    pub phase: WorkPhase,
    /// The number that its next frame will have.
    pub next_frame: u64,
}

/// An agent that a runner offers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AgentInfo {
    /// The name by which prompts ask for it.
    pub name: String,
    /// `scripted`, `shell` or `acp`.
    pub kind: String,
    /// One sentence for people: what it is and, for the scripted agent, that it is no model.
    pub description: String,
}
