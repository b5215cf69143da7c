//! What others tell a run: the gate, its session, tools, its children, its parent, the courier. News of a step that does not
//! wait for them any more change nothing.

use serde_json::Value;
use tenure_model::chat::FinishReason;
use tenure_model::entity::{Ctx, Decision};
use tenure_model::id::{ExecutionId, FiringId, TurnId};
use tenure_model::step::{RunEnd, StepOutcome, StepRef};

use super::begin::At;
use super::command::{GateNews, TurnNews};
use super::draft::Draft;
use super::effect::Effect;
use super::end::{self, Outcome};
use super::error::{OUTCOME_UNKNOWN, StepError, TURN_ABORTED};
use super::event::Event;
use super::finish;
use super::kinds::agent_prompt::{self, Judged};
use super::kinds::{bash, notify, tool, workflow};
use super::leave;
use super::refusal::Refusal;
use super::reply::Reply;
use super::running::{Doing, StepRun};
use super::state::{self, Execution, Slot};
use crate::path::StepPath;
use crate::step::StepKind;

pub(crate) type Answer = Result<Decision<Execution>, Refusal>;

/// How a child run has ended.
pub(crate) struct ChildEnd {
    pub end: RunEnd,
    pub outputs: Value,
    pub error: Option<StepError>,
}

pub(crate) fn gate(run: &Execution, news: GateNews, ctx: &Ctx) -> Decision<Execution> {
    let Slot::Asked { queue, .. } = &run.slot else { return Decision::nothing(Reply::Ignored) };
    let mut draft = Draft::new(run, ctx);
    match news {
        GateNews::Granted => draft.emit(Event::SlotGranted),
        GateNews::Queued { ahead, why } => {
            let known = queue.as_ref().is_some_and(|queue| queue.ahead == ahead && queue.why == why);
            if !known {
                draft.emit(Event::SlotQueued { ahead, why });
            }
        }
    }
    draft.decided(Reply::Done)
}

pub(crate) fn turn(run: &Execution, step: &StepRef, turn: TurnId, news: TurnNews, ctx: &Ctx) -> Answer {
    let Some((path, doing)) = run.waiting(step, ctx)? else { return Ok(Decision::nothing(Reply::Ignored)) };
    let Doing::Turn { turn: open, round, began, .. } = doing.doing else {
        return Ok(Decision::nothing(Reply::Ignored));
    };
    if open != turn || round != step.round {
        return Ok(Decision::nothing(Reply::Ignored));
    }
    let mut draft = Draft::new(run, ctx);
    match news {
        TurnNews::Began { agent } if !began && doing.closing.is_none() => {
            let about = run.about();
            let timeout = state::find(&about.start.definition, &path).and_then(|step| step.timeout());
            let timeout = timeout.unwrap_or(crate::limits::TIMEOUT_MAX);
            let due = ctx.now + timeout + run.limits().answer_grace_ms;
            draft.emit(Event::StepTaken { path, attempt: step.attempt, agent, due });
        }
        TurnNews::Held { why } if !began && doing.held != why => {
            let due = ctx.now + run.limits().runner_wait_ms;
            draft.emit(Event::StepHeld { path, attempt: step.attempt, why, due });
        }
        TurnNews::Began { .. } | TurnNews::Held { .. } => {}
        TurnNews::Ended(outcome) => turn_ended(&mut draft, &path, *outcome),
    }
    Ok(draft.decided(Reply::Done))
}

fn turn_ended(draft: &mut Draft, path: &StepPath, outcome: StepOutcome) {
    let start = draft.start();
    let Some(step) = state::find(&start.definition, path) else { return };
    let word = step.kind.word();
    let said = outcome.error.clone().unwrap_or_else(|| "it does not say why".to_owned());
    let ends = match outcome.finish {
        FinishReason::Canceled => Outcome::failed(StepError::new(TURN_ABORTED, "a person ended the turn")),
        FinishReason::Interrupted if outcome.started => Outcome::Unknown(StepError::new("runner_lost", said)),
        FinishReason::Interrupted => Outcome::Lost(StepError::new("runner_lost", said)),
        FinishReason::Error => Outcome::failed(StepError::said(&said, &format!("{word}_failed"))),
        FinishReason::EndTurn => match &step.kind {
            StepKind::Bash(_) => bash::ended(outcome),
            StepKind::Tool(tool) => tool::ended(tool, outcome),
            StepKind::AgentPrompt(_) => return reply(draft, path, outcome),
            _ => Outcome::failed(StepError::new("unexpected_turn", format!("a {word} step has no turn"))),
        },
    };
    end::end(draft, path, ends);
}

