//! What every trigger says, whatever its kind.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tenure_model::time::Span;

use super::kind::On;
use super::mapping::MAPPED;
use super::name::Name;
use crate::read::draft::Draft;
use crate::read::form::{Field, Shape};
use crate::template::Template;

/// A trigger that was read and found right.
///
/// Deserializing trusts the rules that held when it was stored; what somebody writes goes through [`super::Patch`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    pub name: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub enabled: bool,
    /// The workflow that is run, by slug or id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<String>,
    /// What the orchestrator is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Template>,
    /// Values that are the same every time.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub inputs: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap: Option<Overlap>,
    pub failure_notify: FailureNotify,
    #[serde(flatten)]
    pub on: On,
}

/// What a trigger starts.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    Workflow(&'a str),
    Orchestrator(&'a Template),
}

/// What happens when the last run is still under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// The firing is left out.
    Skip,
    /// It waits for its turn.
    Queue,
    /// The run is cancelled, and the firing starts when it has ended.
    CancelRunning,
    /// Both go on.
    Allow,
}

/// Who hears of a firing that could not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureNotify {
    Orchestrator,
    None,
}

impl Definition {
    pub fn target(&self) -> Target<'_> {
        match (&self.workflow, &self.prompt) {
            (Some(workflow), _) => Target::Workflow(workflow),
            (None, Some(prompt)) => Target::Orchestrator(prompt),
            (None, None) => unreachable!("a trigger is saved with one of them"),
        }
    }

    /// Returns what happens when the last run is still under way: schedules wait for nobody unless they say so, and no delivery
    /// is left out unless its trigger says so.
    pub fn overlap(&self) -> Overlap {
        self.overlap.unwrap_or(match self.on {
            On::Schedule(_) => Overlap::Skip,
            On::Webhook(_) | On::Github(_) | On::Manual => Overlap::Allow,
        })
    }

    /// Returns by how much the firings of a trigger are put off so that many of them do not come at once; always the same for
    /// one trigger.
    pub fn delay(&self, id: tenure_model::id::TriggerId) -> Span {
        match &self.on {
            On::Schedule(plan) if plan.jitter_ms.0 > 0 => Span((id.0.as_u128() % u128::from(plan.jitter_ms.0)) as u64),
            _ => Span::ZERO,
        }
    }
}

/// The fields of every trigger; `type` is read before them.
pub(super) const COMMON: &[Field] = &[
    Field::new("name", Shape::Text, "The trigger's name, whatever its case. Saving it again changes this trigger.")
        .required(),
    Field::new("description", Shape::Text, "What the trigger is for."),
    Field::new("enabled", Shape::Bool, "Whether it fires. Nothing is made up for the time that it does not.")
        .default("true"),
    Field::new("workflow", Shape::Text, "The workflow that is run, by slug or id.").or(&["workflowId", "workflow_id"]),
    Field::new(
        "prompt",
        Shape::Template,
        "What the owner's orchestrator session is asked, in a new thread, instead of running a workflow. It may read \
         `inputs`, `payload` and `trigger`.",
    ),
    Field::new("inputs", Shape::Plain, "Values for the workflow's inputs that are the same every time, by name.")
        .or(&["variables"]),
    Field::new(
        "overlap",
        Shape::OneOf(&["skip", "queue", "cancel_running", "allow"]),
        "What happens when the last run is still under way. Schedules skip, all others allow it, unless they say so.",
    ),
    Field::new(
        "failure_notify",
        Shape::OneOf(&["orchestrator", "none"]),
        "Who hears of a firing that could not start: the owner's orchestrator session, or nobody.",
    )
    .or(&["failureNotify"])
    .default("\"orchestrator\""),
];

/// Where values are found in what was delivered.
pub(super) const MAPPING: Field = Field::new(
    "mapping",
    Shape::Named { form: &MAPPED, short: Some("path") },
    "Inputs whose values are found in the payload, by name: a path like `$.commits[0].author.name`.",
)
.or(&["variable_mapping", "variableMapping"]);

/// Checks the rules that hold for all kinds.
pub(super) fn check(draft: &mut Draft<'_, '_>) {
    draft.exactly_one(&["workflow", "prompt"]);
    if let Some(Err(why)) = draft.text("name").map(str::parse::<Name>) {
        draft.wrong("name", "bad_name", format!("the name {why}"), "choose a short name in one line");
    }
    match draft.object.get("inputs") {
        Some(Value::Null) => drop(draft.object.remove("inputs")),
        Some(value) if !value.is_object() => {
            draft.wrong("inputs", "wrong_type", "must be an object", "write `inputs:` with one line for each name");
        }
        _ => {}
    }
}
