//! Listing runs.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Deserialize;
use tenure_model::id::SessionId;
use tenure_protocol::execution::{ExecutionRow, ExecutionStatus};
use tenure_protocol::http::Page;

use crate::api::input;
use crate::api::rows::{self, Wanted};
use crate::auth::{Caller, Person};
use crate::desk::Desk;
use crate::problem::Rejection;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    pub limit: Option<u64>,
    pub cursor: Option<String>,
    /// Only runs of this workflow, by its slug or id.
    pub workflow: Option<String>,
    pub status: Option<ExecutionStatus>,
    /// Only runs that this session shows.
    pub session: Option<SessionId>,
}

/// `GET /api/executions?workflow&status&session&limit&cursor`: lists the caller's runs, newest first.
pub async fn list(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
) -> Result<Json<Page<ExecutionRow>>, Rejection> {
    page(&desk, &caller.0, input::query(&request)?).await.map(Json)
}

/// Returns one page of the caller's runs, newest first.
pub async fn page(desk: &Desk, caller: &Caller, query: ListQuery) -> Result<Page<ExecutionRow>, Rejection> {
    let ListQuery { limit, cursor, workflow, status, session } = query;
    let fits = move |row: &ExecutionRow| {
        let of = |name: &String| row.slug == *name || row.workflow.is_some_and(|id| id.to_string() == *name);
        workflow.as_ref().is_none_or(of)
            && status.is_none_or(|status| row.status == status)
            && session.is_none_or(|session| row.session == Some(session))
    };
    rows::page(desk, caller.user, "execution", Wanted { limit, cursor }, fits).await
}
