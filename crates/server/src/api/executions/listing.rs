//! Listing runs.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Deserialize;
use tenure_model::id::SessionId;
use tenure_protocol::execution::{ExecutionRow, ExecutionStatus};
use tenure_protocol::http::Page;

use crate::api::input;
use crate::api::rows::{self, Wanted};
use crate::auth::Person;
use crate::desk::Desk;
use crate::problem::Rejection;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    limit: Option<u64>,
    cursor: Option<String>,
    /// Only runs of this workflow, by its slug or id.
    workflow: Option<String>,
    status: Option<ExecutionStatus>,
    /// Only runs that this session shows.
    session: Option<SessionId>,
}

/// `GET /api/executions?workflow&status&session&limit&cursor`: lists the caller's runs, newest first.
pub async fn list(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
) -> Result<Json<Page<ExecutionRow>>, Rejection> {
    let ListQuery { limit, cursor, workflow, status, session } = input::query(&request)?;
    let fits = move |row: &ExecutionRow| {
        let of = |name: &String| row.slug == *name || row.workflow.is_some_and(|id| id.to_string() == *name);
        workflow.as_ref().is_none_or(of)
            && status.is_none_or(|status| row.status == status)
            && session.is_none_or(|session| row.session == Some(session))
    };
    rows::page(&desk, caller.0.user, "execution", Wanted { limit, cursor }, fits).await.map(Json)
}
