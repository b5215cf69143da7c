//! What a policy asks of the outside.

use serde::{Deserialize, Serialize};
use tenure_model::id::{ApprovalId, SessionId, ThreadId};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Effect {
    /// Says in the conversation that a call came from what became of it: whoever made it waits no longer.
    Tell { approval: ApprovalId, session: SessionId, thread: ThreadId, text: String },
}
