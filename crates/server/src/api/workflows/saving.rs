//! Validating, syncing, replacing, changing, switching on and off, deleting.

use std::sync::Arc;

use actix_web::web::{Bytes, Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use tenure_model::id::{UserId, WorkflowId};
use tenure_model::request::RequestId;
use tenure_protocol::workflow::{SaveOutcome, SavedWorkflow, Validity, WorkflowPatch, WorkflowRow};
use tenure_workflow::library::{Action, Fields, Refusal, Reply, Source, workflow_id};
use tenure_workflow::{Definition, WorkflowHash};

use super::children::{self, Family};
use super::shown::{mistake, row, saved};
use super::{Found, carry_out, expected, find, listing, named, odd, read};
use crate::api::input::{self, Body, Written};
use crate::auth::{Caller, Person};
use crate::desk::Desk;
use crate::problem::{Explained, Rejection, of_ask, problem};

/// `POST /api/workflows/validate`: says what is wrong with a definition, all of it at once. Nothing is stored.
pub async fn validate(desk: Data<Desk>, caller: Person, body: Written) -> Result<Json<Validity>, Rejection> {
    check(&desk, &caller.0, body.0).await.map(Json)
}

/// Says what is wrong with a definition that the caller might save.
pub async fn check(desk: &Desk, caller: &Caller, text: Bytes) -> Result<Validity, Rejection> {
    let definition = match read::written(text).await? {
        Ok(definition) => definition,
        Err(mistakes) => {
            let mistakes = mistakes.iter().map(mistake).collect();
            return Ok(Validity { valid: false, mistakes, hash: None, slug: None });
        }
    };
    let cyclic = children::check(desk, caller.user, &definition, &mut Family::new()).await?;
    let mistakes: Vec<_> = cyclic.iter().map(mistake).collect();
    let (hash, slug) = (Some(definition.hash().to_string()), Some(definition.slug.to_string()));
    Ok(Validity { valid: mistakes.is_empty(), mistakes, hash, slug })
}

/// `POST /api/workflows/sync`: makes a definition the current one; creates the workflow when there is none. Doing it
/// again changes nothing.
pub async fn sync(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Written,
) -> Result<HttpResponse, Rejection> {
    let (key, expected) = (input::idempotency_key(&request)?, expected(&request)?);
    let saved = make_current(&desk, &caller.0, key, body.0, expected).await?;
    let location = ("location", format!("/api/workflows/{}", saved.id));
    Ok(match saved.outcome {
        SaveOutcome::Created => HttpResponse::Created().insert_header(location).json(saved),
        _ => HttpResponse::Ok().json(saved),
    })
}

/// Makes a definition the current one of the workflow that its slug names, which is created when there is none.
pub async fn make_current(
    desk: &Desk,
    caller: &Caller,
    key: Option<RequestId>,
    text: Bytes,
    expected: Option<WorkflowHash>,
) -> Result<SavedWorkflow, Rejection> {
    let owner = caller.user;
    let definition = acceptable(desk, owner, text).await?;
    let id = workflow_id(owner, &definition.slug);
    room(desk, owner, id).await?;
    let action = Action::Sync { owner, definition, source: Source::Sync, expected };
    saved(id, carry_out(desk, key, caller, id, action).await?, desk).await
}

/// `PUT /api/workflows/{id}`: replaces the definition of a workflow that exists.
pub async fn replace(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Written,
) -> Result<Json<SavedWorkflow>, Rejection> {
    let found = find(&desk, &request, &caller.0).await?;
    let (key, expected) = (input::idempotency_key(&request)?, expected(&request)?);
    put(&desk, &caller.0, key, &found, body.0, expected).await.map(Json)
}

/// Replaces the definition of a workflow that exists.
pub async fn put(
    desk: &Desk,
    caller: &Caller,
    key: Option<RequestId>,
    found: &Found,
    text: Bytes,
    expected: Option<WorkflowHash>,
) -> Result<SavedWorkflow, Rejection> {
    let owner = found.workflow.about.as_ref().map_or(caller.user, |about| about.owner);
    let definition = acceptable(desk, owner, text).await?;
    let action = Action::Replace { definition, expected };
    saved(found.id, carry_out(desk, key, caller, found.id, action).await?, desk).await
}

/// `PATCH /api/workflows/{id}`: changes the name, the description, the version or the tags.
pub async fn change(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<WorkflowPatch>,
) -> Result<Json<SavedWorkflow>, Rejection> {
    let found = find(&desk, &request, &caller.0).await?;
    let (key, expected) = (input::idempotency_key(&request)?, expected(&request)?);
    patch(&desk, &caller.0, key, &found, body.0, expected).await.map(Json)
}

/// Changes what a workflow is called and how it is found.
pub async fn patch(
    desk: &Desk,
    caller: &Caller,
    key: Option<RequestId>,
    found: &Found,
    patch: WorkflowPatch,
    expected: Option<WorkflowHash>,
) -> Result<SavedWorkflow, Rejection> {
    let WorkflowPatch { name, description, version, tags } = patch;
    let action = Action::Update { fields: Fields { name, description, version, tags }, expected };
    saved(found.id, carry_out(desk, key, caller, found.id, action).await?, desk).await
}

/// `POST /api/workflows/{id}/enable`: lets the workflow run.
pub async fn enable(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<WorkflowRow>, Rejection> {
    let found = find(&desk, &request, &caller.0).await?;
    switch(&desk, &caller.0, input::idempotency_key(&request)?, &found, true).await.map(Json)
}

/// `POST /api/workflows/{id}/disable`: lets nothing start it any more; runs under way go on.
pub async fn disable(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<WorkflowRow>, Rejection> {
    let found = find(&desk, &request, &caller.0).await?;
    switch(&desk, &caller.0, input::idempotency_key(&request)?, &found, false).await.map(Json)
}

/// `DELETE /api/workflows/{id}`: takes a workflow off the lists. Syncing it brings it back with its versions.
pub async fn delete(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<HttpResponse, Rejection> {
    let found = find(&desk, &request, &caller.0).await?;
    remove(&desk, &caller.0, input::idempotency_key(&request)?, &found).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes a workflow off the lists.
pub async fn remove(desk: &Desk, caller: &Caller, key: Option<RequestId>, found: &Found) -> Result<(), Rejection> {
    match carry_out(desk, key, caller, found.id, Action::Delete).await? {
        Reply::Done => Ok(()),
        other => Err(odd(other)),
    }
}

/// Lets a workflow run, or not, and returns its row as it is then.
pub async fn switch(
    desk: &Desk,
    caller: &Caller,
    key: Option<RequestId>,
    found: &Found,
    enabled: bool,
) -> Result<WorkflowRow, Rejection> {
    match carry_out(desk, key, caller, found.id, Action::SetEnabled { enabled }).await? {
        Reply::Done => row(&named(desk, &found.id.to_string(), caller).await?),
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
