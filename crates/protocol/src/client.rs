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

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenure_model::chat::{AgentStatus, Attachment, PromptMode, TextKind, ToolCall, Usage};
use tenure_model::id::{ApprovalId, ExecutionId, PromptId, QuestionId, ThreadId, TurnId, UserId};
use tenure_model::step::{RunEnd, StepRef};
use tenure_model::view::{
    Message, QuestionView, QueuedPrompt, Role, RunView, SessionStatus, SessionView, ThreadView, TurnPhase,
};
use tenure_model::{Span, Timestamp};
use utoipa::ToSchema;

use crate::execution::{ApprovalView, Decided, ExecutionRow, RunPicture, StepEvent, Verdict};
use crate::problem::Problem;

/// What a chat client says. `request_id` (1 to 100 bytes) makes a repeat harmless: the first answer is told again.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct ClientMessage {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    #[serde(flatten)]
    pub command: ClientCommand,
}

/// What a chat client may ask for.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(tag = "type")]
pub enum ClientCommand {
    /// Says something to the agent. Needs a `request_id`.
    #[serde(rename = "prompt")]
    Prompt {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        thread: Option<ThreadId>,
        text: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<Attachment>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<PromptMode>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        model: Option<String>,
    },
    #[serde(rename = "queue.edit")]
    QueueEdit { prompt: PromptId, text: String },
    /// Moves a waiting prompt before another of its thread, or to the end.
    #[serde(rename = "queue.move")]
    QueueMove {
        prompt: PromptId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<PromptId>,
    },
    /// Takes a waiting prompt back; the reply holds its text.
    #[serde(rename = "queue.withdraw")]
    QueueWithdraw { prompt: PromptId },
    /// Makes a waiting prompt a `steer`.
    #[serde(rename = "queue.promote")]
    QueuePromote { prompt: PromptId },
    /// Ends the turn named, or the open turn of the thread named, or of the default thread.
    #[serde(rename = "abort")]
    Abort {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        thread: Option<ThreadId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        turn: Option<TurnId>,
    },
    /// Prompts again with the text of a turn that failed or was interrupted.
    #[serde(rename = "retry")]
    Retry { turn: TurnId },
    #[serde(rename = "answer")]
    Answer { question: QuestionId, answer: String },
    #[serde(rename = "thread.open")]
    ThreadOpen { title: String },
    #[serde(rename = "thread.rename")]
    ThreadRename { thread: ThreadId, title: String },
    #[serde(rename = "title")]
    Title { title: String },
    /// Sets the mode of prompts that name none.
    #[serde(rename = "mode")]
    Mode { mode: PromptMode },
    /// Gives a person a role here, or takes it away when `role` is absent.
    #[serde(rename = "share")]
    Share {
        user: UserId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<Role>,
    },
    /// Decides an approval of a run that works here, on exactly what was shown.
    #[serde(rename = "decide")]
    Decide {
        execution: ExecutionId,
        approval: ApprovalId,
        /// The `hash` of the approval as it was shown.
        hash: String,
        decision: Verdict,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Tells a run that works here that something has happened: it ends the wait that has stood longest, or waits for one.
    #[serde(rename = "run.event")]
    RunEvent {
        execution: ExecutionId,
        name: String,
        #[serde(default)]
        payload: Value,
    },
    /// Ends the session for good.
    #[serde(rename = "terminate")]
    Terminate {},
    /// Tells the others that this person is typing, or no longer.
    #[serde(rename = "typing")]
    Typing {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        thread: Option<ThreadId>,
        typing: bool,
    },
    #[serde(rename = "ping")]
    Ping {},
}

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
    SessionUpdated { position: u64, status: SessionStatus, mode: PromptMode },
    #[serde(rename = "participants")]
    Participants { position: u64, user: UserId, role: Option<Role> },
    #[serde(rename = "models")]
    Models { position: u64, models: Vec<String>, current: Option<String> },
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
            | ClientEvent::Usage { position, .. }
            | ClientEvent::AgentStatus { position, .. } => Some(position),
            ClientEvent::PresenceChanged { .. }
            | ClientEvent::Reply { .. }
            | ClientEvent::Error { .. }
            | ClientEvent::Pong { .. } => None,
        }
    }
}

/// What a command led to.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Reply {
    /// The prompt is on disk.
    Prompted {
        prompt: PromptId,
        thread: ThreadId,
        /// The turn, when it was taken at once.
        turn: Option<TurnId>,
        /// The mode it was taken in.
        mode: PromptMode,
        /// How many prompts of the thread go before it.
        ahead: u32,
        /// The turn that it ends.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ends: Option<TurnId>,
    },
    /// The answer was taken; also what a prompt leads to that steers into an open question.
    Answered {
        question: QuestionId,
    },
    Withdrawn {
        prompt: PromptId,
        text: String,
    },
    ThreadOpened {
        thread: ThreadId,
    },
    /// The turn is being ended, or was over already.
    Aborting {
        turn: Option<TurnId>,
    },
    /// The decision stands.
    Decided {
        approval: ApprovalId,
        decision: Verdict,
    },
    /// The event has ended a wait, or is kept for the first step that waits for it.
    EventTaken {
        taken: bool,
    },
    Done {},
}

/// What a command over HTTP led to.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct Answered {
    #[serde(flatten)]
    pub reply: Reply,
    /// Limits of the session that are at least four fifths full, when the command added to the session.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<LimitWarning>,
}

/// A limit that is at least four fifths full. What goes beyond it is refused.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct LimitWarning {
    /// Its name in the configuration.
    pub limit: String,
    pub used: u64,
    pub max: u64,
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
