//! Steps that hold bodies: which body starts when, and what the step comes to when they are over.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::draft::Draft;
use super::end::{self, Gave, Outcome};
use super::error::StepError;
use super::event::{Closing, Event, Plan};
use super::running::{Bodies, Body, StepRun};
use super::state::{self, Spot};
use super::values::Values;
use crate::path::{Place, StepPath};
use crate::step::{Loop, LoopSource, OnFailure, Step, StepKind};

/// Tells whether a step with bodies can go on by itself: a body can start, or all are over.
pub(crate) fn can_go_on(run: &StepRun, step: &Step) -> bool {
    let Some(bodies) = run.bodies() else { return false };
    bodies.open.is_empty() || (!run.is_closing() && next_place(bodies, step).is_some())
}

/// Tells whether the step goes on when one of its bodies fails.
pub(crate) fn collects(step: &Step) -> bool {
    let on_failure = match &step.kind {
        StepKind::Loop(step) => step.on_failure,
        StepKind::Parallel(step) => step.on_failure,
        _ => OnFailure::FailFast,
    };
    on_failure == OnFailure::Collect
}

/// Returns the number of a body among the bodies of its step.
pub(crate) fn number(place: Place) -> u32 {
    match place {
        Place::Item(number) | Place::Branch(number) => number,
        Place::Then | Place::Else | Place::Catch => 0,
    }
}

/// Makes the body that starts at this place, with what only it can read.
pub(crate) fn body(bodies: &Bodies, place: Place, step: &Step) -> Body {
    let mut body = Body::default();
    match (&bodies.plan, place, &step.kind) {
        (Plan::Catch { error, output }, ..) => {
            let Value::Object(fields) = error.value() else { return body };
            let mut locals: Values = fields.into_iter().map(|(name, value)| (name, Arc::new(value))).collect();
            output.iter().for_each(|output| drop(locals.insert("output".to_owned(), Arc::clone(output))));
            body.locals = Arc::new(locals);
        }
        (plan, Place::Item(number), StepKind::Loop(step)) => {
            let index = Arc::new(Value::from(number));
            let mut locals = Values::from([("index".to_owned(), index.clone())]);
            let mut names = Values::from([(step.index.as_str().to_owned(), index)]);
            if let Plan::Over { items, .. } = plan
                && let Some(item) = items.get(number as usize)
            {
                locals.insert("item".to_owned(), item.clone());
                names.insert(step.item.as_str().to_owned(), item.clone());
            }
            (body.locals, body.names) = (Arc::new(locals), Arc::new(names));
        }
        _ => {}
    }
    body
}

/// Moves a step with bodies on: starts the next body, or ends the step.
pub(crate) fn settle(draft: &mut Draft, path: &StepPath) {
    let start = draft.start();
    let Some(step) = state::find(&start.definition, path) else { return };
    let Some(run) = draft.run().steps.get(path) else { return };
    let Some(bodies) = run.bodies() else { return };
    if run.is_closing() {
        return end_early(draft, path);
    }
    match next_place(bodies, step) {
        Some(place) => match may_start(draft, path, step, place) {
            Ok(true) => draft.emit(Event::BodyStarted { path: path.clone(), place }),
            Ok(false) => end_well(draft, path, step),
            Err(error) => end::end(draft, path, Outcome::failed(error)),
        },
        None => end_well(draft, path, step),
    }
}

/// Returns the place of the body that can start now.
fn next_place(bodies: &Bodies, step: &Step) -> Option<Place> {
    let (open, begun) = (bodies.open.len() as u32, bodies.begun);
    match &bodies.plan {
        Plan::Conditional { branch } => (begun == 0 && !step.body(*branch).is_empty()).then_some(*branch),
        Plan::Catch { .. } => (begun == 0).then_some(Place::Catch),
        Plan::Parallel { branches, at_once } => (begun < *branches && open < *at_once).then_some(Place::Branch(begun)),
        Plan::Over { items, at_once } => {
            ((begun as usize) < items.len() && open < *at_once).then_some(Place::Item(begun))
        }
        Plan::While => (open == 0).then_some(Place::Item(begun)),
    }
}

/// Tells whether the body may start: a `while` loop asks its condition each time.
fn may_start(draft: &Draft, path: &StepPath, step: &Step, place: Place) -> Result<bool, StepError> {
    let StepKind::Loop(Loop { source: LoopSource::While(condition), max_items, .. }) = &step.kind else {
        return Ok(true);
    };
    let Place::Item(number) = place else { return Ok(true) };
    let Some(bodies) = draft.run().steps.get(path).and_then(StepRun::bodies) else { return Ok(false) };
    let index = Value::from(number);
    let names = Values::from([("index".to_owned(), Arc::new(index))]);
    let left = &bodies.gathered.layer;
    let scope = draft.run().scope(&Spot::around(path));
    let scope =
        scope.with_map("outputs", &left.outputs).with_map("variables", &left.variables).with_map("loop", &names);
    let holds = condition.holds(scope)?;
    if holds && number >= *max_items {
        let message = format!("the condition still holds after {max_items} iterations; `max_items` raises this");
        return Err(StepError::new(format!("loop_too_long:{max_items}"), message));
    }
    Ok(holds)
}

/// Ends a step whose bodies were ended before their time.
fn end_early(draft: &mut Draft, path: &StepPath) {
    let Some(run) = draft.run().steps.get(path) else { return };
    let Some(bodies) = run.bodies() else { return };
    let cancelled = matches!(run.closing, Some((Closing::Cancelled, _)));
    let fails = bodies.fails.clone();
    match (&bodies.plan, fails) {
        (Plan::Catch { .. }, fails) => {
            let error = fails.unwrap_or_else(|| StepError::new("cancelled", "the run is being ended"));
            draft.emit(Event::CatchEnded { path: path.clone(), error: Some(error) });
        }
        (_, Some(error)) if !cancelled && run.closing.is_none() => end::end(draft, path, Outcome::failed(error)),
        _ => end::end(draft, path, Outcome::Cancelled),
    }
}

/// Ends a step whose bodies have all come to their own end.
fn end_well(draft: &mut Draft, path: &StepPath, step: &Step) {
    let Some(bodies) = draft.run().steps.get(path).and_then(StepRun::bodies) else { return };
    let output = match (&bodies.plan, &step.kind) {
        (Plan::Catch { .. }, _) => return draft.emit(Event::CatchEnded { path: path.clone(), error: None }),
        (Plan::Conditional { branch }, _) => {
            json!({ "condition": *branch == Place::Then, "branch": branch.to_string() })
        }
        (_, StepKind::Parallel(step)) => {
            let mut output = json!({ "branchCount": bodies.begun });
            if step.on_failure == OnFailure::Collect {
                let came_to = (0..).zip(&step.branches).map(|(number, branch)| {
                    let error = bodies.failed.get(&number);
                    (branch.name.clone(), json!({ "ok": error.is_none(), "error": error.map(StepError::value) }))
                });
                output["branches"] = Value::Object(came_to.collect::<Map<_, _>>());
            }
            output
        }
        (_, StepKind::Loop(step)) => {
            let mut output = json!({ "iterations": bodies.begun });
            if step.collect.is_some() {
                output["results"] = Value::Array(bodies.gathered.results.list(bodies.begun));
            }
            if step.on_failure == OnFailure::Collect {
                let failed =
                    bodies.failed.iter().map(|(number, error)| json!({ "index": number, "error": error.value() }));
                output["failed"] = Value::Array(failed.collect());
            }
            output
        }
        _ => Value::Null,
    };
    end::end(draft, path, Outcome::gave(Gave::output(output)));
}
