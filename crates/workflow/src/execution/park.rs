//! The run's slot: a run that only waits for a person, a time, an event or a child leaves it to others.

use super::draft::Draft;
use super::effect::{Effect, SlotAsk, SlotKey};
use super::event::Event;
use super::running::{Doing, StepRun};
use super::state::{Execution, Slot};
use tenure_model::time::Timestamp;

/// Frees the slot of a run that waits, and takes one for a run that goes on.
pub(crate) fn settle(draft: &mut Draft) {
    let run = draft.run();
    if run.about.is_none() || run.ended.is_some() {
        return;
    }
    let waits = waits(run, draft.ctx.now);
    match run.slot {
        Slot::Held if waits => {
            draft.emit(Event::SlotFreed);
            draft.ask(Effect::FreeSlot);
        }
        Slot::None if !waits => {
            draft.emit(Event::SlotTaken);
            ask(draft, true);
        }
        Slot::None | Slot::Held | Slot::Asked { .. } => {}
    }
}

/// Asks the gate for a slot.
pub(crate) fn ask(draft: &mut Draft, resumed: bool) {
    let about = draft.run().about();
    let concurrency = about.start.definition.concurrency.as_ref();
    let key = about.key.clone().zip(concurrency).map(|(key, limit)| SlotKey { key, max: limit.max });
    let slot = SlotAsk { owner: about.start.owner, key, resumed };
    draft.ask(Effect::AskSlot { slot });
}

/// Tells whether nobody works on the run and it cannot go on by itself.
fn waits(run: &Execution, now: Timestamp) -> bool {
    let goes_on = run.advances() && !run.ready.is_empty();
    !goes_on && !run.steps.values().any(|step| is_busy(run, step, now))
}

fn is_busy(run: &Execution, step: &StepRun, now: Timestamp) -> bool {
    match step.doing {
        // Giving the slot back and taking it again costs more than such a wait.
        Doing::Timer { due } | Doing::Retry { due, .. } => {
            run.paused.is_none() && due.since(now) < run.limits().park_min_ms
        }
        _ => step.is_active(),
    }
}
