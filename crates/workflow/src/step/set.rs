//! `set`: gives variables new values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::definition::Ident;
use crate::read::draft::Draft;
use crate::read::form::{Field, Form, Shape};
use crate::template::ValueTemplate;

/// New values of variables. All are evaluated on what was there before the step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Set {
    pub variables: BTreeMap<Ident, ValueTemplate>,
}

pub(crate) const FORM: Form = Form {
    word: "set",
    description: "Gives variables new values, which later steps read as `variables.<name>`.",
    fields: &[Field::new("variables", Shape::Variables, "Names and values; all see what was there before the step.")
        .required()
        .or(&["values"])],
    check,
};

fn check(draft: &mut Draft<'_, '_>) {
    if draft.is_empty("variables") {
        draft.wrong("variables", "empty", "names no variable", "name one, or remove the step");
    }
}
