//! `conditional`: runs one of two bodies.

use serde::{Deserialize, Serialize};

use super::Step;
use crate::read::draft::Draft;
use crate::read::form::{Field, Form, Shape};
use crate::template::Condition;

/// One fork.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conditional {
    pub condition: Condition,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<Step>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub r#else: Vec<Step>,
}

pub(crate) const FORM: Form = Form {
    word: "conditional",
    description: "Runs `then` when the condition holds, else `else`. Gives `condition` and `branch`.",
    fields: &[
        Field::new("condition", Shape::Condition, "An expression like `outputs.test.exitCode == 0 and inputs.deploy`.")
            .required(),
        Field::new("then", Shape::Steps, "What runs when it holds."),
        Field::new("else", Shape::Steps, "What runs when it does not."),
    ],
    check,
};

fn check(draft: &mut Draft<'_, '_>) {
    if draft.node.entry("then").is_none() && draft.node.entry("else").is_none() {
        draft.wrong(
            "",
            "empty_body",
            "has neither `then` nor `else`",
            "add steps to one of them, or use `if` on a step",
        );
    }
}
