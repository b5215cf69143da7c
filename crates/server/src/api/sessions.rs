//! Sessions: open, list, show, change, share, end.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use tenure_model::id::{SessionId, derived};
use tenure_model::view::{Purpose, SessionView};
use tenure_protocol::client::{Answered, ClientCommand};
use tenure_protocol::http::{NewSession, Page, SessionPatch, SessionRow, ShareSession};
use tenure_session::{Action, Command};

use super::input::{self, Body, Cursor};
use super::quota;
use crate::auth::{Person, secret};
use crate::desk::Desk;
use crate::link::client::{commands, join};
use crate::problem::{Rejection, of_ask, problem, unavailable};

/// `POST /api/sessions`: opens a session. The same `Idempotency-Key` opens the same session.
pub async fn open(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<NewSession>,
) -> Result<HttpResponse, Rejection> {
    let (caller, new) = (caller.0, body.0);
    let key = input::idempotency_key(&request)?;
    let session = match &key {
        // The id is made of the key, so that the session itself tells whether the key was used.
        Some(key) => SessionId(derived(&["session", &caller.user.to_string(), &key.to_string()])),
        None => SessionId(secret::fresh_id(desk.now())),
    };
    let choice = desk.runtime.sandboxes.choice(new.runner.unwrap_or_default());
    let runner = choice.map_err(|unknown| problem(422, "sandbox_unknown", unknown.to_string()).field("runner"))?;
    quota::take(&desk, caller.user, session).await?;
    let create = Action::Create {
        owner: caller.user,
        owner_name: caller.name.clone(),
        title: new.title,
        agent: new.agent,
        model: new.model,
        purpose: Purpose::Interactive,
        mode: new.mode.unwrap_or_default(),
        limits: desk.runtime.session_limits.clone(),
        repo: new.repo.map(Box::new),
        runner: Box::new(runner),
    };
    let created = desk.runtime.sessions.ask(session, Command::Client { by: caller.by(), request: key, action: create });
    if let Err(error) = created.await {
        let there = desk.runtime.sessions.look(session).await.map(|look| look.state.about.is_some());
        if matches!(there, Ok(false)) {
            quota::give_back(&desk, caller.user, session).await;
        }
        return Err(of_ask(error));
    }
    let look = join::look(&desk, session, &caller).await?;
    let location = format!("/api/sessions/{session}");
    Ok(HttpResponse::Created().insert_header(("location", location)).json(join::view_of(session, &look)?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    limit: Option<u64>,
    cursor: Option<String>,
}

/// `GET /api/sessions?limit&cursor`: lists the caller's sessions, newest first.
pub async fn list(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<Page<SessionRow>>, Rejection> {
    let query: ListQuery = input::query(&request)?;
    let limit = input::limit(&desk, query.limit)?;
    let after = Cursor::read(query.cursor.as_deref())?.map(|cursor| (cursor.rank, cursor.id));
    let (store, owner) = (desk.runtime.store.clone(), caller.0.user);
    let read = actix_web::web::block(move || store.summaries(owner.into(), "session", after, limit + 1)).await;
    let mut rows =
        read.map_err(|_| unavailable("the server is stopping"))?.map_err(|error| unavailable(&error.to_string()))?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let cursor = rows.last().filter(|_| more).map(|row| Cursor { rank: row.key.rank, id: row.key.id }.write());
    let items = rows.into_iter().filter_map(|row| row.row.read().ok()).collect();
    Ok(Json(Page { items, cursor }))
}

/// `GET /api/sessions/{id}`: shows all of a session but its transcript.
pub async fn show(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<SessionView>, Rejection> {
    let session: SessionId = input::id(&request, "id")?;
    let look = join::look(&desk, session, &caller.0).await?;
    Ok(Json(join::view_of(session, &look)?))
}

/// `PATCH /api/sessions/{id}`: changes the title, the mode, or both; two fields are two commands.
pub async fn change(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<SessionPatch>,
) -> Result<Json<SessionView>, Rejection> {
    let session: SessionId = input::id(&request, "id")?;
    let patch = body.0;
    let key = input::idempotency_key(&request)?;
    if patch.title.is_some() && patch.mode.is_some() && key.is_some() {
        let detail = "with an Idempotency-Key change the title and the mode one at a time";
        return Err(problem(422, "json_invalid", detail).field("mode"));
    }
    let title = patch.title.map(|title| Action::SetTitle { title });
    let mode = patch.mode.map(|mode| Action::SetMode { mode });
    for action in [title, mode].into_iter().flatten() {
        commands::carry_out(&desk, &caller.0, session, key.clone(), action).await?;
    }
    show(desk, request, caller).await
}

/// `POST /api/sessions/{id}/terminate` and `DELETE /api/sessions/{id}`: ends a session for good. It stays readable.
pub async fn terminate(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<Answered>, Rejection> {
    super::command(&desk, &request, &caller, ClientCommand::Terminate {}).await
}

/// `POST /api/sessions/{id}/share`: gives somebody a role, or takes it away.
pub async fn share(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<ShareSession>,
) -> Result<Json<Answered>, Rejection> {
    let ShareSession { user, role } = body.0;
    super::command(&desk, &request, &caller, ClientCommand::Share { user, role }).await
}
