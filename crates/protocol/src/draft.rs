//! Drafts: a model writes a definition, and what goes on meanwhile is told as server-sent events. Nothing is stored.

use serde::{Deserialize, Serialize};
use tenure_model::chat::Usage;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::workflow::Mistake;

/// Asks for a workflow.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDraft {
    /// What the workflow is to do, in words.
    pub prompt: String,
    /// A draft to go on from, YAML or JSON, right or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
}

/// Asks for one step of a draft to be written anew; everything else stays as it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStepDraft {
    /// What the step is to do, in words.
    pub prompt: String,
    /// The draft, YAML or JSON.
    pub base: String,
    /// The step's id, or its path as runs tell it: `deploy:i0/check:then/push`.
    pub step: String,
}

/// What goes on while a model drafts. `draft` or `failed` is the last one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum DraftEvent {
    /// What the model says, as it says it. After a `repair` it begins anew.
    Text { text: String },
    /// The reply is whole, and is being judged.
    Checking,
    /// It has mistakes; the model is told them, and asked again for the `repair`th of `repairs_max` times.
    Repair { repair: u32, repairs_max: u32, mistakes: Vec<Mistake> },
    /// What came of it.
    Draft(Draft),
    /// Nothing did.
    Failed { problem: Problem },
}

/// A definition that a model wrote.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct Draft {
    /// As YAML.
    pub definition: String,
    /// Whether it could be saved as it is.
    pub valid: bool,
    /// What is still wrong with it.
    pub mistakes: Vec<Mistake>,
    /// What a valid one would be known by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// How often the model was asked again.
    pub repairs: u32,
    /// What all its replies took.
    pub usage: Usage,
}
