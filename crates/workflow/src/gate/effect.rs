//! What the gate tells runs.

use serde::{Deserialize, Serialize};
use tenure_model::id::ExecutionId;

/// News for one run. A run that is told twice takes it once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Effect {
    Granted {
        execution: ExecutionId,
    },
    /// The run queues; `why` names the limit that is reached.
    Queued {
        execution: ExecutionId,
        ahead: u32,
        why: String,
    },
}

impl Effect {
    /// Returns the run that is told.
    pub fn execution(&self) -> ExecutionId {
        match self {
            Effect::Granted { execution } | Effect::Queued { execution, .. } => *execution,
        }
    }
}
