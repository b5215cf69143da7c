//! Workflow runs in a session: they are attached to it, and have it do the works of their steps.
//!
//! ```text
//!  run ── Open / Attach ──▶ session ──▶ run attached
//!  run ── Do {turn, step} ─▶ a prompt waits in its thread's queue, a command or tool becomes a turn at once
//!                            StepBegan ──▶ run      once, when a runner has started
//!                            TellStep  ──▶ run      once, when the turn is over or will never be
//!  run ── Undo {turn} ─────▶ ends it; the end is told by TellStep like any other
//!  run ── Close ───────────▶ nothing of the run is left; its own session is terminated
//! ```

mod command;
mod state;
mod turn;

mod decide;
mod notice;
mod outcome;
mod work;

pub use command::{NewRun, StepCommand, StepTask, StepThread};
pub use notice::Notice;
pub use state::{QueuedStep, Run, StepJob, StepOver, StepTurn, StepsOver};

pub(crate) use decide::{decide, drop_queued};
pub(crate) use notice::decide as take_notice;
pub(crate) use outcome::{began, ended};
