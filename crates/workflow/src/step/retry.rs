//! When and how often a failed step is tried again.

use crate::limits::ATTEMPTS_MAX;
use crate::read::draft::Draft;
use crate::read::form::{Field, Form, Shape, fill};
use serde::{Deserialize, Serialize};
use tenure_model::time::Span;

/// How often a step is tried, how long is waited between, and after which errors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Retry {
    /// All tries, the first one included.
    pub max_attempts: u32,
    pub backoff: Backoff,
    /// Beginnings of the error codes that are worth another try (`bash_timeout`, `bash_exit_code:75`); none means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<String>,
}

/// The pause before each further try: `delay`, then each time `factor` times longer, at most `max_delay`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Backoff {
    pub delay_ms: Span,
    pub factor: f64,
    pub max_delay_ms: Span,
}

impl Retry {
    /// Returns the pause before the next try after `attempts` tries have failed with `code`; none when that was the last.
    pub fn pause(&self, attempts: u32, code: &str) -> Option<Span> {
        let worth = self.on.is_empty() || self.on.iter().any(|start| code.starts_with(start.as_str()));
        (worth && attempts < self.max_attempts).then(|| self.backoff.pause(attempts))
    }
}

impl Backoff {
    fn pause(&self, attempts: u32) -> Span {
        let times = i32::try_from(attempts.saturating_sub(1)).unwrap_or(i32::MAX);
        // A float that is too large becomes the largest integer, and the minimum bounds it.
        let grown = (self.delay_ms.0 as f64 * self.factor.powi(times)) as u64;
        Span(grown.min(self.max_delay_ms.0))
    }
}

pub(crate) const FORM: Form = Form {
    word: "",
    description: "When and how often a failed step is tried again.",
    fields: &[
        Field::new(
            "max_attempts",
            Shape::Integer { min: 1, max: ATTEMPTS_MAX as u64 },
            "All tries, the first one included.",
        )
        .or(&["maxAttempts"])
        .default("3"),
        Field::new(
            "backoff",
            Shape::Object { form: &BACKOFF, short: Some("delay") },
            "The pause before each further try.",
        )
        .default("{}"),
        Field::new(
            "on",
            Shape::Texts,
            "Beginnings of the error codes that are worth another try; without it, all are.",
        ),
    ],
    check: check_retry,
};

const BACKOFF: Form = Form {
    word: "",
    description: "The pause before each further try: `delay`, then each time `factor` times longer, at most `max_delay`.",
    fields: &[
        Field::new("delay_ms", Shape::Duration, "The first pause.").or(&["delayMs"]).default("1000"),
        Field::new("factor", Shape::Number { min: 1.0, max: 10.0 }, "How much longer each next one is.").default("2.0"),
        Field::new("max_delay_ms", Shape::Duration, "The longest pause.").or(&["maxDelayMs"]).default("300000"),
    ],
    check: crate::read::form::no_rules,
};

fn check_retry(draft: &mut Draft<'_, '_>) {
    let backoff = draft.object.get_mut("backoff").and_then(serde_json::Value::as_object_mut);
    if let Some(backoff) = backoff {
        fill(BACKOFF.fields, backoff);
    }
}
