//! `notify`: tells the owner's orchestrator session something, once.

use serde::{Deserialize, Serialize};

use crate::read::form::{Field, Form, Shape, no_rules};
use crate::template::Template;

/// One message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notify {
    pub content: Template,
    #[serde(default)]
    pub target: NotifyTarget,
}

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotifyTarget {
    #[default]
    Orchestrator,
}

pub(crate) const FORM: Form = Form {
    word: "notify",
    description: "Tells the owner's orchestrator session something. It is delivered once, also over crashes.",
    fields: &[
        Field::new("content", Shape::Template, "What is told.").required().or(&["message", "prompt"]),
        Field::new("target", Shape::OneOf(&["orchestrator"]), "Who is told.").default("\"orchestrator\""),
    ],
    check: no_rules,
};
