//! How a run comes to a session and leaves it, and which module answers the rest.

use tenure_model::chat::PromptMode;
use tenure_model::entity::{Ctx, Decision};
use tenure_model::id::{ExecutionId, PromptId, ThreadId, TurnId, UserId};
use tenure_model::step::{RepoContext, RunEnd};
use tenure_model::view::Purpose;

use super::command::{NewRun, StepCommand};
use super::{outcome, work};
use crate::client::{check_title, terminate};
use crate::command::Author;
use crate::draft::Draft;
use crate::effect::CancelCause;
use crate::event::Event;
use crate::limits::Limits;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::sandbox::RunnerChoice;
use crate::state::Session;
use crate::{life, prompt, queue};

/// Judges what a run wants.
pub(crate) fn decide(session: &Session, command: StepCommand, ctx: &Ctx) -> Result<Decision<Session>, Refusal> {
    let mut draft = Draft::new(session, ctx);
    let to = &mut draft;
    match command {
        StepCommand::Open { owner, owner_name, run, thread, agent, model, limits, runner } => {
            open(to, Opening { owner, owner_name, thread, agent, model, limits: *limits, runner }, run)?;
        }
        StepCommand::Attach { owner, run } => {
            let about = session.about.as_ref().ok_or(Refusal::Unknown)?;
            attach(to, about.owner == owner, run)?;
        }
        StepCommand::Do(task) => work::start(to, task)?,
        StepCommand::Undo { turn, cause } => {
            let reply = Reply::Aborted { turn: undo(to, turn, cause) };
            return Ok(draft.decided(reply));
        }
        StepCommand::Supersede { turn } => supersede(to, turn),
        StepCommand::Close { execution, end } => close(to, execution, end),
    }
    Ok(draft.decided(Reply::Done))
}

/// What a run's own session is made of.
struct Opening {
    owner: UserId,
    owner_name: String,
    thread: ThreadId,
    agent: Option<String>,
    model: Option<String>,
    limits: Limits,
    runner: Box<RunnerChoice>,
}

fn open(draft: &mut Draft, opening: Opening, run: NewRun) -> Result<(), Refusal> {
    let Opening { owner, owner_name, thread, agent, model, limits, runner } = opening;
    if let Some(about) = &draft.session().about {
        let same = about.owner == owner && about.purpose == Purpose::Workflow;
        return if same { attach(draft, true, run) } else { Err(Refusal::Exists) };
    }
    check_title(&limits, &run.title)?;
    run.repo.iter().try_for_each(RepoContext::check)?;
    agent.iter().chain(&model).try_for_each(|name| prompt::check_name(&limits, name))?;
    let (title, purpose, mode) = (Some(run.title.clone()), Purpose::Workflow, PromptMode::Followup);
    runner.placement.check()?;
    let repo = run.repo.clone();
    draft.emit(Event::Created { owner, owner_name, title, agent, model, purpose, mode, limits, thread, repo, runner });
    attach(draft, true, run)
}

fn attach(draft: &mut Draft, is_owners: bool, run: NewRun) -> Result<(), Refusal> {
    let session = draft.session();
    if !is_owners {
        return Err(Refusal::RunOfAnother);
    }
    if session.runs.contains_key(&run.execution) {
        return Ok(());
    }
    if session.terminated_at.is_some() {
        return Err(Refusal::Terminated);
    }
    check_title(&session.limits, &run.title)?;
    run.repo.iter().try_for_each(RepoContext::check)?;
    prompt::check_name(&session.limits, &run.workflow)?;
    let live = session.runs.values().filter(|run| run.ended.is_none()).count() as u64;
    let max = session.limits.runs_max;
    if live >= max {
        return Err(Refusal::Full { what: "the session's list of runs", limit: "runs_max", max });
    }
    let NewRun { execution, workflow, title, repo, draws } = run;
    draft.emit(Event::RunAttached { execution, workflow, title, repo, draws });
    Ok(())
}

/// Ends a turn, and returns it unless it was never heard of.
fn undo(draft: &mut Draft, turn: TurnId, cause: CancelCause) -> Option<TurnId> {
    if !draft.session().knows(turn) {
        return None;
    }
    let waits = draft.session().queue.iter().find(|queued| queued.step.as_ref().is_some_and(|step| step.turn == turn));
    match waits.map(|queued| queued.id) {
        Some(prompt) => drop_queued(draft, prompt, cause),
        None => life::cancel(draft, turn, cause, None),
    }
    Some(turn)
}

/// Takes a step's prompt out of the queue for good, and tells its run.
pub(crate) fn drop_queued(draft: &mut Draft, prompt: PromptId, cause: CancelCause) {
    let Some(queued) = draft.session().queue.iter().find(|queued| queued.id == prompt) else { return };
    let Some(waiting) = &queued.step else { return };
    let (turn, step, thread) = (waiting.turn, waiting.asked.step.clone(), queued.thread);
    let told = outcome::never_opened(draft.ctx.now, queued, cause);
    draft.emit(Event::StepDropped { prompt, turn, thread, step, cause });
    draft.ask(told);
    queue::dispatch(draft, thread);
}

fn supersede(draft: &mut Draft, turn: TurnId) {
    let known = draft.session().steps_over.get(turn);
    let Some(over) = known.filter(|over| !over.superseded) else { return };
    let (thread, step) = (over.thread, over.step.clone());
    draft.emit(Event::TurnSuperseded { turn, thread, step });
}

fn close(draft: &mut Draft, execution: ExecutionId, end: RunEnd) {
    let session = draft.session();
    if session.live_run(execution).is_none() {
        return;
    }
    let of_run = |step: &tenure_model::step::StepRef| step.execution == execution;
    let waiting: Vec<_> = session
        .queue
        .iter()
        .filter(|queued| queued.step.as_ref().is_some_and(|step| of_run(&step.asked.step)))
        .map(|queued| queued.id)
        .collect();
    let open: Vec<_> =
        session.turns.iter().filter(|(_, turn)| turn.step().is_some_and(of_run)).map(|(id, _)| *id).collect();
    waiting.into_iter().for_each(|prompt| drop_queued(draft, prompt, CancelCause::Undone));
    open.into_iter().for_each(|turn| life::cancel(draft, turn, CancelCause::Undone, None));
    draft.emit(Event::RunEnded { execution, end });
    work::close_idle_threads(draft, execution);
    let session = draft.session();
    let Some(about) = &session.about else { return };
    let alone = session.runs.values().all(|run| run.ended.is_some());
    if about.purpose == Purpose::Workflow && alone {
        let by = Author { user: about.owner, name: about.owner_name.clone() };
        terminate(draft, by);
    }
}
