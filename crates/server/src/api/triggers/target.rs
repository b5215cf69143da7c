//! What a trigger starts, checked when it is saved: the workflow must be there and take what the trigger gives.

use std::sync::Arc;

use serde_json::{Map, Value};
use tenure_model::id::UserId;
use tenure_workflow::nearest::nearest;
use tenure_workflow::scheduler::Refusal;
use tenure_workflow::trigger::{Definition, PAYLOAD, Patch, TRIGGER};
use tenure_workflow::{Definition as Workflow, Mistake};

use crate::api::workflows::{ids, listing};
use crate::desk::Desk;
use crate::problem::{Explained, Rejection, of_ask};

/// The names under which a definition may name its workflow.
const FIELDS: &[&str] = &["workflow", "workflowId", "workflow_id"];

/// Returns the trigger that comes of what is written, or everything that is wrong with it.
pub async fn judged(
    desk: &Desk,
    owner: UserId,
    patch: &Patch,
    old: Option<&Definition>,
) -> Result<Result<Definition, Vec<Mistake>>, Rejection> {
    match patch.onto(old) {
        Ok(definition) => {
            let mistakes = mistakes(desk, owner, patch, &definition).await?;
            Ok(if mistakes.is_empty() { Ok(definition) } else { Err(mistakes) })
        }
        Err(mut mistakes) => {
            // What else is wrong does not keep a workflow that is not there from being told.
            let named = FIELDS.iter().find_map(|field| patch.word(field));
            if let Some(name) = named
                && workflow(desk, owner, name).await?.is_none()
            {
                mistakes.push(unknown(desk, owner, patch, name).await?);
                mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
            }
            Ok(Err(mistakes))
        }
    }
}

/// Returns the trigger that comes of what is written; it must be right.
pub async fn right(
    desk: &Desk,
    owner: UserId,
    patch: &Patch,
    old: Option<&Definition>,
) -> Result<Definition, Rejection> {
    judged(desk, owner, patch, old).await?.map_err(|mistakes| Refusal::Mistakes(mistakes).rejection())
}

async fn mistakes(
    desk: &Desk,
    owner: UserId,
    patch: &Patch,
    definition: &Definition,
) -> Result<Vec<Mistake>, Rejection> {
    let Some(name) = &definition.workflow else { return Ok(vec![]) };
    match workflow(desk, owner, name).await? {
        Some(workflow) => Ok(definition.check_workflow(&workflow).err().unwrap_or_default()),
        None => Ok(vec![unknown(desk, owner, patch, name).await?]),
    }
}

/// Returns a workflow of an owner by its slug or id, switched off or not.
pub async fn workflow(desk: &Desk, owner: UserId, name: &str) -> Result<Option<Arc<Workflow>>, Rejection> {
    for id in ids(name, owner) {
        let workflow = desk.runtime.workflows.look(id).await.map_err(of_ask)?.state;
        if let Some(about) = workflow.live().filter(|about| about.owner == owner) {
            return Ok(Some(about.definition.clone()));
        }
    }
    Ok(None)
}

/// Says what the workflow would say to the inputs of a run; what it is offered beside them is not judged.
pub async fn check_inputs(
    desk: &Desk,
    owner: UserId,
    definition: &Definition,
    inputs: &Map<String, Value>,
) -> Result<Vec<Mistake>, Rejection> {
    let Some(name) = &definition.workflow else { return Ok(vec![]) };
    let Some(workflow) = workflow(desk, owner, name).await? else { return Ok(vec![]) };
    let mut mistakes = workflow.check_inputs(inputs).err().unwrap_or_default();
    mistakes.retain(|mistake| ![PAYLOAD, TRIGGER].iter().any(|name| mistake.path == format!("inputs.{name}")));
    Ok(mistakes)
}

async fn unknown(desk: &Desk, owner: UserId, patch: &Patch, name: &str) -> Result<Mistake, Rejection> {
    let rows = listing::all(desk, owner).await?;
    let field = FIELDS.iter().find(|field| patch.word(field).is_some()).unwrap_or(&FIELDS[0]);
    let (line, column) = patch.place(field).unzip();
    let fix = match nearest(name, rows.iter().map(|row| row.slug.as_str())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "save the workflow first".to_owned(),
    };
    Ok(Mistake {
        path: format!("trigger.{field}"),
        line,
        column,
        code: "unknown_workflow",
        message: format!("there is no workflow `{name}`"),
        fix: Some(fix),
    })
}
