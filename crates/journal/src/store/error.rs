//! What can go wrong in the store: for one commit, for one entity, or for all.

use tenure_model::EntityKey;

use super::Epoch;
use crate::engine::EngineError;

/// Why a commit was not taken. It ends the life of its entity: what was decided on top of it is refused as well.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    #[error("the entity has a newer life than epoch {}", .0.0)]
    Fenced(Epoch),
    #[error("the record should be number {expected}, and is number {found}")]
    Conflict { expected: u64, found: u64 },
    #[error("{what} takes {size}, and the limit is {limit}")]
    TooLarge { what: &'static str, size: usize, limit: usize },
    /// Its group was too large for one batch; an earlier batch of the group was written, and this one failed.
    #[error("the write failed: {why}")]
    NotWritten { why: String },
    #[error("{what}")]
    Invalid { what: &'static str },
    /// The rows that it builds on do not verify.
    #[error("the entity is damaged: {what}")]
    Damaged { what: String },
}

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// One entity's rows do not verify; every other entity is fine.
    #[error("{key} is damaged: {what}")]
    Damaged { key: EntityKey, what: String },
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl StoreError {
    pub(crate) fn damaged(key: EntityKey, what: impl Into<String>) -> Self {
        Self::Damaged { key, what: what.into() }
    }
}

/// An entity that the store could not load, for operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    pub key: EntityKey,
    pub what: String,
}
