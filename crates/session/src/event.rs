//! What has happened to a session: the journal's words, kept for ever. New fields come with `#[serde(default)]` and a
//! golden file under `tests/golden`.

use serde::{Deserialize, Serialize};
use tenure_model::budget::{Draw, Left};
use tenure_model::chat::{AgentStatus, FinishReason, Part, PromptMode, ToolCall, Usage};
use tenure_model::id::{BootId, ExecutionId, PromptId, QuestionId, RunnerId, ThreadId, TurnId, UserId};
use tenure_model::step::{RepoContext, RunEnd, StepRef};
use tenure_model::time::Timestamp;
use tenure_model::view::{Purpose, Role};
use tenure_model::workspace::{FilesChanged, GitState};

use crate::command::{Author, RequestId};
use crate::effect::CancelCause;
use crate::limits::Limits;
use crate::message::{QueuedPrompt, UserMessage};
use crate::reply::Reply;
use crate::sandbox::{RunnerChoice, SandboxEvent};

/// One thing that happened. Those with a `frame` came from a runner, and make that frame durable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    // The session itself.
    Created {
        owner: UserId,
        owner_name: String,
        title: Option<String>,
        agent: Option<String>,
        model: Option<String>,
        purpose: Purpose,
        mode: PromptMode,
        #[serde(default)]
        limits: Limits,
        /// The session's first thread, where prompts go that name none.
        thread: ThreadId,
        /// What its workspace is made of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        repo: Option<RepoContext>,
        /// Which runners take its works.
        #[serde(default, skip_serializing_if = "RunnerChoice::is_any")]
        runner: Box<RunnerChoice>,
    },
    TitleSet {
        title: String,
        by: Author,
    },
    ModeSet {
        mode: PromptMode,
        by: Author,
    },
    Shared {
        user: UserId,
        name: String,
        role: Role,
        by: Author,
    },
    Unshared {
        user: UserId,
        by: Author,
    },
    Terminated {
        by: Author,
    },
    /// A command with a request id was answered. It is repeated to whoever sends the command again.
    RequestAnswered {
        user: UserId,
        request: RequestId,
        fingerprint: u64,
        reply: Reply,
    },

    /// Something has happened to one generation of the session's sandbox.
    Sandbox {
        generation: u32,
        what: SandboxEvent,
    },

    // Workflow runs.
    RunAttached {
        execution: ExecutionId,
        workflow: String,
        title: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        repo: Option<RepoContext>,
        /// The budgets that its works draw on.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        draws: Vec<Draw>,
    },
    RunEnded {
        execution: ExecutionId,
        end: RunEnd,
    },
    /// A step's prompt left the queue for good and will never be a turn.
    StepDropped {
        prompt: PromptId,
        turn: TurnId,
        thread: ThreadId,
        step: StepRef,
        cause: CancelCause,
    },
    /// Another repair round took the place of a turn that is over: it counts as canceled.
    TurnSuperseded {
        turn: TurnId,
        thread: ThreadId,
        step: StepRef,
    },

    // Threads and their queue.
    ThreadOpened {
        thread: ThreadId,
        title: Option<String>,
        by: Author,
        /// The run for one step of which alone it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step_of: Option<ExecutionId>,
        /// The budgets that its turns draw on.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        draws: Vec<Draw>,
    },
    /// The thread was for one step, which no longer needs it. Its transcript stays.
    ThreadClosed {
        thread: ThreadId,
    },
    ThreadRenamed {
        thread: ThreadId,
        title: String,
        by: Author,
    },
    PromptQueued {
        prompt: QueuedPrompt,
    },
    PromptEdited {
        prompt: PromptId,
        text: String,
        by: Author,
    },
    PromptMoved {
        prompt: PromptId,
        before: Option<PromptId>,
        by: Author,
    },
    PromptWithdrawn {
        prompt: PromptId,
        by: Author,
    },
    /// A waiting prompt steers now, and stands first.
    PromptPromoted {
        prompt: PromptId,
        by: Author,
    },

    // The life of a turn.
    /// Prompts left the queue and became a turn: this is the user's message. The turn is offered to runners.
    TurnOpened {
        turn: TurnId,
        thread: ThreadId,
        generation: u32,
        message: UserMessage,
        /// The turn whose text is tried again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_of: Option<TurnId>,
    },
    /// The turn does not get on, for this reason.
    TurnHeldUp {
        turn: TurnId,
        why: String,
        /// Whether it waits for a budget.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        budget: bool,
    },
    /// What nobody confirmed in time (the offer, the start or the cancellation) was asked again.
    TurnAskedAgain {
        turn: TurnId,
    },
    /// A runner took the turn on and was told to start.
    TurnAccepted {
        turn: TurnId,
        generation: u32,
        runner: RunnerId,
        boot: BootId,
        agent: String,
        lease_until: Timestamp,
        /// When the turn has taken too long.
        timeout_at: Timestamp,
        /// What is left of the budgets that it draws on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left: Option<Left>,
    },
    TurnStarted {
        turn: TurnId,
    },
    /// The lease has run out as far as the session knows; the roster was asked and answers before `until`.
    LeaseChecked {
        turn: TurnId,
        until: Timestamp,
    },
    LeaseRenewed {
        turn: TurnId,
        lease_until: Timestamp,
    },
    /// The turn is to end; it is over when its runner says so or can no longer run it.
    TurnCancelling {
        turn: TurnId,
        cause: CancelCause,
        by: Option<Author>,
        lease_until: Timestamp,
    },
    /// The turn is over: this is the assistant's message.
    TurnFinished {
        turn: TurnId,
        thread: ThreadId,
        reason: FinishReason,
        /// The agent that answered or was asked to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<String>,
        /// Everything the agent said and did, ending with [`Part::Finish`].
        parts: Vec<Part>,
        usage: Usage,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
        /// Everything that the runner has said below this frame is in the message.
        #[serde(default)]
        next_frame: u64,
        /// The workflow step that asked for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<StepRef>,
    },

    // What a runner says of a turn, apart from text, which travels as deltas.
    MessageCreated {
        turn: TurnId,
        frame: u64,
        agent: String,
        model: Option<String>,
        agent_session: Option<String>,
    },
    ToolUpdated {
        turn: TurnId,
        frame: u64,
        part: u32,
        call: ToolCall,
    },
    QuestionAsked {
        turn: TurnId,
        thread: ThreadId,
        frame: u64,
        question: QuestionId,
        text: String,
        options: Vec<String>,
        deadline: Timestamp,
    },
    /// The agent asked people in a workflow's own session, where nobody answers: its turn ends for that.
    QuestionRefused {
        turn: TurnId,
        frame: u64,
        text: String,
    },
    /// Somebody answered; a prompt that steered or was promoted while the question was open is the answer itself.
    QuestionAnswered {
        turn: TurnId,
        question: QuestionId,
        answer: String,
        by: Author,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        prompt: Option<PromptId>,
    },
    /// Nobody answered while it could be answered.
    QuestionExpired {
        turn: TurnId,
        question: QuestionId,
        why: Expiry,
    },
    AgentStatusChanged {
        turn: TurnId,
        frame: u64,
        status: AgentStatus,
        detail: Option<String>,
    },
    ModelsListed {
        turn: TurnId,
        frame: u64,
        models: Vec<String>,
        current: Option<String>,
    },
    /// Another model goes on with the turn's prompt.
    ModelSwitched {
        turn: TurnId,
        frame: u64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        to: String,
        reason: String,
    },
    UsageReported {
        turn: TurnId,
        frame: u64,
        usage: Usage,
    },
    /// Where the workspace's repository stands now.
    GitStateChanged {
        turn: TurnId,
        frame: u64,
        git: GitState,
    },
    /// How the workspace's files differ now.
    FilesChanged {
        turn: TurnId,
        frame: u64,
        changed: FilesChanged,
    },
    /// The runner keeps the workspace's files under the id of this turn.
    CheckpointMade {
        turn: TurnId,
        frame: u64,
    },
    /// The agent found a title; it is taken unless a person gave one.
    TitleProposed {
        turn: TurnId,
        frame: u64,
        title: String,
    },
}

/// Why a question was not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expiry {
    /// Its deadline has passed.
    Deadline,
    /// Its turn has ended.
    TurnOver,
}

impl Event {
    /// Returns the turn and the number of the frame that this event makes durable.
    pub fn frame(&self) -> Option<(TurnId, u64)> {
        match self {
            Event::MessageCreated { turn, frame, .. }
            | Event::ToolUpdated { turn, frame, .. }
            | Event::QuestionAsked { turn, frame, .. }
            | Event::QuestionRefused { turn, frame, .. }
            | Event::AgentStatusChanged { turn, frame, .. }
            | Event::ModelsListed { turn, frame, .. }
            | Event::ModelSwitched { turn, frame, .. }
            | Event::UsageReported { turn, frame, .. }
            | Event::GitStateChanged { turn, frame, .. }
            | Event::FilesChanged { turn, frame, .. }
            | Event::CheckpointMade { turn, frame }
            | Event::TitleProposed { turn, frame, .. } => Some((*turn, *frame)),
            _ => None,
        }
    }
}
