//! What one command wrote: the unit of the journal.

use serde::{Deserialize, Serialize};

use crate::entity::Entity;
use crate::time::Timestamp;

/// The events and effects of one decision, under one seq.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Record<E: Entity> {
    /// The record's number in its entity, from 1, without holes.
    pub seq: u64,
    /// When it was decided.
    pub at: Timestamp,
    pub events: Vec<E::Event>,
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<E::Effect>,
}

/// Folds a journal from its beginning, or from a snapshot onwards.
pub fn fold<'r, E: Entity>(mut state: E, records: impl IntoIterator<Item = &'r Record<E>>) -> E {
    for record in records {
        for event in &record.events {
            state.apply(event, record.at);
        }
    }
    state
}
