//! The fields of a definition as a whole: how they are read, and their words in the published schema.

use serde_json::Value;
use tenure_model::budget::Allowance;
use tenure_model::placement::Placement;

use super::{InputType, Slug};
use crate::limits::{CONCURRENCY_MAX, MAX_STEPS_MAX};
use crate::read::draft::Draft;
use crate::read::form::{Field, Form, Shape, fill, no_rules};

pub(crate) const FORM: Form = Form {
    word: "",
    description: "A workflow: named steps that run one after the other, each of them durable.",
    fields: &[
        Field::new("name", Shape::Text, "The title that people see.").required(),
        Field::new("slug", Shape::Slug, "The name in commands and addresses; without it, one is made of the title."),
        Field::new("description", Shape::Text, "What the workflow is for."),
        Field::new("version", Shape::Version, "A version like 1.0.0; it is shown and not interpreted.")
            .default("\"1.0.0\""),
        Field::new("tags", Shape::Texts, "Words to find the workflow by."),
        Field::new(
            "inputs",
            Shape::Named { form: &INPUT, short: Some("type") },
            "The values that a run is started with, by name. Steps read them as `inputs.<name>` or `variables.<name>`.",
        ),
        Field::new("steps", Shape::Steps, "What is done, in this order.").required(),
        Field::new(
            "outputs",
            Shape::Named { form: &NAMED_VALUE, short: Some("value") },
            "What a finished run answers: names, each with a template.",
        ),
        Field::new(
            "max_steps",
            Shape::Integer { min: 1, max: MAX_STEPS_MAX as u64 },
            "How many steps one run may start, counted over all branches and rounds of loops.",
        )
        .or(&["maxSteps"])
        .default("50"),
        Field::new("timeout_ms", Shape::Duration, "How long a run may take, with all its waiting.").or(&["timeoutMs"]),
        Field::new(
            "concurrency",
            Shape::Object { form: &CONCURRENCY, short: Some("max") },
            "How many runs may be under way at once; the rest queue.",
        ),
        Field::new(
            "failure_notify",
            Shape::OneOf(&["orchestrator", "none"]),
            "Who hears when a run fails: the owner's orchestrator session, or nobody.",
        )
        .or(&["failureNotify"])
        .default("\"orchestrator\""),
        Field::new(
            "constraints",
            Shape::Object { form: &CONSTRAINTS, short: None },
            "What runs may do to the workflow itself.",
        )
        .default("{}"),
        Field::new(
            "budget",
            Shape::Object { form: &BUDGET, short: None },
            "How much one run may use, with the runs that it starts; what would go beyond it waits for a person.",
        ),
        Field::new(
            "runner",
            Shape::Object { form: &RUNNER, short: None },
            "Which runners do the works of a run; any without it. A run that works in another session has that session's.",
        ),
    ],
    check,
};

const BUDGET: Form = Form {
    word: "",
    description: "How much may be used; what is left out has no limit.",
    fields: &[
        Field::new("tokens", AMOUNT, "Tokens that models read and write."),
        Field::new(
            "cost_usd",
            Shape::Number { min: 0.000_001, max: 1e9 },
            "US dollars, by the prices in the server's configuration.",
        ),
        Field::new("time_ms", Shape::Duration, "How long runners are at work, added up."),
        Field::new("turns", AMOUNT, "Prompts that are handed to an agent."),
        Field::new("tool_calls", AMOUNT, "Calls of tools that agents make, their own tools among them."),
    ],
    check: no_rules,
};

const AMOUNT: Shape = Shape::Integer { min: 1, max: Allowance::MAX };

const RUNNER: Form = Form {
    word: "",
    description: "What is asked of runners.",
    fields: &[
        Field::new("pool", Shape::Text, "The pool of the runner's token."),
        Field::new(
            "labels",
            Shape::Labels,
            "Labels that all must be there, by name; an empty text stands for a label without a value.",
        ),
        Field::new("sandbox", Shape::Text, "The kind of sandbox that is started for the run alone."),
    ],
    check: check_runner,
};

