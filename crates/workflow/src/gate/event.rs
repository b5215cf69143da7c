//! What has happened at the gate: the journal's words, kept for ever. New fields come with `#[serde(default)]` and a golden
//! file under `tests/golden`.

use serde::{Deserialize, Serialize};
use tenure_model::id::ExecutionId;

use super::state::Limits;
use crate::execution::effect::SlotAsk;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A run got a slot: a new one, one from the queue, or one that was parked.
    Granted {
        execution: ExecutionId,
        slot: SlotAsk,
    },
    Queued {
        execution: ExecutionId,
        slot: SlotAsk,
    },
    /// A run holds and awaits nothing any more.
    Freed {
        execution: ExecutionId,
    },
    LimitsSet {
        limits: Limits,
    },
}
