//! The actors: hosts of entities, their directory, the writer, the courier, the clock, the feed and the roster.
//!
//! ```text
//!                 command                     commit, in order
//!  server ──▶ Directory ──▶ Host (actor) ──────────────────────▶ Writer ──▶ Store
//!                            │ decide, apply                       │ durable
//!                            ▼                                     ▼
//!                           Lane ◀────────────────────────────── acks
//!                            │ tell, in commit order
//!           ┌────────────────┼──────────────┬───────────┐
//!           ▼                ▼              ▼           ▼
//!          Feed            Lists         Courier      reply
//!        watchers        owner feed    effects ──▶ Roster ──▶ runners
//! ```

mod alarms;
pub mod clock;
mod core;
mod courier;
mod couriers;
pub mod directory;
pub mod feed;
mod health;
mod host;
pub mod inspect;
mod lane;
pub mod lists;
mod load;
mod message;
mod options;
pub mod owned;
pub mod roster;
mod rows;
pub mod runs;
pub mod sandbox;
pub mod schedules;
mod start;
pub mod stirs;
mod tell;
mod together;
mod voice;
mod writer;

pub use clock::Clock;
pub use directory::{Answer, AskError, Directory, Look};
pub use feed::{Committed, Feed, LostMark, News, Subscription};
pub use health::Health;
pub use inspect::{EntityDetail, Inspect, InspectError, JournalRow};
pub use lists::{ListNews, ListSubscription, Lists};
pub use options::{Options, Retention};
pub use roster::{
    FramesRefused, Heard, Joined, LinkId, NoConnectorRunner, NotAnswered, NotTold, Order, Roster, RosterOptions,
    RosterRefusal, RunnerHello, RunnerPlace, RunnerState, SandboxSeat, Verdict,
};
pub use runs::{Builtin, Calling, Leave, Leaving, ToolCall, Tools, gate_id};
pub use sandbox::{Sandboxes, SandboxesOptions};
pub use start::{Runtime, StartError};
pub use stirs::{Gathered, Stir, StirListener, Stirs};
pub use together::{SessionNews, SessionSubscription};
pub use voice::denied;
