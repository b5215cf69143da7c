//! The chat socket, subprotocol `tenure.client.v1`: JSON text frames, one each.
//!
//! A client joins with `?after=<position>` and gets exactly what it missed, then live news, in order, once. Without
//! `after` it gets `init`, a picture of the session at a position. `resync` is the same picture, sent when what was
//! missed cannot be told piece by piece.
//!
//! Frames that carry a `position` move the client's cursor: once the frame is applied, all news up to there are told. Of
//! the frames that one commit leads to only the last carries the commit's own position, the others the number before it;
//! a client that is cut off in between gets all of them again. Every frame is safe to apply twice: text by its offset,
//! everything else because it replaces.
//!
//! What happens in the workflow runs that are attached to the session (`run.attached` to `run.ended`) stands between the
//! session's own news, by position. What a run did before it was attached is told together with `run.attached`.
//!
//! Unknown fields are ignored here, so that newer clients and servers can talk to older ones; the HTTP API refuses them.

mod command;
mod reply;

use serde::{Deserialize, Serialize};
use tenure_model::chat::{AgentStatus, PromptMode, TextKind, ToolCall, Usage};
use tenure_model::id::{ApprovalId, ExecutionId, PromptId, QuestionId, ThreadId, TurnId, UserId};
use tenure_model::sandbox::{JointState, SandboxView};
use tenure_model::step::{RunEnd, StepRef};
use tenure_model::view::{
    Message, QuestionView, QueuedPrompt, Role, RunView, SessionStatus, SessionView, ThreadView, TurnPhase,
};
use tenure_model::workspace::{FilesChanged, GitState};
use tenure_model::{Span, Timestamp};
use utoipa::ToSchema;

use crate::execution::{ApprovalView, Decided, ExecutionRow, StepEvent};
use crate::problem::Problem;

pub use command::{ClientCommand, ClientMessage};
pub use reply::{Answered, LimitWarning, Reply};

