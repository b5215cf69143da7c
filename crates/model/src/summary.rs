//! Summaries: the rows that lists and badges show, derived from the states of entities.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::id::UserId;
use crate::time::Timestamp;

/// Where a summary row stands in its owner's lists: by kind, then by rank (creation time), then by id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SummaryKey {
    pub owner: UserId,
    /// The list that it stands in: `session`, `question`, …; at most 32 bytes of `a-z_`.
    pub list: String,
    /// Orders the list; constant for the life of the row.
    pub rank: Timestamp,
    pub id: Uuid,
}

/// What a list shows of one thing, as JSON: written once, then compared, stored and told as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row(Arc<str>);

impl Row {
    /// Writes what is shown.
    ///
    /// # Panics
    /// When it is not JSON: rows have string keys and finite numbers.
    pub fn of(shown: &impl Serialize) -> Self {
        Self(serde_json::to_string(shown).expect("a row has string keys and finite numbers only").into())
    }

    /// Takes a row that was written before; what is no JSON shows when it is read.
    pub fn written(json: &str) -> Self {
        Self(json.into())
    }

    pub fn as_json(&self) -> &str {
        &self.0
    }

    /// Reads it as what it was written from.
    pub fn read<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(&self.0)
    }
}

/// One row of a list, where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    pub key: SummaryKey,
    pub row: Row,
}
