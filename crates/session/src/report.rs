//! What the session makes of the news about its turns: accepted, declined, started, alive, lost.

use tenure_model::budget::Left;
use tenure_model::entity::{Ctx, Decision};
use tenure_model::id::{BootId, RunnerId, TurnId, WorkId};
use tenure_model::time::Timestamp;

use crate::command::{Decline, Report};
use crate::draft::Draft;
use crate::effect::Effect;
use crate::event::Event;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::sandbox::SandboxNews;
use crate::state::Session;
use crate::turn::{Hold, Phase, Turn};
use crate::{frames, life, sandbox};

/// Takes a report up. Apart from an acceptance and frames, news of a turn that is over change nothing.
pub(crate) fn decide(session: &Session, report: Report, ctx: &Ctx) -> Result<Decision<Session>, Refusal> {
    let mut draft = Draft::new(session, ctx);
    let to = &mut draft;
    match report {
        Report::Frames { work, generation, runner, first, frames } => {
            return frames::take(session, ctx, frames::Batch { work, generation, runner, first, frames });
        }
        Report::Accepted { work, generation, runner, boot, agent, left } => {
            accept(to, (work, generation), (runner, boot), agent, left)?;
        }
        Report::StartConfirmed { work, generation, runner } => confirm_start(to, work, generation, runner)?,
        Report::Declined { work, generation, reason } => {
            let offered = known(session, work, generation)?.is_some_and(|turn| turn.phase == Phase::Offering);
            match reason {
                _ if !offered => {}
                // What it waits for is said by the sandbox, whatever that is doing.
                Decline::Sandbox if session.sandbox.is_some() => sandbox::missed(to),
                reason => {
                    let budget = matches!(reason, Decline::Budget { .. });
                    hold_up(to, work.into(), reason.to_string(), budget);
                }
            }
        }
        Report::EffectFailed { effect, why, .. } => give_up(to, &effect, why)?,
        Report::Sandbox { generation, news } => sandbox::report(to, generation, news)?,
        Report::Alive { work, generation, runner, seen } => renew(to, work, generation, runner, seen)?,
        Report::Forgotten { work, generation, runner, .. } => {
            lose(to, work, generation, runner, "the runner no longer has this turn")?;
        }
        Report::Lost { work, generation, runner } => lose(to, work, generation, runner, "the runner was lost")?,
    }
    Ok(draft.decided(Reply::Done))
}

/// The courier has tried an effect often enough.
fn give_up(draft: &mut Draft, effect: &Effect, why: String) -> Result<(), Refusal> {
    let session = draft.session();
    if !session.wants_effect(effect) {
        return Ok(());
    }
    match effect {
        Effect::StartSandbox { generation, .. } => {
            sandbox::report(draft, *generation, SandboxNews::StartFailed { why })?;
        }
        Effect::StopSandbox { generation, .. } => {
            sandbox::report(draft, *generation, SandboxNews::StopFailed { why })?;
        }
        _ => {
            let turn = effect.work().map(TurnId::from).filter(|turn| session.turns.contains_key(turn));
            turn.into_iter().for_each(|turn| hold_up(draft, turn, why.clone(), false));
        }
    }
    Ok(())
}

fn accept(
    draft: &mut Draft,
    (work, generation): (WorkId, u32),
    (runner, boot): (RunnerId, BootId),
    agent: String,
    left: Option<Left>,
) -> Result<(), Refusal> {
    let session = draft.session();
    if let Some(hold) = session.open_work(work, generation)?.phase.hold() {
        return if hold.runner == runner && hold.boot == boot { Ok(()) } else { Err(Refusal::Taken) };
    }
    // One that is being stopped would take the work down with it.
    if session.sandbox.as_ref().is_some_and(|sandbox| !sandbox.is_up()) {
        return Err(Refusal::SandboxUnwanted);
    }
    let (now, limits) = (draft.ctx.now, &session.limits);
    let lease_until = now + limits.lease_ms;
    let turn = TurnId::from(work);
    let timeout_ms = session.open_work(work, generation)?.timeout_ms(limits.turn_timeout_ms);
    let timeout_at = now + timeout_ms + limits.lease_margin_ms;
    draft.emit(Event::TurnAccepted { turn, generation, runner, boot, agent, lease_until, timeout_at, left });
    life::start(draft, turn);
    Ok(())
}

