//! `workflow`: a run of another workflow, whose outputs are what the step gives.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tenure_model::id::ExecutionId;
use tenure_model::step::RunEnd;

use crate::execution::begin::{At, Prepared};
use crate::execution::effect::Effect;
use crate::execution::end::{Gave, Outcome};
use crate::execution::error::StepError;
use crate::execution::event::Begun;
use crate::step::Workflow;

pub(super) fn prepare(at: &At, step: &Workflow) -> Result<Prepared, StepError> {
    let start = &at.run.about().start;
    let limits = at.run.limits();
    let depth = start.parent.as_ref().map_or(0, |parent| parent.depth) + 1;
    if depth > limits.depth_max {
        let message = format!("runs would start runs {depth} levels deep, the limit depth_max is {}", limits.depth_max);
        return Err(StepError::new("depth_exceeded", message));
    }
    let mut inputs = BTreeMap::new();
    for (name, value) in &step.inputs {
        inputs.insert(name.as_str().to_owned(), value.render(at.scope())?);
    }
    let child: ExecutionId = at.derived("child");
    let due = at.now + at.step.timeout().unwrap_or(limits.child_wait_ms);
    let input = json!({ "workflow": step.workflow, "inputs": inputs, "execution": child });
    let (workflow, repo, test) = (step.workflow.clone(), start.repo.clone(), start.test);
    let effects = vec![Effect::StartChild { child, workflow, inputs, step: at.step_ref(), depth, repo, test }];
    Ok(Prepared { input, begun: Begun::Child { child, due }, effects, ends: None })
}

/// Judges how the child has ended.
pub(crate) fn ended(end: RunEnd, outputs: Value, error: Option<StepError>) -> Outcome {
    match end {
        RunEnd::Completed => Outcome::gave(Gave::output(outputs)),
        RunEnd::Failed => {
            let why = error.map_or_else(|| "it does not say why".to_owned(), |error| error.to_string());
            Outcome::failed(StepError::new("child_failed", format!("the child run has failed: {why}")))
        }
        RunEnd::Cancelled => Outcome::failed(StepError::new("child_cancelled", "the child run was cancelled")),
    }
}
