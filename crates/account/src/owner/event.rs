//! What has happened to an owner: kept for ever.

use serde::{Deserialize, Serialize};
use tenure_model::id::SessionId;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    SessionOpened {
        session: SessionId,
    },
    SessionClosed {
        session: SessionId,
    },
    /// The orchestrator session got its id, which never changes.
    OrchestratorNamed {
        session: SessionId,
    },
    PersonaSet {
        name: String,
        instructions: String,
    },
    PersonaRemoved {
        name: String,
    },
}
