//! One firing: what led to it, what it starts, and what was decided of it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tenure_model::id::{ExecutionId, FiringId, TriggerId, derived};
use tenure_model::time::{Span, Timestamp};

use crate::cron::Mark;
use crate::people::Author;
use crate::trigger::Offered;
use crate::trigger::webhook::KeyedBy;

/// What led to a firing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum Cause {
    Schedule {
        planned: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mark: Option<Mark>,
        /// Made up for, so long after its time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        late_ms: Option<Span>,
    },
    /// Somebody asked for a time that is over.
    Backfill { planned: Timestamp },
    Delivery {
        key: String,
        keyed_by: KeyedBy,
        /// What GitHub calls it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        event: Option<String>,
    },
    /// Somebody asked for it.
    Asked { by: Author, key: String },
    /// Somebody wants a delivery once more.
    Replay { of: FiringId, by: Author, key: String },
}

/// What a trigger starts once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Firing {
    pub id: FiringId,
    pub trigger: TriggerId,
    #[serde(flatten)]
    pub cause: Cause,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub inputs: Map<String, Value>,
    #[serde(default)]
    pub offered: Offered,
    /// The record that holds what was delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<u64>,
    /// What the orchestrator is asked, ready to be said; none starts a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    #[serde(default)]
    pub test: bool,
}

/// What was decided of a firing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It is asked for.
    Started,
    /// It waits until the runs before it have ended.
    Queued,
    /// Another run was still under way.
    Skipped { running: FiringId },
    /// A later firing took its place in the queue.
    Replaced,
    /// It could not be started.
    Failed { code: String, why: String },
}

impl Cause {
    /// Returns the time that the firing was planned for.
    pub fn planned(&self) -> Option<Timestamp> {
        match self {
            Cause::Schedule { planned, .. } | Cause::Backfill { planned } => Some(*planned),
            Cause::Delivery { .. } | Cause::Asked { .. } | Cause::Replay { .. } => None,
        }
    }

    /// Returns the id of the firing of a trigger that this leads to: the same cause is the same firing.
    pub fn firing(&self, trigger: TriggerId) -> FiringId {
        match self {
            Cause::Schedule { planned, .. } | Cause::Backfill { planned } => firing_id(trigger, *planned),
            Cause::Delivery { key, .. } => of(trigger, "delivery", key),
            Cause::Asked { by, key } => of(trigger, "asked", &format!("{}/{key}", by.user)),
            Cause::Replay { of: first, by, key } => of(trigger, "replay", &format!("{first}/{}/{key}", by.user)),
        }
    }
}

/// Returns the id of what a trigger has planned for an instant. Firing it twice is starting it once.
pub fn firing_id(trigger: TriggerId, planned: Timestamp) -> FiringId {
    of(trigger, "planned", &planned.0.to_string())
}

fn of(trigger: TriggerId, sort: &str, key: &str) -> FiringId {
    FiringId(derived(&["firing", &trigger.to_string(), sort, key]))
}

/// Returns the id of the run that a firing starts.
pub fn execution_of(firing: FiringId) -> ExecutionId {
    ExecutionId(derived(&["run-of-firing", &firing.to_string()]))
}
