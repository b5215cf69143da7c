//! One run of one version of a workflow, as a pure state machine.
//!
//! ```text
//!                  ┌──────────────── Execution ────────────────┐
//!  start         ─▶│ slot · the steps under way, by path ·     │─▶ AskSlot, FreeSlot                 to the gate
//!  turns' ends   ─▶│ what each body has added · where the run  │─▶ OpenSession, Do, Undo             to its session
//!  tools' answers─▶│ is ready to go on · approvals · events    │─▶ Call, Notify, StartChild          to tools, people, runs
//!  people, times ─▶│ that came early                           │─▶ events: the timeline of the run
//!                  └───────────────────────────────────────────┘
//! ```
//! A result is one record, and the same record starts what comes next: [`advance`] moves the run wherever it is ready. A
//! step that was recorded never runs again; going on after a crash is nothing special, because the state is the truth.
//! Start reading at [`command`], then [`event`].

// What is said to a run, and what it says.
pub mod command;
pub mod effect;
pub mod event;
pub mod refusal;
pub mod reply;

// What it remembers.
pub mod error;
pub mod limits;
pub mod running;
pub mod state;
pub mod values;

// The rules: who answers what; then how a run goes on, step by step.
mod decide;

mod start;
mod client;
mod news;
mod wake;

mod advance;
mod begin;
mod end;
mod containers;
mod kinds;
mod leave;
mod close;
mod finish;
mod park;

mod scope;
mod draft;

mod apply;
mod apply_step;

// What people decide, take up again, and see.
pub mod approval;
pub mod link;
pub mod retry;

pub mod summary;
pub mod why;

pub use command::{Action, Command, Start};
pub use effect::{Effect, Target};
pub use error::StepError;
pub use event::Event;
pub use kinds::agent_prompt::shared_thread;
pub use leave::Called;
pub use limits::Limits;
pub use refusal::Refusal;
pub use reply::Reply;
pub use start::draws;
pub use state::Execution;
pub use summary::{Status, WaitsFor};
pub use why::Why;
