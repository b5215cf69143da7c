//! Ending what is under way before it has come to its own end: a cancelled run, the other branches of one that failed,
//! a step that took too long.

use super::draft::{Draft, step_ref};
use super::effect::Effect;
use super::end;
use super::event::{Closing, Event};
use super::leave;
use super::running::{Doing, StepRun};
use crate::path::StepPath;

/// Ends everything in the run.
pub(crate) fn everything(draft: &mut Draft) {
    let paths: Vec<StepPath> = draft.run().steps.keys().cloned().collect();
    paths.iter().for_each(|path| one(draft, path, Closing::Cancelled));
}

/// Ends everything inside a step.
pub(crate) fn inside(draft: &mut Draft, outer: &StepPath) {
    let paths: Vec<StepPath> = draft.run().inside(outer).map(|(path, _)| path.clone()).collect();
    paths.iter().for_each(|path| one(draft, path, Closing::Cancelled));
}

/// Ends the bodies of a step that are still open after one of them has failed for all.
pub(crate) fn others(draft: &mut Draft, outer: &StepPath) {
    let bodies = draft.run().steps.get(outer).and_then(StepRun::bodies);
    if bodies.is_some_and(|bodies| bodies.fails.is_some() && !bodies.open.is_empty()) {
        inside(draft, outer);
    }
}

/// Ends one step: at once where nobody works on it, else when whoever does has said so.
pub(crate) fn one(draft: &mut Draft, path: &StepPath, why: Closing) {
    let Some(run) = draft.run().steps.get(path) else { return };
    if run.closing.is_some_and(|(before, _)| before == Closing::Cancelled || before == why) {
        return;
    }
    let asked_before = run.closing.is_some();
    let (attempt, doing, id) = (run.attempt, run.doing.clone(), draft.id());
    let limits = draft.run().limits();
    let until = draft.ctx.now + limits.undo_wait_ms;
    let closing = Event::StepCancelling { path: path.clone(), attempt, why, until };
    match doing {
        Doing::Turn { turn, round, .. } => {
            draft.emit(closing);
            if let Some(session) = draft.run().about().session.filter(|_| !asked_before) {
                let step = step_ref(id, path, attempt, round);
                draft.ask(Effect::Undo { session, turn, step });
            }
        }
        Doing::Child { child, .. } => {
            draft.emit(closing);
            if !asked_before {
                draft.ask(Effect::CancelChild { child, step: step_ref(id, path, attempt, 0) });
            }
        }
        // A call cannot be taken back; it ends when it returns, or when it would have been too slow anyway.
        Doing::Call { due, .. } => {
            draft.emit(Event::StepCancelling { path: path.clone(), attempt, why, until: until.min(due) });
        }
        Doing::Bodies(_) => {
            draft.emit(closing);
            if why == Closing::TimedOut {
                inside(draft, path);
            }
        }
        Doing::Leave { question, .. } => {
            leave::take_back(draft, path, question);
            end::cancelled(draft, path);
        }
        Doing::Approval { .. }
        | Doing::Timer { .. }
        | Doing::Event { .. }
        | Doing::Retry { .. }
        | Doing::Unknown { .. }
        | Doing::Here => match why {
            Closing::Cancelled => end::cancelled(draft, path),
            Closing::TimedOut | Closing::NoRunner => draft.emit(closing),
        },
    }
}
