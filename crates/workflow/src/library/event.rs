//! What has happened to a workflow: kept for ever.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tenure_model::id::{ProposalId, UserId};
use tenure_model::request::RequestId;
use tenure_model::time::Timestamp;

use super::command::Reply;
use super::state::{Closed, Source};
use crate::WorkflowHash;
use crate::definition::Definition;
use crate::people::Author;

/// One thing that happened. A record holds one definition at most, so that the number of the record names it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The workflow is there, for the first time or after it was deleted.
    Created {
        owner: UserId,
        #[serde(flatten)]
        saved: Saved,
    },
    /// Another version is the current one.
    Updated {
        #[serde(flatten)]
        saved: Saved,
    },
    Enabled {
        by: Author,
    },
    Disabled {
        by: Author,
    },
    Deleted {
        by: Author,
    },
    Proposed {
        proposal: ProposalId,
        base: WorkflowHash,
        hash: WorkflowHash,
        record: u64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        expires_at: Timestamp,
        by: Author,
        definition: Arc<Definition>,
    },
    ProposalReviewed {
        proposal: ProposalId,
        approved: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        by: Author,
    },
    ProposalClosed {
        proposal: ProposalId,
        how: Closed,
    },
    /// A request is remembered with its answer, for whoever sends it again.
    RequestAnswered {
        user: UserId,
        request: RequestId,
        fingerprint: String,
        reply: Reply,
    },
}

/// A definition that became the current version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    pub source: Source,
    pub hash: WorkflowHash,
    /// The number of the record that holds this.
    pub record: u64,
    pub by: Author,
    pub definition: Arc<Definition>,
}

impl Event {
    /// Returns the definition that this event holds, with its hash.
    pub fn definition(&self) -> Option<(WorkflowHash, &Arc<Definition>)> {
        match self {
            Event::Created { saved, .. } | Event::Updated { saved } => Some((saved.hash, &saved.definition)),
            Event::Proposed { hash, definition, .. } => Some((*hash, definition)),
            _ => None,
        }
    }
}
