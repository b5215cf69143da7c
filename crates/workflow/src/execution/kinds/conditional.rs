//! `conditional`: the body that runs is chosen when the step starts.

use serde_json::json;

use crate::execution::begin::{At, Prepared};
use crate::execution::error::StepError;
use crate::execution::event::Plan;
use crate::path::Place;
use crate::step::Conditional;

pub(super) fn prepare(at: &At, step: &Conditional) -> Result<Prepared, StepError> {
    let holds = step.condition.holds(at.scope())?;
    let branch = if holds { Place::Then } else { Place::Else };
    let input = json!({ "condition": step.condition.source(), "holds": holds });
    Ok(Prepared::bodies(at, input, Plan::Conditional { branch }))
}
