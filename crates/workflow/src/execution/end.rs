//! The end of an attempt: what it gave, or what follows its failure.

use std::sync::Arc;

use serde_json::Value;
use tenure_model::chat::Usage;
use tenure_model::step::RunEnd;

use super::begin;
use super::draft::Draft;
use super::error::{CALL_DENIED, OUTCOME_UNKNOWN, StepError, TURN_ABORTED};
use super::event::{Closing, Event, Next};
use super::finish;
use super::limits::Limits;
use super::running::StepRun;
use super::state;
use super::values::Values;
use crate::path::StepPath;
use crate::people::Author;
use crate::step::{OnUnknown, Step};

/// How an attempt ended.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Completed(Box<Gave>),
    /// It failed, perhaps with something to look at.
    Failed {
        error: StepError,
        output: Option<Value>,
    },
    /// It ended because it was told to.
    Cancelled,
    /// It was lost before it had begun: nothing has happened.
    Lost(StepError),
    /// It was lost after it had begun: nobody knows what has happened.
    Unknown(StepError),
}

/// What a step gave.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gave {
    pub output: Value,
    /// What later steps read under the step's `output` name, where that is only a part of the output.
    pub value: Option<Value>,
    pub variables: Values,
    pub usage: Option<Usage>,
    /// The run ends with this step.
    pub stops: Option<Stops>,
}

/// How a step ends its run.
#[derive(Clone, Debug)]
pub(crate) struct Stops {
    pub end: RunEnd,
    pub error: Option<StepError>,
    pub reason: Option<String>,
    pub by: Option<Author>,
}

impl Outcome {
    pub fn gave(gave: Gave) -> Self {
        Outcome::Completed(Box::new(gave))
    }

    pub fn failed(error: StepError) -> Self {
        Outcome::Failed { error, output: None }
    }
}

impl Gave {
    pub fn output(output: Value) -> Self {
        Self { output, ..Self::default() }
    }
}

/// Ends the attempt that is under way. A step that was told to end has not succeeded, whatever its last word is.
pub(crate) fn end(draft: &mut Draft, path: &StepPath, outcome: Outcome) {
    let Some(run) = draft.run().steps.get(path) else { return };
    let closing = run.closing.map(|(why, _)| why);
    match (closing, outcome) {
        (Some(Closing::Cancelled), _) | (None, Outcome::Cancelled) => cancelled(draft, path),
        (Some(Closing::TimedOut), _) => {
            let error = timed_out(draft, path);
            failed(draft, path, error, None);
        }
        (Some(Closing::NoRunner), _) => {
            let error = StepError::new("runner_unavailable", "no runner has taken the step in time");
            failed(draft, path, error, None);
        }
        (None, Outcome::Completed(gave)) => completed(draft, path, *gave),
        (None, Outcome::Failed { error, output }) => failed(draft, path, error, output),
        (None, Outcome::Lost(error)) => lost(draft, path, error),
        (None, Outcome::Unknown(error)) => unknown(draft, path, error),
    }
}

fn completed(draft: &mut Draft, path: &StepPath, gave: Gave) {
    let limits = draft.run().limits().clone();
    if let Some(error) = too_large(draft, &limits, &gave) {
        return failed(draft, path, error, None);
    }
    let Some(run) = draft.run().steps.get(path) else { return };
    let (attempt, duration_ms) = (run.attempt, draft.ctx.now.since(run.since));
    let Gave { output, value, variables, usage, stops } = gave;
    let (output, value) = (Arc::new(output), value.map(Arc::new));
    draft.emit(Event::StepCompleted { path: path.clone(), attempt, output, variables, value, usage, duration_ms });
    if let Some(Stops { end, error, reason, by }) = stops {
        finish::end_run(draft, end, error, reason, by);
    }
}

fn too_large(draft: &Draft, limits: &Limits, gave: &Gave) -> Option<StepError> {
    let size = crate::template::size(&gave.output) as u64;
    if size > limits.output_bytes_max {
        let message = format!("the step gave {size} bytes, the limit output_bytes_max is {}", limits.output_bytes_max);
        return Some(StepError::new("output_too_large", message));
    }
    let all = draft.run().counts.output_bytes + size;
    (all > limits.outputs_bytes_max).then(|| {
        let message =
            format!("all steps gave {all} bytes, the limit outputs_bytes_max is {}", limits.outputs_bytes_max);
        StepError::new("outputs_too_large", message)
    })
}

