//! Time: every deadline of a run is a function of its state; here they are listed and acted on.

use tenure_model::entity::{Ctx, Decision};
use tenure_model::step::RunEnd;
use tenure_model::time::Timestamp;

use super::draft::Draft;
use super::end::{self, Outcome};
use super::error::StepError;
use super::event::{Closing, Event};
use super::kinds::wait;
use super::running::{Doing, StepRun};
use super::state::{Execution, Slot};
use super::{approval, begin, close, finish, leave, park};
use crate::path::StepPath;
use crate::step::StepKind;

/// One wake does at most so many things; the rest stays due.
const DUE_MAX: usize = 100;

/// Returns when the run next wants to be woken.
pub(crate) fn wake_at(run: &Execution) -> Option<Timestamp> {
    if run.advances() && !run.ready.is_empty() {
        return Some(run.updated_at);
    }
    let steps = run.steps.values().filter_map(|step| due(run, step));
    steps.chain(run_due(run)).chain(slot_due(run)).min()
}

/// Acts on what is due.
pub(crate) fn wake(run: &Execution, ctx: &Ctx) -> Decision<Execution> {
    let mut draft = Draft::new(run, ctx);
    if run_due(run).is_some_and(|due| due <= ctx.now) {
        let error = StepError::new("run_timeout", "the run took longer than its definition allows");
        finish::end_run(&mut draft, RunEnd::Failed, Some(error), None, None);
    }
    if slot_due(draft.run()).is_some_and(|due| due <= ctx.now) {
        draft.emit(Event::SlotAskedAgain);
        park::ask(&mut draft, false);
    }
    let is_due = |run: &Execution, step: &StepRun| due(run, step).is_some_and(|due| due <= ctx.now);
    let late = run.steps.iter().filter(|(_, step)| is_due(run, step)).map(|(path, _)| path.clone());
    for path in late.take(DUE_MAX).collect::<Vec<_>>() {
        // What came before may have settled this one.
        if draft.run().steps.get(&path).is_some_and(|step| is_due(draft.run(), step)) {
            act(&mut draft, &path);
        }
    }
    draft.woken()
}

fn run_due(run: &Execution) -> Option<Timestamp> {
    let about = run.about.as_ref()?;
    about.due.filter(|_| run.ending.is_none() && run.ended.is_none())
}

fn slot_due(run: &Execution) -> Option<Timestamp> {
    match run.slot {
        Slot::Asked { at, .. } if run.ended.is_none() => Some(at + run.limits().slot_wait_ms),
        _ => None,
    }
}

fn due(run: &Execution, step: &StepRun) -> Option<Timestamp> {
    // A paused run starts nothing, not even another attempt.
    let held = matches!(step.doing, Doing::Retry { .. }) && !run.advances();
    step.due().filter(|_| !held)
}

fn act(draft: &mut Draft, path: &StepPath) {
    let Some(step) = draft.run().steps.get(path) else { return };
    if step.closing.is_some() {
        return end::end(draft, path, Outcome::Cancelled);
    }
    let waited = draft.ctx.now.since(step.since);
    match step.doing.clone() {
        Doing::Turn { began: false, .. } => close::one(draft, path, Closing::NoRunner),
        Doing::Turn { .. } | Doing::Child { .. } | Doing::Bodies(_) => close::one(draft, path, Closing::TimedOut),
        Doing::Call { .. } => {
            let error = end::timed_out(draft, path);
            end::end(draft, path, Outcome::failed(error));
        }
        Doing::Leave { .. } => leave::expire(draft, path),
        Doing::Approval { .. } => approval::deadline(draft, path),
        Doing::Timer { .. } => end::end(draft, path, wait::slept(draft.ctx.now)),
        Doing::Event { name, .. } => {
            let outcome = match draft.run().step(path).map(|step| &step.kind) {
                Some(StepKind::Wait(step)) => wait::in_vain(step, &name, waited),
                _ => Outcome::Cancelled,
            };
            end::end(draft, path, outcome);
        }
        Doing::Retry { .. } => begin::again(draft, path),
        Doing::Unknown { error, .. } => end::end(draft, path, Outcome::failed(error)),
        Doing::Here => {}
    }
}
