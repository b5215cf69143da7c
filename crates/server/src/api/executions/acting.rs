//! Acting on a run: end it, hold it, let it go on, tell it something, say what became of a step.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use tenure_model::id::ExecutionId;
use tenure_model::request::RequestId;
use tenure_protocol::execution::{CancelExecution, EventTaken, ExecutionRow, ResolveAnswer, ResolveStep};
use tenure_workflow::StepPath;
use tenure_workflow::execution::command::Answer;
use tenure_workflow::execution::{Action, Reply};

use super::{carry_out, find, look, odd};
use crate::api::input::{self, Anything, Body};
use crate::auth::{Caller, Person};
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
    match carry_out(&desk, input::idempotency_key(&request)?, &caller.0, found.id, action).await? {
        Reply::Told { taken } => Ok(Json(EventTaken { taken })),
        other => Err(odd(other)),
    }
}

/// Reads the path of a step.
pub fn path(text: &str, field: &str) -> Result<StepPath, Rejection> {
    text.parse().map_err(|error| problem(422, "json_invalid", format!("{field}: {error}")).field(field))
}

/// Carries an action out on the run that the path names.
async fn act(
    desk: &Desk,
    request: &HttpRequest,
    caller: &Person,
    action: Action,
) -> Result<Json<ExecutionRow>, Rejection> {
    let (id, key) = (input::id(request, "id")?, input::idempotency_key(request)?);
    act_on(desk, &caller.0, key, id, action).await.map(Json)
}

/// Carries an action out and returns how the run stands then.
pub async fn act_on(
    desk: &Desk,
    caller: &Caller,
    key: Option<RequestId>,
    id: ExecutionId,
    action: Action,
) -> Result<ExecutionRow, Rejection> {
    look(desk, id, caller).await?;
    match carry_out(desk, key, caller, id, action).await? {
        Reply::Done => {}
        other => return Err(odd(other)),
    }
    let after = look(desk, id, caller).await?;
    row(after.run(), id).ok_or_else(|| unavailable("the run's row cannot be told"))
}
