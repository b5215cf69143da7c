//! `parallel`: runs branches at the same time.

use serde::{Deserialize, Serialize};

use super::{OnFailure, Step};

/// Several branches. Each sees what was there before the step and what it did itself; what they give is merged by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parallel {
    pub branches: Vec<Branch>,
    #[serde(default)]
    pub on_failure: OnFailure,
    /// How many branches are under way at once; none means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
}

/// One branch. A plain step in `steps` is a branch with the step's id as its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Branch {
    pub name: String,
    pub steps: Vec<Step>,
}
