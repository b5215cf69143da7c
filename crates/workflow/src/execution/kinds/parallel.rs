//! `parallel`: branches that each see what was there before the step.

use serde_json::json;

use crate::execution::begin::{At, Prepared};
use crate::execution::event::Plan;
use crate::limits::CONCURRENCY_MAX;
use crate::step::Parallel;

pub(super) fn prepare(at: &At, step: &Parallel) -> Prepared {
    let branches = step.branches.len() as u32;
    let at_once = step.concurrency.unwrap_or(CONCURRENCY_MAX).clamp(1, CONCURRENCY_MAX);
    let names: Vec<_> = step.branches.iter().map(|branch| branch.name.as_str()).collect();
    Prepared::bodies(at, json!({ "branches": names }), Plan::Parallel { branches, at_once })
}
