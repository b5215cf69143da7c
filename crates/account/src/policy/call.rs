//! Calls of tools, and what waits for a person's decision.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tenure_model::id::{SessionId, ThreadId, WorkId, WorkflowId};
use tenure_model::step::StepRef;
use tenure_model::time::Timestamp;

use super::rule::{Risk, Who};

/// A call that an agent, or a step of a run, makes in its owner's name.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
pub struct Made {
    pub tool: String,
    pub service: String,
    pub risk: Risk,
    pub arguments: Map<String, Value>,
    /// Names the tool with exactly these arguments.
    pub hash: String,
    pub caller: Caller,
}

/// Where a call comes from.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, Default)]
pub struct Caller {
    /// Absent for a program that shows a person's token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<ThreadId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<WorkId>,
    /// The workflow of the run that the caller works for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<WorkflowId>,
    /// The step that calls, where no agent does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Box<Calls>>,
}

impl Caller {
    /// Returns the step that calls, when one does: it is told what becomes of its call.
    pub fn step(&self) -> Option<&StepRef> {
        self.step.as_ref().map(|calls| &calls.step)
    }
}

/// The step of a run that calls a tool by itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct Calls {
    pub step: StepRef,
    /// The step's own name.
    pub name: String,
    /// The name of the workflow that runs.
    pub workflow: String,
}

/// A call that a person is asked about.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
pub struct Approval {
    pub made: Made,
    pub asked_at: Timestamp,
    /// What nobody decides by then is denied; what was approved and is not over by then is forgotten.
    pub deadline: Timestamp,
    /// Until when the caller waits for the answer.
    pub awaited_until: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<Approved>,
}

/// Who has approved a call that is still to be carried out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct Approved {
    pub by: Who,
    pub at: Timestamp,
    /// When the session is told, if nobody has carried the call out by then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tell_at: Option<Timestamp>,
}

impl Approval {
    /// Returns when something is next to be done about it.
    pub fn due(&self) -> Timestamp {
        let tell_at = self.approved.as_ref().and_then(|approved| approved.tell_at);
        tell_at.map_or(self.deadline, |tell_at| tell_at.min(self.deadline))
    }
}
