//! How another definition becomes the current version: by sync, replacement or rollback.

use std::sync::Arc;

use tenure_model::id::{UserId, WorkflowId};

use super::command::{Outcome, Reply};
use super::draft::Draft;
use super::event::{Event, Saved};
use super::refusal::Refusal;
use super::state::{About, Source};
use super::workflow_id;
use crate::WorkflowHash;
use crate::definition::Definition;
use crate::people::By;

pub(super) fn sync(
    draft: &mut Draft,
    by: &By,
    owner: UserId,
    definition: Arc<Definition>,
    source: Source,
    expected: Option<WorkflowHash>,
) -> Result<Reply, Refusal> {
    if by.user != owner && !by.admin {
        return Err(Refusal::NotTheOwner);
    }
    if workflow_id(owner, &definition.slug) != WorkflowId(draft.ctx.id) {
        return Err(Refusal::Unknown);
    }
    if draft.workflow().live().is_some() {
        return make_current(draft, by, definition, source, expected);
    }
    let last = draft.workflow().about.as_ref().map(|about| about.current().hash);
    if let Some(expected) = expected.filter(|expected| Some(*expected) != last) {
        return Err(last.map_or(Refusal::Unknown, |current| Refusal::Moved { expected, current }));
    }
    let saved = saved(draft, by, definition, source);
    draft.emit(Event::Created { owner, saved });
    Ok(told(draft, Outcome::Created))
}

pub(super) fn replace(
    draft: &mut Draft,
    by: &By,
    definition: Arc<Definition>,
    expected: Option<WorkflowHash>,
) -> Result<Reply, Refusal> {
    let slug = &about(draft)?.definition.slug;
    if definition.slug != *slug {
        return Err(Refusal::OtherSlug { given: definition.slug.to_string(), slug: slug.to_string() });
    }
    make_current(draft, by, definition, Source::Update, expected)
}

pub(super) fn rollback(
    draft: &mut Draft,
    by: &By,
    hash: WorkflowHash,
    definition: Arc<Definition>,
) -> Result<Reply, Refusal> {
    about(draft)?.version(&hash.to_string())?;
    if definition.hash() != hash {
        return Err(Refusal::OtherDefinition(hash));
    }
    let reply = make_current(draft, by, definition, Source::Rollback, None)?;
    Ok(match reply {
        Reply::Saved { outcome: Outcome::Unchanged, version } => {
            Reply::Saved { outcome: Outcome::AlreadyAtVersion, version }
        }
        other => other,
    })
}

/// Makes a definition the current version, unless it is already.
pub(super) fn make_current(
    draft: &mut Draft,
    by: &By,
    definition: Arc<Definition>,
    source: Source,
    expected: Option<WorkflowHash>,
) -> Result<Reply, Refusal> {
    let current = about(draft)?.current().hash;
    // What is so already is no matter of who has seen what: a command that is sent twice is answered twice.
    if definition.hash() == current {
        return Ok(told(draft, Outcome::Unchanged));
    }
    if let Some(expected) = expected.filter(|expected| *expected != current) {
        return Err(Refusal::Moved { expected, current });
    }
    let saved = saved(draft, by, definition, source);
    draft.emit(Event::Updated { saved });
    Ok(told(draft, Outcome::Updated))
}

pub(super) fn about<'a>(draft: &'a Draft) -> Result<&'a About, Refusal> {
    draft.workflow().live().ok_or(Refusal::Unknown)
}

/// Answers with the current version.
pub(super) fn told(draft: &Draft, outcome: Outcome) -> Reply {
    let version = about(draft).map(|about| about.current().clone());
    version.map_or(Reply::Done, |version| Reply::Saved { outcome, version })
}

fn saved(draft: &Draft, by: &By, definition: Arc<Definition>, source: Source) -> Saved {
    Saved { source, hash: definition.hash(), record: draft.ctx.seq, by: by.author(), definition }
}
