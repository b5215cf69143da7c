//! Runs of workflows as HTTP callers and clients see them: rows, steps, and what happens while one is watched.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tenure_model::chat::Usage;
use tenure_model::id::{ApprovalId, ExecutionId, SessionId, TurnId, UserId, WorkflowId};
use tenure_model::step::RepoContext;
use tenure_model::{Span, Timestamp};
use utoipa::ToSchema;

pub use crate::approval::{ApprovalItem, ApprovalNext, ApprovalView, Decide, Decided, Verdict, Waiting};
pub use crate::approval_link::{ApprovalLink, ApprovalLinkRow, DecideLinked, LinkState, NewApprovalLink, ShowLinked};
use crate::problem::Problem;
pub use crate::steering::{CancelExecution, EventTaken, ResolveAnswer, ResolveStep, RetryExecution};

/// Starts a run, of a stored workflow or of a definition that is sent along. Exactly one of `workflow` and `definition`.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExecution {
    /// The slug or the id of a stored workflow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<String>,
    /// A whole definition, YAML or JSON. It is run and not stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
    /// The hash of the version that is meant; a run of any other is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub inputs: Map<String, Value>,
    /// The chat session that shows the run; a session of its own when absent and the run needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repo: Option<RepoContext>,
    /// Marks the run as a trial.
    #[serde(default)]
    pub test: bool,
}

/// A run that was started; the same for every repeat with the same `Idempotency-Key`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct StartedExecution {
    pub execution: ExecutionId,
    /// Where its messages are; absent when nothing in it needs a session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    pub hash: String,
}

/// What a run is doing.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExecutionStatus {
    /// It has asked for a slot.
    Pending,
    /// It waits in the queue for a slot.
    Queued,
    Running,
    /// Everything in it waits; `waits_for` says for what.
    Waiting,
    Pausing,
    Paused,
    /// It is being ended; something is still under way.
    Cancelling,
    Completed,
    Failed,
    Cancelled,
}

impl ExecutionStatus {
    /// Tells whether nothing will change any more.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

/// What can go wrong in a run: a stable code and a sentence.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct StepProblem {
    pub code: String,
    pub message: String,
    /// The path of the step where it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
}

/// What led to a run.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct StartedBy {
    /// `manual`, `webhook`, `schedule`, `github`, `retry`, `test` or `workflow`.
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A run in a list.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct ExecutionRow {
    pub id: ExecutionId,
    /// The stored workflow that it is a run of.
    #[serde(default)]
    pub workflow: Option<WorkflowId>,
    pub slug: String,
    pub name: String,
    pub version: String,
    pub hash: String,
    pub status: ExecutionStatus,
    /// `approval`, `answer`, `event`, `child`, `time` or `runner`, while everything in it waits.
    #[serde(default)]
    pub waits_for: Option<String>,
    /// The path of the step that is under way.
    #[serde(default)]
    pub current: Option<String>,
    /// How many of the steps at the top are over, of how many.
    pub step: u32,
    pub of: u32,
    #[serde(default)]
    pub session: Option<SessionId>,
    pub trigger: StartedBy,
    /// The name of whoever started it.
    pub by: String,
    /// The run that started it as a child.
    #[serde(default)]
    pub parent: Option<ExecutionId>,
    /// The run that it takes up again.
    #[serde(default)]
    pub retry_of: Option<ExecutionId>,
    #[serde(default)]
    pub test: bool,
    pub started_at: Timestamp,
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
    #[serde(default)]
    pub error: Option<StepProblem>,
}

/// A run with everything but its timeline.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct ExecutionView {
    #[serde(flatten)]
    pub row: ExecutionRow,
    pub owner: UserId,
    /// With their defaults.
    pub inputs: Map<String, Value>,
    /// What the definition says that the run gives, once it has completed.
    pub outputs: Map<String, Value>,
    /// Why it was cancelled.
    #[serde(default)]
    pub reason: Option<String>,
    pub usage: Usage,
    /// How many steps it has started, and how many it may.
    pub steps_started: u32,
    pub max_steps: u32,
    /// The steps that are under way.
    pub open: Vec<StepView>,
    pub approvals: Vec<ApprovalView>,
    #[serde(default)]
    pub repo: Option<RepoContext>,
    /// As `/schema/workflow.json` describes it.
    pub definition: Value,
}

