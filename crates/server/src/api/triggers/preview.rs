//! What a trigger would do: its next times from any instant, in its zone, with gaps and folds marked.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::web::{self, Data, Json};
use serde::Deserialize;
use tenure_model::id::TriggerId;
use tenure_protocol::trigger::TriggerPreview;
use tenure_workflow::scheduler::limits::TIMES_MAX;
use tenure_workflow::scheduler::{Refusal, Which, preview};
use tenure_workflow::trigger::{Definition, On};

use super::{find, owner_of, saving, show, shown, when};
use crate::api::input::{self, Written};
use crate::auth::Person;
use crate::desk::Desk;
use crate::problem::{Explained, Rejection, problem, unavailable};

const COUNT: u64 = 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreviewQuery {
    /// Times after this instant; now when absent.
    from: Option<String>,
    count: Option<u64>,
    owner: Option<String>,
}

/// `GET /api/triggers/{trigger}/preview?from&count&owner`: lists the next planned times, whether it is switched on or not.
pub async fn saved(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<TriggerPreview>, Rejection> {
    let query: PreviewQuery = input::query(&request)?;
    let found = find(&desk, &request, &caller.0, query.owner.as_deref()).await?;
    let (id, definition) = (found.id(), found.shown.definition);
    let paused = found.shown.paused_until.is_some_and(|until| until > desk.now());
    let preview = times(&desk, definition, Some(id), &query).await?;
    Ok(Json(TriggerPreview { fires: preview.fires && !paused, ..preview }))
}

/// `POST /api/triggers/preview?from&count&owner`: the same for a definition that is not saved.
pub async fn unsaved(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Written,
) -> Result<Json<TriggerPreview>, Rejection> {
    let query: PreviewQuery = input::query(&request)?;
    let owner = owner_of(&desk, &caller.0, query.owner.as_deref())?;
    let patch = saving::read(body.0).await?;
    let old = match patch.name() {
        Some(name) => show(&desk, owner, Which::Name(name)).await?,
        None => None,
    };
    let definition = patch.onto(old.as_ref().map(|old| &*old.definition));
    let definition = definition.map_err(|mistakes| Refusal::Mistakes(mistakes).rejection())?;
    times(&desk, Arc::new(definition), old.map(|old| old.id), &query).await.map(Json)
}

async fn times(
    desk: &Desk,
    definition: Arc<Definition>,
    id: Option<TriggerId>,
    query: &PreviewQuery,
) -> Result<TriggerPreview, Rejection> {
    let from = query.from.as_deref().map(|text| when::read_query(text, when::zone_of(&definition), "from"));
    let from = from.transpose()?.map_or(desk.now(), |read| read.at);
    let (count, max) = (query.count.unwrap_or(COUNT), TIMES_MAX as u64);
    if !(1..=max).contains(&count) {
        let detail = format!("count is 1 to {max}; go on from the last time");
        return Err(problem(400, "limit_invalid", detail).field("count").limit(max, count));
    }
    let planned = definition.clone();
    let found = web::block(move || preview::next(&planned, from, count as usize)).await;
    let found = found.map_err(|_| unavailable("the server is stopping"))?;
    let timezone = match &definition.on {
        On::Schedule(plan) => Some(plan.timezone.to_string()),
        On::Webhook(_) | On::Github(_) | On::Manual => None,
    };
    Ok(TriggerPreview {
        words: definition.words(),
        timezone,
        fires: definition.enabled,
        times: found.into_iter().map(|time| shown::planned_time(time, &definition, id)).collect(),
    })
}
