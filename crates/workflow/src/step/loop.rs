//! `loop`: runs its steps once per item of a list, or as long as a condition holds.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{OnFailure, Step};
use crate::definition::Ident;
use crate::limits::{CONCURRENCY_MAX, LOOP_ITEMS_MAX};
use crate::read::draft::Draft;
use crate::read::form::{Field, Form, Shape};
use crate::template::{Condition, ValueTemplate};

/// One loop. Inside it `item` and `index` (or the names given here) are variables, also as `loop.item` and `loop.index`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Loop {
    #[serde(flatten)]
    pub source: LoopSource,
    pub item: Ident,
    pub index: Ident,
    /// How many items are under way at once; a `while` loop always has one.
    pub concurrency: u32,
    /// More items than this fail the step before any is run; a `while` loop fails when it would start one more.
    pub max_items: u32,
    #[serde(default)]
    pub on_failure: OnFailure,
    /// What is gathered of each iteration into `outputs.<id>.results`, in the order of the items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collect: Option<ValueTemplate>,
    pub steps: Vec<Step>,
}

/// Where iterations come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoopSource {
    /// A list written in the definition, or a template of one token that gives a list.
    Over(ValueTemplate),
    /// Evaluated before each iteration.
    While(Condition),
}

pub(crate) const FORM: Form = Form {
    word: "loop",
    description: "Runs its steps once per item of a list, or as long as a condition holds. Inside, the item is `item` and its \
        number from 0 `index`. Gives `iterations`, and `results` when there is a `collect`.",
    fields: &[
        Field::new("over", Shape::Items, "A list, or an expression that gives one, like `outputs.find.files`."),
        Field::new(
            "while",
            Shape::Condition,
            "A condition, evaluated before each round; it may read what the last round gave.",
        )
        .inside(),
        Field::new("item", Shape::Ident, "What the item is called.").or(&["itemVar", "item_var"]).default("\"item\""),
        Field::new("index", Shape::Ident, "What its number is called.")
            .or(&["indexVar", "index_var"])
            .default("\"index\""),
        Field::new(
            "concurrency",
            Shape::Integer { min: 1, max: CONCURRENCY_MAX as u64 },
            "How many items are under way at once.",
        )
        .default("1"),
        Field::new(
            "max_items",
            Shape::Integer { min: 1, max: LOOP_ITEMS_MAX as u64 },
            "More items or rounds fail the step.",
        )
        .default("1000"),
        Field::new(
            "on_failure",
            Shape::OneOf(&["fail_fast", "collect"]),
            "Whether a failed item cancels the others, or all are finished and the failures are among the results.",
        )
        .default("\"fail_fast\""),
        Field::new("collect", Shape::Value, "What is gathered of each item, like `{{ outputs.check.response }}`.")
            .inside(),
        Field::new("steps", Shape::Steps, "What is done for each item.").required(),
    ],
    check,
};

fn check(draft: &mut Draft<'_, '_>) {
    draft.exactly_one(&["over", "while"]);
    if draft.has("while") && draft.object.get("concurrency").and_then(Value::as_u64).is_some_and(|most| most > 1) {
        draft.wrong("concurrency", "never_used", "rounds of a `while` run one after the other", "leave it out");
    }
    if draft.has("item") && draft.object.get("item") == draft.object.get("index") {
        draft.wrong("index", "duplicate_name", "item and index have the same name", "name one of them otherwise");
    }
    if let Some(Value::Array(items)) = draft.object.get("over") {
        let most = draft.object.get("max_items").and_then(Value::as_u64).unwrap_or(u64::MAX);
        let count = items.len();
        if count as u64 > most {
            draft.wrong(
                "over",
                "too_many",
                format!("has {count} items; `max_items` allows {most}"),
                "raise `max_items`",
            );
        }
    }
}
