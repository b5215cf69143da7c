//! The kinds of triggers, each with its table of fields.

use serde::{Deserialize, Serialize};

use super::{github, manual, schedule, webhook};
use crate::execution::command::TriggerKind;
use crate::read::form::Form;

/// What makes a trigger fire.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum On {
    Schedule(schedule::Plan),
    Webhook(webhook::Inlet),
    Github(github::Filter),
    /// Somebody asks for it.
    Manual,
}

/// A kind of trigger, without what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Schedule,
    Webhook,
    Github,
    Manual,
}

/// The tables of all kinds, by their words.
pub(super) const FORMS: &[Form] = &[schedule::FORM, webhook::FORM, github::FORM, manual::FORM];

impl On {
    pub fn kind(&self) -> Kind {
        match self {
            On::Schedule(_) => Kind::Schedule,
            On::Webhook(_) => Kind::Webhook,
            On::Github(_) => Kind::Github,
            On::Manual => Kind::Manual,
        }
    }
}

impl Kind {
    /// Returns the word that a definition says.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Schedule => "schedule",
            Kind::Webhook => "webhook",
            Kind::Github => "github",
            Kind::Manual => "manual",
        }
    }
}

impl From<Kind> for TriggerKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Schedule => TriggerKind::Schedule,
            Kind::Webhook => TriggerKind::Webhook,
            Kind::Github => TriggerKind::Github,
            Kind::Manual => TriggerKind::Manual,
        }
    }
}
