//! What a runner does for one work: has an agent answer a prompt, runs a command, calls one of its own tools, or
//! puts files back.

mod run;

mod command;
mod restore;
mod tool;

use std::sync::Arc;
use std::time::Duration;

use tenure_model::link::{RestoreWork, ShellWork, ToolWork};

use crate::agent::{Agent, Turn, TurnEnd};
use crate::workspace::Folders;

pub use run::run_turn;

/// One of the four.
pub enum Task {
    Prompt(Arc<Agent>),
    Command(ShellWork),
    Tool(ToolWork),
    Restore(RestoreWork),
}

impl Task {
    async fn take(&self, turn: &Turn, folders: &Folders) -> TurnEnd {
        match self {
            Self::Prompt(agent) => agent.take(turn).await,
            Self::Command(work) => command::take(work, turn.spec.timeout_ms, turn, folders).await,
            Self::Tool(work) => tool::take(work, turn, folders).await,
            Self::Restore(work) => restore::take(*work, folders, turn).await,
        }
    }

    /// Returns how long the task may take to end by itself after it was asked to.
    fn leave_within(&self) -> Duration {
        match self {
            Self::Prompt(agent) => agent.leave_within(),
            Self::Command(_) | Self::Tool(_) | Self::Restore(_) => Duration::ZERO,
        }
    }

    /// Returns after how long the task is ended from outside; never when it is zero. A command looks at its time itself, to
    /// tell what it printed until then.
    fn limit(&self, turn: &Turn) -> Duration {
        match self {
            Self::Prompt(_) | Self::Restore(_) => turn.spec.timeout_ms.duration(),
            Self::Command(_) | Self::Tool(_) => Duration::ZERO,
        }
    }

    /// Tells whether the files are kept after it: those that an agent left.
    fn leaves_files(&self) -> bool {
        matches!(self, Self::Prompt(_))
    }
}
