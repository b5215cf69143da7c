//! `stop`: ends the run here.

use serde::{Deserialize, Serialize};

use crate::read::form::{Field, Form, Shape, no_rules};
use crate::template::Template;

/// One end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stop {
    pub status: StopStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Template>,
}

/// What the run has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopStatus {
    #[default]
    Completed,
    Failed,
    Cancelled,
}

pub(crate) const FORM: Form = Form {
    word: "stop",
    description: "Ends the run here, with all its branches.",
    fields: &[
        Field::new("status", Shape::OneOf(&["completed", "failed", "cancelled"]), "What the run has come to.")
            .default("\"completed\""),
        Field::new("reason", Shape::Template, "Why, in words."),
    ],
    check: no_rules,
};
