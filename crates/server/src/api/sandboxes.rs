//! The sandboxes of sessions: who runs, who is wanted; waking, sleeping, stopping; credentials for those started by hand.

use actix_web::http::header::RETRY_AFTER;
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde::Deserialize;
use tenure_model::id::SessionId;
use tenure_model::sandbox::{SandboxRow, SandboxState};
use tenure_protocol::client::ClientCommand;
use tenure_protocol::http::{Page, SandboxAnswer, SandboxCredential};
use tenure_session::sandbox::all_sandboxes;

use super::input;
use super::rows::{self, Wanted};
use crate::auth::{Admin, Person};
use crate::desk::Desk;
use crate::link::client::join;
use crate::problem::{Rejection, problem};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    limit: Option<u64>,
    cursor: Option<String>,
    state: Option<SandboxState>,
}

/// `GET /api/sandboxes?state&limit&cursor`: lists the sandboxes of the caller's sessions, or of all for an administrator.
pub async fn list(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<Page<SandboxRow>>, Rejection> {
    let ListQuery { limit, cursor, state } = input::query(&request)?;
    let owner = if caller.0.is_admin() { all_sandboxes() } else { caller.0.user };
    let fits = move |row: &SandboxRow| state.is_none_or(|state| row.sandbox.state == state);
    Ok(Json(rows::page(&desk, owner, "sandbox", Wanted { limit, cursor }, fits).await?))
}

/// `POST /api/sessions/{id}/sandbox/wake`: has the sandbox run; 200 once it does, 202 while it starts, 503 while it is only
/// tried again later.
pub async fn wake(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<HttpResponse, Rejection> {
    asked(&desk, &request, &caller, ClientCommand::SandboxWake {}).await
}

/// `POST /api/sessions/{id}/sandbox/hibernate`: stops the sandbox and keeps its workspace; refused while something runs.
pub async fn hibernate(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<HttpResponse, Rejection> {
    asked(&desk, &request, &caller, ClientCommand::SandboxHibernate {}).await
}

/// `POST /api/sessions/{id}/sandbox/stop`: ends what runs in the sandbox, and stops it.
pub async fn stop(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<HttpResponse, Rejection> {
    asked(&desk, &request, &caller, ClientCommand::SandboxStop {}).await
}

async fn asked(
    desk: &Data<Desk>,
    request: &HttpRequest,
    caller: &Person,
    command: ClientCommand,
) -> Result<HttpResponse, Rejection> {
    super::command(desk, request, caller, command).await?;
    let session: SessionId = input::id(request, "id")?;
    let look = join::look(desk, session, &caller.0).await?;
    let Some(sandbox) = look.state.sandbox_view() else {
        return Err(problem(409, "sandbox_none", "the session has no sandbox of its own"));
    };
    let mut answer = match sandbox.state {
        SandboxState::Wanted | SandboxState::Starting | SandboxState::Hibernating => HttpResponse::Accepted(),
        SandboxState::Backoff => return Ok(in_backoff(desk, sandbox.why, sandbox.until)),
        _ => HttpResponse::Ok(),
    };
    Ok(answer.json(SandboxAnswer { session, sandbox }))
}

/// It is not to be had before a stated time.
fn in_backoff(desk: &Desk, why: Option<String>, until: Option<tenure_model::Timestamp>) -> HttpResponse {
    let why = why.unwrap_or_else(|| "the sandbox has failed".to_owned());
    let mut response = problem(503, "sandbox_backoff", why).error_response();
    let wait = until.map_or(1, |until| until.since(desk.now()).0.div_ceil(1_000).max(1));
    response.headers_mut().insert(RETRY_AFTER, wait.into());
    response
}

/// `POST /api/sandboxes/{session}/credential`: makes the credential of the runner of a sandbox that is to run.
pub async fn credential(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Admin,
) -> Result<Json<SandboxCredential>, Rejection> {
    let session: SessionId = input::id(&request, "session")?;
    let look = join::look(&desk, session, &caller.0).await?;
    let runs = |state| {
        matches!(state, SandboxState::Wanted | SandboxState::Starting | SandboxState::Running | SandboxState::Away)
    };
    let sandbox = look.state.sandbox.as_ref().filter(|sandbox| runs(sandbox.state()));
    let Some((generation, name)) = sandbox.map(|sandbox| (sandbox.generation, &sandbox.policy.name)) else {
        return Err(problem(409, "sandbox_asleep", "the session's sandbox is not to run now; wake it first"));
    };
    let sandboxes = &desk.runtime.sandboxes;
    Ok(Json(SandboxCredential {
        session,
        generation,
        workspace_key: session.0.simple().to_string(),
        server: sandboxes.server_of(name).unwrap_or_default().to_owned(),
        token: sandboxes.credential(session, generation),
    }))
}
