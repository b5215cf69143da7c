//! `set`: new values of variables, all evaluated on what was there before.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::execution::begin::{At, Prepared};
use crate::execution::end::{Gave, Outcome};
use crate::execution::error::StepError;
use crate::execution::values::Values;
use crate::step::Set;

pub(super) fn prepare(at: &At, step: &Set) -> Result<Prepared, StepError> {
    let scope = at.scope();
    let mut variables = Values::new();
    for (name, value) in &step.variables {
        variables.insert(name.as_str().to_owned(), Arc::new(value.render(scope.clone())?));
    }
    let output: Map<_, _> = variables.iter().map(|(name, value)| (name.clone(), value.as_ref().clone())).collect();
    let gave = Gave { variables, ..Gave::output(Value::Object(output)) };
    Ok(Prepared::here(Value::Null, Outcome::gave(gave)))
}
