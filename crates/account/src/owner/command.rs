//! What an owner can be told, what it answers, and why it says no.

use tenure_model::id::SessionId;

/// One thing told to an owner. Sessions are known by id and personas by name, so every command is safe to repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Counts a session that is about to be created, unless that would be too many.
    SessionOpened { session: SessionId, sessions_max: u64 },
    /// A session was terminated and counts no more.
    SessionClosed { session: SessionId },
    /// Asks for the id of the owner's one orchestrator session.
    Orchestrator,
    /// Says what a persona is told; a new name makes a new one.
    SetPersona { name: String, instructions: String, limits: PersonaLimits },
    /// Forgets a persona. Runs that were started with it keep it.
    RemovePersona { name: String },
}

/// How many personas, and how large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonaLimits {
    pub personas_max: u64,
    pub persona_bytes_max: u64,
}

/// The longest name of a persona, in characters.
pub const PERSONA_NAME_MAX: usize = 64;

/// What an owner answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It is so now, or was so already.
    Done,
    /// How many sessions are active now.
    Counted {
        active: u64,
    },
    Orchestrator {
        session: SessionId,
    },
}

/// Why an owner says no. Each text finishes the sentence "refused because …".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("you have {active} active sessions, the limit sessions_max is {max}")]
    SessionsFull { active: u64, max: u64 },
    #[error(
        "a persona's name has 1 to {PERSONA_NAME_MAX} characters, no control characters, and no blanks at its ends"
    )]
    BadPersonaName,
    #[error("a persona needs instructions")]
    EmptyPersona,
    #[error("the instructions are too large: {size} bytes, the limit persona_bytes_max is {max}")]
    PersonaTooLarge { size: u64, max: u64 },
    #[error("you have {there} personas, the limit personas_max is {max}")]
    PersonasFull { there: u64, max: u64 },
}

impl Refusal {
    /// Returns the stable code that programs match on.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::SessionsFull { .. } | Refusal::PersonasFull { .. } => "limit_reached",
            Refusal::BadPersonaName => "persona_name_invalid",
            Refusal::EmptyPersona => "persona_empty",
            Refusal::PersonaTooLarge { .. } => "too_large",
        }
    }
}
