//! The folder that a session's agents work in: how its files differ, and putting them back.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Deserialize;
use tenure_model::id::{SessionId, TurnId};
use tenure_model::workspace::{AttachmentPiece, WorkspaceAsk, WorkspaceDiff, WorkspaceTold};
use tenure_protocol::client::{Answered, ClientCommand};
use tenure_protocol::http::RestoreFiles;

use super::input;
use crate::auth::Person;
use crate::desk::Desk;
use crate::link::client::join;
use crate::problem::{Rejection, problem};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiffQuery {
    since: Option<TurnId>,
}

/// `GET /api/sessions/{id}/workspace/diff?since=`: shows how the files differ from the checked out commit, or from the
/// checkpoint of a turn. The runner that has the workspace is asked.
pub async fn diff(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<WorkspaceDiff>, Rejection> {
    let session: SessionId = input::id(&request, "id")?;
    let DiffQuery { since } = input::query(&request)?;
    let look = join::look(&desk, session, &caller.0).await?;
    let Some(workspace) = &look.state.workspace else {
        let detail = "no runner has a workspace of this session: no turn has left anything in one";
        return Err(problem(409, "workspace_unknown", detail));
    };
    let question = WorkspaceAsk::Diff { since };
    match desk.runtime.roster.ask_workspace(workspace.runner, session, question).await {
        Ok(WorkspaceTold::Diff(diff)) => Ok(Json(diff)),
        Ok(WorkspaceTold::Unable { why }) => Err(problem(409, "workspace_unreadable", why)),
        Ok(WorkspaceTold::Attachment(_)) => {
            Err(problem(409, "workspace_unreadable", "the runner answered something else"))
        }
        Err(not_told) => {
            let mut rejection = problem(503, "workspace_unavailable", not_told.to_string());
            rejection.0.retry = true;
            Err(rejection)
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PieceQuery {
    offset: Option<u64>,
}

/// `GET /api/sessions/{id}/attachments/{attachment}?offset=`: reads a piece of an output that was too long to be told. It is at
/// the runner that did the work; the one that has the workspace is asked first, then the others that are connected.
pub async fn attachment(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
) -> Result<Json<AttachmentPiece>, Rejection> {
    let session: SessionId = input::id(&request, "id")?;
    let id = request.match_info().get("attachment").unwrap_or_default().to_owned();
    let offset = input::query::<PieceQuery>(&request)?.offset.unwrap_or(0);
    let look = join::look(&desk, session, &caller.0).await?;
    let roster = &desk.runtime.roster;
    let holder = look.state.workspace.as_ref().map(|workspace| workspace.runner);
    let mut runners: Vec<_> =
        roster.list().into_iter().filter(|runner| runner.connected).map(|runner| runner.id).collect();
    runners.sort_by_key(|runner| Some(*runner) != holder);
    for runner in runners {
        let question = WorkspaceAsk::Attachment { id: id.clone(), offset };
        if let Ok(WorkspaceTold::Attachment(piece)) = roster.ask_workspace(runner, session, question).await {
            return Ok(Json(piece));
        }
    }
    Err(problem(
        404,
        "attachment_unknown",
        "no connected runner has this attachment: it is removed, or its runner is away",
    ))
}

/// `POST /api/sessions/{id}/workspace/restore`: puts the files back as a turn left them, by a turn of its own.
pub async fn restore(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: input::Body<RestoreFiles>,
) -> Result<Json<Answered>, Rejection> {
    super::command(&desk, &request, &caller, ClientCommand::WorkspaceRestore { turn: body.0.turn }).await
}
