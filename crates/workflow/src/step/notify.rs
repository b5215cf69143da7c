//! `notify`: tells the owner's orchestrator session something, once.

use serde::{Deserialize, Serialize};

use crate::template::Template;

/// One message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notify {
    pub content: Template,
    #[serde(default)]
    pub target: NotifyTarget,
}

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotifyTarget {
    #[default]
    Orchestrator,
}
