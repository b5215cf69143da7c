//! `bash`: runs a shell command in the workspace of the run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::definition::Ident;
use crate::template::{ShellTemplate, Template};

/// One command. The values in it travel as environment variables, so that none of them can become shell code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bash {
    pub command: ShellTemplate,
    /// A folder inside the workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwd: Option<Template>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<Ident, Template>,
}