/// Takes an agent's reply, or has it repaired.
fn reply(draft: &mut Draft, path: &StepPath, outcome: StepOutcome) {
    let start = draft.start();
    let Some(step) = state::find(&start.definition, path) else { return };
    let StepKind::AgentPrompt(prompt) = &step.kind else { return };
    let Some(run) = draft.run().steps.get(path) else { return };
    let Doing::Turn { turn, round, usage, .. } = run.doing.clone() else { return };
    let (attempt, closing) = (run.attempt, run.closing.is_some());
    let at = At { run: draft.run(), id: draft.id(), now: draft.ctx.now, path, step, attempt };
    let used = outcome.usage.clone();
    let (error, text) = match agent_prompt::ended(&at, prompt, round, usage, outcome) {
        Judged::Ends(ends) => return end::end(draft, path, ends),
        Judged::Repair { .. } if closing => return end::end(draft, path, Outcome::Cancelled),
        Judged::Repair { error, text } => (error, text),
    };
    let asked = agent_prompt::repair(&at, prompt, round + 1, text);
    let (next, effect) = match asked {
        Ok(asked) => asked,
        Err(error) => return end::end(draft, path, Outcome::failed(error)),
    };
    let due = draft.ctx.now + draft.run().limits().runner_wait_ms;
    let (path, round) = (path.clone(), round + 1);
    draft.emit(Event::StepRepaired { path, attempt, round, turn: next, error, usage: used, due });
    if let Effect::Do { session, .. } = &effect {
        draft.ask(Effect::Supersede { session: *session, turn });
    }
    draft.ask(effect);
}

/// Notes that a call is about to be sent. Whoever asks again does not know whether it was.
pub(crate) fn calls(run: &Execution, step: &StepRef, ctx: &Ctx) -> Answer {
    let Some((path, StepRun { doing: Doing::Call { due, began }, closing: None, .. })) = run.waiting(step, ctx)? else {
        return Ok(Decision::nothing(Reply::Ignored));
    };
    let mut draft = Draft::new(run, ctx);
    if !*began {
        draft.emit(Event::StepTaken { path, attempt: step.attempt, agent: None, due: *due });
    }
    Ok(draft.decided(Reply::Calls { before: *began }))
}

pub(crate) fn returned(run: &Execution, step: &StepRef, result: Result<Value, StepError>, ctx: &Ctx) -> Answer {
    let Some((path, StepRun { doing, .. })) = run.waiting(step, ctx)? else {
        return Ok(Decision::nothing(Reply::Ignored));
    };
    let mut draft = Draft::new(run, ctx);
    match (doing, &result) {
        (Doing::Call { .. }, _) => {}
        // It may not even be asked about.
        (Doing::Leave { question, .. }, Err(_)) => leave::take_back(&mut draft, &path, *question),
        _ => return Ok(Decision::nothing(Reply::Ignored)),
    }
    let outcome = match (run.step(&path).map(|step| &step.kind), result) {
        (Some(StepKind::Notify(step)), result) => notify::returned(step, result),
        (_, Ok(output)) => Outcome::gave(end::Gave::output(output)),
        (_, Err(error)) if error.code == OUTCOME_UNKNOWN => Outcome::Unknown(error),
        (_, Err(error)) => Outcome::failed(error),
    };
    end::end(&mut draft, &path, outcome);
    Ok(draft.decided(Reply::Done))
}

pub(crate) fn child_ended(run: &Execution, step: &StepRef, child: ExecutionId, how: ChildEnd, ctx: &Ctx) -> Answer {
    let Some((path, doing)) = run.waiting(step, ctx)? else { return Ok(Decision::nothing(Reply::Ignored)) };
    if !matches!(doing.doing, Doing::Child { child: open, .. } if open == child) {
        return Ok(Decision::nothing(Reply::Ignored));
    }
    let mut draft = Draft::new(run, ctx);
    end::end(&mut draft, &path, workflow::ended(how.end, how.outputs, how.error));
    Ok(draft.decided(Reply::Done))
}

