//! Why the gate says no. Each text finishes the sentence "refused because …".

/// Why a command was not taken. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the queue of runs is full: the limit queue_max is {max}")]
    Full { max: u64 },
    #[error("{limit} must be at least 1")]
    NoRoom { limit: &'static str },
}

impl Refusal {
    /// Returns the stable code that programs match on.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Full { .. } => "limit_reached",
            Refusal::NoRoom { .. } => "limit_invalid",
        }
    }
}
