//! Approvals: what people are asked, by runs and for calls of agents, and their decisions.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Deserialize;
use tenure_model::id::{ApprovalId, ExecutionId};
use tenure_model::request::RequestId;
use tenure_protocol::execution::{ApprovalView, Decide, Decided, Verdict, Waiting};
use tenure_protocol::http::Page;
use tenure_runtime::AskError;
use tenure_workflow::Execution;
use tenure_workflow::execution::command::Decision;
use tenure_workflow::execution::{Action, Command, Refusal, Reply};
use tenure_workflow::people::By;

use super::budgets;
use super::executions::odd;
use super::input::{self, Body};
use super::policy::calls;
use super::rows::{self, Wanted};
use super::workflows::by;
use crate::auth::{Caller, Person};
use crate::desk::Desk;
use crate::problem::{Explained, Rejection, of_ask, problem, unavailable};
use crate::runs::{steps, timeline};

/// Among so many of a caller's newest approvals one is found by its id alone.
const ROWS_LOOKED_AT_MAX: usize = 10_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    limit: Option<u64>,
    cursor: Option<String>,
}

/// `GET /api/approvals?limit&cursor`: lists what nobody has decided yet, newest first: what the caller's own runs
/// ask, what others' runs ask of the caller by name, which calls of the caller's agents wait, and which budgets are used up.
pub async fn list(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<Page<Waiting>>, Rejection> {
    let ListQuery { limit, cursor } = input::query(&request)?;
    rows::page(&desk, &caller.0, "approval", Wanted { limit, cursor }, |_| true).await.map(Json)
}

/// `GET /api/executions/{id}/approvals/{approval}`: shows what is asked, to the run's people and to whoever may decide it.
pub async fn show(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<ApprovalView>, Rejection> {
    let (execution, approval) = (input::id(&request, "id")?, input::id(&request, "approval")?);
    let run = desk.runtime.executions.look(execution).await.map_err(of_ask)?.state;
    let by = by(&caller.0);
    let decides = run.open_approval(approval).is_some_and(|(_, asked)| run.is_decider(asked, &by));
    if !decides && !run.is_of(&by) {
        return Err(Refusal::Unknown.rejection());
    }
    let asked = steps::approvals(&run, execution).into_iter().find(|asked| asked.id == approval);
    asked.map(Json).ok_or_else(|| Refusal::UnknownApproval(approval).rejection())
}

/// `POST /api/executions/{id}/approvals/{approval}`: decides.
pub async fn decide(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<Decide>,
) -> Result<Json<Decided>, Rejection> {
    let (execution, approval) = (input::id(&request, "id")?, input::id(&request, "approval")?);
    settle(&desk, &caller.0, input::idempotency_key(&request)?, execution, approval, body.0).await.map(Json)
}

/// `POST /api/approvals/{approval}`: decides what the caller finds in their list.
pub async fn decide_listed(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<Decide>,
) -> Result<Json<Decided>, Rejection> {
    let approval: ApprovalId = input::id(&request, "approval")?;
    if let Some(decided) = calls::decide(&desk, &caller.0, approval, &body.0).await? {
        return Ok(Json(decided));
    }
    if let Some(raised) = budgets::raise(&desk, &caller.0, approval, &body.0).await? {
        return Ok(Json(raised));
    }
    let execution = asked_by(&desk, &caller.0, approval).await?;
    settle(&desk, &caller.0, input::idempotency_key(&request)?, execution, approval, body.0).await.map(Json)
}

/// Finds the run that asks, or has asked: the caller's own, or one that asks them by name.
async fn asked_by(desk: &Desk, caller: &Caller, approval: ApprovalId) -> Result<ExecutionId, Rejection> {
    #[derive(Deserialize)]
    struct Row {
        id: ApprovalId,
        execution: ExecutionId,
    }
    for list in ["approval", "decision"] {
        let mine = move |row: &Row| row.id == approval;
        let found: Vec<Row> = rows::newest(desk, caller, list, ROWS_LOOKED_AT_MAX, mine).await?;
        if let Some(row) = found.first() {
            return Ok(row.execution);
        }
    }
    Err(Refusal::UnknownApproval(approval).rejection())
}

/// Decides what a run asks, and returns what was decided.
pub async fn settle(
    desk: &Desk,
    caller: &Caller,
    key: Option<RequestId>,
    execution: ExecutionId,
    approval: ApprovalId,
    decide: Decide,
) -> Result<Decided, Rejection> {
    let Decide { hash, decision, reason, grant } = decide;
    if grant.is_some() {
        let detail = "a run asks this, and a grant allows calls of agents: leave it out";
        return Err(problem(422, "grant_not_here", detail).field("grant"));
    }
    let action = Action::Decide { approval, hash, decision: decision_of(decision), reason };
    match act(desk, execution, caller, key, action).await? {
        Reply::Decided { .. } => told(desk, execution, approval).await,
        other => Err(odd(other)),
    }
}

/// Has the run judge what a caller wants of an approval.
pub(super) async fn act(
    desk: &Desk,
    execution: ExecutionId,
    caller: &Caller,
    request: Option<RequestId>,
    action: Action,
) -> Result<Reply, Rejection> {
    let by = by(caller);
    let command = Command::Client { by: by.clone(), request, action };
    match desk.runtime.executions.ask(execution, command).await {
        Ok(answer) => Ok(answer.reply),
        Err(AskError::Refused(refusal)) => {
            let run = desk.runtime.executions.look(execution).await.map_err(of_ask)?.state;
            Err(for_stranger(refusal, &run, &by))
        }
        Err(error) => Err(of_ask(error)),
    }
}

/// Returns a verdict as a run knows it.
pub(super) fn decision_of(verdict: Verdict) -> Decision {
    match verdict {
        Verdict::Approved => Decision::Approved,
        Verdict::Denied => Decision::Denied,
    }
}

/// Explains a refusal. Strangers learn nothing, not even that there is such a run.
pub(super) fn for_stranger(refusal: Refusal, run: &Execution, by: &By) -> Rejection {
    match refusal {
        Refusal::NotAnApprover { .. } | Refusal::UnknownApproval(_) if !run.is_of(by) => Refusal::Unknown.rejection(),
        refusal => refusal.rejection(),
    }
}

/// Tells how an approval was decided just now, or before.
pub(super) async fn told(desk: &Desk, execution: ExecutionId, approval: ApprovalId) -> Result<Decided, Rejection> {
    let run = desk.runtime.executions.look(execution).await.map_err(of_ask)?.state;
    let decided = desk.read(move |store| timeline::decision(store, execution, &run, approval)).await?;
    decided.ok_or_else(|| unavailable("the decision cannot be read back"))
}
