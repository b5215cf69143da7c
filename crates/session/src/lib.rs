//! A chat session as a pure state machine: its threads, queue, turns, questions and participants.
//!
//! ```text
//!                    ┌────────────── Session ──────────────┐
//!  client commands ─▶│ people · threads · queue            │─▶ Offer, Start, Cancel, Answer, CheckLease
//!  runner reports  ─▶│ turns (one open per thread) ·       │─▶ text deltas, durable before anybody sees them
//!  due times       ─▶│ questions · requests already taken  │─▶ events: the transcript and all that people see change
//!                    └─────────────────────────────────────┘
//! ```
//! Start reading at [`command`], then [`turn`], which draws the life of a turn.

pub mod command;
pub mod diagnose;
pub mod effect;
pub mod event;
pub mod limits;
pub mod refusal;
pub mod reply;
pub mod requests;
pub mod state;
pub mod stream;
pub mod turn;
pub mod view;

mod apply;
mod client;
mod decide;
mod draft;
mod frames;
mod life;
mod prompt;
mod question;
mod queue;
mod report;
mod shape;
mod summary;
mod wake;

pub use command::{Action, Author, By, Command, Decline, Report, RequestId};
pub use diagnose::{Finding, diagnose};
pub use effect::{Effect, Target};
pub use event::Event;
pub use limits::{Limits, Pressure};
pub use refusal::{Refusal, RefusalKind};
pub use reply::Reply;
pub use state::Session;
pub use stream::TextDelta;
