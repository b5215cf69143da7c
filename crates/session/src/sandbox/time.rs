//! The deadlines of a sandbox: for coming up, for coming back, for sleep, for its end, for the next try.

use tenure_model::time::Timestamp;

use super::event::SandboxEvent;
use super::settle::{ask_to_stop, fail, stop};
use super::state::{Phase, StopCause};
use crate::draft::Draft;
use crate::effect::Effect;
use crate::event::Event;
use crate::state::Session;

/// How often an end is asked for before a sandbox counts as failed.
const STOPS_MAX: u32 = 5;

/// What is due with a sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SandboxDue {
    /// It did not come up in time.
    Late,
    /// It waits for a place still; whoever starts it is asked once more.
    Queued,
    /// Its runner did not come back.
    Lost,
    /// Nothing was to be done for a while.
    Idle,
    /// Nobody confirmed its end.
    StopAgain,
    /// It is to be tried again: the decision's end does that.
    Retry,
}

/// Returns what is next, and when.
pub(crate) fn deadline(session: &Session) -> Option<(Timestamp, SandboxDue)> {
    let sandbox = session.sandbox.as_ref()?;
    match &sandbox.phase {
        Phase::None | Phase::Hibernated { .. } => None,
        Phase::Starting { deadline, waits, .. } => {
            Some((*deadline, if waits.is_some() { SandboxDue::Queued } else { SandboxDue::Late }))
        }
        Phase::Running { away_until: Some(until), .. } => Some((*until, SandboxDue::Lost)),
        Phase::Running { .. } => {
            let idle = session.turns.is_empty() && session.queue.is_empty() && session.terminated_at.is_none();
            idle.then(|| (sandbox.used_at + sandbox.policy.idle_ms, SandboxDue::Idle))
        }
        Phase::Hibernating { asked, .. } => Some((asked.due(sandbox.policy.stop_timeout_ms), SandboxDue::StopAgain)),
        Phase::Failed { retry_at, .. } => {
            let needed = !session.turns.is_empty() && session.terminated_at.is_none();
            retry_at.filter(|_| needed).map(|at| (at, SandboxDue::Retry))
        }
    }
}

/// Acts on what is due.
pub(crate) fn act(draft: &mut Draft, due: SandboxDue) {
    match due {
        SandboxDue::Late => fail(draft, "its runner did not say hello in time".into()),
        SandboxDue::Queued => ask_for_a_place(draft),
        SandboxDue::Lost if draft.session().turns.is_empty() => stop(draft, StopCause::Lost),
        SandboxDue::Lost => fail(draft, "its runner was lost".into()),
        SandboxDue::Idle => stop(draft, StopCause::Idle),
        SandboxDue::StopAgain => stop_again(draft),
        SandboxDue::Retry => {}
    }
}

fn ask_for_a_place(draft: &mut Draft) {
    let Some(sandbox) = &draft.session().sandbox else { return };
    let Phase::Starting { waits: Some(why), .. } = &sandbox.phase else { return };
    let (name, generation, why) = (sandbox.policy.name.clone(), sandbox.generation, why.clone());
    let until = draft.ctx.now + sandbox.policy.start_timeout_ms;
    draft.emit(Event::Sandbox { generation, what: SandboxEvent::Queued { why, until } });
    draft.ask(Effect::StartSandbox { sandbox: name, generation });
}

fn stop_again(draft: &mut Draft) {
    let Some(sandbox) = &draft.session().sandbox else { return };
    let Phase::Hibernating { asked, trouble, .. } = &sandbox.phase else { return };
    let (generation, times) = (sandbox.generation, asked.times);
    // Nobody waits for ever: the next start makes sure that nothing of this one is left.
    if times >= STOPS_MAX && draft.session().terminated_at.is_none() {
        let why = trouble.clone().unwrap_or_else(|| "nobody says so".into());
        return fail(draft, format!("its end is not confirmed: {why}"));
    }
    draft.emit(Event::Sandbox { generation, what: SandboxEvent::StopAskedAgain });
    ask_to_stop(draft);
}
