//! What a runner is given and what it tells of it: the shared half of the runner link.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::chat::{AgentStatus, Attachment, FinishReason, TextKind, ToolCall, Usage};
use crate::id::{QuestionId, RunnerId, SessionId, ThreadId, TurnId, WorkId};
use crate::placement::Placement;
use crate::step::{Persona, RepoContext, StepRef};
use crate::time::Span;
use crate::workspace::{FilesChanged, GitState};

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
    /// Another model goes on with the prompt, which the one before could not answer.
    #[serde(rename = "model-switched")]
    ModelSwitched {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        to: String,
        /// What was wrong with the one before, for people.
        reason: String,
    },
    /// What was used since the last report of this turn.
    #[serde(rename = "usage")]
    Usage { usage: Usage },
    /// A better title for the session.
    #[serde(rename = "title")]
    Title { title: String },
    /// Where the workspace's repository stands now, when that is news.
    #[serde(rename = "git-state")]
    GitState { git: GitState },
    /// How the workspace's files differ now, when that is news.
    #[serde(rename = "files-changed")]
    FilesChanged { changed: FilesChanged },
    /// The workspace's files are kept under the id of this turn, and can be restored.
    #[serde(rename = "checkpoint")]
    Checkpoint {},
    /// The last frame: nothing of the work runs any more, its process group is gone.
    #[serde(rename = "message.finalize")]
    Finalize {
        reason: FinishReason,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
        /// What a shell command or a tool came to, for the run that asked for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<Value>,
    },
}

/// What sort of thing a work is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Debug, Default)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WorkKind {
    /// An agent answers a prompt.
    #[default]
    Turn,
    /// A command runs in a shell of the workspace.
    Shell,
    /// A tool of the runner is called.
    Tool,
    /// The workspace's files are put back as they were.
    Restore,
}

impl WorkKind {
    /// Returns all of them.
    pub fn all() -> Vec<Self> {
        vec![Self::Turn, Self::Shell, Self::Tool, Self::Restore]
    }

    /// Returns the word for people, which also stands for the agent of a work that has none.
    pub fn word(self) -> &'static str {
        match self {
            Self::Turn => "turn",
            Self::Shell => "shell",
            Self::Tool => "tool",
            Self::Restore => "restore",
        }
    }
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
    #[serde(default)]
    pub kind: WorkKind,
    /// The runner that has the session's workspace: the first choice, for a restore the only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<RunnerId>,
    /// What the session asks of its runners.
    #[serde(default, skip_serializing_if = "Placement::is_any")]
    pub placement: Placement,
}

/// All that a runner needs to do one work: a turn, unless it says that it is something else.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, Default)]
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
    /// What the agent is told; for a shell work the command, for a tool its name, to be shown to people.
    pub text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// The wall time after which the runner ends the work.
    pub timeout_ms: Span,
    /// The workflow step that this is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepRef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persona: Option<Persona>,
    /// The models to try one after the other, `model` first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shell: Option<ShellWork>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<ToolWork>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restore: Option<RestoreWork>,
    /// What the workspace is made of, unless it is there already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repo: Option<RepoContext>,
    /// Where the agent finds the server's tools; never kept in a record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mcp: Option<McpAccess>,
}

/// The server's tools, as an agent reaches them: an MCP endpoint and a credential that is good for this session only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct McpAccess {
    pub url: String,
    /// Sent as `Authorization: Bearer`.
    pub token: String,
}

impl fmt::Debug for McpAccess {
    /// Leaves the token out: what is debugged ends up in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("McpAccess").field("url", &self.url).finish_non_exhaustive()
    }
}

impl WorkSpec {
    /// Returns what sort of work this is.
    pub fn kind(&self) -> WorkKind {
        match (&self.shell, &self.tool, &self.restore) {
            (Some(_), ..) => WorkKind::Shell,
            (None, Some(_), _) => WorkKind::Tool,
            (None, None, Some(_)) => WorkKind::Restore,
            (None, None, None) => WorkKind::Turn,
        }
    }
}

/// A command for a shell of the workspace.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, Default)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ShellWork {
    pub command: String,
    /// Added to the runner's own environment.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Below the workspace; the workspace itself when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
}

/// A call of one of the runner's own tools.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ToolWork {
    pub tool: String,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub arguments: Value,
}

/// Puts the files of the workspace back.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RestoreWork {
    /// As this turn left them; as they were before the first turn when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<TurnId>,
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
    /// `scripted`, `shell`, `acp` or `model`.
    pub kind: String,
    /// One sentence for people: what it is and, for the scripted agent, that it is no model.
    pub description: String,
}
