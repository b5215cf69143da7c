//! `loop`: runs its steps once per item of a list, or as long as a condition holds.

use serde::{Deserialize, Serialize};

use super::{OnFailure, Step};
use crate::definition::Ident;
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
