//! A chat session as people see it: built by the session from its state, sent to clients when they join.

use std::collections::BTreeMap;

use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};

use crate::chat::{AgentStatus, FinishReason, Part, PromptMode, Usage};
use crate::id::{ExecutionId, PromptId, QuestionId, RunnerId, SessionId, ThreadId, TurnId, UserId};
use crate::placement::Placement;
use crate::sandbox::{JointState, SandboxView};
use crate::step::{RunEnd, StepRef};
use crate::time::Timestamp;
use crate::workspace::WorkspaceView;

/// What a session is for.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, Default)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// People chat in it.
    #[default]
    Interactive,
    /// The one session of an owner that orders the others about.
    Orchestrator,
    /// Belongs to workflow runs.
    Workflow,
    /// Was started by another session.
    Child,
}

/// What a session is doing.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SessionStatus {
    Idle,
    /// At least one turn is open.
    Working,
    /// An agent waits for an answer.
    Waiting,
    /// Over; nothing can be added.
    Terminated,
}

/// What somebody may do in a session. Each role may do all that the earlier ones may.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks on.
    Viewer,
    /// Prompts, aborts, answers.
    Collaborator,
    /// Shares and terminates.
    Owner,
}

/// How far an open turn is.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TurnPhase {
    /// Waits for a runner to take it.
    Offering,
    /// A runner has it and is about to start.
    Accepted,
    Running,
    /// Ends as soon as the runner confirms that nothing of it runs any more.
    Cancelling,
}

/// The whole of a session but its transcript.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SessionView {
    pub id: SessionId,
    pub title: String,
    pub status: SessionStatus,
    pub purpose: Purpose,
    pub owner: UserId,
    pub participants: BTreeMap<UserId, Role>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The agent that turns ask for, unless their prompt names another.
    pub agent: Option<String>,
    pub model: Option<String>,
    /// The models that the agent offers.
    pub models: Vec<String>,
    /// The mode of prompts that name none.
    pub mode: PromptMode,
    pub threads: Vec<ThreadView>,
    /// The prompts that wait, in the order in which they will be taken within their thread.
    pub queue: Vec<QueuedPrompt>,
    /// The open turns with their parts so far: at most one prompt per thread, and any number of a run's commands.
    pub turns: Vec<TurnView>,
    /// The open questions.
    pub questions: Vec<QuestionView>,
    /// All that was used in this session.
    pub usage: Usage,
    /// The workflow runs that work here or did so last, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<RunView>,
    /// The folder that its agents work in, as far as it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<WorkspaceView>,
    /// What it asks of its runners.
    #[serde(default, skip_serializing_if = "Placement::is_any")]
    pub runner: Placement,
    /// How it stands with its runner, its sandbox and its agent, in one word each.
    #[serde(default)]
    pub states: JointState,
    /// The sandbox that is started for this session alone, when it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sandbox: Option<SandboxView>,
}

/// A workflow run that works in a session.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RunView {
    pub execution: ExecutionId,
    /// The workflow's name.
    pub workflow: String,
    pub title: String,
    pub attached_at: Timestamp,
    /// How it ended, once it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<RunEnd>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ThreadView {
    pub id: ThreadId,
    pub title: String,
    pub created_at: Timestamp,
    /// How the last finished turn ended.
    pub last_finish: Option<FinishReason>,
    /// The last finished turn, when it can be retried.
    pub retry: Option<TurnId>,
}

/// A prompt that waits for its turn.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct QueuedPrompt {
    pub prompt: PromptId,
    pub thread: ThreadId,
    pub text: String,
    /// The names of its attachments.
    pub attachments: Vec<String>,
    pub mode: PromptMode,
    pub author: UserId,
    pub author_name: String,
    pub queued_at: Timestamp,
    /// The workflow step that asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepRef>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TurnView {
    pub turn: TurnId,
    pub thread: ThreadId,
    pub phase: TurnPhase,
    /// What it waits for, in one sentence, when it does.
    pub waiting: Option<String>,
    pub runner: Option<RunnerId>,
    pub agent: Option<String>,
    pub started_at: Timestamp,
    pub status: AgentStatus,
    /// By their place in the message.
    #[serde(deserialize_with = "by_place")]
    pub parts: BTreeMap<u32, Part>,
    pub usage: Usage,
    /// The workflow step that asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepRef>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct QuestionView {
    pub question: QuestionId,
    pub turn: TurnId,
    pub thread: ThreadId,
    pub text: String,
    pub options: Vec<String>,
    pub asked_at: Timestamp,
    /// When it counts as unanswered.
    pub expires_at: Timestamp,
}

/// Who wrote a message.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MessageRole {
    User,
    Assistant,
}

/// One finished message of the transcript.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Message {
    /// The record that holds it; rises through the session. Together with `role` it names the message.
    pub seq: u64,
    pub at: Timestamp,
    pub role: MessageRole,
    pub thread: ThreadId,
    pub turn: TurnId,
    /// Who prompted, or which agent answered.
    pub author: String,
    pub parts: Vec<Part>,
    /// The names of the attachments of a user's message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish: Option<FinishReason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// The workflow step that asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepRef>,
}

/// Reads parts by their places, which are names in JSON: inside a tagged frame serde does not make numbers of them by itself.
fn by_place<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<u32, Part>, D::Error> {
    let named = BTreeMap::<String, Part>::deserialize(from)?;
    named.into_iter().map(|(place, part)| Ok((place.parse().map_err(D::Error::custom)?, part))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(PartialEq, Serialize, Deserialize, Debug)]
    #[serde(tag = "type")]
    enum Frame {
        Init { turn: TurnView },
    }

    #[test]
    fn an_open_turn_is_read_back_inside_a_tagged_frame() {
        let turn = TurnView {
            turn: TurnId::default(),
            thread: ThreadId::default(),
            phase: TurnPhase::Running,
            waiting: None,
            runner: None,
            agent: None,
            started_at: Timestamp(1),
            status: AgentStatus::Idle,
            parts: BTreeMap::from([(10, Part::Text { text: "so far".to_owned() })]),
            usage: Usage::default(),
            step: None,
        };
        let frame = Frame::Init { turn };
        let text = serde_json::to_string(&frame).unwrap();
        assert_eq!(serde_json::from_str::<Frame>(&text).unwrap(), frame);
    }
}
