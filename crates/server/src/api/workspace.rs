//! The folder that a session's agents work in: how its files differ, and putting them back.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Deserialize;
use tenure_model::id::{SessionId, TurnId};
use tenure_model::workspace::{WorkspaceAsk, WorkspaceDiff, WorkspaceTold};
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
        Err(not_told) => {
            let mut rejection = problem(503, "workspace_unavailable", not_told.to_string());
            rejection.0.retry = true;
            Err(rejection)
        }
    }
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
