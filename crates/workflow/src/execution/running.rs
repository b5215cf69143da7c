//! A step that was started and has not ended, and the bodies that run inside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenure_model::chat::Usage;
use tenure_model::id::{ApprovalId, ExecutionId, TurnId};
use tenure_model::time::Timestamp;

use super::approval::Asked;
use super::error::StepError;
use super::event::{Closing, Plan};
use super::values::{Gathered, Layer, Values};
use crate::path::Place;

/// One step under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRun {
    /// From 1, and above every number that a step had at this path before: when a step with bodies is tried again, what runs
    /// inside it is another attempt, too.
    pub attempt: u32,
    /// Attempts of what runs inside count from here.
    #[serde(default)]
    pub base: u32,
    /// The highest attempt of anything that ran inside.
    #[serde(default)]
    pub high: u32,
    /// Attempts that failed; those that were lost do not count.
    pub failures: u32,
    pub lost: u32,
    /// When this attempt was started.
    pub since: Timestamp,
    pub doing: Doing,
    /// Which budget its turn waits for, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<String>,
    /// Set while the step is to end; until then its end is awaited.
    pub closing: Option<(Closing, Timestamp)>,
}

/// What a step waits for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    /// A turn of the session. Before it began it waits for a runner.
    Turn {
        turn: TurnId,
        round: u32,
        began: bool,
        due: Timestamp,
        /// What the rounds before this one have used.
        usage: Usage,
    },
    Call {
        due: Timestamp,
        /// Whether a call that must not be made twice is on its way.
        #[serde(default)]
        began: bool,
    },
    /// A person, who lets its call go on or does not.
    Leave {
        question: Question,
        arguments: Arc<Value>,
        due: Timestamp,
    },
    Child {
        child: ExecutionId,
        due: Timestamp,
    },
    Approval {
        asked: Arc<Asked>,
    },
    Timer {
        due: Timestamp,
    },
    Event {
        name: String,
        due: Timestamp,
    },
    /// The next attempt.
    Retry {
        due: Timestamp,
        error: StepError,
    },
    /// A person who knows what became of it.
    Unknown {
        error: StepError,
        due: Timestamp,
    },
    Bodies(Box<Bodies>),
    /// Nothing: its end stands in the same record as its start.
    Here,
}

/// The question whether a call may go on, as the policy of the run's owner knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub approval: ApprovalId,
    /// What nobody has decided by then is denied.
    pub deadline: Timestamp,
}

/// The bodies of one step, and what they have left so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bodies {
    pub plan: Plan,
    pub due: Option<Timestamp>,
    pub open: BTreeMap<Place, Body>,
    /// How many bodies were started.
    pub begun: u32,
    pub gathered: Gathered,
    /// What went wrong in which body, as far as the step goes on regardless.
    pub failed: BTreeMap<u32, StepError>,
    /// Why the step fails; the bodies that are still open are ended.
    pub fails: Option<StepError>,
}

/// One body: steps that run one after the other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Body {
    /// The number of the step that is next or under way.
    pub next: u32,
    pub layer: Layer,
    /// What only this body reads: `loop` of an iteration, `error` of a catch body.
    #[serde(skip_serializing_if = "no_values")]
    pub locals: Arc<Values>,
    /// The item and index of an iteration, under the names that the loop gives them.
    #[serde(skip_serializing_if = "no_values")]
    pub names: Arc<Values>,
    /// Why no further step of it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<StepError>,
}

fn no_values(values: &Arc<Values>) -> bool {
    values.is_empty()
}

impl Bodies {
    pub fn new(plan: Plan, due: Option<Timestamp>) -> Self {
        let (open, begun) = (BTreeMap::new(), 0);
        Self { plan, due, open, begun, gathered: Gathered::default(), failed: BTreeMap::new(), fails: None }
    }
}

impl StepRun {
    pub fn bodies(&self) -> Option<&Bodies> {
        match &self.doing {
            Doing::Bodies(bodies) => Some(bodies),
            _ => None,
        }
    }

    pub(crate) fn bodies_mut(&mut self) -> Option<&mut Bodies> {
        match &mut self.doing {
            Doing::Bodies(bodies) => Some(bodies),
            _ => None,
        }
    }

    /// Tells whether everything inside the step is to end.
    pub fn is_closing(&self) -> bool {
        self.closing.is_some() || self.bodies().is_some_and(|bodies| bodies.fails.is_some())
    }

    /// Tells whether somebody works on the step now: its run needs a slot.
    pub fn is_active(&self) -> bool {
        matches!(self.doing, Doing::Turn { .. } | Doing::Call { .. }) && self.held.is_none()
    }

    /// Returns when the step has waited long enough for what it waits for.
    pub fn due(&self) -> Option<Timestamp> {
        if let Some((_, until)) = self.closing {
            return self.bodies().is_none().then_some(until);
        }
        match &self.doing {
            // A person raises it, however long that takes.
            Doing::Turn { .. } if self.held.is_some() => None,
            Doing::Turn { due, .. }
            | Doing::Call { due, .. }
            | Doing::Leave { due, .. }
            | Doing::Child { due, .. }
            | Doing::Timer { due }
            | Doing::Event { due, .. }
            | Doing::Retry { due, .. }
            | Doing::Unknown { due, .. } => Some(*due),
            Doing::Approval { asked } => Some(asked.deadline),
            Doing::Bodies(bodies) if bodies.fails.is_none() => bodies.due,
            Doing::Bodies(_) | Doing::Here => None,
        }
    }
}