/// What the server tells chat clients; server-sent events carry the same objects.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(tag = "type")]
pub enum ClientEvent {
    /// The session as it stood at `position`.
    #[serde(rename = "init")]
    Init {
        position: u64,
        session: SessionView,
        /// How the runs stand that work here.
        #[serde(default)]
        runs: Vec<RunPicture>,
        presence: Vec<Presence>,
        limits: ClientLimits,
    },
    /// Replaces everything the client has: it was too slow, or its cursor is from another history.
    #[serde(rename = "resync")]
    Resync {
        position: u64,
        reason: String,
        session: SessionView,
        #[serde(default)]
        runs: Vec<RunPicture>,
        presence: Vec<Presence>,
    },
    /// What was missed has been sent; from here on it is live.
    #[serde(rename = "live")]
    Live { position: u64 },
    /// A finished message, of a person or of the agent.
    #[serde(rename = "message")]
    Message { position: u64, message: Message },
    /// A turn was opened for a prompt.
    #[serde(rename = "message.create")]
    MessageCreate {
        position: u64,
        turn: TurnId,
        thread: ThreadId,
        prompts: Vec<PromptId>,
        /// The workflow step that asked for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<StepRef>,
    },
    /// An open turn has moved on.
    #[serde(rename = "turn.phase")]
    TurnPhase {
        position: u64,
        turn: TurnId,
        phase: TurnPhase,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<String>,
        /// What the turn waits for, in one sentence, when it does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        waiting: Option<String>,
    },
    /// More text at `offset` bytes of part `part`.
    #[serde(rename = "message.part.text-delta")]
    TextDelta { position: u64, turn: TurnId, part: u32, kind: TextKind, offset: u64, text: String },
    #[serde(rename = "message.part.tool-update")]
    ToolUpdate { position: u64, turn: TurnId, part: u32, call: ToolCall },
    /// Closes a turn; the message replaces every part that was streamed.
    #[serde(rename = "message.finalize")]
    Finalize {
        position: u64,
        message: Message,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// Another repair round of a workflow step took the place of this finished turn: it counts as canceled.
    #[serde(rename = "message.superseded")]
    Superseded { position: u64, turn: TurnId },
    #[serde(rename = "question")]
    Question { position: u64, question: QuestionView },
    #[serde(rename = "question.resolved")]
    QuestionResolved {
        position: u64,
        question: QuestionId,
        /// Absent when it expired or its turn ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answer: Option<String>,
        /// Who answered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// The whole queue, whenever it changed.
    #[serde(rename = "queue.state")]
    QueueState { position: u64, queue: Vec<QueuedPrompt> },
    /// A waiting prompt was taken back; whoever did it has its text in the reply.
    #[serde(rename = "queue.withdrawn")]
    QueueWithdrawn { position: u64, prompt: PromptId },
    #[serde(rename = "thread.created")]
    ThreadCreated { position: u64, thread: ThreadView },
    #[serde(rename = "thread.updated")]
    ThreadUpdated { position: u64, thread: ThreadView },
    /// The thread was for one step of a workflow run, which no longer needs it; its messages stay.
    #[serde(rename = "thread.closed")]
    ThreadClosed { position: u64, thread: ThreadId },
    /// A workflow run works in this session from now on.
    #[serde(rename = "run.attached")]
    RunAttached { position: u64, run: RunView },
    /// Something has happened to a step of a run.
    #[serde(rename = "run.step")]
    RunStep { position: u64, execution: ExecutionId, step: Box<StepEvent> },
    /// The run's row, whole, after everything that changed it, and its open approvals; an approval that is not among them is
    /// no longer asked.
    #[serde(rename = "run.updated")]
    RunUpdated { position: u64, run: Box<ExecutionRow>, approvals: Vec<ApprovalId> },
    /// A run asks people to decide, or asks others as well.
    #[serde(rename = "approval")]
    Approval { position: u64, approval: Box<ApprovalView> },
    #[serde(rename = "approval.decided")]
    ApprovalDecided { position: u64, execution: ExecutionId, decided: Decided },
    /// The run works here no more.
    #[serde(rename = "run.ended")]
    RunEnded { position: u64, execution: ExecutionId, end: RunEnd },
    #[serde(rename = "title")]
    Title { position: u64, title: String },
    #[serde(rename = "session.updated")]
    SessionUpdated {
        position: u64,
        status: SessionStatus,
        mode: PromptMode,
        /// How it stands with its runner, its sandbox and its agent, in one word each.
        #[serde(default)]
        states: JointState,
        /// Its own sandbox, when it has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sandbox: Option<Box<SandboxView>>,
    },
    #[serde(rename = "participants")]
    Participants { position: u64, user: UserId, role: Option<Role> },
    #[serde(rename = "models")]
    Models { position: u64, models: Vec<String>, current: Option<String> },
    /// Another model goes on with the prompt of a turn, which the one before could not answer.
    #[serde(rename = "model-switched")]
    ModelSwitched {
        position: u64,
        turn: TurnId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        to: String,
        reason: String,
    },
    #[serde(rename = "usage")]
    Usage { position: u64, turn: TurnId, usage: Usage },
    #[serde(rename = "agentStatus")]
    AgentStatus {
        position: u64,
        turn: TurnId,
        status: AgentStatus,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
    },
    /// Where the workspace's repository stands now.
    #[serde(rename = "git-state")]
    GitState { position: u64, turn: TurnId, git: GitState },
    /// How the workspace's files differ now, whole.
    #[serde(rename = "files-changed")]
    FilesChanged { position: u64, turn: TurnId, changed: FilesChanged },
    /// The workspace's files are kept under the id of this turn, and can be restored.
    #[serde(rename = "checkpoint")]
    Checkpoint { position: u64, turn: TurnId },
    /// Who is here, whole; not recorded.
    #[serde(rename = "presence")]
    PresenceChanged { presence: Vec<Presence> },
    /// The answer to a command, sent once its record is durable.
    #[serde(rename = "reply")]
    Reply {
        request_id: Option<String>,
        reply: Reply,
        /// Limits of the session that are at least four fifths full, when the command added to the session.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        warnings: Vec<LimitWarning>,
    },
    /// A command was refused, or could not be read; the connection stays.
    #[serde(rename = "error")]
    Error { problem: Problem },
    #[serde(rename = "pong")]
    Pong { request_id: Option<String>, now: Timestamp },
}

impl ClientEvent {
    /// Returns the cursor that the frame carries, for changing it.
    pub fn position_mut(&mut self) -> Option<&mut u64> {
        match self {
            ClientEvent::Init { position, .. }
            | ClientEvent::Resync { position, .. }
            | ClientEvent::Live { position }
            | ClientEvent::Message { position, .. }
            | ClientEvent::MessageCreate { position, .. }
            | ClientEvent::TurnPhase { position, .. }
            | ClientEvent::TextDelta { position, .. }
            | ClientEvent::ToolUpdate { position, .. }
            | ClientEvent::Finalize { position, .. }
            | ClientEvent::Superseded { position, .. }
            | ClientEvent::Question { position, .. }
            | ClientEvent::QuestionResolved { position, .. }
            | ClientEvent::QueueState { position, .. }
            | ClientEvent::QueueWithdrawn { position, .. }
            | ClientEvent::ThreadCreated { position, .. }
            | ClientEvent::ThreadUpdated { position, .. }
            | ClientEvent::ThreadClosed { position, .. }
            | ClientEvent::RunAttached { position, .. }
            | ClientEvent::RunStep { position, .. }
            | ClientEvent::RunUpdated { position, .. }
            | ClientEvent::Approval { position, .. }
            | ClientEvent::ApprovalDecided { position, .. }
            | ClientEvent::RunEnded { position, .. }
            | ClientEvent::Title { position, .. }
            | ClientEvent::SessionUpdated { position, .. }
            | ClientEvent::Participants { position, .. }
            | ClientEvent::Models { position, .. }
            | ClientEvent::ModelSwitched { position, .. }
            | ClientEvent::Usage { position, .. }
            | ClientEvent::GitState { position, .. }
            | ClientEvent::FilesChanged { position, .. }
            | ClientEvent::Checkpoint { position, .. }
            | ClientEvent::AgentStatus { position, .. } => Some(position),
            ClientEvent::PresenceChanged { .. }
            | ClientEvent::Reply { .. }
            | ClientEvent::Error { .. }
            | ClientEvent::Pong { .. } => None,
        }
    }
}

/// One person on the session's sockets.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct Presence {
    pub user: UserId,
    pub name: String,
    /// How many sockets they have open here.
    pub sockets: u32,
    /// The thread in which they type; the default thread is the nil id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typing: Option<ThreadId>,
}

/// The limits that a client should know.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct ClientLimits {
    pub frame_bytes_max: u64,
    pub prompt_bytes_max: u64,
    pub queue_max: u64,
    /// Send something at least this often.
    pub idle_ms_max: Span,
}

/// How a run stands, for those who see it in a chat.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct RunPicture {
    pub run: ExecutionRow,
    /// The steps that are under way, without what they were given.
    pub open: Vec<StepEvent>,
    pub approvals: Vec<ApprovalView>,
}
