//! The run goes on: wherever it is ready, the next step starts, a body ends, or a step that holds bodies moves on.

use std::sync::Arc;

use tenure_model::step::RunEnd;

use super::draft::Draft;
use super::error::StepError;
use super::event::Event;
use super::state::{self, Spot};
use super::values::Values;
use super::{begin, close, containers, finish};
use crate::path::StepPath;
use crate::step::StepKind;

/// One decision moves the run so many times; then it is due again at once.
pub(crate) const MOVES_MAX: usize = 100;

/// Moves the run until it waits for somebody, is over, or has moved enough for one decision.
pub(crate) fn drain(draft: &mut Draft) {
    for _ in 0..MOVES_MAX {
        if !draft.run().advances() {
            return;
        }
        let Some(spot) = draft.run().ready.first().cloned() else { return };
        match &spot {
            Spot::Container(path) => containers::settle(draft, path),
            Spot::Root | Spot::Body(..) => go_on(draft, &spot),
        }
    }
}

/// Starts the next step of a body, or ends the body.
fn go_on(draft: &mut Draft, spot: &Spot) {
    if draft.run().is_closing(spot) {
        return over(draft, spot, Some(StepError::new("cancelled", "what it runs in is being ended")));
    }
    let Some(body) = draft.run().body(spot) else { return };
    if let Some(error) = body.failed.clone() {
        return over(draft, spot, Some(error));
    }
    let (next, start) = (body.next as usize, draft.start());
    match state::steps_of(&start.definition, spot).get(next) {
        Some(step) => begin::begin(draft, spot, step),
        None => over(draft, spot, None),
    }
}

fn over(draft: &mut Draft, spot: &Spot, error: Option<StepError>) {
    match spot {
        Spot::Body(path, place) => {
            let (error, collected) = match (error, collect(draft, path, spot)) {
                (None, Ok(collected)) => (None, collected),
                (None, Err(error)) => (Some(error.at(path)), None),
                (error, _) => (error, None),
            };
            draft.emit(Event::BodyEnded { path: path.clone(), place: *place, error, collected });
            close::others(draft, path);
        }
        Spot::Root | Spot::Container(_) => end_of_run(draft, error),
    }
}

/// Evaluates what a loop gathers of the iteration that ends here.
fn collect(draft: &Draft, path: &StepPath, spot: &Spot) -> Result<Option<Arc<serde_json::Value>>, StepError> {
    match draft.run().step(path).map(|step| &step.kind) {
        Some(StepKind::Loop(step)) => match &step.collect {
            Some(template) if matches!(spot, Spot::Body(_, crate::path::Place::Item(_))) => {
                Ok(Some(Arc::new(template.render(draft.run().scope(spot))?)))
            }
            _ => Ok(None),
        },
        _ => Ok(None),
    }
}

fn end_of_run(draft: &mut Draft, error: Option<StepError>) {
    if let Some(ending) = draft.run().ending.clone() {
        let outputs = match ending.end {
            RunEnd::Completed => outputs(draft),
            RunEnd::Failed | RunEnd::Cancelled => Ok(Values::new()),
        };
        return finish::finish(draft, ending.end, outputs, ending.error, ending.reason);
    }
    match error {
        Some(error) => finish::finish(draft, RunEnd::Failed, Ok(Values::new()), Some(error), None),
        None => {
            let outputs = outputs(draft);
            finish::finish(draft, RunEnd::Completed, outputs, None, None);
        }
    }
}

/// Evaluates what the definition says that a run gives.
fn outputs(draft: &Draft) -> Result<Values, StepError> {
    let start = draft.start();
    let scope = draft.run().scope(&Spot::Root);
    let rendered = start.definition.outputs.iter().map(|output| {
        let value = output.value.render(scope.clone())?;
        Ok((output.name.clone(), Arc::new(value)))
    });
    rendered.collect()
}
