//! Policy: what agents may do in an owner's name, as a pure state machine; one per user, at the user's id.
//!
//! ```text
//!                        ┌──────────────── Policy ────────────────┐
//!   a call of an agent ─▶│ rules (by scope) ▶ grants ▶ approvals  │─▶ allowed · denied · waits for a person
//!   a person           ─▶│ decides, grants, revokes, makes rules  │─▶ Tell: nobody waited for the decision any more
//!                        │                                        │─▶ TellStep: the step of a run that called goes on or fails
//!                        └────────────────────────────────────────┘
//! ```
//! The organization's own rules stand in the realm; they come with every call, so that judging stays a function of what it is given.

// What is said to it, and what it says.
pub mod command;
pub mod effect;
pub mod event;
pub mod refusal;
pub mod limits;

// What it remembers.
pub mod rule;
pub mod grant;
pub mod call;
pub mod state;

// The rules.
pub mod verdict;
pub mod mask;
mod judging;
mod deciding;
mod ruling;
mod decide;

pub use call::{Approval, Caller, Calls, Made};
pub use command::{Command, Reply};
pub use decide::AUDIT;
pub use effect::Effect;
pub use event::Event;
pub use grant::{Bound, Grant, NewGrant};
pub use refusal::Refusal;
pub use rule::{Mode, Risk, Rule, What, Within};
pub use state::{Policy, Settled};
pub use verdict::{Considered, Judged, Source};
