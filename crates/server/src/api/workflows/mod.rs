//! Stored workflows: validate, save, list, show, go back, propose.

pub mod read;
pub mod listing;
pub mod saving;
pub mod sync_all;
pub mod versions;
pub mod proposals;
pub mod shown;

mod children;

use std::sync::Arc;

use actix_web::HttpRequest;
use tenure_model::id::{UserId, WorkflowId};
use tenure_model::request::RequestId;
use tenure_workflow::library::{Action, Command, Refusal, Reply, Workflow, workflow_id};
use tenure_workflow::people::By;
use tenure_workflow::{Slug, WorkflowHash};
use uuid::Uuid;

use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::{Explained, Rejection, of_ask, problem, unavailable};

/// A workflow that the caller may know of.
pub struct Found {
    pub id: WorkflowId,
    pub workflow: Arc<Workflow>,
}

/// Finds the workflow that the path names.
pub async fn find(desk: &Desk, request: &HttpRequest, caller: &Caller) -> Result<Found, Rejection> {
    named(desk, request.match_info().get("id").unwrap_or_default(), caller).await
}

/// Finds a workflow by its id, or by its slug among the caller's own.
pub async fn named(desk: &Desk, name: &str, caller: &Caller) -> Result<Found, Rejection> {
    let mut refusal = Refusal::Unknown;
    for id in ids(name, caller.user) {
        let workflow = desk.runtime.workflows.look(id).await.map_err(of_ask)?.state;
        let known = workflow.about.as_ref().filter(|about| about.is_of(&by(caller)));
        match known.map(|about| about.deleted_at) {
            Some(None) => return Ok(Found { id, workflow }),
            Some(Some(_)) => refusal = Refusal::Deleted,
            None => {}
        }
    }
    Err(refusal.rejection())
}

/// Lists what a name can mean: an id, or a slug among the owner's workflows.
pub fn ids(name: &str, owner: UserId) -> impl Iterator<Item = WorkflowId> {
    let by_id = name.parse::<Uuid>().ok().map(WorkflowId);
    let by_slug = name.parse::<Slug>().ok().map(|slug| workflow_id(owner, &slug));
    by_id.into_iter().chain(by_slug)
}

/// Returns the caller as a workflow knows them.
pub fn by(caller: &Caller) -> By {
    By { user: caller.user, name: caller.name.clone(), admin: caller.is_admin(), agent: caller.agent }
}

/// Carries an action out under its request id, which is the `Idempotency-Key` of HTTP.
async fn carry_out(
    desk: &Desk,
    key: Option<RequestId>,
    caller: &Caller,
    id: WorkflowId,
    action: Action,
) -> Result<Reply, Rejection> {
    let command = Command { by: by(caller), request: key, action };
    Ok(desk.runtime.workflows.ask(id, command).await.map_err(of_ask)?.reply)
}

/// Reads `If-Match`: the hash of the version that the caller has seen.
fn expected(request: &HttpRequest) -> Result<Option<WorkflowHash>, Rejection> {
    let Some(header) = request.headers().get("if-match") else { return Ok(None) };
    let named = header.to_str().unwrap_or_default().trim().trim_matches('"');
    if named == "*" {
        return Ok(None);
    }
    let parsed = named.parse::<WorkflowHash>().map(Some);
    parsed.map_err(|error| problem(400, "if_match_invalid", format!("If-Match: {error}")).field("If-Match"))
}

/// A workflow has answered what it never answers to this.
fn odd(reply: Reply) -> Rejection {
    unavailable(&format!("the workflow answered {reply:?}"))
}
