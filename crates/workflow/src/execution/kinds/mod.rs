//! How each kind of step runs: what it asks for when it starts, and what it makes of the answer. One file per kind.

pub(crate) mod agent_prompt;
pub(crate) mod structured;
pub(crate) mod bash;
pub(crate) mod tool;
pub(crate) mod notify;
pub(crate) mod approval;
mod conditional;
mod r#loop;
mod parallel;
pub(crate) mod wait;
mod set;
pub(crate) mod workflow;
mod stop;

use serde_json::Value;
use tenure_model::id::{ThreadId, TurnId};
use tenure_model::step::StepWork;

use super::begin::{At, Prepared};
use super::effect::{Effect, StepThread};
use super::end::Outcome;
use super::error::StepError;
use super::event::{Begun, Plan};
use crate::people::Author;
use crate::step::{Step, StepKind};

/// Evaluates the step's templates and says what it asks for.
pub(crate) fn prepare(at: &At) -> Result<Prepared, StepError> {
    match &at.step.kind {
        StepKind::AgentPrompt(step) => agent_prompt::prepare(at, step),
        StepKind::Bash(step) => bash::prepare(at, step),
        StepKind::Tool(step) => tool::prepare(at, step),
        StepKind::Notify(step) => notify::prepare(at, step),
        StepKind::Approval(step) => approval::prepare(at, step),
        StepKind::Conditional(step) => conditional::prepare(at, step),
        StepKind::Loop(step) => r#loop::prepare(at, step),
        StepKind::Parallel(step) => Ok(parallel::prepare(at, step)),
        StepKind::Wait(step) => wait::prepare(at, step),
        StepKind::Set(step) => set::prepare(at, step),
        StepKind::Workflow(step) => workflow::prepare(at, step),
        StepKind::Stop(step) => stop::prepare(at, step),
    }
}

/// Tells whether the step is of a kind that people meet in the run's session, or that a runner does.
pub(crate) fn needs_session(step: &Step) -> bool {
    match &step.kind {
        StepKind::AgentPrompt(_) | StepKind::Bash(_) | StepKind::Approval(_) => true,
        StepKind::Tool(step) => tool::is_for_runner(step),
        StepKind::Notify(_)
        | StepKind::Conditional(_)
        | StepKind::Loop(_)
        | StepKind::Parallel(_)
        | StepKind::Wait(_)
        | StepKind::Set(_)
        | StepKind::Workflow(_)
        | StepKind::Stop(_) => false,
    }
}

impl Prepared {
    /// A step that needs nobody.
    fn here(input: Value, outcome: Outcome) -> Self {
        Self { input, begun: Begun::Here, effects: vec![], ends: Some(outcome) }
    }

    /// A step that holds bodies.
    fn bodies(at: &At, input: Value, plan: Plan) -> Self {
        let due = at.step.timeout().map(|span| at.now + span);
        Self { input, begun: Begun::Bodies { plan, due }, effects: vec![], ends: None }
    }

    /// A step that the session does at a runner.
    fn turn(at: &At, input: Value, thread: StepThread, work: StepWork) -> Result<Self, StepError> {
        let turn: TurnId = at.derived("turn");
        let due = at.now + at.run.limits().runner_wait_ms;
        let effect = work_for(at, turn, thread, work)?;
        Ok(Self { input, begun: Begun::Turn { turn, due }, effects: vec![effect], ends: None })
    }
}

/// Asks the run's session for the work of a step.
fn work_for(at: &At, turn: TurnId, thread: StepThread, work: StepWork) -> Result<Effect, StepError> {
    let about = at.run.about();
    let lost = || StepError::new("session_unavailable", "the run has no session");
    let session = about.session.ok_or_else(lost)?;
    let timeout_ms = at.step.timeout().unwrap_or(crate::limits::TIMEOUT_MAX);
    let by = Author { user: about.start.by.user, name: about.start.by.name.clone() };
    Ok(Effect::Do { session, turn, thread, step: at.step_ref(), work, timeout_ms, by })
}

/// Returns the thread that belongs to one attempt only.
fn own_thread(at: &At) -> StepThread {
    let title = at.step.name.clone().unwrap_or_else(|| at.path.to_string());
    StepThread { id: at.derived::<ThreadId>("thread"), title, single_use: true }
}
