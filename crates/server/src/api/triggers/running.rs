//! Firing by hand: now, or for times that are over.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use tenure_model::request::RequestId;
use tenure_protocol::trigger::{BackfillTimes, FiredTrigger, NewBackfill, RunTrigger};
use tenure_workflow::scheduler::{Action, Reply};

use super::{Found, OwnerQuery, carry_out, find, odd, shown, some_key, target, when};
use crate::api::input::{self, Body};
use crate::api::workflows::shown::mistake;
use crate::auth::{Caller, Person};
use crate::desk::Desk;
use crate::problem::{Rejection, problem};

/// `POST /api/triggers/{trigger}/run?owner`: fires now, also when the trigger is switched off.
pub async fn run(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<RunTrigger>,
) -> Result<HttpResponse, Rejection> {
    let query: OwnerQuery = input::query(&request)?;
    let found = find(&desk, &request, &caller.0, query.owner.as_deref()).await?;
    let fired = fire(&desk, &caller.0, input::idempotency_key(&request)?, &found, body.0).await?;
    Ok(HttpResponse::Accepted().json(fired))
}

/// Fires now, once for each key. Inputs that the workflow would not take are refused here.
pub async fn fire(
    desk: &Desk,
    caller: &Caller,
    key: Option<RequestId>,
    found: &Found,
    run: RunTrigger,
) -> Result<FiredTrigger, Rejection> {
    let definition = &found.shown.definition;
    let mut inputs = definition.inputs.clone();
    inputs.extend(run.inputs.clone());
    let mistakes = target::check_inputs(desk, found.owner, definition, &inputs).await?;
    if !mistakes.is_empty() {
        let detail = "refused because its inputs are wrong; `errors` lists each of them";
        return Err(problem(422, "inputs_invalid", detail).errors(mistakes.iter().map(mistake).collect()));
    }
    let action = Action::Run { trigger: found.id(), inputs: run.inputs, test: run.test };
    fired(carry_out(desk, some_key(desk, key), caller, found.owner, action).await?, found)
}

/// Tells what was fired.
pub fn fired(reply: Reply, found: &Found) -> Result<FiredTrigger, Rejection> {
    let Reply::Fired { firing, execution } = reply else { return Err(odd(reply)) };
    let starts_run = found.shown.definition.workflow.is_some();
    Ok(FiredTrigger { firing, execution: starts_run.then_some(execution) })
}

/// `POST /api/triggers/{trigger}/backfill?owner`: fires for every planned time of a range that is over.
pub async fn backfill(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<NewBackfill>,
) -> Result<HttpResponse, Rejection> {
    let query: OwnerQuery = input::query(&request)?;
    let found = find(&desk, &request, &caller.0, query.owner.as_deref()).await?;
    let NewBackfill { from, to, dry_run } = body.0;
    let definition = &found.shown.definition;
    let zone = when::zone_of(definition);
    let (from, to) = (when::read(&from, zone, "from")?.at, when::read(&to, zone, "to")?.at);
    let action = Action::Backfill { trigger: found.id(), from, to, dry_run };
    let key = some_key(&desk, input::idempotency_key(&request)?);
    let (times, more) = match carry_out(&desk, key, &caller.0, found.owner, action).await? {
        Reply::Times { times, more } => (times, more),
        other => return Err(odd(other)),
    };
    let times = times.into_iter().map(|time| shown::planned_time(time, definition, None)).collect();
    let answer = BackfillTimes { dry_run, times, more };
    Ok(if dry_run { HttpResponse::Ok().json(answer) } else { HttpResponse::Accepted().json(answer) })
}

/// `DELETE /api/triggers/{trigger}/backfill?owner`: fires for no more of its times; what has begun goes on.
pub async fn stop_backfill(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<HttpResponse, Rejection> {
    let query: OwnerQuery = input::query(&request)?;
    let found = find(&desk, &request, &caller.0, query.owner.as_deref()).await?;
    let (key, action) = (input::idempotency_key(&request)?, Action::StopBackfill { trigger: found.id() });
    match carry_out(&desk, key, &caller.0, found.owner, action).await? {
        Reply::Done => Ok(HttpResponse::NoContent().finish()),
        other => Err(odd(other)),
    }
}
