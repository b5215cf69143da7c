//! Taking a run up again from one of its steps, as a new run that keeps what was done before.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use tenure_model::id::{ExecutionId, beside, derived};
use tenure_protocol::execution::RetryExecution;
use tenure_workflow::StepPath;
use tenure_workflow::execution::event::Next;
use tenure_workflow::execution::{Event, Refusal};

use super::acting::path;
use super::{Found, begin, created, find};
use crate::api::input::{self, Body};
use crate::api::workflows::by;
use crate::auth::{Person, secret};
use crate::desk::Desk;
use crate::problem::{Explained, Rejection, of_ask, problem};
use crate::runs::timeline;

/// `POST /api/executions/{id}/retry`: starts a new run that begins at a step. The same `Idempotency-Key` starts the same.
pub async fn retry(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<RetryExecution>,
) -> Result<HttpResponse, Rejection> {
    let caller = caller.0;
    let key = input::idempotency_key(&request)?;
    let source = find(&desk, &request, &caller).await?;
    let RetryExecution { from, inputs } = body.0;
    let from = from.map(|from| path(&from, "from")).transpose()?;
    let (id, look) = (source.id, source.look.clone());
    let history = desk.read(move |store| timeline::history(store, id, look.position)).await?;
    let from = match from {
        Some(from) => from,
        None => where_it_failed(&source, &history)?,
    };
    let retrying = source.run().retry_from(id, &from, &history).map_err(|refusal| refusal.rejection())?;
    let start = source.run().retry_start(retrying, by(&caller).author(), inputs);
    let start = start.map_err(|refusal| refusal.rejection())?;
    let fresh = match &key {
        Some(key) => derived(&["retry", &id.to_string(), &key.to_string()]),
        None => secret::fresh_id(desk.now()),
    };
    let fresh = ExecutionId(start.session.map_or(fresh, |session| beside(fresh, session.0)));
    let before = desk.runtime.executions.look(fresh).await.map_err(of_ask)?.state.about.clone();
    if let Some(before) = before.and_then(|about| about.start.retrying.clone())
        && before.path != from
    {
        return Err(Refusal::Exists.rejection());
    }
    begin(&desk, fresh, start).await.map(created)
}

/// Returns the step that a run has failed in or, when it was ended from outside, the first one that it did not finish.
fn where_it_failed(source: &Found, history: &[Event]) -> Result<StepPath, Rejection> {
    if source.run().ended.is_none() {
        return Err(problem(409, "execution_not_over", "a run is retried when it is over; cancel it first"));
    }
    let error = source.run().ended.as_ref().and_then(|ended| ended.error.as_ref());
    let began = error.and_then(|error| error.step.clone());
    let failed = || {
        history.iter().find_map(|event| match event {
            Event::StepFailed { path, next: Next::Fail, .. } => Some(path.clone()),
            _ => None,
        })
    };
    let cancelled = || {
        let mut ending = history.iter().skip_while(|event| !matches!(event, Event::Ending { .. }));
        ending.find_map(|event| match event {
            Event::StepCancelled { path, .. } => Some(path.clone()),
            _ => None,
        })
    };
    let detail = "no step of the run has failed; name the one to begin from";
    began.or_else(failed).or_else(cancelled).ok_or_else(|| problem(422, "retry_from_missing", detail).field("from"))
}
