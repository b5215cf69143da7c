//! The runs of workflows among the other actors: what they ask for is brought to the gate, to sessions, to tools and to
//! other runs, and what those answer is brought back.
//!
//! ```text
//!   Execution ── AskSlot, FreeSlot ─────────▶ Gate      ── Granted, Queued ─────▶ Execution
//!             ── OpenSession, Do, Undo, … ──▶ Session   ── StepBegan, TellStep ─▶ Execution
//!             ── Call ──────────────────────▶ Tools     ── Asks, Returned ──────▶ Execution
//!             ── TakeBack ──────────────────▶ Policy    ── Leave ───────────────▶ Execution
//!             ── Notify, NotifyFailure ─────▶ the owner's orchestrator session
//!             ── StartChild, CancelChild, TellParent ───▶ another Execution
//!             ── TellTrigger ───────────────▶ Scheduler
//! ```
//! **Does not own** anything: runs, slots and sessions are entities, and what is under way stands in their outboxes.

mod calls;
mod children;
mod effects;
mod gate;
mod notices;
mod sessions;
mod slots;
mod tools;

use std::sync::Arc;

use tenure_account::Policy;
use tenure_model::id::ExecutionId;
use tenure_session::Session;
use tenure_workflow::execution::{Command, Effect};
use tenure_workflow::{Execution, Gate, Scheduler};
use uuid::Uuid;

use crate::courier::Attempt;
use crate::directory::{AskError, Directory};
use crate::owned::Owned;
use crate::sandbox::Sandboxes;

pub(crate) use self::gate::GateNews;
pub(crate) use self::slots::reconcile;
pub use self::tools::{Builtin, Calling, Leave, Leaving, ToolCall, Tools};

/// The id of the server's one gate.
pub fn gate_id() -> Uuid {
    tenure_model::id::derived(&["gate"])
}

/// Carries out what runs ask for.
pub(crate) struct Runs {
    pub sessions: Directory<Session>,
    pub executions: Directory<Execution>,
    pub gate: Directory<Gate>,
    pub schedulers: Directory<Scheduler>,
    pub policies: Directory<Policy>,
    pub owned: Arc<Owned>,
    pub tools: Arc<dyn Tools>,
    pub sandboxes: Arc<Sandboxes>,
}

impl Runs {
    /// Tells a run something. What it refuses is of no use to it any more.
    async fn tell(&self, id: ExecutionId, command: Command) -> Attempt {
        tell(&self.executions, id, command).await
    }

    /// Tells a run that what it asked for was refused.
    async fn refused(&self, id: ExecutionId, effect: &Effect, why: String) -> Attempt {
        self.tell(id, Command::EffectFailed { effect: effect.clone(), why }).await
    }
}

/// Tells a run something. A run that refuses the news is not the one that they are for, and nobody can mend that.
pub(crate) async fn tell(executions: &Directory<Execution>, id: ExecutionId, command: Command) -> Attempt {
    match executions.ask(id, command).await {
        Ok(_) => Attempt::Settled,
        Err(AskError::Refused(refusal)) => {
            tracing::warn!(execution.id = %id, "a run does not take its news: {refusal}");
            Attempt::Settled
        }
        Err(other) => Attempt::Again(other.to_string()),
    }
}
