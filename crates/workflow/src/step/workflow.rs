//! `workflow`: runs another workflow as a child and takes its outputs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::definition::Ident;
use crate::read::draft::Draft;
use crate::read::form::{Field, Form, Shape};
use crate::template::ValueTemplate;

/// One child run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Workflow {
    /// The slug or the id of the workflow. It is no template, so that cycles are found when it is saved.
    pub workflow: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<Ident, ValueTemplate>,
}

pub(crate) const FORM: Form = Form {
    word: "workflow",
    description: "Runs another workflow as a child and gives its outputs. Cancelling the run cancels the child.",
    fields: &[
        Field::new("workflow", Shape::Text, "The slug or the id of the workflow.").required(),
        Field::new("inputs", Shape::Variables, "Its inputs, by name; texts in them are templates.").default("{}"),
    ],
    check,
};

fn check(draft: &mut Draft<'_, '_>) {
    if draft.text("workflow").is_some_and(|name| name.contains("{{")) {
        draft.wrong(
            "workflow",
            "bad_name",
            "must be written out, so that cycles are found",
            "write the slug of the workflow",
        );
    }
}
