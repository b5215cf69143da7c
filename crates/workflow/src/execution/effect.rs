//! What a run asks of the outside. Effects may be carried out more than once; the receiver knows a repeat by the step and its
//! attempt, the turn, the child, or the run itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenure_model::budget::Draw;
use tenure_model::id::{ApprovalId, ExecutionId, FiringId, SessionId, ThreadId, TurnId, UserId};
use tenure_model::placement::Placement;
use tenure_model::step::{RepoContext, RunEnd, StepRef, StepWork};
use tenure_model::time::Span;
use uuid::Uuid;

use super::error::StepError;
use crate::people::Author;

/// A request to the gate, to the run's session, to a tool, to another run, or to the owner's orchestrator session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Effect {
    /// Asks for a slot. The gate answers `Granted`, at once when the run was parked.
    AskSlot {
        slot: SlotAsk,
    },
    /// Gives the slot back.
    FreeSlot,
    /// Makes the run's own session, or attaches the run to one that people chat in.
    OpenSession {
        session: SessionId,
        attach: bool,
        about: SessionAbout,
    },
    /// The run is over; its own session is closed, an attached one goes on without it.
    CloseSession {
        session: SessionId,
        own: bool,
        end: RunEnd,
    },
    /// Has the session do a step's work at a runner. It answers when a runner has begun and when the turn is over.
    Do {
        session: SessionId,
        turn: TurnId,
        thread: StepThread,
        step: StepRef,
        work: StepWork,
        timeout_ms: Span,
        by: Author,
    },
    /// Ends a turn; the end is answered like any other, also when the session has never heard of the turn.
    Undo {
        session: SessionId,
        turn: TurnId,
        step: StepRef,
    },
    /// A turn whose structured reply was replaced by a later round counts as cancelled.
    Supersede {
        session: SessionId,
        turn: TurnId,
    },
    /// Calls a tool. It answers `Returned`; the same key is the same call.
    Call {
        step: StepRef,
        key: Uuid,
        tool: String,
        arguments: Value,
    },
    /// Takes the question back whether a call may go on: its step does not wait for the answer any more.
    TakeBack {
        owner: UserId,
        approval: ApprovalId,
        /// The key of the call, behind which this stands in line.
        key: Uuid,
    },
    /// Tells the owner's orchestrator session something, once. It answers `Returned`.
    Notify {
        step: StepRef,
        content: String,
    },
    /// Starts a child run, which answers when it is over.
    StartChild {
        child: ExecutionId,
        workflow: String,
        inputs: BTreeMap<String, Value>,
        step: StepRef,
        depth: u32,
        repo: Option<RepoContext>,
        test: bool,
    },
    CancelChild {
        child: ExecutionId,
        step: StepRef,
    },
    /// Tells the run that started this one how it has ended.
    TellParent {
        step: StepRef,
        end: RunEnd,
        outputs: Arc<BTreeMap<String, Arc<Value>>>,
        error: Option<StepError>,
    },
    /// Tells the trigger that waits for it how the run has ended.
    TellTrigger {
        owner: UserId,
        firing: FiringId,
        end: RunEnd,
    },
    /// Tells the owner's orchestrator session that a run which nobody was watching has not completed.
    NotifyFailure {
        title: String,
        end: RunEnd,
        error: Option<StepError>,
        trigger: String,
    },
}

/// What the gate needs to know of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotAsk {
    pub owner: UserId,
    /// Runs with the same key share a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<SlotKey>,
    /// Whether the run was parked: it goes on even above the limits.
    #[serde(default)]
    pub resumed: bool,
}

/// A workflow's own limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotKey {
    pub key: String,
    pub max: u32,
}

/// What a session is told of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionAbout {
    pub owner: UserId,
    pub owner_name: String,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repo: Option<RepoContext>,
    /// Which runners do its works; any when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner: Option<Placement>,
    /// The budgets that its works draw on, beside those of the session and the owner.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub draws: Vec<Draw>,
}

/// The conversation that a step's work goes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepThread {
    pub id: ThreadId,
    pub title: String,
    /// Used once and closed after the step.
    pub single_use: bool,
}

/// To whom an effect goes. Effects to one target are carried out in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    Gate,
    Session(SessionId),
    /// One call of a tool; calls do not wait for each other.
    Call(Uuid),
    Execution(ExecutionId),
    /// The triggers of the run's owner.
    Scheduler,
    /// The orchestrator session of the run's owner.
    Orchestrator,
}

impl Effect {
    /// Returns to whom the effect goes.
    pub fn target(&self) -> Target {
        match self {
            Effect::AskSlot { .. } | Effect::FreeSlot => Target::Gate,
            Effect::OpenSession { session, .. }
            | Effect::CloseSession { session, .. }
            | Effect::Do { session, .. }
            | Effect::Undo { session, .. }
            | Effect::Supersede { session, .. } => Target::Session(*session),
            Effect::Call { key, .. } | Effect::TakeBack { key, .. } => Target::Call(*key),
            Effect::StartChild { child, .. } | Effect::CancelChild { child, .. } => Target::Execution(*child),
            Effect::TellParent { step, .. } => Target::Execution(step.execution),
            Effect::TellTrigger { .. } => Target::Scheduler,
            Effect::Notify { .. } | Effect::NotifyFailure { .. } => Target::Orchestrator,
        }
    }
}