/// How far a step has come.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepPhase {
    /// It was asked for; what needs a runner waits for one.
    Started,
    /// A runner has begun with it.
    Taken,
    /// Its call waits for a person who lets it go on: `approval`, until `until`.
    Asked,
    /// Its call may go on.
    Allowed,
    /// It waits for a budget that a person can raise: `error` says for which.
    Held,
    /// A structured reply was wrong; the agent is asked again, in the turn named now.
    Repaired,
    Completed,
    /// What follows stands in `then`.
    Failed,
    /// Its condition did not hold.
    Skipped,
    /// An earlier run has done it already.
    Reused,
    Cancelling,
    Cancelled,
    /// Its runner was lost: nobody knows whether it was done. A person says.
    Unknown,
    /// A person has said what became of it.
    Resolved,
}

/// What follows a failed attempt.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AfterFailure {
    /// Another attempt, at `until`.
    Retry,
    /// Another attempt that does not count: the last one did nothing.
    Again,
    /// The step's catch body.
    Catch,
    /// The next step.
    Continue,
    /// The end of what the step stands in.
    Fail,
}

/// What has happened to one attempt of a step. What is absent has not changed.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct StepEvent {
    /// `deploy:i2/check:then/push`.
    pub path: String,
    /// From 1; 0 when the step was never started.
    pub attempt: u32,
    pub phase: StepPhase,
    pub at: Timestamp,
    /// The step's name, or its id.
    pub name: String,
    /// The step's type.
    pub kind: String,
    /// What it was given, its templates filled in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<StepProblem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<Span>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<AfterFailure>,
    /// When something happens by itself: the next attempt, a deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The turn of the session that does it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<TurnId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The round of repairing a structured reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub child: Option<ExecutionId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<ApprovalId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}

/// One attempt of a step, everything that has happened to it folded together.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct StepView {
    /// The record of the run's journal that holds its start; orders the timeline.
    pub seq: u64,
    pub started_at: Timestamp,
    #[serde(flatten)]
    pub last: StepEvent,
}

/// Why a run does not get on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct WhyView {
    pub status: ExecutionStatus,
    pub sentence: String,
    #[serde(default)]
    pub waits: Vec<WaitView>,
}

/// One thing that a run waits for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct WaitView {
    /// The step that waits; absent when the run does.
    #[serde(default)]
    pub path: Option<String>,
    pub what: String,
    pub since: Timestamp,
    /// When something happens by itself, and what.
    #[serde(default)]
    pub until: Option<Timestamp>,
    pub then: String,
    /// What a person can do before.
    #[serde(default)]
    pub mend: Option<String>,
}

/// What happens in a run that is watched, as server-sent events. Frames that carry a `position` move the cursor.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(tag = "type")]
pub enum ExecutionEvent {
    /// The run as it stood at `position`; it replaces everything that the watcher has.
    #[serde(rename = "init")]
    Init { position: u64, execution: Box<ExecutionView>, steps: Vec<StepView> },
    /// What was missed has been sent; from here on it is live.
    #[serde(rename = "live")]
    Live { position: u64 },
    #[serde(rename = "run.step")]
    Step { position: u64, step: Box<StepEvent> },
    /// The run's row and its open approvals, whole, after everything that changed them.
    #[serde(rename = "run.updated")]
    Updated { position: u64, run: Box<ExecutionRow>, approvals: Vec<ApprovalView> },
    #[serde(rename = "approval.decided")]
    Decided { position: u64, decided: Decided },
    #[serde(rename = "error")]
    Error { problem: Problem },
}

impl ExecutionEvent {
    /// Returns the event's position, where it has one.
    pub fn position_mut(&mut self) -> Option<&mut u64> {
        match self {
            Self::Init { position, .. }
            | Self::Live { position }
            | Self::Step { position, .. }
            | Self::Updated { position, .. }
            | Self::Decided { position, .. } => Some(position),
            Self::Error { .. } => None,
        }
    }
}
