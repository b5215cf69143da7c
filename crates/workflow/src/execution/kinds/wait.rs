//! `wait`: a length of time, an instant, or an event.

use std::sync::Arc;

use serde_json::{Value, json};
use tenure_model::time::{Span, Timestamp};

use crate::definition::{instant_of, span_of};
use crate::execution::begin::{At, Prepared};
use crate::execution::end::{Gave, Outcome};
use crate::execution::error::StepError;
use crate::execution::event::Begun;
use crate::limits::{EVENT_TIMEOUT, TIMEOUT_MAX};
use crate::step::{OnWaitTimeout, Wait, WaitFor};
use crate::template::Template;

pub(super) fn prepare(at: &At, step: &Wait) -> Result<Prepared, StepError> {
    match &step.until {
        WaitFor::DurationMs(span) => Ok(timer(at, at.now + *span)),
        WaitFor::Duration(template) => {
            let value = template.render(at.scope())?;
            let span =
                span_of(&value).ok_or_else(|| bad("wait_bad_duration", template, &value, "`5m` or milliseconds"))?;
            if span > TIMEOUT_MAX {
                let message = format!("{span} is longer than a wait may be, {TIMEOUT_MAX}");
                return Err(StepError::new("wait_too_long", message));
            }
            Ok(timer(at, at.now + span))
        }
        WaitFor::Until(template) => {
            let value = template.render(at.scope())?;
            let due = instant_of(&value).ok_or_else(|| {
                bad("wait_bad_instant", template, &value, "`2026-01-31T09:00:00Z` or milliseconds since 1970")
            })?;
            if due.since(at.now) > TIMEOUT_MAX {
                return Err(StepError::new("wait_too_long", format!("{value} is more than {TIMEOUT_MAX} away")));
            }
            Ok(timer(at, due))
        }
        WaitFor::Event(template) => event(at, template),
    }
}

fn timer(at: &At, due: Timestamp) -> Prepared {
    let input = json!({ "until": due });
    if due <= at.now {
        return Prepared::here(input, slept(at.now));
    }
    Prepared { input, begun: Begun::Timer { due }, effects: vec![], ends: None }
}

fn event(at: &At, template: &Template) -> Result<Prepared, StepError> {
    let name = template.text(at.scope())?.trim().to_owned();
    if name.is_empty() {
        return Err(StepError::new("wait_nameless_event", "the name of the awaited event is empty"));
    }
    let due = at.now + at.step.timeout().unwrap_or(EVENT_TIMEOUT);
    let input = json!({ "event": name, "until": due });
    Ok(Prepared { input, begun: Begun::Event { name, due }, effects: vec![], ends: None })
}

fn bad(code: &str, template: &Template, value: &Value, wanted: &str) -> StepError {
    StepError::new(code, format!("`{}` gives {value}, wanted is {wanted}", template.source()))
}

/// Returns what a wait for a time gives.
pub(crate) fn slept(now: Timestamp) -> Outcome {
    Outcome::gave(Gave::output(json!({ "until": now, "timed_out": false })))
}

/// Returns what a wait gives when its event has come.
pub(crate) fn came(name: &str, payload: &Arc<Value>) -> Outcome {
    Outcome::gave(Gave::output(json!({ "event": name, "payload": payload, "timed_out": false })))
}

/// Returns what a wait comes to whose event has not come in time.
pub(crate) fn in_vain(step: &Wait, name: &str, waited: Span) -> Outcome {
    match step.on_timeout {
        OnWaitTimeout::Continue => {
            Outcome::gave(Gave::output(json!({ "event": name, "payload": null, "timed_out": true })))
        }
        OnWaitTimeout::Fail => {
            Outcome::failed(StepError::new("wait_timeout", format!("the event `{name}` did not come within {waited}")))
        }
    }
}
