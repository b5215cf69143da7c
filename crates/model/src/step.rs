//! What a workflow run asks of its session: the work of one step, where it belongs, and how it ended.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::chat::{FinishReason, Usage};
use crate::id::ExecutionId;
use crate::time::Span;

/// Names one piece of a step's work: the pointer back from a chat to the run that asked for it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct StepRef {
    pub execution: ExecutionId,
    /// The step's place in the run: `deploy:i2/check:then/push`.
    pub path: String,
    /// From 1.
    pub attempt: u32,
    /// The repair round of a structured reply; 0 is the prompt itself.
    #[serde(default)]
    pub round: u32,
}

/// A way of speaking that a prompt asks the agent to take on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Persona {
    pub name: String,
    pub instructions: String,
}

/// What a step wants done at a runner.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum StepWork {
    /// Says something to an agent, in the queue of a thread.
    Prompt {
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        persona: Option<Persona>,
        /// The session's agent when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<String>,
        /// The models to try, in this order; the session's model when empty.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        models: Vec<String>,
        /// Ends the thread's open turn instead of waiting for it.
        #[serde(default)]
        interrupt: bool,
    },
    /// Runs a command in a shell of the workspace.
    Shell {
        command: String,
        /// Added to the runner's environment.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        env: BTreeMap<String, String>,
        /// Below the workspace; the workspace itself when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cwd: Option<String>,
    },
    /// Calls a tool of the runner.
    Tool {
        tool: String,
        #[serde(default, skip_serializing_if = "Value::is_null")]
        arguments: Value,
    },
}

/// How a step's work ended.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct StepOutcome {
    pub finish: FinishReason,
    /// Whether a runner had been told to start: what was not started has certainly had no effect.
    pub started: bool,
    /// What the agent said, its text parts joined.
    #[serde(default)]
    pub text: String,
    /// Whether the text was longer than an outcome carries; the transcript has all of it.
    #[serde(default)]
    pub text_cut: bool,
    /// The structured result of a shell command or a tool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    #[serde(default)]
    pub usage: Usage,
    /// The agent that answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// From the opening of its turn to the end; waiting in the queue does not count.
    pub duration_ms: Span,
}

impl StepOutcome {
    /// Returns the outcome of a work that no runner was told to start.
    pub fn never_started(finish: FinishReason, error: Option<String>) -> Self {
        Self {
            finish,
            started: false,
            text: String::new(),
            text_cut: false,
            result: None,
            usage: Usage::default(),
            agent: None,
            model: None,
            error,
            duration_ms: Span::ZERO,
        }
    }
}

/// The source code that a run works on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RepoContext {
    pub url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// A commit, tag or other name that the branch is set to.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// How a run ended, as its session shows it.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RunEnd {
    Completed,
    Failed,
    Cancelled,
}
