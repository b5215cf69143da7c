//! `approval`: waits until a person has decided.

use serde::{Deserialize, Serialize};

use crate::definition::NamedValue;
use crate::template::Template;

/// One gate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    /// What is asked; its values are filled in before anyone sees it.
    pub prompt: Template,
    /// Values to look at before deciding, in authored order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<NamedValue>,
    /// Who may decide, by user name; none means everyone who may decide for the run's owner.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvers: Vec<Template>,
    /// What happens when nobody has decided within the step's timeout.
    #[serde(default)]
    pub on_timeout: OnDeadline,
    /// Who may decide after an escalation, besides the approvers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub escalate_to: Vec<Template>,
    #[serde(default)]
    pub on_deny: OnDeny,
}

/// What the deadline of an approval does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDeadline {
    #[default]
    Deny,
    Approve,
    /// Asks `escalate_to` as well and waits as long again; then it is denied.
    Escalate,
}

/// What a denial does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDeny {
    /// The run is cancelled with `approval_denied`.
    #[default]
    Cancel,
    /// The run goes on; later steps read `outputs.<id>.decision`.
    Continue,
}
