//! `stop`: the run ends here, whatever else of it is under way.

use serde_json::json;
use tenure_model::step::RunEnd;

use crate::execution::begin::{At, Prepared};
use crate::execution::end::{Gave, Outcome, Stops};
use crate::execution::error::StepError;
use crate::step::{Stop, StopStatus};

pub(super) fn prepare(at: &At, step: &Stop) -> Result<Prepared, StepError> {
    let reason = step.reason.as_ref().map(|reason| reason.text(at.scope())).transpose()?;
    let (end, error) = match step.status {
        StopStatus::Completed => (RunEnd::Completed, None),
        StopStatus::Cancelled => (RunEnd::Cancelled, None),
        StopStatus::Failed => {
            let message = reason.clone().unwrap_or_else(|| "the workflow stopped itself".to_owned());
            (RunEnd::Failed, Some(StepError::new("stopped", message).at(at.path)))
        }
    };
    let output = json!({ "status": step.status, "reason": reason });
    let stops = Some(Stops { end, error, reason, by: None });
    Ok(Prepared::here(output.clone(), Outcome::gave(Gave { stops, ..Gave::output(output) })))
}
