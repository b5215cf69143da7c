//! Workflows that run others as children: none may lead back to itself.

use std::collections::BTreeMap;

use tenure_model::id::{UserId, WorkflowId};
use tenure_workflow::cycle::cycle;
use tenure_workflow::library::workflow_id;
use tenure_workflow::{Definition, Mistake, Slug, StepKind};
use uuid::Uuid;

use crate::desk::Desk;
use crate::problem::{Rejection, of_ask};

/// The children of each workflow, by slug.
pub type Family = BTreeMap<String, Vec<String>>;

/// Refuses a definition that would run itself through its children, as they are stored or as `family` says that they
/// will be.
pub async fn check(
    desk: &Desk,
    owner: UserId,
    definition: &Definition,
    family: &mut Family,
) -> Result<Option<Mistake>, Rejection> {
    let slug = definition.slug.as_str();
    let children = named(desk, definition).await?;
    let mut waiting = children.clone();
    family.insert(slug.to_owned(), children);
    while let Some(child) = waiting.pop() {
        if family.contains_key(&child) {
            continue;
        }
        let children = match child.parse::<Slug>() {
            Ok(slug) => stored(desk, workflow_id(owner, &slug)).await?,
            Err(_) => vec![],
        };
        waiting.extend(children.iter().cloned());
        family.insert(child, children);
    }
    let way = cycle(slug, |slug| family.get(slug).cloned().unwrap_or_default());
    Ok(way.map(|way| Mistake {
        path: "workflow.steps".to_owned(),
        line: None,
        column: None,
        code: "cyclic_workflows",
        message: format!("the workflow would run itself: {}", way.join(" → ")),
        fix: Some("let one of them not run the next".to_owned()),
    }))
}

async fn stored(desk: &Desk, id: WorkflowId) -> Result<Vec<String>, Rejection> {
    let workflow = desk.runtime.workflows.look(id).await.map_err(of_ask)?.state;
    match workflow.live() {
        Some(about) => named(desk, &about.definition).await,
        None => Ok(vec![]),
    }
}

/// Lists the slugs of the workflows that a definition runs; one that it names by id is looked up.
pub async fn named(desk: &Desk, definition: &Definition) -> Result<Vec<String>, Rejection> {
    let mut slugs = vec![];
    for step in definition.all_steps() {
        let StepKind::Workflow(child) = &step.kind else { continue };
        let Ok(id) = child.workflow.parse::<Uuid>() else {
            slugs.push(child.workflow.clone());
            continue;
        };
        let workflow = desk.runtime.workflows.look(WorkflowId(id)).await.map_err(of_ask)?.state;
        slugs.extend(workflow.live().map(|about| about.definition.slug.to_string()));
    }
    Ok(slugs)
}
