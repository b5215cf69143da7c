//! What a workflow can be told, and what it answers.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tenure_model::id::{ProposalId, UserId};
use tenure_model::request::RequestId;

use super::state::{Source, Version};
use crate::WorkflowHash;
use crate::definition::Definition;
use crate::people::By;

/// One thing told to a workflow, by a person or a program in their name.
///
/// A command with a request id can be sent any number of times within 24 hours: it is carried out once, and every time
/// answered alike.
#[derive(Clone, Debug)]
pub struct Command {
    pub by: By,
    pub request: Option<RequestId>,
    pub action: Action,
}

/// What somebody wants of a workflow. A definition in here was read and found right.
///
/// `expected` is the hash of the version that the sender has seen; the command is refused when another one is current.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Action {
    /// Makes this definition the current one; creates the workflow when there is none, and brings a deleted one back.
    Sync { owner: UserId, definition: Arc<Definition>, source: Source, expected: Option<WorkflowHash> },
    /// Makes this definition the current one of a workflow that exists.
    Replace { definition: Arc<Definition>, expected: Option<WorkflowHash> },
    /// Changes what a workflow is called and how it is found. What is absent stays.
    Update { fields: Fields, expected: Option<WorkflowHash> },
    /// Lets the workflow run, or not.
    SetEnabled { enabled: bool },
    /// Takes the workflow off the lists. Its versions stay in the journal.
    Delete,
    /// Makes an earlier version the current one; `definition` is that version, as its record tells it.
    Rollback { hash: WorkflowHash, definition: Arc<Definition> },
    /// Asks for a change, to be reviewed by the owner.
    Propose { base: WorkflowHash, definition: Arc<Definition>, note: Option<String> },
    /// Approves or rejects a proposal.
    Review { proposal: ProposalId, approve: bool, note: Option<String> },
    /// Makes an approved proposal the current version; `definition` is what was proposed, as its record tells it.
    Apply { proposal: ProposalId, definition: Arc<Definition> },
}

/// What can be changed without writing the steps anew. What is absent stays; a `description` of null goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Fields {
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub version: Option<String>,
    pub tags: Option<Vec<String>>,
}

/// What a workflow answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Reply {
    Done,
    /// What became of the current version, and which one it is now.
    Saved {
        outcome: Outcome,
        version: Version,
    },
    Proposed {
        proposal: ProposalId,
    },
    /// The proposal could not be applied any more, and is closed.
    ProposalFailed {
        proposal: ProposalId,
        why: String,
    },
}

/// What a command did to the current version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Created,
    Updated,
    /// The same definition is the current one already.
    Unchanged,
    /// The version that was to be rolled back to is the current one already.
    AlreadyAtVersion,
}
