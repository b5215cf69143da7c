//! What a run can be told: by who starts it, by people and programs, by the gate, its session, its tools and its children.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tenure_model::budget::Draw;
use tenure_model::id::{ApprovalId, ExecutionId, FiringId, LinkId, SessionId, TriggerId, TurnId, UserId, WorkflowId};
use tenure_model::request::RequestId;
use tenure_model::step::{RepoContext, RunEnd, StepOutcome, StepRef};
use tenure_model::time::Span;

use super::effect::Effect;
use super::error::StepError;
use super::limits::Limits;
use super::retry::Retrying;
use crate::canonical::WorkflowHash;
use crate::definition::Definition;
use crate::path::StepPath;
use crate::people::{Author, By};

/// One thing told to a run.
#[derive(Clone, Debug)]
pub enum Command {
    /// Starts the run at this id. Starting it again answers that it exists.
    Start(Box<Start>),
    /// A person, or a program in their name, wants something.
    ///
    /// A command with a request id can be sent any number of times within 24 hours: it is carried out once, and every
    /// time answered alike.
    Client { by: By, request: Option<RequestId>, action: Action },
    /// Whoever holds a link decides, in the name of whoever made it.
    Link { approval: ApprovalId, token_hash: String, decision: Decision, reason: Option<String> },
    /// The gate tells of the run's slot.
    Gate(GateNews),
    /// The run's session tells of a turn that it was asked to do.
    Turn { step: StepRef, turn: TurnId, news: TurnNews },
    /// A call that must not be made twice is about to be sent.
    Calls { step: StepRef },
    /// A call must not be made before a person has let it go on; they may take so long.
    Asks { step: StepRef, arguments: Value, open_for: Span },
    /// What became of the question whether a call may go on: who has let it, if that took anybody, or why it may not.
    Leave { step: StepRef, approval: ApprovalId, result: Result<Option<Author>, StepError> },
    /// A tool has returned, or a notification was delivered or not.
    Returned { step: StepRef, result: Result<Value, StepError> },
    /// A child run is over.
    ChildEnded { step: StepRef, child: ExecutionId, end: RunEnd, outputs: Value, error: Option<StepError> },
    /// The run that started this one ends, and takes it along.
    ParentEnds { parent: StepRef },
    /// The trigger that started this run has fired again, and wants only the newest run.
    TriggerEnds { firing: FiringId },
    /// The courier gave an effect up.
    EffectFailed { effect: Effect, why: String },
}

/// Everything that a run is started with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Start {
    pub owner: UserId,
    pub owner_name: String,
    /// Who or what started it.
    pub by: Author,
    /// The named workflow that the definition is a version of; none for a definition from a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<WorkflowId>,
    pub definition: Arc<Definition>,
    /// The hash that the starter knows the definition by.
    pub hash: WorkflowHash,
    /// By name.
    #[serde(default)]
    pub inputs: Map<String, Value>,
    pub trigger: Trigger,
    /// The chat session that the run is attached to; none gives it a session of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repo: Option<RepoContext>,
    /// What the owner's personas are told, by name, as of now.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub personas: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parent>,
    /// The budgets of the runs above it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub above: Vec<Draw>,
    /// The run that this one takes up again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retrying: Option<Retrying>,
    #[serde(default)]
    pub test: bool,
    #[serde(default)]
    pub limits: Limits,
}

/// What led to a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    pub kind: TriggerKind,
    /// The trigger's own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Absent when no trigger of the owner's fired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fired: Option<Fired>,
}

/// The firing of a trigger that started a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fired {
    pub trigger: TriggerId,
    pub firing: FiringId,
    /// The trigger waits to hear how the run has ended.
    pub watched: bool,
}

/// The sorts of what leads to runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TriggerKind {
    Manual,
    Webhook,
    Schedule,
    Github,
    Retry,
    Test,
    Workflow,
}

/// The step that started a child run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parent {
    pub step: StepRef,
    /// How many runs stand above the child.
    pub depth: u32,
}

/// What a client wants of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Decides an approval, on exactly what was shown.
    Decide {
        approval: ApprovalId,
        hash: String,
        decision: Decision,
        reason: Option<String>,
    },
    /// Makes a link that decides the approval once, for so long or until its deadline.
    Link {
        approval: ApprovalId,
        /// What is kept of the link's secret.
        token_hash: String,
        life: Option<Span>,
    },
    /// Ends a link before its time.
    RevokeLink {
        approval: ApprovalId,
        link: LinkId,
    },
    /// Tells the run that something has happened; it ends the wait that has stood longest, or waits for one.
    Event {
        name: String,
        payload: Value,
    },
    /// Ends the run. It is `cancelling` until everything that it asked for has ended.
    Cancel {
        reason: Option<String>,
    },
    /// Starts nothing new; what is under way goes on.
    Pause,
    Resume,
    /// Says what became of a step whose outcome nobody knows.
    Resolve {
        path: StepPath,
        answer: Answer,
    },
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    Approved,
    Denied,
}

/// What became of a step whose runner was lost, as a person has found out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Nothing that matters: it is started again.
    Retry,
    /// It was done, and gave this.
    Succeed {
        output: Value,
    },
    Fail,
}

/// What the gate says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateNews {
    Granted,
    /// The run queues; `why` names the limit that is reached.
    Queued {
        ahead: u32,
        why: String,
    },
}

/// What a session says of a turn.
#[derive(Clone, Debug, PartialEq)]
pub enum TurnNews {
    /// A runner has begun.
    Began {
        agent: Option<String>,
    },
    /// Its work waits for a budget, which a person can raise; without a reason it does not any more.
    Held {
        why: Option<String>,
    },
    Ended(Box<StepOutcome>),
}
