//! `bash`: runs a shell command in the workspace of the run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::definition::Ident;
use crate::read::form::{Field, Form, Shape, no_rules};
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

pub(crate) const FORM: Form = Form {
    word: "bash",
    description: "Runs a shell command in the workspace. Values in it travel as environment variables and cannot become code. \
        Gives `exitCode`, `stdout`, `stderr` and `durationMs`; another exit code than 0 fails the step.",
    fields: &[
        Field::new("command", Shape::Shell, "The command. It may hold `{{ values }}`, quoted or not.").required(),
        Field::new("cwd", Shape::Template, "A folder inside the workspace."),
        Field::new("env", Shape::Environment, "Environment variables, by name."),
    ],
    check: no_rules,
};
