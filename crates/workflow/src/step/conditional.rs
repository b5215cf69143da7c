//! `conditional`: runs one of two bodies.

use serde::{Deserialize, Serialize};

use super::Step;
use crate::template::Condition;

/// One fork.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conditional {
    pub condition: Condition,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<Step>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub r#else: Vec<Step>,
}