pub(crate) fn cancelled(draft: &mut Draft, path: &StepPath) {
    let Some(run) = draft.run().steps.get(path) else { return };
    let (attempt, duration_ms) = (run.attempt, draft.ctx.now.since(run.since));
    draft.emit(Event::StepCancelled { path: path.clone(), attempt, duration_ms });
}

fn failed(draft: &mut Draft, path: &StepPath, error: StepError, output: Option<Value>) {
    let start = draft.start();
    let Some(step) = state::find(&start.definition, path) else { return };
    let Some(run) = draft.run().steps.get(path) else { return };
    let error = error.at(path);
    let next = next(step, run, &error, draft);
    fail(draft, path, error, output, next);
}

fn fail(draft: &mut Draft, path: &StepPath, error: StepError, output: Option<Value>, next: Next) {
    let Some(run) = draft.run().steps.get(path) else { return };
    let (attempt, duration_ms) = (run.attempt, draft.ctx.now.since(run.since));
    let output = output.map(Arc::new);
    draft.emit(Event::StepFailed { path: path.clone(), attempt, error, output, next, duration_ms });
}

fn next(step: &Step, run: &StepRun, error: &StepError, draft: &Draft) -> Next {
    if error.is_final() || draft.run().ending.is_some() {
        return Next::Fail;
    }
    // What a person ended, or nobody can vouch for, is not redone without being asked for.
    let is_open = ![TURN_ABORTED, OUTCOME_UNKNOWN, CALL_DENIED].contains(&error.code.as_str());
    let retry = step.retry.as_ref().filter(|_| is_open);
    if let Some(pause) = retry.and_then(|retry| retry.pause(run.failures + 1, &error.code)) {
        return Next::Retry { at: draft.ctx.now + pause };
    }
    if !step.catch.is_empty() {
        return Next::Catch;
    }
    if step.continue_on_error { Next::Continue } else { Next::Fail }
}

/// Starts a step again whose attempt did nothing, as often as a run may lose its runner.
fn lost(draft: &mut Draft, path: &StepPath, error: StepError) {
    let Some(run) = draft.run().steps.get(path) else { return };
    if run.lost >= draft.run().limits().lost_max {
        return failed(draft, path, error, None);
    }
    again(draft, path, error);
}

/// Ends an attempt that does not count, and starts the next one as soon as the run goes on.
pub(crate) fn again(draft: &mut Draft, path: &StepPath, error: StepError) {
    fail(draft, path, error.at(path), None, Next::Again);
    if draft.run().advances() && draft.run().ending.is_none() {
        begin::again(draft, path);
    }
}

/// Acts on an attempt of which nobody knows whether it was done, as the step says.
fn unknown(draft: &mut Draft, path: &StepPath, error: StepError) {
    let start = draft.start();
    let Some(step) = state::find(&start.definition, path) else { return };
    let Some(run) = draft.run().steps.get(path) else { return };
    let error = StepError::new(OUTCOME_UNKNOWN, error.message).at(path);
    if step.idempotent || step.on_unknown == OnUnknown::Retry {
        return lost(draft, path, error);
    }
    if step.on_unknown == OnUnknown::Fail {
        return failed(draft, path, error, None);
    }
    let (attempt, until) = (run.attempt, draft.ctx.now + draft.run().limits().unknown_wait_ms);
    draft.emit(Event::StepUnknown { path: path.clone(), attempt, error, until });
}

/// Returns the error of a step that took too long.
pub(crate) fn timed_out(draft: &Draft, path: &StepPath) -> StepError {
    let start = draft.start();
    let step = state::find(&start.definition, path);
    let span = step.and_then(Step::timeout).map(|span| span.0).unwrap_or_default();
    let word = step.map_or("step", |step| step.kind.word());
    StepError::new(format!("{word}_timeout:{span}"), format!("the step took longer than {span} ms"))
}
