//! Listing and showing stored workflows.

use actix_web::web::{self, Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use tenure_journal::{Store, StoreError};
use tenure_model::Timestamp;
use tenure_model::id::UserId;
use tenure_protocol::http::Page;
use tenure_protocol::workflow::WorkflowRow;
use uuid::Uuid;

use super::find;
use super::shown::view;
use crate::api::input::{self, Cursor};
use crate::auth::Person;
use crate::desk::Desk;
use crate::problem::{Rejection, unavailable};

/// Rows that are read at once while a filter looks for those that fit.
const SCAN_PAGE: usize = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    limit: Option<u64>,
    cursor: Option<String>,
    /// Only those that may run, or may not.
    enabled: Option<bool>,
    tag: Option<String>,
    /// Words that stand in the name, the slug or a tag, each of them, in any case.
    q: Option<String>,
}

/// `GET /api/workflows?limit&cursor&enabled&tag&q`: lists the caller's workflows, newest first.
pub async fn list(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
) -> Result<Json<Page<WorkflowRow>>, Rejection> {
    let query: ListQuery = input::query(&request)?;
    let limit = input::limit(&desk, query.limit)?;
    let after = Cursor::read(query.cursor.as_deref())?.map(|cursor| (cursor.rank, cursor.id));
    let filter = Filter {
        enabled: query.enabled,
        tag: query.tag,
        words: query.q.unwrap_or_default().to_lowercase().split_whitespace().map(str::to_owned).collect(),
    };
    let (store, owner) = (desk.runtime.store.clone(), caller.0.user);
    let read = web::block(move || fitting(&store, owner, after, limit + 1, &filter)).await;
    let mut items =
        read.map_err(|_| unavailable("the server is stopping"))?.map_err(|error| unavailable(&error.to_string()))?;
    let more = items.len() > limit;
    items.truncate(limit);
    let cursor = items.last().filter(|_| more).map(|row| Cursor { rank: row.created_at, id: row.id.0 }.write());
    Ok(Json(Page { items, cursor }))
}

/// `GET /api/workflows/{id}`: shows a workflow with its current definition. `{id}` is its id or slug.
pub async fn show(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<HttpResponse, Rejection> {
    let found = find(&desk, &request, &caller.0).await?;
    let view = view(&found)?;
    let tag = format!("\"{}\"", view.row.hash);
    Ok(HttpResponse::Ok().insert_header(("etag", tag)).json(view))
}

/// Returns every workflow of an owner, newest first.
pub fn all(store: &Store, owner: UserId) -> Result<Vec<WorkflowRow>, StoreError> {
    fitting(store, owner, None, usize::MAX, &Filter::default())
}

#[derive(Default)]
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

fn fitting(
    store: &Store,
    owner: UserId,
    mut after: Option<(Timestamp, Uuid)>,
    limit: usize,
    filter: &Filter,
) -> Result<Vec<WorkflowRow>, StoreError> {
    let mut found = vec![];
    loop {
        let rows = store.summaries(owner.into(), "workflow", after, SCAN_PAGE)?;
        let Some(last) = rows.last() else { return Ok(found) };
        after = Some((last.key.rank, last.key.id));
        for row in rows {
            let Ok(row) = serde_json::from_value::<WorkflowRow>(row.row) else { continue };
            if filter.fits(&row) {
                found.push(row);
            }
            if found.len() >= limit {
                return Ok(found);
            }
        }
    }
}
