//! Triggers: what starts runs and prompts when nobody does, as people write it.
//!
//! A trigger has a name, one of four kinds, and one target: a workflow with its inputs, or a prompt in the owner's orchestrator
//! session. [`Patch`] reads what somebody wrote, on top of what there was; [`Definition`] is what came out of it.

// What a trigger says.
mod name;
mod definition;
mod kind;
pub mod schedule;
pub mod webhook;
pub mod github;
mod manual;

// How it is read, and told.
mod patch;
mod schema;
mod words;

// What it makes of a delivery.
pub mod json_path;
mod mapping;
mod target;

pub use definition::{Definition, FailureNotify, Overlap, Target};
pub use kind::{Kind, On};
pub(crate) use mapping::inputs;
pub use mapping::{MapError, Mapped};
pub use name::Name;
pub use patch::Patch;
pub use schema::schema;
pub use target::{Offered, PAYLOAD, TRIGGER};
