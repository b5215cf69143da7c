//! A stored workflow: its versions, its proposals, and whether it may run. There is one per owner and slug.
//!
//! A version is never changed and is named by the hash of its canonical form. State keeps the current definition and one
//! row per version; the text of an older version is read from the record that the row names.

pub mod command;
pub mod event;
pub mod effect;
pub mod state;
pub mod refusal;
pub mod limits;

mod decide;
mod change;
mod draft;
mod proposing;
mod requests;
mod saving;
mod summary;

use tenure_model::id::{UserId, WorkflowId, derived};

use crate::definition::Slug;

pub use command::{Action, Command, Fields, Outcome, Reply};
pub use effect::Effect;
pub use event::Event;
pub use refusal::Refusal;
pub use state::{About, Closed, Proposal, ProposalStatus, Review, Source, Version, Workflow};

/// Returns the id of an owner's workflow: it is made of the slug, so that the entity there is itself the uniqueness check.
pub fn workflow_id(owner: UserId, slug: &Slug) -> WorkflowId {
    WorkflowId(derived(&["workflow", &owner.to_string(), slug.as_str()]))
}
