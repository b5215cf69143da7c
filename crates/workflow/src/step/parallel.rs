//! `parallel`: runs branches at the same time.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{OnFailure, Step};
use crate::limits::CONCURRENCY_MAX;
use crate::read::draft::Draft;
use crate::read::form::{Field, Form, Shape};

/// Several branches. Each sees what was there before the step and what it did itself; what they give is merged by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parallel {
    pub branches: Vec<Branch>,
    #[serde(default)]
    pub on_failure: OnFailure,
    /// How many branches are under way at once; none means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
}

/// One branch. A plain step in `steps` is a branch with the step's id as its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Branch {
    pub name: String,
    pub steps: Vec<Step>,
}

pub(crate) const FORM: Form = Form {
    word: "parallel",
    description: "Runs branches at the same time. What they give is merged by name. Gives `branchCount`, and `results` by branch \
        when failures are collected.",
    fields: &[
        Field::new(
            "branches",
            Shape::Named { form: &BRANCH, short: Some("steps") },
            "Branches by name, each with its steps.",
        ),
        Field::new("steps", Shape::Steps, "A shorter form: each step is a branch of its own."),
        Field::new(
            "on_failure",
            Shape::OneOf(&["fail_fast", "collect"]),
            "Whether a failed branch cancels the others, or all are finished and the failures are among the results.",
        )
        .default("\"fail_fast\""),
        Field::new(
            "concurrency",
            Shape::Integer { min: 1, max: CONCURRENCY_MAX as u64 },
            "How many branches run at once; without it, all.",
        ),
    ],
    check,
};

const BRANCH: Form = Form {
    word: "",
    description: "One branch.",
    fields: &[
        Field::new("name", Shape::Text, "What the branch is called.").required(),
        Field::new("steps", Shape::Steps, "What it does.").required(),
    ],
    check: crate::read::form::no_rules,
};

fn check(draft: &mut Draft<'_, '_>) {
    let written: Vec<&str> =
        ["branches", "steps"].into_iter().filter(|field| draft.node.entry(field).is_some()).collect();
    match written[..] {
        [] => draft.wrong("", "empty_body", "has no branches", "add `branches` with names, or `steps`"),
        [_, _] => {
            draft.wrong("steps", "too_many_fields", "may have only one of `branches`, `steps`", "keep one of them")
        }
        ["branches"] if draft.is_empty("branches") => {
            draft.wrong("branches", "empty_body", "has no branches", "add one");
        }
        _ => {}
    }
    if let Some(Value::Array(steps)) = draft.object.remove("steps") {
        let branches = steps.into_iter().map(|step| json!({ "name": step["id"], "steps": [step] }));
        draft.object.insert("branches".to_owned(), branches.collect());
    }
}
