//! The end of a run, and who is told.

use std::sync::Arc;

use tenure_model::step::RunEnd;

use super::close;
use super::command::{Fired, TriggerKind};
use super::draft::Draft;
use super::effect::Effect;
use super::error::StepError;
use super::event::Event;
use super::state::Slot;
use super::values::Values;
use crate::definition::FailureNotify;
use crate::people::Author;

/// Why a run is ended whose trigger has fired again.
pub(crate) const REPLACED: &str = "replaced_by_trigger";

/// Ends the run for good: nothing of it is under way any more.
pub(crate) fn finish(
    draft: &mut Draft,
    end: RunEnd,
    outputs: Result<Values, StepError>,
    error: Option<StepError>,
    reason: Option<String>,
) {
    let (end, outputs, error) = match outputs {
        Ok(outputs) => (end, outputs, error),
        Err(wrong) => (RunEnd::Failed, Values::new(), Some(wrong)),
    };
    let had_slot = draft.run().slot != Slot::None;
    let replaced = reason.as_deref() == Some(REPLACED);
    draft.emit(Event::Ended { end, outputs: outputs.clone(), error: error.clone(), reason });
    if had_slot {
        draft.ask(Effect::FreeSlot);
    }
    let start = draft.start();
    if let Some(session) = draft.run().about().session {
        draft.ask(Effect::CloseSession { session, own: start.session.is_none(), end });
    }
    if let Some(parent) = &start.parent {
        let step = parent.step.clone();
        draft.ask(Effect::TellParent { step, end, outputs: Arc::new(outputs), error: error.clone() });
    }
    if let Some(Fired { firing, watched: true, .. }) = start.trigger.fired {
        draft.ask(Effect::TellTrigger { owner: start.owner, firing, end });
    }
    let watched = matches!(start.trigger.kind, TriggerKind::Manual | TriggerKind::Test | TriggerKind::Workflow);
    if end != RunEnd::Completed
        && !watched
        && !replaced
        && start.definition.failure_notify == FailureNotify::Orchestrator
    {
        let trigger = start.trigger.name.clone().unwrap_or_default();
        draft.ask(Effect::NotifyFailure { title: start.definition.name.clone(), end, error, trigger });
    }
}

/// Decides how the run is to end; it has ended when everything in it has.
pub(crate) fn end_run(
    draft: &mut Draft,
    end: RunEnd,
    error: Option<StepError>,
    reason: Option<String>,
    by: Option<Author>,
) {
    if draft.run().ending.is_some() || draft.run().ended.is_some() {
        return;
    }
    draft.emit(Event::Ending { end, error, reason, by });
    close::everything(draft);
}
