//! Listing and showing stored workflows.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use tenure_model::id::UserId;
use tenure_protocol::http::Page;
use tenure_protocol::workflow::WorkflowRow;

use super::find;
use super::shown::view;
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
    /// Only those that may run, or may not.
    pub enabled: Option<bool>,
    pub tag: Option<String>,
    /// Words that stand in the name, the slug or a tag, each of them, in any case.
    pub q: Option<String>,
}

/// `GET /api/workflows?limit&cursor&enabled&tag&q`: lists the caller's workflows, newest first.
pub async fn list(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
) -> Result<Json<Page<WorkflowRow>>, Rejection> {
    page(&desk, &caller.0, input::query(&request)?).await.map(Json)
}

/// Returns one page of the caller's workflows, newest first.
pub async fn page(desk: &Desk, caller: &Caller, query: ListQuery) -> Result<Page<WorkflowRow>, Rejection> {
    let filter = Filter {
        enabled: query.enabled,
        tag: query.tag,
        words: query.q.unwrap_or_default().to_lowercase().split_whitespace().map(str::to_owned).collect(),
    };
    let wanted = Wanted { limit: query.limit, cursor: query.cursor };
    rows::page(desk, caller.user, "workflow", wanted, move |row| filter.fits(row)).await
}

/// `GET /api/workflows/{id}`: shows a workflow with its current definition. `{id}` is its id or slug.
pub async fn show(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<HttpResponse, Rejection> {
    let found = find(&desk, &request, &caller.0).await?;
    let view = view(&found)?;
    let tag = format!("\"{}\"", view.row.hash);
    Ok(HttpResponse::Ok().insert_header(("etag", tag)).json(view))
}

/// Returns every workflow of an owner, newest first.
pub async fn all(desk: &Desk, owner: UserId) -> Result<Vec<WorkflowRow>, Rejection> {
    rows::all(desk, owner, "workflow", |_| true).await
}

struct Filter {
    enabled: Option<bool>,
    tag: Option<String>,
    words: Vec<String>,
}

impl Filter {
    fn fits(&self, row: &WorkflowRow) -> bool {
        let texts = || [&row.name, &row.slug].into_iter().chain(&row.tags).map(|text| text.to_lowercase());
        self.enabled.is_none_or(|enabled| row.enabled == enabled)
            && self.tag.as_ref().is_none_or(|tag| row.tags.contains(tag))
            && self.words.iter().all(|word| texts().any(|text| text.contains(word.as_str())))
    }
}
