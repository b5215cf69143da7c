//! The start of a step: whether it runs at all, and then its first or next attempt.

use serde_json::Value;
use tenure_model::id::ExecutionId;
use tenure_model::time::Timestamp;

use super::draft::Draft;
use super::effect::Effect;
use super::end::{self, Outcome};
use super::error::{MAX_STEPS, StepError};
use super::event::{Begun, Event};
use super::state::{Execution, Spot};
use super::{draft, kinds};
use crate::path::StepPath;
use crate::step::Step;
use crate::template::Scope;
use tenure_model::step::StepRef;

/// What a kind of step makes of its fields before it starts.
pub(crate) struct Prepared {
    /// What the timeline shows that the step was given.
    pub input: Value,
    pub begun: Begun,
    pub effects: Vec<Effect>,
    /// How a step ends that needs nobody.
    pub ends: Option<Outcome>,
}

/// Where a step runs, for preparing it.
pub(crate) struct At<'a> {
    pub run: &'a Execution,
    pub id: ExecutionId,
    pub now: Timestamp,
    pub path: &'a StepPath,
    pub step: &'a Step,
    pub attempt: u32,
}

impl At<'_> {
    /// Returns what the step's templates read.
    pub fn scope(&self) -> Scope<'_> {
        self.run.scope(&Spot::around(self.path))
    }

    pub fn step_ref(&self) -> StepRef {
        draft::step_ref(self.id, self.path, self.attempt, 0)
    }

    /// Derives the id of something that this attempt asks for.
    pub fn derived<I: From<uuid::Uuid>>(&self, what: &str) -> I {
        draft::derived(what, self.id, self.path, self.attempt, 0)
    }
}

/// Starts a step, or passes it over.
pub(crate) fn begin(draft: &mut Draft, spot: &Spot, step: &Step) {
    let path = match spot {
        Spot::Body(outer, place) => outer.inside(*place, step.id.clone()),
        Spot::Root | Spot::Container(_) => StepPath::top(step.id.clone()),
    };
    let start = draft.start();
    if let Some(recorded) = start.retrying.as_ref().and_then(|retrying| retrying.recorded.get(&path)) {
        return draft.emit(Event::StepReused { path, recorded: recorded.clone() });
    }
    let runs = step.when.as_ref().map_or(Ok(true), |when| when.holds(draft.run().scope(spot)));
    let (max, first) = (start.definition.max_steps, draft.run().attempts_before(&path) + 1);
    match runs {
        Ok(false) => draft.emit(Event::StepSkipped { path }),
        Err(error) => fail(draft, path, first, error.into()),
        Ok(true) if draft.run().counts.started >= max => {
            let message =
                format!("the run would start more than {max} steps; `max_steps` in the definition raises this");
            fail(draft, path, first, StepError::new(format!("{MAX_STEPS}:{max}"), message));
        }
        Ok(true) => attempt(draft, path, step, first),
    }
}

/// Starts one attempt of a step.
pub(crate) fn attempt(draft: &mut Draft, path: StepPath, step: &Step, attempt: u32) {
    let at = At { run: draft.run(), id: draft.id(), now: draft.ctx.now, path: &path, step, attempt };
    let prepared = match kinds::prepare(&at) {
        Ok(prepared) => prepared,
        Err(error) => return fail(draft, path, attempt, error),
    };
    let Prepared { input, begun, effects, ends } = prepared;
    let awaited = match &begun {
        Begun::Event { name, .. } => Some(name.clone()),
        _ => None,
    };
    draft.emit(Event::StepStarted { path: path.clone(), attempt, input, begun });
    if let Some(name) = awaited {
        take_kept(draft, &path, name);
    }
    effects.into_iter().for_each(|effect| draft.ask(effect));
    if let Some(outcome) = ends {
        end::end(draft, &path, outcome);
    }
}

/// Ends a wait whose event came before it.
fn take_kept(draft: &mut Draft, path: &StepPath, name: String) {
    let kept = draft.run().events.iter().find(|kept| kept.name == name);
    let Some(payload) = kept.map(|kept| kept.payload.clone()) else { return };
    draft.emit(Event::EventTaken { name: name.clone() });
    end::end(draft, path, kinds::wait::came(&name, &payload));
}

/// Starts the next attempt of a step that is under way.
pub(crate) fn again(draft: &mut Draft, path: &StepPath) {
    let start = draft.start();
    let Some(step) = super::state::find(&start.definition, path) else { return };
    let Some(last) = draft.run().steps.get(path).map(|run| run.attempt) else { return };
    attempt(draft, path.clone(), step, last + 1);
}

/// Records an attempt that could not even be asked for.
fn fail(draft: &mut Draft, path: StepPath, attempt: u32, error: StepError) {
    draft.emit(Event::StepStarted { path: path.clone(), attempt, input: Value::Null, begun: Begun::Here });
    end::end(draft, &path, Outcome::failed(error));
}
