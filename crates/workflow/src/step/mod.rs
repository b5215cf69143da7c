//! A step: what all kinds have in common, and the closed list of the kinds, one file each.

mod common;
mod retry;
mod words;

mod agent_prompt;
mod bash;
mod tool;
mod notify;
mod approval;
mod conditional;
mod r#loop;
mod parallel;
mod wait;
mod set;
mod workflow;
mod stop;

use serde::{Deserialize, Serialize};
use tenure_model::time::Span;

use crate::definition::{Ident, StepId};
use crate::limits;
use crate::path::Place;
use crate::read::form::Form;
use crate::template::Condition;

pub use agent_prompt::{AgentPrompt, OutputField, OutputFieldType, Thread};
pub use approval::{Approval, OnDeadline, OnDeny};
pub use bash::Bash;
pub(crate) use common::COMMON;
pub use conditional::Conditional;
pub use r#loop::{Loop, LoopSource};
pub use notify::{Notify, NotifyTarget};
pub use parallel::{Branch, Parallel};
pub use retry::{Backoff, Retry};
pub use set::Set;
pub use stop::{Stop, StopStatus};
pub use tool::Tool;
pub use wait::{OnWaitTimeout, Wait, WaitFor};
pub use words::{OnFailure, OnUnknown};
pub use workflow::Workflow;

/// The tables of all kinds, in the order in which they are explained.
pub(crate) const FORMS: &[Form] = &[
    agent_prompt::FORM,
    bash::FORM,
    tool::FORM,
    notify::FORM,
    approval::FORM,
    conditional::FORM,
    r#loop::FORM,
    parallel::FORM,
    wait::FORM,
    set::FORM,
    workflow::FORM,
    stop::FORM,
];

/// One step of a workflow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Unique in the whole definition; what the step gives is `outputs.<id>`.
    pub id: StepId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The step is skipped when this does not hold.
    #[serde(default, rename = "if", skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// A second name for what the step gives: `outputs.<output>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Ident>,
    /// How long one attempt may take, or a person or an event is awaited; [`Step::timeout`] knows what holds without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<Span>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// A failure is recorded and the run goes on.
    #[serde(default, skip_serializing_if = "is_false")]
    pub continue_on_error: bool,
    /// Running it twice does no harm, so it is started again when its runner was lost.
    #[serde(default, skip_serializing_if = "is_false")]
    pub idempotent: bool,
    /// What to do when its runner was lost and nobody knows whether it was done.
    #[serde(default)]
    pub on_unknown: OnUnknown,
    /// What runs when the step has failed for good; when it succeeds, the run goes on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub catch: Vec<Step>,
    #[serde(flatten)]
    pub kind: StepKind,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum StepKind {
    AgentPrompt(AgentPrompt),
    Bash(Bash),
    Tool(Tool),
    Notify(Notify),
    Approval(Approval),
    Conditional(Conditional),
    Loop(Loop),
    Parallel(Parallel),
    Wait(Wait),
    Set(Set),
    Workflow(Workflow),
    Stop(Stop),
}

/// Steps that stand inside another one, and where.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Body<'a> {
    /// The discriminator that paths get; of a loop, the one of its first iteration.
    pub place: Place,
    pub steps: &'a [Step],
}

impl StepKind {
    /// Returns the word that a definition says after `type:`.
    pub fn word(&self) -> &'static str {
        match self {
            StepKind::AgentPrompt(_) => "agent_prompt",
            StepKind::Bash(_) => "bash",
            StepKind::Tool(_) => "tool",
            StepKind::Notify(_) => "notify",
            StepKind::Approval(_) => "approval",
            StepKind::Conditional(_) => "conditional",
            StepKind::Loop(_) => "loop",
            StepKind::Parallel(_) => "parallel",
            StepKind::Wait(_) => "wait",
            StepKind::Set(_) => "set",
            StepKind::Workflow(_) => "workflow",
            StepKind::Stop(_) => "stop",
        }
    }
}

impl Step {
    /// Returns how long one attempt may take; none where nothing bounds it but the run's own timeout.
    pub fn timeout(&self) -> Option<Span> {
        self.timeout_ms.or(match &self.kind {
            StepKind::Bash(_) => Some(limits::BASH_TIMEOUT),
            StepKind::Tool(_) => Some(limits::TOOL_TIMEOUT),
            StepKind::AgentPrompt(_) => Some(limits::AGENT_TIMEOUT),
            StepKind::Approval(_) => Some(limits::APPROVAL_TIMEOUT),
            StepKind::Wait(Wait { until: WaitFor::Event(_), .. }) => Some(limits::EVENT_TIMEOUT),
            _ => None,
        })
    }

    /// Lists the bodies of this step in authored order, its `catch` last; empty ones are left out.
    pub fn bodies(&self) -> Vec<Body<'_>> {
        let mut bodies = match &self.kind {
            StepKind::Conditional(step) => {
                vec![Body { place: Place::Then, steps: &step.then }, Body { place: Place::Else, steps: &step.r#else }]
            }
            StepKind::Loop(step) => vec![Body { place: Place::Item(0), steps: &step.steps }],
            StepKind::Parallel(step) => {
                let places = (0..).map(Place::Branch);
                places.zip(&step.branches).map(|(place, branch)| Body { place, steps: &branch.steps }).collect()
            }
            _ => Vec::new(),
        };
        bodies.push(Body { place: Place::Catch, steps: &self.catch });
        bodies.retain(|body| !body.steps.is_empty());
        bodies
    }

    /// Returns the steps that run at this place inside the step; none where there is no such place.
    pub fn body(&self, place: Place) -> &[Step] {
        match (&self.kind, place) {
            (_, Place::Catch) => &self.catch,
            (StepKind::Conditional(step), Place::Then) => &step.then,
            (StepKind::Conditional(step), Place::Else) => &step.r#else,
            (StepKind::Loop(step), Place::Item(_)) => &step.steps,
            (StepKind::Parallel(step), Place::Branch(n)) => {
                step.branches.get(n as usize).map_or(&[], |branch| &branch.steps)
            }
            _ => &[],
        }
    }
}

pub(crate) fn is_false(value: &bool) -> bool {
    !value
}