fn confirm_start(draft: &mut Draft, work: WorkId, generation: u32, runner: RunnerId) -> Result<(), Refusal> {
    let Some(turn) = known(draft.session(), work, generation)? else {
        return Ok(());
    };
    held_by(turn, runner)?;
    if matches!(turn.phase, Phase::Accepted { .. }) {
        life::began(draft, work.into());
    }
    Ok(())
}

fn renew(draft: &mut Draft, work: WorkId, generation: u32, runner: RunnerId, seen: Timestamp) -> Result<(), Refusal> {
    let session = draft.session();
    let Some(turn) = known(session, work, generation)? else {
        return Ok(());
    };
    let hold = held_by(turn, runner)?;
    let lease_until = seen + session.limits.lease_ms;
    // While a turn is being cancelled the end of its lease is only guessed: knowledge may also bring it forward.
    let better = lease_until > hold.lease_until || (turn.is_cancelling() && lease_until != hold.lease_until);
    let over_already = lease_until <= draft.ctx.now;
    if !over_already && (better || hold.check_until.is_some()) {
        draft.emit(Event::LeaseRenewed { turn: work.into(), lease_until });
    }
    Ok(())
}

fn lose(draft: &mut Draft, work: WorkId, generation: u32, runner: RunnerId, why: &str) -> Result<(), Refusal> {
    let Some(turn) = known(draft.session(), work, generation)? else {
        return Ok(());
    };
    held_by(turn, runner)?;
    life::close(draft, work.into(), life::Ending::interrupted(why));
    Ok(())
}

fn hold_up(draft: &mut Draft, id: TurnId, why: String, budget: bool) {
    let Some(turn) = draft.session().turns.get(&id) else { return };
    let said = turn.held_up.as_ref();
    if said.is_some_and(|said| said.why == why) {
        return;
    }
    // A run counts the time that it waits for a runner, and none that it waits for people.
    let tells = budget || said.is_some_and(|said| said.budget);
    let told = turn.step().filter(|_| tells).map(|step| {
        let (step, why) = (step.clone(), budget.then(|| why.clone()));
        Effect::StepHeld { step, turn: id, why }
    });
    draft.emit(Event::TurnHeldUp { turn: id, why, budget });
    told.into_iter().for_each(|effect| draft.ask(effect));
}

fn known(session: &Session, work: WorkId, generation: u32) -> Result<Option<&Turn>, Refusal> {
    match session.open_work(work, generation) {
        Err(Refusal::TurnClosed | Refusal::UnknownWork) => Ok(None),
        other => other.map(Some),
    }
}

/// Returns the runner's hold of the turn; nobody else may speak of it.
pub(crate) fn held_by(turn: &Turn, runner: RunnerId) -> Result<&Hold, Refusal> {
    let hold = turn.phase.hold().ok_or(Refusal::NotAccepted)?;
    if hold.runner == runner { Ok(hold) } else { Err(Refusal::Taken) }
}

impl Session {
    /// Returns the open turn that is this work.
    pub(crate) fn open_work(&self, work: WorkId, generation: u32) -> Result<&Turn, Refusal> {
        let id = TurnId::from(work);
        let Some(turn) = self.turns.get(&id) else {
            let by_itself = self.steps_over.get(id).is_some() || self.restored.is_some_and(|over| over.turn == id);
            let closed = by_itself
                || self.threads.values().filter_map(|thread| thread.last.as_ref()).any(|last| last.turn == id);
            return Err(if closed { Refusal::TurnClosed } else { Refusal::UnknownWork });
        };
        if turn.generation != generation {
            return Err(Refusal::StaleGeneration { given: generation, current: turn.generation });
        }
        Ok(turn)
    }
}
