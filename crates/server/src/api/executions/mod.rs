//! Runs of workflows: start, list, show, act on, take up again. Their event stream is in `link/run.rs`.

pub mod starting;
pub mod listing;
pub mod showing;
pub mod waiting;
pub mod acting;
pub mod retrying;

use actix_web::{HttpRequest, HttpResponse};
use tenure_model::id::ExecutionId;
use tenure_model::request::RequestId;
use tenure_protocol::execution::StartedExecution;
use tenure_runtime::Look;
use tenure_workflow::Execution;
use tenure_workflow::execution::{Action, Command, Refusal, Reply, Start};

use super::input;
use super::workflows::{by, shown};
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::{Explained, Rejection, of_ask, problem, unavailable};

/// A run that the caller may know of.
pub struct Found {
    pub id: ExecutionId,
    pub look: Look<Execution>,
}

impl Found {
    pub fn run(&self) -> &Execution {
        &self.look.state
    }
}

/// Finds the run that the path names.
pub async fn find(desk: &Desk, request: &HttpRequest, caller: &Caller) -> Result<Found, Rejection> {
    look(desk, input::id(request, "id")?, caller).await
}

/// Looks at a run on behalf of somebody who may see it.
pub async fn look(desk: &Desk, id: ExecutionId, caller: &Caller) -> Result<Found, Rejection> {
    let look = desk.runtime.executions.look(id).await.map_err(of_ask)?;
    match look.state.is_of(&by(caller)) {
        true => Ok(Found { id, look }),
        // Strangers learn nothing, not even that it exists.
        false => Err(Refusal::Unknown.rejection()),
    }
}

/// Starts a run at this id, or says every input that is wrong. Doing it again answers the same.
async fn begin(desk: &Desk, id: ExecutionId, start: Start) -> Result<StartedExecution, Rejection> {
    if let Err(mistakes) = start.definition.check_inputs(&start.inputs) {
        let detail = "refused because its inputs are wrong; `errors` lists each of them";
        return Err(problem(422, "inputs_invalid", detail).errors(mistakes.iter().map(shown::mistake).collect()));
    }
    let hash = start.hash;
    let answer = desk.runtime.executions.ask(id, Command::Start(Box::new(start))).await.map_err(of_ask)?;
    match answer.reply {
        Reply::Started { execution, session } => Ok(StartedExecution { execution, session, hash: hash.to_string() }),
        other => Err(odd(other)),
    }
}

fn created(started: StartedExecution) -> HttpResponse {
    let location = ("location", format!("/api/executions/{}", started.execution));
    HttpResponse::Created().insert_header(location).json(started)
}

/// Carries an action out under its request id, which is the `Idempotency-Key` of HTTP.
pub async fn carry_out(
    desk: &Desk,
    key: Option<RequestId>,
    caller: &Caller,
    id: ExecutionId,
    action: Action,
) -> Result<Reply, Rejection> {
    let command = Command::Client { by: by(caller), request: key, action };
    Ok(desk.runtime.executions.ask(id, command).await.map_err(of_ask)?.reply)
}

/// A run has answered what it never answers to this.
pub fn odd(reply: Reply) -> Rejection {
    unavailable(&format!("the run answered {reply:?}"))
}
