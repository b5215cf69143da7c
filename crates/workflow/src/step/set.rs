//! `set`: gives variables new values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::definition::Ident;
use crate::template::ValueTemplate;

/// New values of variables. All are evaluated on what was there before the step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Set {
    pub variables: BTreeMap<Ident, ValueTemplate>,
}
