//! What an owner can be told, what it answers, and why it says no.

use tenure_model::id::SessionId;

/// One thing told to an owner. Sessions are known by id, so every command is safe to repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Counts a session that is about to be created, unless that would be too many.
    SessionOpened { session: SessionId, sessions_max: u64 },
    /// A session was terminated and counts no more.
    SessionClosed { session: SessionId },
    /// Asks for the id of the owner's one orchestrator session.
    Orchestrator,
}

/// What an owner answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// How many sessions are active now.
    Counted {
        active: u64,
    },
    Orchestrator {
        session: SessionId,
    },
}

/// Why an owner says no. Each text finishes the sentence "refused because …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("you have {active} active sessions, the limit sessions_max is {max}")]
    SessionsFull { active: u64, max: u64 },
}

impl Refusal {
    /// Returns the stable code that programs match on.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::SessionsFull { .. } => "limit_reached",
        }
    }
}
