//! Showing a run: as a whole, attempt by attempt, and why it does not get on.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Deserialize;
use tenure_protocol::execution::{ExecutionView, StepView, WhyView};
use tenure_protocol::http::Page;

use super::waiting::{ShowQuery, awaited};
use super::{Found, find};
use crate::api::input;
use crate::auth::Person;
use crate::desk::Desk;
use crate::problem::{Explained, Rejection, problem};
use crate::runs::timeline::{self, Mark};
use crate::runs::view;

/// `GET /api/executions/{id}?wait_ms=`: shows a run with everything but its timeline; with `wait_ms` once it is over.
pub async fn show(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<ExecutionView>, Rejection> {
    let query: ShowQuery = input::query(&request)?;
    let found = awaited(&desk, input::id(&request, "id")?, &caller.0, &query).await?;
    whole(&desk, found).await.map(Json)
}

/// Returns a run with everything but its timeline.
pub async fn whole(desk: &Desk, found: Found) -> Result<ExecutionView, Rejection> {
    let (id, run) = (found.id, found.look.state);
    desk.read(move |store| view::whole(store, id, &run)).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepsQuery {
    pub limit: Option<u64>,
    pub cursor: Option<String>,
}

/// `GET /api/executions/{id}/steps?limit&cursor`: lists every attempt of every step, in the order of their starts.
pub async fn steps(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<Page<StepView>>, Rejection> {
    let query: StepsQuery = input::query(&request)?;
    page(&desk, find(&desk, &request, &caller.0).await?, query).await.map(Json)
}

/// Returns one page of a run's attempts, in the order of their starts.
pub async fn page(desk: &Desk, found: Found, query: StepsQuery) -> Result<Page<StepView>, Rejection> {
    let limit = input::limit(desk, query.limit)?;
    let after = query.cursor.as_deref().map(cursor).transpose()?.unwrap_or_default();
    let (id, look) = (found.id, found.look);
    let page = desk.read(move |store| timeline::page(store, id, &look, after, limit)).await?;
    let cursor = page.next.map(|mark| mark.to_string());
    Ok(Page { items: page.steps, cursor })
}

fn cursor(text: &str) -> Result<Mark, Rejection> {
    let detail = "the cursor is none of this server's; take it from the page before";
    text.parse().map_err(|()| problem(400, "cursor_invalid", detail).field("cursor"))
}

/// `GET /api/executions/{id}/why`: says what a run waits for, since when, what happens next, and what would mend it.
pub async fn why(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<WhyView>, Rejection> {
    let found = find(&desk, &request, &caller.0).await?;
    let why = found.run().why(desk.now()).ok_or_else(|| tenure_workflow::execution::Refusal::Unknown.rejection())?;
    Ok(Json(view::why(&why)))
}
