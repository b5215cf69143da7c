//! `tool`: calls one tool with arguments.

use serde::{Deserialize, Serialize};

use crate::read::draft::Draft;
use crate::read::form::{Field, Form, Shape};
use crate::template::ValueTemplate;

/// One call of a tool that the server, the runner or a connector offers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    pub tool: String,
    /// An object; strings in it, at any depth, are templates.
    pub arguments: ValueTemplate,
}

pub(crate) const FORM: Form = Form {
    word: "tool",
    description: "Calls a tool that the server, the runner or a connector offers, and gives what it answers.",
    fields: &[
        Field::new("tool", Shape::Text, "The name of the tool.").required(),
        Field::new("arguments", Shape::Values, "Its arguments; texts in them, at any depth, are templates.")
            .default("{}"),
    ],
    check,
};

fn check(draft: &mut Draft<'_, '_>) {
    if draft.text("tool").is_some_and(|name| name.contains("{{") || name.contains(char::is_whitespace)) {
        draft.wrong("tool", "bad_name", "the name of a tool is one word and no template", "write the tool's name");
    }
}
