//! `github`: fires on what happens in repositories.
//!
//! GitHub posts everything of an owner to one address; each delivery is judged for every one of that owner's github triggers.

mod filter;
mod glob;
mod happening;

pub(super) use filter::FORM;
pub use filter::Filter;
pub use happening::Happening;
