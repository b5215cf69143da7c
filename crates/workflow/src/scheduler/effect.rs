//! What a scheduler asks of the outside. Effects may be carried out more than once: the run and the thread have ids that are
//! made of the firing.

use serde::{Deserialize, Serialize};
use tenure_model::id::{ExecutionId, FiringId, TriggerId};

use super::firing::Firing;
use crate::trigger::Kind;

/// A request to a run, or to the owner's orchestrator session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Effect {
    /// Starts a workflow as it stands now. It is answered with `Started` or `Refused`, and with `Ended` when `watched`.
    StartRun {
        firing: Box<Firing>,
        execution: ExecutionId,
        /// By slug or id.
        workflow: String,
        kind: Kind,
        name: String,
        watched: bool,
    },
    /// Asks the orchestrator in a new thread. It is answered with `Prompted` or `Refused`.
    Prompt { firing: FiringId, trigger: TriggerId, name: String, content: String },
    /// Ends a run because another firing takes its place.
    CancelRun { firing: FiringId, execution: ExecutionId, why: String },
    /// Asks how a run stands that should have ended. It is answered with `Running`, `Ended`, or `Refused` when there is none.
    AskRun { firing: FiringId, execution: ExecutionId },
    /// Tells the owner's orchestrator session that something could not be started.
    NotifyFailure { firing: FiringId, name: String, why: String },
}

/// To whom an effect goes. Effects to one target are carried out in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    Execution(ExecutionId),
    Orchestrator,
}

impl Effect {
    /// Returns to whom the effect goes.
    pub fn target(&self) -> Target {
        match self {
            Effect::StartRun { execution, .. }
            | Effect::CancelRun { execution, .. }
            | Effect::AskRun { execution, .. } => Target::Execution(*execution),
            Effect::Prompt { .. } | Effect::NotifyFailure { .. } => Target::Orchestrator,
        }
    }

    /// Returns the firing that the effect is for.
    pub fn firing(&self) -> FiringId {
        match self {
            Effect::StartRun { firing, .. } => firing.id,
            Effect::Prompt { firing, .. }
            | Effect::CancelRun { firing, .. }
            | Effect::AskRun { firing, .. }
            | Effect::NotifyFailure { firing, .. } => *firing,
        }
    }
}
