//! The fields that every step may have: how they are read, and their words in the published schema.

use super::retry;
use crate::read::form::{Field, Shape};

pub(crate) const COMMON: &[Field] = &[
    Field::new(
        "id",
        Shape::StepId,
        "Letters, digits, `_` and `-`, unique in the workflow. Later steps read what the step gives as `outputs.<id>`.",
    ),
    Field::new("name", Shape::Text, "The title that people see."),
    Field::new("if", Shape::Condition, "The step is skipped when this expression does not hold."),
    Field::new("output", Shape::Ident, "A second name for what the step gives: `outputs.<output>`.")
        .or(&["outputVariable", "output_variable"]),
    Field::new("timeout_ms", Shape::Duration, "How long one try may take, or a person or an event is awaited.")
        .or(&["timeoutMs"]),
    Field::new(
        "retry",
        Shape::Object { form: &retry::FORM, short: Some("max_attempts") },
        "When and how often the step is tried again after a failure.",
    ),
    Field::new("continue_on_error", Shape::Bool, "A failure is recorded and the run goes on.")
        .or(&["continueOnError"])
        .default("false"),
    Field::new(
        "idempotent",
        Shape::Bool,
        "Running it twice does no harm, so it is started again when its runner was lost.",
    )
    .default("false"),
    Field::new(
        "on_unknown",
        Shape::OneOf(&["ask", "retry", "fail"]),
        "What to do when its runner was lost and nobody knows whether it was done.",
    )
    .or(&["onUnknown"])
    .default("\"ask\""),
    Field::new("catch", Shape::Steps, "Steps that run when the step has failed for good; they read `error.message`."),
];
