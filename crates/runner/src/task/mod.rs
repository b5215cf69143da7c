//! What a runner does for one work: has an agent answer a prompt, runs a command, or calls one of its own tools.

mod run;

mod command;
mod tool;

use std::sync::Arc;
use std::time::Duration;

use tenure_model::link::{ShellWork, ToolWork};

use crate::agent::{Agent, Turn, TurnEnd};

pub use run::run_turn;

/// One of the three.
pub enum Task {
    Prompt(Arc<Agent>),
    Command(ShellWork),
    Tool(ToolWork),
}

impl Task {
    async fn take(&self, turn: &Turn) -> TurnEnd {
        match self {
            Self::Prompt(agent) => agent.take(turn).await,
            Self::Command(work) => command::take(work, turn.spec.timeout_ms, turn).await,
            Self::Tool(work) => tool::take(work, turn).await,
        }
    }

    /// Returns how long the task may take to end by itself after it was asked to.
    fn leave_within(&self) -> Duration {
        match self {
            Self::Prompt(agent) => agent.leave_within(),
            Self::Command(_) | Self::Tool(_) => Duration::ZERO,
        }
    }

    /// Returns after how long the task is ended from outside; never when it is zero. A command looks at its time itself, to
    /// tell what it printed until then.
    fn limit(&self, turn: &Turn) -> Duration {
        match self {
            Self::Prompt(_) => turn.spec.timeout_ms.duration(),
            Self::Command(_) | Self::Tool(_) => Duration::ZERO,
        }
    }
}
