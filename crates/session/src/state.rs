//! What a session remembers in order to decide. Transcripts are read from the journal.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tenure_model::budget::Draw;
use tenure_model::chat::{FinishReason, PromptMode, Usage};
use tenure_model::id::{ExecutionId, RunnerId, ThreadId, TurnId, UserId};
use tenure_model::placement::Placement;
use tenure_model::step::RepoContext;
use tenure_model::time::Timestamp;
use tenure_model::view::{Purpose, Role};

use crate::limits::Limits;
use crate::message::{QueuedPrompt, UserMessage};
use crate::requests::Requests;
use crate::run::{Run, StepsOver};
use crate::sandbox::Sandbox;
use crate::turn::Turn;
use crate::workspace::{RestoreOver, Workspace};

/// The state of one session. The default is a session that was not created yet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// What it was created as; none when there is no such session.
    pub about: Option<About>,
    /// Who takes part, apart from the owner.
    pub participants: BTreeMap<UserId, Participant>,
    pub threads: BTreeMap<ThreadId, Thread>,
    /// The prompts that wait, in order; only the order within a thread counts.
    pub queue: Vec<QueuedPrompt>,
    /// The open turns: at most one prompt per thread, and any number of a run's commands and tools.
    pub turns: BTreeMap<TurnId, Turn>,
    pub requests: Requests,
    /// The models that the agent offered last, and the one in use.
    pub models: Vec<String>,
    pub model_in_use: Option<String>,
    pub limits: Limits,
    /// When something last happened, apart from streamed text.
    pub updated_at: Timestamp,
    pub terminated_at: Option<Timestamp>,
    /// The workflow runs that work here, and the last ones that did.
    #[serde(default)]
    pub runs: BTreeMap<ExecutionId, Run>,
    #[serde(default)]
    pub steps_over: StepsOver,
    /// The folder that its agents work in; none before a turn left something there.
    #[serde(default)]
    pub workspace: Option<Workspace>,
    /// The last turn that put its files back, once it is over.
    #[serde(default)]
    pub restored: Option<RestoreOver>,
    /// What was used in threads that are closed.
    #[serde(default)]
    pub usage_before: Usage,
    /// The runner that took the last work on: the session's workspace is there.
    #[serde(default)]
    pub home: Option<RunnerId>,
    /// The runner that is started for this session alone, when it was created with one.
    #[serde(default)]
    pub sandbox: Option<Sandbox>,
}

/// What a session was created as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    pub owner: UserId,
    pub owner_name: String,
    pub created_at: Timestamp,
    pub title: Option<String>,
    /// Whether a person gave the title; an agent does not overwrite it then.
    pub titled_by_person: bool,
    pub agent: Option<String>,
    pub model: Option<String>,
    pub purpose: Purpose,
    pub mode: PromptMode,
    /// Where prompts go that name no thread.
    pub default_thread: ThreadId,
    /// What its workspace is made of.
    #[serde(default)]
    pub repo: Option<RepoContext>,
    /// What it asks of its runners.
    #[serde(default)]
    pub runner: Placement,
}

/// Somebody who takes part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    pub name: String,
    pub role: Role,
}

/// One conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    pub title: Option<String>,
    pub opened_at: Timestamp,
    /// The agent's own id of the conversation, handed back to the same agent.
    pub agent_session: Option<AgentSession>,
    pub usage: Usage,
    /// The last turn that is over.
    pub last: Option<ClosedTurn>,
    /// The run for one step of which alone it is.
    #[serde(default)]
    pub step_of: Option<ExecutionId>,
    /// The budgets that its turns draw on, beside those of the session and the owner.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub draws: Vec<Draw>,
}

/// An agent's own id of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentSession {
    pub agent: String,
    pub id: String,
}

/// What is remembered of a thread's last turn: enough to know repeated frames and to retry it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedTurn {
    pub turn: TurnId,
    pub generation: u32,
    pub reason: FinishReason,
    pub at: Timestamp,
    pub next_frame: u64,
    /// What was asked; kept while it can be retried.
    pub message: Option<UserMessage>,
    pub retried: bool,
}
