//! Switching triggers on and off, pausing, renaming, deleting.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use tenure_model::id::TriggerId;
use tenure_model::request::RequestId;
use tenure_protocol::trigger::{PauseTrigger, RenameTrigger, TriggerRow};
use tenure_workflow::scheduler::{Action, Refusal, Reply, Which};
use tenure_workflow::trigger::Name;

use super::{Found, OwnerQuery, carry_out, find, odd, show, shown, when};
use crate::api::input::{self, Body};
use crate::auth::{Caller, Person};
use crate::desk::Desk;
use crate::problem::{Explained, Rejection, problem};

/// `POST /api/triggers/{trigger}/enable?owner`: lets a trigger fire. Nothing is made up for the time that it did not.
pub async fn enable(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<TriggerRow>, Rejection> {
    change(&desk, &request, &caller.0, |trigger| Action::SetEnabled { trigger, enabled: true }).await
}

/// `POST /api/triggers/{trigger}/disable?owner`: lets a trigger fire no more; runs under way go on.
pub async fn disable(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<TriggerRow>, Rejection> {
    change(&desk, &request, &caller.0, |trigger| Action::SetEnabled { trigger, enabled: false }).await
}

/// `POST /api/triggers/{trigger}/pause?owner`: plans nothing until an instant.
pub async fn pause(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<PauseTrigger>,
) -> Result<Json<TriggerRow>, Rejection> {
    let found = found(&desk, &request, &caller.0).await?;
    let now = desk.now();
    let until = match (&body.0.until, body.0.for_ms) {
        (Some(until), None) => when::read(until, when::zone_of(&found.shown.definition), "until")?.at,
        (None, Some(length)) => now + length,
        _ => return Err(problem(422, "json_invalid", "give one of `until` and `for_ms`").field("until")),
    };
    if until <= now {
        return Err(problem(422, "json_invalid", "until: this instant is over already").field("until"));
    }
    let action = Action::Pause { trigger: found.id(), until: Some(until) };
    act(&desk, input::idempotency_key(&request)?, &caller.0, &found, action).await.map(Json)
}

/// `POST /api/triggers/{trigger}/resume?owner`: ends a pause.
pub async fn resume(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<TriggerRow>, Rejection> {
    change(&desk, &request, &caller.0, |trigger| Action::Pause { trigger, until: None }).await
}

/// `POST /api/triggers/{trigger}/rename?owner`: gives a trigger another name; everything else of it stays.
pub async fn rename(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<RenameTrigger>,
) -> Result<Json<TriggerRow>, Rejection> {
    let name = body.0.name.parse::<Name>();
    let name = name.map_err(|why| problem(422, "json_invalid", format!("name: it {why}")).field("name"))?;
    change(&desk, &request, &caller.0, |trigger| Action::Rename { trigger, name }).await
}

/// `DELETE /api/triggers/{trigger}?owner`: deletes a trigger. Its history and its ledger can still be read by its id.
pub async fn delete(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<HttpResponse, Rejection> {
    let found = found(&desk, &request, &caller.0).await?;
    remove(&desk, input::idempotency_key(&request)?, &caller.0, &found).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Deletes a trigger.
pub async fn remove(desk: &Desk, key: Option<RequestId>, caller: &Caller, found: &Found) -> Result<(), Rejection> {
    match carry_out(desk, key, caller, found.owner, Action::Delete { trigger: found.id() }).await? {
        Reply::Done => Ok(()),
        other => Err(odd(other)),
    }
}

async fn change(
    desk: &Desk,
    request: &HttpRequest,
    caller: &Caller,
    action: impl FnOnce(TriggerId) -> Action,
) -> Result<Json<TriggerRow>, Rejection> {
    let found = found(desk, request, caller).await?;
    act(desk, input::idempotency_key(request)?, caller, &found, action(found.id())).await.map(Json)
}

async fn found(desk: &Desk, request: &HttpRequest, caller: &Caller) -> Result<Found, Rejection> {
    let query: OwnerQuery = input::query(request)?;
    find(desk, request, caller, query.owner.as_deref()).await
}

/// Carries a change out, and returns the trigger's row as it is then.
async fn act(
    desk: &Desk,
    key: Option<RequestId>,
    caller: &Caller,
    found: &Found,
    action: Action,
) -> Result<TriggerRow, Rejection> {
    match carry_out(desk, key, caller, found.owner, action).await? {
        Reply::Done | Reply::Saved { .. } => {}
        other => return Err(odd(other)),
    }
    let now = show(desk, found.owner, Which::Id(found.id())).await?.ok_or_else(|| Refusal::Unknown.rejection())?;
    shown::row(&now.row)
}
