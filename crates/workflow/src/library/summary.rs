//! The row that lists show of a workflow.

use std::collections::BTreeMap;

use serde_json::json;
use tenure_model::id::WorkflowId;
use tenure_model::{Row, SummaryKey};

use super::state::Workflow;

/// Returns the row of a workflow in its owner's list `workflow`; a deleted one has none.
pub(super) fn rows(workflow: &Workflow, id: WorkflowId) -> BTreeMap<SummaryKey, Row> {
    let Some(about) = workflow.live() else { return BTreeMap::new() };
    let (definition, current) = (&about.definition, about.current());
    let key = SummaryKey { owner: about.owner, list: "workflow".into(), rank: about.created_at, id: id.into() };
    let row = Row::of(&json!({
        "id": id,
        "slug": definition.slug,
        "name": definition.name,
        "description": definition.description,
        "tags": definition.tags,
        "version": current.version,
        "hash": current.hash,
        "enabled": about.enabled,
        "steps": definition.all_steps().count(),
        "versions": about.versions.len(),
        "proposals": workflow.open_proposals().count(),
        "created_at": about.created_at,
        "updated_at": about.updated_at,
    }));
    BTreeMap::from([(key, row)])
}
