//! `tool`: calls one tool with arguments.

use serde::{Deserialize, Serialize};

use crate::template::ValueTemplate;

/// One call of a tool that the server, the runner or a connector offers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    pub tool: String,
    /// An object; strings in it, at any depth, are templates.
    pub arguments: ValueTemplate,
}
