//! A chat session as a pure state machine: its threads, queue, turns, questions and participants.
//!
//! ```text
//!                    ┌────────────── Session ──────────────┐
//!  client commands ─▶│ people · threads · queue            │─▶ Offer, Start, Cancel, Answer, CheckLease
//!  runner reports  ─▶│ turns (one open per thread) ·       │─▶ text deltas, durable before anybody sees them
//!  works of steps  ─▶│ workflow runs and their steps ·     │─▶ StepBegan, TellStep to the runs
//!  news of sandbox ─▶│ its sandbox ·                       │─▶ StartSandbox, StopSandbox
//!  due times       ─▶│ questions · requests already taken  │─▶ events: the transcript and all that people see change
//!                    └─────────────────────────────────────┘
//! ```
//! Start reading at [`command`], then [`turn`], which draws the life of a turn.

// What is said to a session, and what it says.
pub mod command;
pub mod effect;
pub mod event;
pub mod refusal;
pub mod reply;

// What it remembers.
pub mod limits;
pub mod bounds;
pub mod message;
pub mod requests;
pub mod state;
pub mod stream;
pub mod turn;
pub mod sandbox;
pub mod workspace;

// The runs of workflows: what they want, and what is remembered of them.
pub mod run;

// The rules: who answers a command, a report of a runner, a due time; then what they share.
mod decide;

mod client;
mod prompt;
mod question;

mod frames;
mod report;
mod shape;

mod wake;

mod draft;
mod life;
mod queue;

mod apply;

// How people see it.
pub mod diagnose;
pub mod view;

mod summary;

pub use command::{Action, Author, By, Command, Decline, Report, RequestId};
pub use diagnose::{Finding, diagnose};
pub use effect::{Effect, Target};
pub use event::Event;
pub use limits::{Limits, Pressure};
pub use refusal::Refusal;
pub use reply::Reply;
pub use run::StepCommand;
pub use sandbox::{RunnerChoice, SandboxNews, SandboxPolicy, SandboxWish};
pub use state::Session;
pub use stream::TextDelta;
