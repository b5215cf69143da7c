//! Changing what a workflow is called and how it is found, without its steps.

use std::sync::Arc;

use super::command::{Fields, Reply};
use super::draft::Draft;
use super::refusal::Refusal;
use super::saving::{about, make_current};
use super::state::Source;
use crate::WorkflowHash;
use crate::people::By;
use crate::read;

pub(super) fn update(
    draft: &mut Draft,
    by: &By,
    fields: Fields,
    expected: Option<WorkflowHash>,
) -> Result<Reply, Refusal> {
    let mut changed = about(draft)?.definition.as_ref().clone();
    let Fields { name, description, version, tags } = fields;
    changed.name = name.unwrap_or(changed.name);
    changed.description = description.unwrap_or(changed.description);
    changed.version = version.unwrap_or(changed.version);
    changed.tags = tags.unwrap_or(changed.tags);
    // The same rules hold as for a definition that somebody has written.
    let checked = read::value(&changed.canonical()).map_err(Refusal::Mistakes)?;
    make_current(draft, by, Arc::new(checked), Source::Update, expected)
}
