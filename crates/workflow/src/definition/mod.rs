//! What a workflow says as a whole: its inputs, its steps, its outputs and its limits.

mod input;
mod name;
mod duration;
mod form;

use serde::{Deserialize, Serialize};
use tenure_model::budget::Allowance;
use tenure_model::placement::Placement;
use tenure_model::time::Span;

use crate::path::StepPath;
use crate::step::{Step, StepKind};
use crate::template::{Template, ValueTemplate};

pub use duration::{instant_of, parse_instant, parse_span, span_of, write_span};
pub(crate) use form::{FORM, NAMED_VALUE};
pub use input::{Input, InputType};
pub use name::{BadName, Ident, Slug, StepId};

/// A workflow that was read and found right.
///
/// Reading what somebody wrote goes through `read`. Deserializing is for what this type serialized before: it trusts the
/// rules that held when it was stored, so that a stricter rule of tomorrow cannot make yesterday's version unreadable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    pub name: String,
    pub slug: Slug,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub version: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// What a run is started with, in authored order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Input>,
    pub steps: Vec<Step>,
    /// What a finished run answers, in authored order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<NamedValue>,
    /// How many steps one run may start, counted over all branches and iterations.
    pub max_steps: u32,
    /// How long a run may take, time spent waiting included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<Span>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<Concurrency>,
    pub failure_notify: FailureNotify,
    #[serde(default)]
    pub constraints: Constraints,
    /// How much one run may use, with the runs that it starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Allowance>,
    /// Which runners do the works of a run that has a session of its own; any when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner: Option<Placement>,
}

/// A name and what it becomes: an output of the workflow, an item that an approver is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NamedValue {
    pub name: String,
    pub value: ValueTemplate,
}

/// How many runs with the same key may be under way at once; the rest queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Concurrency {
    /// Evaluated once, when a run is started; it may read inputs only. Without a key all runs of the workflow share one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Template>,
    pub max: u32,
}

/// Who hears when a run fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureNotify {
    #[default]
    Orchestrator,
    None,
}

/// What runs of the workflow may do to the workflow itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Constraints {
    pub allow_self_modification: bool,
}

impl Definition {
    /// Lists every step, each before what stands in it, in authored order.
    pub fn all_steps(&self) -> impl Iterator<Item = &Step> {
        let mut waiting: Vec<&Step> = self.steps.iter().rev().collect();
        std::iter::from_fn(move || {
            let step = waiting.pop()?;
            let bodies = step.bodies();
            waiting.extend(bodies.into_iter().rev().flat_map(|body| body.steps.iter().rev()));
            Some(step)
        })
    }

    /// Lists the workflows, by slug or id, that this one runs as children.
    pub fn children(&self) -> impl Iterator<Item = &str> {
        self.all_steps().filter_map(|step| match &step.kind {
            StepKind::Workflow(child) => Some(child.workflow.as_str()),
            _ => None,
        })
    }

    /// Returns the step that a path names; none when no such step can stand there.
    pub fn at(&self, path: &StepPath) -> Option<&Step> {
        let mut steps: &[Step] = &self.steps;
        for (id, place) in path.containers() {
            steps = steps.iter().find(|step| step.id == *id)?.body(place);
        }
        steps.iter().find(|step| step.id == *path.id())
    }

    /// Returns the step with this id; ids are unique in the whole definition.
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.all_steps().find(|step| &step.id == id)
    }
}
