//! What a workflow run tells its session. Each can be told any number of times: a repeat decides to nothing.

use tenure_model::budget::Draw;
use tenure_model::id::{ExecutionId, ThreadId, TurnId, UserId};
use tenure_model::step::{RepoContext, RunEnd, StepRef, StepWork};
use tenure_model::time::Span;

use crate::command::Author;
use crate::effect::CancelCause;
use crate::limits::Limits;
use crate::sandbox::RunnerChoice;

/// One thing that a run wants.
#[derive(Clone, Debug, PartialEq)]
pub enum StepCommand {
    /// Creates the run's own session, of purpose `workflow`, and attaches the run to it.
    Open {
        owner: UserId,
        owner_name: String,
        run: NewRun,
        /// The session's first thread: the one that the run's prompts share.
        thread: ThreadId,
        agent: Option<String>,
        model: Option<String>,
        limits: Box<Limits>,
        /// Which runners take its works.
        runner: Box<RunnerChoice>,
    },
    /// Attaches the run to a session that is there. Refused unless the run's owner owns the session.
    Attach { owner: UserId, run: NewRun },
    /// Does the work of a step.
    Do(StepTask),
    /// Ends a work, whether it waits, is offered or runs. Answered with `Aborted`, without a turn when it was never asked for.
    Undo { turn: TurnId, cause: CancelCause },
    /// Another repair round takes the place of this turn, which is over: people see it as canceled.
    Supersede { turn: TurnId },
    /// The run is over: what is left of it is ended, and so is the session when it was the run's own.
    Close { execution: ExecutionId, end: RunEnd },
}

/// A run that is to be attached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRun {
    pub execution: ExecutionId,
    /// The workflow's name.
    pub workflow: String,
    /// The run's title; the title of its own session as well.
    pub title: String,
    /// Handed to the runner with every work of the run.
    pub repo: Option<RepoContext>,
    /// The budgets that its works draw on, beside those of the session and the owner.
    pub draws: Vec<Draw>,
}

/// The work of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct StepTask {
    /// The turn that it becomes, derived by the run from `step`: asking twice is asking once.
    pub turn: TurnId,
    pub thread: StepThread,
    pub step: StepRef,
    pub work: StepWork,
    /// How long it may run; the session's `turn_timeout_ms` when absent.
    pub timeout_ms: Option<Span>,
    /// In whose name.
    pub by: Author,
}

/// Where a step speaks. The thread is opened when it is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepThread {
    pub id: ThreadId,
    pub title: Option<String>,
    /// For this one step: people cannot prompt in it, and it is closed when it is no longer needed.
    pub single_use: bool,
}
