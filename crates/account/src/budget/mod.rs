//! Budgets: what one owner's sessions, runs and triggers may use and have used, as a pure state machine; one per user, at
//! the user's id.
//!
//! ```text
//!                              ┌───────── Budgets ─────────┐
//!   a work is to be handed ──▶ │ Draw: is there enough in  │ ─▶ drawn · used up (and a person is asked)
//!   out                        │ every place it draws on?  │
//!   the work is over ────────▶ │ Spend                     │
//!   a person ────────────────▶ │ set, raise, remove        │ ─▶ what waits hears of it and draws again
//!                              └───────────────────────────┘
//! ```
//! **Owns** what was used of each budget. **Does not own** what waits: that stands in its session, and asks again.

// What is said to it, and what it says.
pub mod command;
pub mod event;
pub mod refusal;

// What it remembers.
pub mod period;
pub mod state;

// The rules.
mod decide;
mod drawing;

pub use command::{Command, Reply, Shortage};
pub use decide::approval_of;
pub use event::{Effect, Event};
pub use period::Every;
pub use refusal::Refusal;
pub use state::{Budgets, Held, Kept};

/// Budgets of one owner that people have set.
pub const SET_MAX: usize = 1_000;
/// Budgets of runs whose workflow limits each of them; beyond that, what was drawn on longest ago is forgotten.
pub const OF_RUNS_MAX: usize = 1_000;
