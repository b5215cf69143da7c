//! One trigger as it stands, without what was delivered to it lately: cheap to hand out, however much there is.

use std::sync::Arc;

use tenure_model::Row;
use tenure_model::id::TriggerId;
use tenure_model::time::Timestamp;

use super::asking::find;
use super::command::Reply;
use super::draft::Draft;
use super::inlet::Keys;
use super::refusal::Refusal;
use super::state::{Backfill, Plan, Trigger};
use super::summary;
use crate::people::Author;
use crate::trigger::{Definition, Name};

/// What is to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    Id(TriggerId),
    Name(Name),
    /// The one address to which GitHub posts everything of an owner.
    Github,
}

/// A trigger as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    pub id: TriggerId,
    /// What lists show.
    pub row: Row,
    pub definition: Arc<Definition>,
    pub revision: u64,
    /// Who saved this revision.
    pub by: Author,
    pub plan: Plan,
    pub paused_until: Option<Timestamp>,
    pub backfill: Option<Backfill>,
    pub keys: Keys,
}

/// Shows what is there.
pub(super) fn show(draft: &Draft<'_>, which: &Which) -> Result<Reply, Refusal> {
    let (id, trigger) = match which {
        Which::Id(id) => (*id, find(draft, *id)?),
        Which::Name(name) => draft.scheduler.named(name).ok_or(Refusal::Unknown)?,
        Which::Github => return Ok(Reply::Github(draft.scheduler.github.clone())),
    };
    Ok(Reply::Shown(Box::new(shown(id, trigger))))
}

fn shown(id: TriggerId, trigger: &Trigger) -> Shown {
    Shown {
        id,
        row: trigger.row.clone().unwrap_or_else(|| summary::row(id, trigger)),
        definition: trigger.definition.clone(),
        revision: trigger.revision,
        by: trigger.by.clone(),
        plan: trigger.plan,
        paused_until: trigger.paused_until,
        backfill: trigger.backfill,
        keys: trigger.keys.clone(),
    }
}