const INPUT: Form = Form {
    word: "",
    description: "One input.",
    fields: &[
        Field::new("name", Shape::Ident, "Letters, digits and `_`.").required(),
        Field::new(
            "type",
            Shape::OneOf(&["string", "number", "integer", "boolean", "array", "object", "any"]),
            "What kind of value it takes.",
        )
        .default("\"any\""),
        Field::new("required", Shape::Bool, "Whether a run cannot start without it.").default("false"),
        Field::new("default", Shape::Plain, "The value that is taken when none is given."),
        Field::new("enum", Shape::Plains, "The only values that are taken."),
        Field::new("description", Shape::Text, "What the value is for."),
    ],
    check: check_input,
};

/// A name with a template: an output, something to look at before deciding.
pub(crate) const NAMED_VALUE: Form = Form {
    word: "",
    description: "A name and what it becomes.",
    fields: &[
        Field::new("name", Shape::Text, "The name.").required(),
        Field::new("value", Shape::Value, "A template, or a value whose texts are templates.").required().inside(),
    ],
    check: no_rules,
};

const CONCURRENCY: Form = Form {
    word: "",
    description: "A limit that runs share.",
    fields: &[
        Field::new(
            "key",
            Shape::Template,
            "Runs with the same key share the limit; it may read inputs only. Without it, all do.",
        ),
        Field::new(
            "max",
            Shape::Integer { min: 1, max: CONCURRENCY_MAX as u64 },
            "How many runs may be under way at once.",
        )
        .default("1"),
    ],
    check: no_rules,
};

const CONSTRAINTS: Form = Form {
    word: "",
    description: "What runs may do to the workflow itself.",
    fields: &[Field::new(
        "allow_self_modification",
        Shape::Bool,
        "Whether a run may propose changes to its own workflow.",
    )
    .or(&["allowSelfModification"])
    .default("false")],
    check: no_rules,
};

fn check(draft: &mut Draft<'_, '_>) {
    if let Some(constraints) = draft.object.get_mut("constraints").and_then(Value::as_object_mut) {
        fill(CONSTRAINTS.fields, constraints);
    }
    if draft.is_empty("budget") {
        draft.wrong("budget", "empty_budget", "limits nothing", "give at least one limit, or leave it out");
    }
    if draft.has("slug") {
        return;
    }
    let Some(name) = draft.text("name") else { return };
    match Slug::from_title(name) {
        Some(slug) => {
            draft.object.insert("slug".to_owned(), slug.as_str().into());
        }
        None => draft.wrong("name", "bad_name", "no slug can be made of it", "add `slug:` with letters and digits"),
    }
}

fn check_runner(draft: &mut Draft<'_, '_>) {
    let read = serde_json::from_value::<Placement>(Value::Object(draft.object.clone()));
    let Some(wrong) = read.ok().and_then(|placement| placement.check().err()) else { return };
    draft.wrong("", "bad_runner", wrong.to_string(), "say a pool, or a sandbox, and labels by name");
}

fn check_input(draft: &mut Draft<'_, '_>) {
    let Some(of) = draft.text("type").and_then(|word| InputType::ALL.into_iter().find(|of| of.word() == word)) else {
        return;
    };
    let one_of = draft.object.get("enum").and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(wrong) = one_of.iter().find(|value| !of.takes(value)) {
        draft.wrong(
            "enum",
            "wrong_type",
            format!("{wrong} is no {}", of.word()),
            "list only values of the input's type",
        );
    }
    let Some(default) = draft.object.get("default").cloned() else { return };
    if draft.object.get("required") == Some(&Value::Bool(true)) {
        draft.wrong("default", "never_used", "a required input never takes its default", "remove one of the two");
    }
    if !of.takes(&default) {
        draft.wrong(
            "default",
            "wrong_type",
            format!("{default} is no {}", of.word()),
            "write a value of the input's type",
        );
    } else if !one_of.is_empty() && !one_of.contains(&default) {
        draft.wrong("default", "unknown_value", format!("{default} is none of the values in `enum`"), "add it there");
    }
}
