//! Listing and showing triggers.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use tenure_model::id::UserId;
use tenure_protocol::http::Page;
use tenure_protocol::trigger::{TriggerRow, TriggerType};

use super::{OwnerQuery, find, owner_of, shown};
use crate::api::input;
use crate::api::rows::{self, Wanted};
use crate::api::workflows::ids;
use crate::auth::Person;
use crate::desk::Desk;
use crate::problem::Rejection;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    pub limit: Option<u64>,
    pub cursor: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<TriggerType>,
    /// Only those that are switched on, or off.
    pub enabled: Option<bool>,
    /// Only those that run this workflow, by its slug or id.
    pub workflow: Option<String>,
    pub owner: Option<String>,
}

/// `GET /api/triggers?type&enabled&workflow&limit&cursor&owner`: lists triggers, newest first.
pub async fn list(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<Page<TriggerRow>>, Rejection> {
    let query: ListQuery = input::query(&request)?;
    let owner = owner_of(&desk, &caller.0, query.owner.as_deref())?;
    page(&desk, owner, query).await.map(Json)
}

/// Returns one page of an owner's triggers, newest first.
pub async fn page(desk: &Desk, owner: UserId, query: ListQuery) -> Result<Page<TriggerRow>, Rejection> {
    let ListQuery { limit, cursor, kind, enabled, workflow, owner: _ } = query;
    // A trigger may name its workflow by the slug, and the caller by the id.
    let wanted = workflow.map(|name| ids(&name, owner).collect::<Vec<_>>());
    let runs = move |row: &TriggerRow, wanted: &[_]| {
        row.workflow.as_ref().is_some_and(|name| ids(name, owner).any(|id| wanted.contains(&id)))
    };
    let fits = move |row: &TriggerRow| {
        kind.is_none_or(|kind| row.kind == kind)
            && enabled.is_none_or(|enabled| row.enabled == enabled)
            && wanted.as_ref().is_none_or(|wanted| runs(row, wanted))
    };
    rows::page(desk, owner, "trigger", Wanted { limit, cursor }, fits).await
}

/// `GET /api/triggers/{trigger}?owner`: shows a trigger with its definition. `{trigger}` is its id, or its name in any case.
pub async fn show(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<HttpResponse, Rejection> {
    let query: OwnerQuery = input::query(&request)?;
    let found = find(&desk, &request, &caller.0, query.owner.as_deref()).await?;
    let view = shown::view(&desk, &found).await?;
    let tag = format!("\"{}\"", view.row.revision);
    Ok(HttpResponse::Ok().insert_header(("etag", tag)).json(view))
}