pub(crate) fn parent_ends(run: &Execution, parent: &StepRef, ctx: &Ctx) -> Decision<Execution> {
    let known = run.about().start.parent.as_ref().is_some_and(|known| known.step == *parent);
    if !known {
        return Decision::nothing(Reply::Ignored);
    }
    let mut draft = Draft::new(run, ctx);
    finish::end_run(&mut draft, RunEnd::Cancelled, None, Some("cancelled_by_parent".to_owned()), None);
    draft.decided(Reply::Done)
}

/// Ends the run for a later one of its trigger. Nobody needs to be told that it did not complete: the trigger's policy wants that.
pub(crate) fn trigger_ends(run: &Execution, firing: FiringId, ctx: &Ctx) -> Decision<Execution> {
    let known = run.about().start.trigger.fired.is_some_and(|fired| fired.firing == firing);
    if !known {
        return Decision::nothing(Reply::Ignored);
    }
    let mut draft = Draft::new(run, ctx);
    finish::end_run(&mut draft, RunEnd::Cancelled, None, Some(finish::REPLACED.to_owned()), None);
    draft.decided(Reply::Done)
}

/// Acts on what the courier could not deliver: it was refused, so nothing of it was done.
pub(crate) fn effect_failed(run: &Execution, effect: Effect, why: &str, ctx: &Ctx) -> Answer {
    let failed = |code: &str| Err(StepError::new(code, why));
    match effect {
        Effect::OpenSession { .. } => {
            let mut draft = Draft::new(run, ctx);
            let error = StepError::new("session_unavailable", why);
            finish::end_run(&mut draft, RunEnd::Failed, Some(error), None, None);
            Ok(draft.decided(Reply::Done))
        }
        Effect::Do { step, turn, .. } => undelivered(run, &step, Some(turn), "session_unavailable", why, ctx),
        Effect::StartChild { step, .. } => undelivered(run, &step, None, "child_not_started", why, ctx),
        Effect::CancelChild { step, .. } => undelivered(run, &step, None, "child_unreachable", why, ctx),
        Effect::Call { step, .. } => returned(run, &step, failed("tool_unavailable"), ctx),
        Effect::Notify { step, .. } => returned(run, &step, failed("notify_send_failed"), ctx),
        // A turn that cannot be undone is over when its deadline has passed; the others change nothing of the run.
        Effect::Undo { .. }
        | Effect::Supersede { .. }
        | Effect::AskSlot { .. }
        | Effect::FreeSlot
        | Effect::TakeBack { .. }
        | Effect::CloseSession { .. }
        | Effect::TellParent { .. }
        | Effect::TellTrigger { .. }
        | Effect::NotifyFailure { .. } => Ok(Decision::nothing(Reply::Ignored)),
    }
}

fn undelivered(run: &Execution, step: &StepRef, turn: Option<TurnId>, code: &str, why: &str, ctx: &Ctx) -> Answer {
    let Some((path, doing)) = run.waiting(step, ctx)? else { return Ok(Decision::nothing(Reply::Ignored)) };
    let still = match (&doing.doing, turn) {
        (Doing::Turn { turn: open, .. }, Some(turn)) => *open == turn,
        (Doing::Child { .. }, None) => true,
        _ => false,
    };
    if !still {
        return Ok(Decision::nothing(Reply::Ignored));
    }
    let mut draft = Draft::new(run, ctx);
    end::end(&mut draft, &path, Outcome::failed(StepError::new(code, why)));
    Ok(draft.decided(Reply::Done))
}

impl Execution {
    /// Returns the step that this names, while this very attempt of it is under way.
    pub(crate) fn waiting(&self, step: &StepRef, ctx: &Ctx) -> Result<Option<(StepPath, &StepRun)>, Refusal> {
        if step.execution != ExecutionId(ctx.id) {
            return Err(Refusal::OtherExecution { told: step.execution.to_string() });
        }
        let found = step.path.parse::<StepPath>().ok().and_then(|path| {
            let run = self.steps.get(&path).filter(|run| run.attempt == step.attempt)?;
            Some((path, run))
        });
        Ok(found)
    }

    /// Tells whether this attempt of a step is under way and not about to be ended.
    pub(crate) fn awaits(&self, step: &StepRef) -> bool {
        let path = step.path.parse::<StepPath>().ok();
        let run = path.and_then(|path| self.steps.get(&path));
        run.is_some_and(|run| run.attempt == step.attempt && run.closing.is_none())
    }
}
