//! Acting on a run: end it, hold it, let it go on, tell it something, say what became of a step.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use tenure_protocol::execution::{CancelExecution, EventTaken, ExecutionRow, ResolveAnswer, ResolveStep};
use tenure_workflow::StepPath;
use tenure_workflow::execution::command::Answer;
use tenure_workflow::execution::{Action, Reply};

use super::{carry_out, find, odd};
use crate::api::input::{Anything, Body};
use crate::auth::Person;
use crate::desk::Desk;
use crate::problem::{Rejection, problem, unavailable};
use crate::runs::steps::row;

/// `POST /api/executions/{id}/cancel`: ends a run. It is `cancelling` until everything in it has ended.
pub async fn cancel(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<CancelExecution>,
) -> Result<Json<ExecutionRow>, Rejection> {
    act(&desk, &request, &caller, Action::Cancel { reason: body.0.reason }).await
}

/// `POST /api/executions/{id}/pause`: lets nothing new start; what is under way goes on.
pub async fn pause(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<ExecutionRow>, Rejection> {
    act(&desk, &request, &caller, Action::Pause).await
}

/// `POST /api/executions/{id}/resume`: lets a paused run go on.
pub async fn resume(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<ExecutionRow>, Rejection> {
    act(&desk, &request, &caller, Action::Resume).await
}

/// `POST /api/executions/{id}/resolve`: says what became of a step whose outcome nobody knows.
pub async fn resolve(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<ResolveStep>,
) -> Result<Json<ExecutionRow>, Rejection> {
    let path = path(&body.0.path, "path")?;
    let answer = match body.0.answer {
        ResolveAnswer::Retry => Answer::Retry,
        ResolveAnswer::Succeed { output } => Answer::Succeed { output },
        ResolveAnswer::Fail => Answer::Fail,
    };
    act(&desk, &request, &caller, Action::Resolve { path, answer }).await
}

/// `POST /api/executions/{id}/events/{name}`: tells a run that something has happened.
pub async fn event(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Anything,
) -> Result<Json<EventTaken>, Rejection> {
    let found = find(&desk, &request, &caller.0).await?;
    let name = request.match_info().get("name").unwrap_or_default().to_owned();
    let action = Action::Event { name, payload: body.0 };
    match carry_out(&desk, &request, &caller.0, found.id, action).await? {
        Reply::Told { taken } => Ok(Json(EventTaken { taken })),
        other => Err(odd(other)),
    }
}

/// Reads the path of a step.
pub fn path(text: &str, field: &str) -> Result<StepPath, Rejection> {
    text.parse().map_err(|error| problem(422, "json_invalid", format!("{field}: {error}")).field(field))
}

/// Carries an action out and shows how the run stands then.
async fn act(
    desk: &Desk,
    request: &HttpRequest,
    caller: &Person,
    action: Action,
) -> Result<Json<ExecutionRow>, Rejection> {
    let found = find(desk, request, &caller.0).await?;
    match carry_out(desk, request, &caller.0, found.id, action).await? {
        Reply::Done => {}
        other => return Err(odd(other)),
    }
    let after = find(desk, request, &caller.0).await?;
    row(after.run(), after.id).map(Json).ok_or_else(|| unavailable("the run's row cannot be told"))
}
