//! `workflow`: runs another workflow as a child and takes its outputs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::definition::Ident;
use crate::template::ValueTemplate;

/// One child run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Workflow {
    /// The slug or the id of the workflow. It is no template, so that cycles are found when it is saved.
    pub workflow: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<Ident, ValueTemplate>,
}
