//! Taking a run up again from one of its steps: what was done before that step is kept, the rest runs in a new run.
//!
//! A retry is a pure read of the source: its history gives what each step came to, its definition what comes before what.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tenure_model::id::ExecutionId;
use tenure_model::step::RunEnd;

use super::command::{Start, Trigger, TriggerKind};
use super::error::StepError;
use super::event::{Begun, Event, Next};
use super::refusal::Refusal;
use super::state::{Execution, Spot, find, steps_of};
use super::values::Values;
use crate::definition::Definition;
use crate::path::{Place, StepPath};
use crate::people::Author;
use crate::step::StepKind;

/// The run that another one takes up again, and what it need not do any more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Retrying {
    pub source: ExecutionId,
    /// The first step that runs again.
    pub path: StepPath,
    pub recorded: BTreeMap<StepPath, Recorded>,
}

/// What a step has come to in an earlier run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Recorded {
    Completed {
        output: Arc<Value>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<Arc<Value>>,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        variables: Values,
    },
    /// It failed; what follows is what followed then.
    Failed {
        error: StepError,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        output: Option<Arc<Value>>,
        then: Then,
    },
}

/// What followed a failure for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    WentOn,
    Caught,
    /// The body around it ended, in a step that collects failures.
    EndedItsBody,
}

impl Execution {
    /// Says what a new run keeps that takes this one up from the step at `path`; `history` is all that has happened here.
    pub fn retry_from<'e>(
        &self,
        id: ExecutionId,
        path: &StepPath,
        history: impl IntoIterator<Item = &'e Event>,
    ) -> Result<Retrying, Refusal> {
        let refused = |why: &str| Refusal::NotRetryable(path.clone(), why.to_owned());
        let about = self.about.as_ref().ok_or(Refusal::Unknown)?;
        let ended = self.ended.as_ref().ok_or_else(|| refused("the run is not over"))?;
        if ended.end == RunEnd::Completed {
            return Err(refused("the run has completed"));
        }
        let definition = &about.start.definition;
        find(definition, path).ok_or_else(|| refused("the definition has no such step"))?;
        let mut done = Done { definition, reached: BTreeSet::new(), whole: BTreeSet::new(), recorded: BTreeMap::new() };
        history.into_iter().for_each(|event| done.note(event));
        if !done.reached.contains(path) {
            return Err(refused("the run never came to it"));
        }
        Ok(Retrying { source: id, path: path.clone(), recorded: done.before(path) })
    }

    /// Returns what a retry is started with: everything as it was, repository and personas included, with other inputs.
    pub fn retry_start(&self, retrying: Retrying, by: Author, inputs: Map<String, Value>) -> Result<Start, Refusal> {
        let start = Start::clone(&self.about.as_ref().ok_or(Refusal::Unknown)?.start);
        let mut edited = start.inputs.clone();
        edited.extend(inputs);
        let trigger = Trigger { kind: TriggerKind::Retry, name: start.trigger.name.clone(), fired: None };
        // The step that waited for the source was told of its end, and does not wait for its retry.
        Ok(Start { by, inputs: edited, trigger, retrying: Some(retrying), parent: None, above: vec![], ..start })
    }
}

/// What a run has done, read from its history.
struct Done<'a> {
    definition: &'a Definition,
    reached: BTreeSet<StepPath>,
    /// Steps with bodies that were completed.
    whole: BTreeSet<StepPath>,
    recorded: BTreeMap<StepPath, Recorded>,
}

impl Done<'_> {
    fn note(&mut self, event: &Event) {
        match event {
            Event::StepStarted { path, begun, .. } => {
                self.reached.insert(path.clone());
                if let Begun::Bodies { .. } = begun {
                    self.recorded.retain(|inner, _| !inner.is_inside(path));
                }
            }
            Event::StepSkipped { path } => drop(self.reached.insert(path.clone())),
            Event::StepReused { path, recorded } => {
                self.reached.insert(path.clone());
                self.recorded.insert(path.clone(), recorded.clone());
            }
            Event::StepCompleted { path, output, value, variables, .. } => {
                // What holds bodies runs again: it finds all that is in them done.
                if holds_bodies(self.definition, path) {
                    self.whole.insert(path.clone());
                    return;
                }
                let (output, value, variables) = (output.clone(), value.clone(), variables.clone());
                self.recorded.insert(path.clone(), Recorded::Completed { output, value, variables });
            }
            Event::StepFailed { path, error, output, next, .. } => {
                let then = match next {
                    Next::Retry { .. } | Next::Again => return,
                    Next::Catch => Then::Caught,
                    Next::Continue => Then::WentOn,
                    Next::Fail => Then::EndedItsBody,
                };
                // A retry may begin in a body that has failed: what was done in it is kept.
                if then != Then::EndedItsBody {
                    self.recorded.retain(|inner, _| !inner.is_inside(path));
                }
                let (error, output) = (error.clone(), output.clone());
                self.recorded.insert(path.clone(), Recorded::Failed { error, output, then });
            }
            _ => {}
        }
    }

    fn before(self, path: &StepPath) -> BTreeMap<StepPath, Recorded> {
        let Done { definition, whole, recorded, .. } = self;
        let keeps = |done: &StepPath, recorded: &Recorded| {
            // A failure that ended its body is kept where the step around it went on all the same.
            let settled = match recorded {
                Recorded::Failed { then: Then::EndedItsBody, .. } => whole.iter().any(|outer| done.is_inside(outer)),
                Recorded::Completed { .. } | Recorded::Failed { .. } => true,
            };
            settled && comes_before(definition, done, path)
        };
        recorded.into_iter().filter(|(done, recorded)| keeps(done, recorded)).collect()
    }
}

fn holds_bodies(definition: &Definition, path: &StepPath) -> bool {
    let kind = find(definition, path).map(|step| &step.kind);
    matches!(kind, Some(StepKind::Conditional(_) | StepKind::Loop(_) | StepKind::Parallel(_)))
}

/// Tells whether what the step `done` has come to still holds when the run goes on from `path`: it stands before it, or
/// ran at the same time.
fn comes_before(definition: &Definition, done: &StepPath, path: &StepPath) -> bool {
    for ((mine, my_place), (yours, your_place)) in spine(done).iter().zip(&spine(path)) {
        if mine != yours {
            let steps = steps_of(definition, &Spot::around(mine));
            let number = |of: &StepPath| steps.iter().position(|step| step.id == *of.id());
            return number(mine) < number(yours);
        }
        match (my_place, your_place) {
            (Some(mine), Some(yours)) if mine == yours => {}
            (Some(Place::Item(before)), Some(Place::Item(after))) => {
                return before < after || at_once(definition, mine);
            }
            (Some(Place::Branch(_)), Some(Place::Branch(_))) => return true,
            // A step failed before its catch body ran; its failure is what leads there again.
            (None, Some(Place::Catch)) => return true,
            _ => return false,
        }
    }
    false
}

fn at_once(definition: &Definition, path: &StepPath) -> bool {
    match find(definition, path).map(|step| &step.kind) {
        Some(StepKind::Loop(step)) => step.concurrency > 1,
        _ => false,
    }
}

/// Lists the steps around a step from the outermost to itself, each with the place in it.
fn spine(path: &StepPath) -> Vec<(StepPath, Option<Place>)> {
    let outer = std::iter::successors(path.parent(), |(outer, _)| outer.parent());
    let mut spine: Vec<_> = outer.map(|(outer, place)| (outer, Some(place))).collect();
    spine.reverse();
    spine.push((path.clone(), None));
    spine
}
