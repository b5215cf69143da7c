//! `approval`: waits until a person has decided.

use serde::{Deserialize, Serialize};

use crate::definition::NamedValue;
use crate::read::draft::Draft;
use crate::read::form::{Field, Form, Shape};
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

pub(crate) const FORM: Form = Form {
    word: "approval",
    description: "Waits until a person has approved or denied. Gives `decision` (`approved` or `denied`), `decidedBy`, \
        `decidedAt` and `reason`. Without a timeout it waits for 24 hours.",
    fields: &[
        Field::new("prompt", Shape::Template, "What is asked; the values are filled in before anybody sees it.")
            .or(&["content", "message"]),
        Field::new(
            "items",
            Shape::Named { form: &crate::definition::NAMED_VALUE, short: Some("value") },
            "Values to look at before deciding, by name.",
        ),
        Field::new(
            "approvers",
            Shape::Templates,
            "Who may decide, by user name; without it, whoever may for the run's owner.",
        ),
        Field::new(
            "on_timeout",
            Shape::OneOf(&["deny", "approve", "escalate"]),
            "What happens when nobody decides in time.",
        )
        .default("\"deny\""),
        Field::new("escalate_to", Shape::Templates, "Who is asked as well after an escalation."),
        Field::new(
            "on_deny",
            Shape::OneOf(&["cancel", "continue"]),
            "Whether a denial cancels the run or is only an answer.",
        )
        .default("\"cancel\""),
    ],
    check,
};

fn check(draft: &mut Draft<'_, '_>) {
    if !draft.has("prompt") {
        let id = draft.text("id").unwrap_or_default();
        let prompt = format!("Approval required for step {id}");
        draft.object.insert("prompt".to_owned(), prompt.into());
    }
    let escalates = draft.text("on_timeout") == Some("escalate");
    if escalates && !draft.has("escalate_to") {
        draft.wrong(
            "on_timeout",
            "missing_field",
            "nobody is named for the escalation",
            "add `escalate_to` with user names",
        );
    }
    if !escalates && draft.has("escalate_to") {
        draft.wrong("escalate_to", "never_used", "nothing escalates", "add `on_timeout: escalate`");
    }
}
