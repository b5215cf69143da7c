//! What the gate can be told, and what it answers.

use tenure_model::id::ExecutionId;

use super::state::Limits;
use crate::execution::effect::SlotAsk;

/// One thing told to the gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A run asks for a slot. One that holds or awaits one already is answered alike.
    Ask { execution: ExecutionId, slot: SlotAsk },
    /// A run gives its slot back, or does not want one any more.
    Free { execution: ExecutionId },
    /// The runs that hold a slot, and those that wait for one, as they say themselves when the server starts. All others
    /// want none. A run that waits may have been granted one without having heard of it yet.
    Reconcile { running: Vec<(ExecutionId, SlotAsk)>, waiting: Vec<(ExecutionId, SlotAsk)> },
    /// An operator changes the limits.
    SetLimits { limits: Limits },
}

/// What the gate answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    Done,
    Granted,
    /// So many runs stand before it.
    Queued {
        ahead: u32,
    },
}
