//! Validating, syncing, replacing, changing, switching on and off, deleting.

use std::sync::Arc;

use actix_web::web::{Bytes, Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use tenure_model::id::{UserId, WorkflowId};
use tenure_protocol::workflow::{SaveOutcome, SavedWorkflow, Validity, WorkflowPatch, WorkflowRow};
use tenure_workflow::Definition;
use tenure_workflow::library::{Action, Fields, Refusal, Reply, Source, workflow_id};

use super::children::{self, Family};
use super::shown::{mistake, row, saved};
use super::{carry_out, expected, find, listing, odd, read};
use crate::api::input::{Body, Written};
use crate::auth::Person;
use crate::desk::Desk;
use crate::problem::{Explained, Rejection, of_ask, problem};

/// `POST /api/workflows/validate`: says what is wrong with a definition, all of it at once. Nothing is stored.
pub async fn validate(desk: Data<Desk>, caller: Person, body: Written) -> Result<Json<Validity>, Rejection> {
    let definition = match read::written(body.0).await? {
        Ok(definition) => definition,
        Err(mistakes) => {
            let mistakes = mistakes.iter().map(mistake).collect();
            return Ok(Json(Validity { valid: false, mistakes, hash: None, slug: None }));
        }
    };
    let cyclic = children::check(&desk, caller.0.user, &definition, &mut Family::new()).await?;
    let mistakes: Vec<_> = cyclic.iter().map(mistake).collect();
    let (hash, slug) = (Some(definition.hash().to_string()), Some(definition.slug.to_string()));
    Ok(Json(Validity { valid: mistakes.is_empty(), mistakes, hash, slug }))
}

/// `POST /api/workflows/sync`: makes a definition the current one; creates the workflow when there is none. Doing it
/// again changes nothing.
pub async fn sync(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Written,
) -> Result<HttpResponse, Rejection> {
    let owner = caller.0.user;
    let definition = acceptable(&desk, owner, body.0).await?;
    let id = workflow_id(owner, &definition.slug);
    room(&desk, owner, id).await?;
    let action = Action::Sync { owner, definition, source: Source::Sync, expected: expected(&request)? };
    let saved = saved(id, carry_out(&desk, &request, &caller.0, id, action).await?, &desk).await?;
    let location = ("location", format!("/api/workflows/{id}"));
    Ok(match saved.outcome {
        SaveOutcome::Created => HttpResponse::Created().insert_header(location).json(saved),
        _ => HttpResponse::Ok().json(saved),
    })
}

/// `PUT /api/workflows/{id}`: replaces the definition of a workflow that exists.
pub async fn replace(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Written,
) -> Result<Json<SavedWorkflow>, Rejection> {
    let found = find(&desk, &request, &caller.0).await?;
    let owner = found.workflow.about.as_ref().map_or(caller.0.user, |about| about.owner);
    let definition = acceptable(&desk, owner, body.0).await?;
    let action = Action::Replace { definition, expected: expected(&request)? };
    let reply = carry_out(&desk, &request, &caller.0, found.id, action).await?;
    Ok(Json(saved(found.id, reply, &desk).await?))
}

/// `PATCH /api/workflows/{id}`: changes the name, the description, the version or the tags.
pub async fn change(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<WorkflowPatch>,
) -> Result<Json<SavedWorkflow>, Rejection> {
    let found = find(&desk, &request, &caller.0).await?;
    let WorkflowPatch { name, description, version, tags } = body.0;
    let fields = Fields { name, description, version, tags };
    let action = Action::Update { fields, expected: expected(&request)? };
    let reply = carry_out(&desk, &request, &caller.0, found.id, action).await?;
    Ok(Json(saved(found.id, reply, &desk).await?))
}

/// `POST /api/workflows/{id}/enable`: lets the workflow run.
pub async fn enable(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<WorkflowRow>, Rejection> {
    switch(&desk, &request, &caller, true).await
}

/// `POST /api/workflows/{id}/disable`: lets nothing start it any more; runs under way go on.
pub async fn disable(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<WorkflowRow>, Rejection> {
    switch(&desk, &request, &caller, false).await
}

/// `DELETE /api/workflows/{id}`: takes a workflow off the lists. Syncing it brings it back with its versions.
pub async fn delete(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<HttpResponse, Rejection> {
    let found = find(&desk, &request, &caller.0).await?;
    match carry_out(&desk, &request, &caller.0, found.id, Action::Delete).await? {
        Reply::Done => Ok(HttpResponse::NoContent().finish()),
        other => Err(odd(other)),
    }
}

async fn switch(
    desk: &Desk,
    request: &HttpRequest,
    caller: &Person,
    enabled: bool,
) -> Result<Json<WorkflowRow>, Rejection> {
    let found = find(desk, request, &caller.0).await?;
    match carry_out(desk, request, &caller.0, found.id, Action::SetEnabled { enabled }).await? {
        Reply::Done => Ok(Json(row(&find(desk, request, &caller.0).await?)?)),
        other => Err(odd(other)),
    }
}

/// Reads a definition that this owner can store or run.
pub async fn acceptable(desk: &Desk, owner: UserId, text: Bytes) -> Result<Arc<Definition>, Rejection> {
    let definition = read::right(text).await?;
    match children::check(desk, owner, &definition, &mut Family::new()).await? {
        Some(cyclic) => Err(Refusal::Mistakes(vec![cyclic]).rejection()),
        None => Ok(definition),
    }
}

/// Refuses one workflow too many. Two that are created at the same moment may both pass.
async fn room(desk: &Desk, owner: UserId, id: WorkflowId) -> Result<(), Rejection> {
    if desk.runtime.workflows.look(id).await.map_err(of_ask)?.state.live().is_some() {
        return Ok(());
    }
    enough_room(desk, listing::all(desk, owner).await?.len() + 1)
}

/// Refuses more workflows than one person may have.
pub fn enough_room(desk: &Desk, wanted: usize) -> Result<(), Rejection> {
    let max = desk.options.workflows_max;
    if wanted <= max {
        return Ok(());
    }
    let detail = format!("you would have {wanted} workflows, the limit workflows_max is {max}; delete some first");
    Err(problem(409, "limit_reached", detail).limit(max as u64, wanted as u64))
}
