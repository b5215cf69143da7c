//! The sandbox of a session: a runner that is started for it alone when something is to be done, and put to sleep when
//! nothing was for a while.
//!
//! ```text
//!            needed                hello                 idle, asked, over
//!   None ─────────────▶ Starting ─────────▶ Running ───────────────────────▶ Hibernating
//!    ▲                   ▲  │ late, failed     │ away for longer than grace    │      │
//!    │ the session       │  ▼                  ▼                               │      ▼
//!    │ is over           └─ Failed ◀───────────┴── its end is not confirmed ───┘  Hibernated ──needed──▶ Starting
//! ```
//! The session alone knows how its sandbox stands; whoever starts and stops it only answers. Each start has a generation
//! of its own, and what is told of an earlier one changes nothing.

pub mod table;

mod ask;
mod decide;
mod event;
mod settle;
mod state;
mod time;
mod view;

pub use self::ask::{SandboxNews, SandboxWish};
pub use self::event::SandboxEvent;
pub use self::state::{Phase, RunnerChoice, Sandbox, SandboxPolicy, StartCause, StopCause, runner_of};
pub use self::view::all_sandboxes;

pub(crate) use self::decide::{leave as missed, report, wish};
pub(crate) use self::settle::settle;
pub(crate) use self::time::{SandboxDue, act, deadline};
pub(crate) use self::view::row;
