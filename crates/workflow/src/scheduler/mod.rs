//! One owner's triggers, as a pure state machine: what fires, when, and why not.
//!
//! ```text
//!                     ┌────────────────── Scheduler ──────────────────┐
//!  people, programs ─▶│ triggers by id and by name · up to when each  │─▶ StartRun, CancelRun, AskRun   to runs
//!  the clock        ─▶│ is decided · when each is due · what was      │─▶ Prompt, NotifyFailure         to the orchestrator
//!  deliveries       ─▶│ asked for and not answered · what waits ·     │
//!  runs             ─▶│ what was delivered lately                     │─▶ events: the ledger
//!                     └───────────────────────────────────────────────┘
//! ```
//! Every planned time is decided once: the id of a firing is made of the trigger and the time that it was planned for, and
//! `decided_until` only ever grows. What people look at, the ledger and the history, is read from the journal by
//! [`Entity::pages`](tenure_model::Entity::pages).

// What is said to it, and what it says.
pub mod command;
pub mod effect;
pub mod event;
pub mod firing;
pub mod refusal;
pub mod limits;

// What it remembers.
pub mod state;
mod recent;
mod inlet;
mod apply;

// The rules.
mod decide;
mod draft;
mod saving;
mod asking;
mod planning;
mod missed;
mod starting;
mod answers;
mod delivering;
mod backfill;
mod trial;

// What people look at.
pub mod ledger;
pub mod preview;
mod shown;
pub mod summary;
pub mod why;

pub use command::{Action, Answer, Change, Command, Delivery, Outcome, Reply, Stored};
pub use effect::{Effect, Target};
pub use event::Event;
pub use firing::{Cause, Firing, Verdict, execution_of, firing_id};
pub use inlet::{Keys, OldKeys};
pub use refusal::Refusal;
pub use shown::{Shown, Which};
pub use state::{Scheduler, Trigger};
pub use trial::Tried;
