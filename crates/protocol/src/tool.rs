//! Tools as callers of HTTP see them: what there is, how one is called, and what it answers.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// What agents are told of all tools together.
pub const INSTRUCTIONS: &str = "Workflows are definitions that are stored and run here, durably: steps of agents, \
                                commands, approvals. Check a definition with validate_workflow, save it with \
                                sync_workflow, start it with run_workflow, wait with get_execution, and when a run \
                                does not get on ask debug_execution.";

/// Where a call over the Model Context Protocol says under which key it is carried out once.
pub const KEY_IN_META: &str = "tenure/idempotency-key";

/// A tool of the server, or of a connector: agents, people and programs call the same.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct ToolRow {
    pub name: String,
    /// What it is good for, as agents are told.
    pub about: String,
    /// Whose it is: a connector's name, or `tenure`.
    pub service: String,
    pub risk: Risk,
    pub does: Does,
    /// The JSON Schema of its parameters.
    pub schema: Value,
    /// Parameters of a call that makes sense; none of a connector's tool.
    #[serde(default)]
    pub example: Value,
}

/// How much a call may spoil.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Debug, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    Low,
    Medium,
    High,
    /// Denied unless a rule says otherwise.
    Critical,
}

/// What a tool does to the world.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Does {
    /// Changes nothing.
    Reads,
    /// Starts or ends runs, or asks for a change.
    Acts,
    /// Changes workflows; refused where a run is at work.
    Authors,
    /// Decides about changes of workflows: needs a person, and is refused where a run is at work.
    Reviews,
    /// Decides for people: needs one.
    Decides,
    /// Whatever the connector makes of it.
    Outside,
}

/// Calls a tool.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallTool {
    /// What the tool's schema describes.
    #[serde(default)]
    pub params: Map<String, Value>,
}

/// What a tool answers.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct ToolAnswer {
    /// Always true: a call that fails is answered by a problem document.
    pub success: bool,
    /// The answer for people and models.
    pub text: String,
    /// The same for programs.
    pub data: Value,
}

/// A text that teaches a model, as it is listed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct PromptRow {
    pub name: String,
    pub title: String,
    pub about: String,
    /// What can be said when it is asked for.
    #[serde(default)]
    pub arguments: Vec<PromptArgument>,
}

/// A thing that can be said when a prompt is asked for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct PromptArgument {
    pub name: String,
    pub about: String,
    #[serde(default)]
    pub required: bool,
}
