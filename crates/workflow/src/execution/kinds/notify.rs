//! `notify`: tells the owner's orchestrator session something, once, and knows whether it was told.

use serde_json::{Value, json};

use crate::execution::begin::{At, Prepared};
use crate::execution::effect::Effect;
use crate::execution::end::{Gave, Outcome};
use crate::execution::error::StepError;
use crate::execution::event::Begun;
use crate::step::Notify;

pub(super) fn prepare(at: &At, step: &Notify) -> Result<Prepared, StepError> {
    let content = step.content.text(at.scope())?;
    if content.trim().is_empty() {
        return Err(StepError::new("notify_missing_content", "the message is empty"));
    }
    let due = at.now + at.step.timeout().unwrap_or(at.run.limits().notify_wait_ms);
    let input = json!({ "target": step.target, "content": content });
    let effects = vec![Effect::Notify { step: at.step_ref(), content }];
    Ok(Prepared { input, begun: Begun::Call { due }, effects, ends: None })
}

/// Judges whether it was delivered.
pub(crate) fn returned(step: &Notify, result: Result<Value, StepError>) -> Outcome {
    match result {
        Ok(_) => Outcome::gave(Gave::output(json!({ "type": "notify", "target": step.target, "delivered": true }))),
        Err(error) => {
            let output = json!({ "type": "notify", "target": step.target, "delivered": false, "error": error.message });
            Outcome::Failed { error: StepError::new("notify_send_failed", error.message), output: Some(output) }
        }
    }
}
