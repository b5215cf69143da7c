//! What has happened to a run: the journal's words, kept for ever, and what its timeline shows. New fields come with
//! `#[serde(default)]` and a golden file under `tests/golden`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenure_model::chat::Usage;
use tenure_model::id::{ApprovalId, ExecutionId, LinkId, SessionId, TurnId, UserId};
use tenure_model::request::RequestId;
use tenure_model::step::RunEnd;
use tenure_model::time::{Span, Timestamp};

use super::approval::Asked;
use super::command::{Decision, Start};
use super::error::StepError;
use super::reply::Reply;
use super::retry::Recorded;
use super::running::Question;
use super::values::Values;
use crate::path::{Place, StepPath};
use crate::people::Author;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    // The run as a whole.
    Started {
        start: Arc<Start>,
        /// The inputs with their defaults.
        inputs: Values,
        /// What templates read as `run`.
        #[serde(default)]
        run: Values,
        /// Where people see the run: a session of its own, or the one that it was attached to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session: Option<SessionId>,
        /// What the definition's `concurrency` key has come to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Timestamp>,
    },
    /// The run waits for a slot.
    SlotQueued {
        ahead: u32,
        why: String,
    },
    SlotGranted,
    /// The gate did not answer for long, and was asked again.
    SlotAskedAgain,
    /// Everything in the run waits for a person, a time, an event or a child: others may use its slot.
    SlotFreed,
    /// What the run waited for has come. It goes on at once, even above the limits.
    SlotTaken,
    Paused {
        by: Author,
    },
    Resumed {
        by: Author,
    },
    /// The run is to end so; it has ended when nothing of it is under way any more.
    Ending {
        end: RunEnd,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<StepError>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Author>,
    },
    Ended {
        end: RunEnd,
        outputs: Values,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<StepError>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A command with a request id was answered. It is repeated to whoever sends the command again.
    RequestAnswered {
        user: UserId,
        request: RequestId,
        fingerprint: u64,
        reply: Reply,
    },

    // The life of a step. Each step that was started ends once: completed, cancelled, failed without another attempt, or
    // with the end of its catch body.
    StepStarted {
        path: StepPath,
        attempt: u32,
        /// What the step was given, its templates evaluated.
        #[serde(default, skip_serializing_if = "Value::is_null")]
        input: Value,
        begun: Begun,
    },
    /// A runner has begun with the step, or a call that must not be made twice is on its way.
    StepTaken {
        path: StepPath,
        attempt: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<String>,
        due: Timestamp,
    },
    /// The step's work waits for a budget, as long as nobody raises it; without a reason it waits for a runner again.
    StepHeld {
        path: StepPath,
        attempt: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
        /// How long it waits for a runner from then on.
        due: Timestamp,
    },
    /// The call of the step waits for a person who lets it go on; this is noted before anybody is asked.
    StepAsked {
        path: StepPath,
        attempt: u32,
        question: Question,
        /// What the call is made with once it may go on: exactly what is asked about.
        arguments: Arc<Value>,
        /// When nobody is expected to answer any more.
        due: Timestamp,
    },
    /// The call may go on.
    StepAllowed {
        path: StepPath,
        attempt: u32,
        approval: ApprovalId,
        /// None when it takes nobody any more, because a rule or a grant lets it through.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Author>,
        due: Timestamp,
    },
    /// A structured reply was not what was asked for; the agent is told so, in the same conversation.
    StepRepaired {
        path: StepPath,
        attempt: u32,
        /// The round that begins.
        round: u32,
        turn: TurnId,
        /// What was wrong with the last one.
        error: StepError,
        usage: Usage,
        due: Timestamp,
    },
    StepCompleted {
        path: StepPath,
        attempt: u32,
        output: Arc<Value>,
        /// New values of variables.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        variables: Values,
        /// What later steps read under the step's `output` name, where that is only a part of the output.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<Arc<Value>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        usage: Option<Usage>,
        duration_ms: Span,
    },
    StepFailed {
        path: StepPath,
        attempt: u32,
        error: StepError,
        /// What it gave before it failed: the output of a command.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        output: Option<Arc<Value>>,
        next: Next,
        duration_ms: Span,
    },
    /// The condition of the step did not hold.
    StepSkipped {
        path: StepPath,
    },
    /// An earlier run has done the step already.
    StepReused {
        path: StepPath,
        recorded: Recorded,
    },
    /// The step is to end; it has when whoever does it says so, or `until` has passed.
    StepCancelling {
        path: StepPath,
        attempt: u32,
        why: Closing,
        until: Timestamp,
    },
    StepCancelled {
        path: StepPath,
        attempt: u32,
        duration_ms: Span,
    },
    /// The step's runner was lost after it had begun: nobody knows whether it was done. A person says, until then.
    StepUnknown {
        path: StepPath,
        attempt: u32,
        error: StepError,
        until: Timestamp,
    },
    /// A person has said what became of it.
    StepResolved {
        path: StepPath,
        attempt: u32,
        by: Author,
    },

    // Steps inside steps.
    BodyStarted {
        path: StepPath,
        place: Place,
    },
    BodyEnded {
        path: StepPath,
        place: Place,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<StepError>,
        /// What the loop gathers of this iteration.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        collected: Option<Arc<Value>>,
    },
    /// The catch body of a failed step is over. Without an error the run goes on after the step.
    CatchEnded {
        path: StepPath,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<StepError>,
    },

    // What people and programs say.
    ApprovalEscalated {
        path: StepPath,
        approval: ApprovalId,
        deadline: Timestamp,
    },
    /// Somebody who may decide made a link that decides once, in their name.
    ApprovalLinked {
        path: StepPath,
        approval: ApprovalId,
        /// What is kept of the link's secret.
        token_hash: String,
        by: Author,
        until: Timestamp,
    },
    /// A link decides nothing any more.
    ApprovalLinkRevoked {
        path: StepPath,
        approval: ApprovalId,
        link: LinkId,
        by: Author,
    },
    ApprovalDecided {
        path: StepPath,
        approval: ApprovalId,
        decision: Decision,
        /// None when the deadline has decided.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Author>,
        /// The link by which it came.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        link: Option<LinkId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// An event came before any step waited for it.
    EventKept {
        name: String,
        payload: Arc<Value>,
        by: Author,
    },
    /// A step took the oldest kept event of this name.
    EventTaken {
        name: String,
    },
}

/// What a step that was started is doing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "as", rename_all = "snake_case")]
pub enum Begun {
    /// It needs nobody: its end stands in the same record.
    Here,
    /// The session does it at a runner, which takes it before `due`.
    Turn {
        turn: TurnId,
        due: Timestamp,
    },
    /// A tool of the server, a connector or the orchestrator session answers.
    Call {
        due: Timestamp,
    },
    Child {
        child: ExecutionId,
        due: Timestamp,
    },
    Approval {
        asked: Box<Asked>,
    },
    Timer {
        due: Timestamp,
    },
    Event {
        name: String,
        due: Timestamp,
    },
    Bodies {
        plan: Plan,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Timestamp>,
    },
}

/// What a step with bodies will run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Plan {
    Conditional {
        branch: Place,
    },
    /// So many branches.
    Parallel {
        branches: u32,
        at_once: u32,
    },
    /// A loop over these items.
    Over {
        items: Arc<Vec<Arc<Value>>>,
        at_once: u32,
    },
    /// A loop as long as its condition holds.
    While,
    /// What runs because the step has failed.
    Catch {
        error: StepError,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        output: Option<Arc<Value>>,
    },
}

/// What follows a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "then", rename_all = "snake_case")]
pub enum Next {
    /// Another attempt.
    Retry { at: Timestamp },
    /// Another attempt that does not count, because the last one did nothing or may be repeated.
    Again,
    /// The step's catch body.
    Catch,
    /// The next step, because of `continue_on_error`.
    Continue,
    /// The end of the body that the step stands in.
    Fail,
}

/// Why a step is ended before it has come to its own end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closing {
    /// Something around it ends.
    Cancelled,
    /// It took too long.
    TimedOut,
    /// No runner has taken it.
    NoRunner,
}
