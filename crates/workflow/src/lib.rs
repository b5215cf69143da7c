//! Workflows: what people and agents write, checked into types that cannot be wrong, and the language inside it.
//!
//! Nothing in here reads a clock, draws a random number, opens a file or knows an actor. `definition/` and `step/` are what
//! a workflow says, `template/` is its language, `read/` turns YAML and JSON into a [`Definition`] or into all its mistakes.

pub mod definition;
pub mod step;
pub mod path;
pub mod template;
pub mod read;
pub mod canonical;
pub mod schema;
pub mod inputs;
pub mod diff;
pub mod swap;
pub mod cycle;
pub mod people;
pub mod library;
pub mod limits;
pub mod requests;
pub mod execution;
pub mod gate;
pub mod cron;
pub mod trigger;
pub mod scheduler;

pub mod nearest;

pub use canonical::WorkflowHash;
pub use definition::{Definition, Ident, Slug, StepId};
pub use execution::Execution;
pub use gate::Gate;
pub use path::{Place, StepPath};
pub use read::Mistake;
pub use scheduler::Scheduler;
pub use step::{Step, StepKind};
pub use template::{Condition, Scope, Template, TemplateError, ValueTemplate};
