//! `loop`: its items are fixed when the step starts; a `while` loop asks its condition before each iteration.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::execution::begin::{At, Prepared};
use crate::execution::error::StepError;
use crate::execution::event::Plan;
use crate::limits::CONCURRENCY_MAX;
use crate::step::{Loop, LoopSource};

pub(super) fn prepare(at: &At, step: &Loop) -> Result<Prepared, StepError> {
    let over = match &step.source {
        LoopSource::While(condition) => {
            return Ok(Prepared::bodies(at, json!({ "while": condition.source() }), Plan::While));
        }
        LoopSource::Over(over) => over,
    };
    let items = match over.render(at.scope())? {
        Value::Array(items) => items,
        other => return Err(no_list(over.source(), &other)),
    };
    if items.len() > step.max_items as usize {
        let (count, max) = (items.len(), step.max_items);
        let message = format!("the list has {count} items, the loop takes {max}; `max_items` raises this");
        return Err(StepError::new(format!("loop_too_many_items:{max}"), message));
    }
    let input = json!({ "items": items.len() });
    let at_once = step.concurrency.clamp(1, CONCURRENCY_MAX);
    let items = Arc::new(items.into_iter().map(Arc::new).collect());
    Ok(Prepared::bodies(at, input, Plan::Over { items, at_once }))
}

fn no_list(source: &Value, value: &Value) -> StepError {
    let kind = match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    StepError::new("loop_over_not_array", format!("{source} is {kind}, a loop goes over a list"))
}
