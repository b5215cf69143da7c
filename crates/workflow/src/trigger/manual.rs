//! `manual`: fires when somebody asks for it.

use super::definition;
use crate::read::form::Form;

pub(super) const FORM: Form = Form {
    word: "manual",
    description: "Fires when somebody asks for it, with the inputs that stand here and those that are given then.",
    fields: &[],
    check: definition::check,
};
