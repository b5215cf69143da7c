//! A run as a whole, in the words of clients.

use serde_json::{Map, Value};
use tenure_journal::{Store, StoreError};
use tenure_model::EntityKey;
use tenure_model::Kind;
use tenure_model::id::ExecutionId;
use tenure_protocol::execution::{ExecutionView, WhyView};
use tenure_workflow::Execution;
use tenure_workflow::execution::Why;
use tenure_workflow::execution::values::Values;

use super::{steps, timeline};
use crate::api::workflows::shown::as_json;

/// Tells everything of a run but its timeline.
pub fn whole(store: &Store, id: ExecutionId, run: &Execution) -> Result<ExecutionView, StoreError> {
    let (Some(about), Some(row)) = (&run.about, steps::row(run, id)) else {
        let (key, what) = (EntityKey::new(Kind::Execution, id), "it was never started".to_owned());
        return Err(StoreError::Damaged { key, what });
    };
    let (ended, ending) = (run.ended.as_ref(), run.ending.as_ref());
    Ok(ExecutionView {
        row,
        owner: about.start.owner,
        inputs: object(&about.inputs),
        outputs: ended.map(|ended| object(&ended.outputs)).unwrap_or_default(),
        reason: ended.map_or_else(|| ending.and_then(|ending| ending.reason.clone()), |ended| ended.reason.clone()),
        usage: run.usage.clone(),
        steps_started: run.counts.started,
        max_steps: about.start.definition.max_steps,
        open: timeline::open(store, id, run)?,
        approvals: steps::approvals(run, id),
        repo: about.start.repo.clone(),
        definition: as_json(&about.start.definition),
    })
}

/// Tells why a run does not get on.
pub fn why(why: &Why) -> WhyView {
    let plain = serde_json::to_value(why).and_then(serde_json::from_value);
    plain.expect("an answer of a run reads as its wire type")
}

fn object(values: &Values) -> Map<String, Value> {
    values.iter().map(|(name, value)| (name.clone(), value.as_ref().clone())).collect()
}
