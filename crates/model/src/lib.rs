//! The words that every part of Tenure shares: ids, time, the persistent entity, and the language of a chat turn.
//!
//! Nothing in here reads a clock, draws a random number or knows an actor, and only the test kit opens a file. What is
//! drawn from the outside arrives in [`Ctx`] and is written into an event.

pub mod id;
pub mod time;
pub mod entity;
pub mod record;
pub mod summary;
pub mod budget;
pub mod chat;
pub mod link;
pub mod limit;
pub mod refusal;
pub mod request;
pub mod step;
pub mod placement;
pub mod nearness;
pub mod repo;
pub mod sandbox;
pub mod workspace;
pub mod connector;
pub mod view;
pub mod testkit;

pub use entity::{Claim, Ctx, Decision, Delta, Entity};
pub use id::{EntityKey, Kind};
pub use nearness::Nearness;
pub use record::Record;
pub use refusal::RefusalKind;
pub use summary::{Row, Summary, SummaryKey};
pub use time::{Span, Timestamp};
