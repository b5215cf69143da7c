//! What a decision leaves behind is settled at its end: a sandbox that is needed is started, one that is not is stopped.

use tenure_model::chat::FinishReason;
use tenure_model::id::TurnId;
use tenure_model::time::Span;
use tenure_model::view::Purpose;

use super::event::SandboxEvent;
use super::state::{Phase, Sandbox, StartCause, StopCause};
use super::table::{Change, Place};
use super::view::waiting;
use crate::draft::Draft;
use crate::effect::Effect;
use crate::event::Event;
use crate::life;
use crate::state::Session;

/// The first pause before a sandbox that has failed is started again; doubled each time.
const RETRY_PAUSE: Span = Span::secs(1);
/// The pauses of a session that never gives up.
const BACKOFF: [Span; 3] = [Span::mins(1), Span::mins(5), Span::mins(15)];

/// Brings the sandbox to where the session needs it. Deciding nothing more, it changes nothing more.
pub(crate) fn settle(draft: &mut Draft) {
    if draft.session().sandbox.is_none() {
        return;
    }
    match draft.session().terminated_at {
        Some(_) => end(draft),
        None => start_when_needed(draft),
    }
    say_what_is_waited_for(draft);
}

/// The session is over: once nothing runs any more, its sandbox goes, and with it the workspace.
fn end(draft: &mut Draft) {
    let session = draft.session();
    let stops = |sandbox: &Sandbox| sandbox.place().after(Change::Stop).is_some();
    if session.turns.is_empty() && session.sandbox.as_ref().is_some_and(stops) {
        stop(draft, StopCause::Ended);
    }
}

fn start_when_needed(draft: &mut Draft) {
    let (session, now) = (draft.session(), draft.ctx.now);
    let Some(sandbox) = &session.sandbox else { return };
    match sandbox.phase {
        Phase::None if session.offers_something() => start(draft, StartCause::First),
        Phase::Hibernated { .. } if session.offers_something() => start(draft, StartCause::Woken),
        Phase::Failed { retry_at: None, .. } if session.offers_something() => start(draft, StartCause::First),
        // What a lost runner still holds is ended by the next one, which knows that nothing of it runs any more.
        Phase::Failed { retry_at: Some(at), .. } if at <= now && !session.turns.is_empty() => {
            start(draft, StartCause::Recovery);
        }
        _ => {}
    }
}

/// Starts the next generation.
pub(super) fn start(draft: &mut Draft, cause: StartCause) {
    let Some(sandbox) = &draft.session().sandbox else { return };
    let (name, generation) = (sandbox.policy.name.clone(), sandbox.generation + 1);
    let deadline = draft.ctx.now + sandbox.policy.start_timeout_ms;
    draft.emit(Event::Sandbox { generation, what: SandboxEvent::Starting { cause, deadline } });
    draft.ask(Effect::StartSandbox { sandbox: name, generation });
}

/// Tells the sandbox to end.
pub(super) fn stop(draft: &mut Draft, cause: StopCause) {
    let Some(sandbox) = &draft.session().sandbox else { return };
    let generation = sandbox.generation;
    draft.emit(Event::Sandbox { generation, what: SandboxEvent::Stopping { cause } });
    ask_to_stop(draft);
}

/// Asks whoever can to stop the current generation.
pub(super) fn ask_to_stop(draft: &mut Draft) {
    let Some(sandbox) = &draft.session().sandbox else { return };
    let (name, generation, handle) = (sandbox.policy.name.clone(), sandbox.generation, sandbox.handle.clone());
    let ends = matches!(sandbox.phase, Phase::Hibernating { cause: StopCause::Ended, .. });
    draft.ask(Effect::StopSandbox { sandbox: name, generation, handle, ends });
}

/// Gives this generation up. It is tried again after a pause, or what waits for it ends.
pub(super) fn fail(draft: &mut Draft, why: String) {
    let Some(sandbox) = &draft.session().sandbox else { return };
    let (generation, attempts) = (sandbox.generation, sandbox.attempts + 1);
    let retry_at = pause(draft.session(), attempts, sandbox.policy.attempts_max).map(|pause| draft.ctx.now + pause);
    draft.emit(Event::Sandbox { generation, what: SandboxEvent::Failed { why: why.clone(), attempts, retry_at } });
    ask_to_stop(draft);
    if retry_at.is_some() {
        return;
    }
    let error = format!("recovery_exhausted: the sandbox was tried {attempts} times, and at last {why}");
    let waits: Vec<TurnId> = draft.session().offered().collect();
    for turn in waits {
        let generation = life::FIRST_GENERATION;
        life::recall(draft, turn, generation);
        let error = Some(error.clone());
        life::close(draft, turn, life::Ending { reason: FinishReason::Error, error, last_frame: None, result: None });
    }
}

/// Returns how long to wait before the next try; nothing when there is none.
fn pause(session: &Session, attempts: u32, max: u32) -> Option<Span> {
    if attempts < max {
        return Some(Span(RETRY_PAUSE.0 << (attempts - 1).min(6)));
    }
    let never_gives_up = session.about.as_ref().is_some_and(|about| about.purpose == Purpose::Orchestrator);
    let step = usize::try_from(attempts - max).unwrap_or(usize::MAX).min(BACKOFF.len() - 1);
    never_gives_up.then(|| BACKOFF[step])
}

/// Says at every waiting turn what its sandbox is doing; once that is up, the roster says why a turn waits.
fn say_what_is_waited_for(draft: &mut Draft) {
    let session = draft.session();
    let Some(sandbox) = session.sandbox.as_ref().filter(|sandbox| !sandbox.is_up()) else { return };
    let Some(why) = waiting(sandbox) else { return };
    let silent = |turn: &TurnId| session.turns[turn].held_up.as_ref().is_none_or(|said| said.why != why);
    let turns: Vec<TurnId> = session.offered().filter(silent).collect();
    for turn in turns {
        draft.emit(Event::TurnHeldUp { turn, why: why.clone(), budget: false });
    }
}

impl Session {
    /// Lists the turns that no runner has taken on yet.
    fn offered(&self) -> impl Iterator<Item = TurnId> {
        let waits = |(_, turn): &(&TurnId, &crate::turn::Turn)| turn.phase == crate::turn::Phase::Offering;
        self.turns.iter().filter(waits).map(|(id, _)| *id)
    }

    fn offers_something(&self) -> bool {
        self.offered().next().is_some()
    }

    /// Tells whether an effect of the sandbox that was not carried out yet is still of use.
    pub(crate) fn wants_of_sandbox(&self, effect: &Effect) -> bool {
        let Some(sandbox) = &self.sandbox else { return false };
        let at = |place| sandbox.place() == place;
        match effect {
            Effect::StartSandbox { generation, .. } => *generation == sandbox.generation && at(Place::Starting),
            Effect::StopSandbox { generation, .. } => {
                let alive = at(Place::Starting) || at(Place::Running);
                *generation < sandbox.generation || (*generation == sandbox.generation && !alive)
            }
            _ => false,
        }
    }
}
