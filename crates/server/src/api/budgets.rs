//! Budgets over HTTP: what may be used where, what was used, and letting go on what waits.

use std::str::FromStr;
use std::sync::Arc;

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use tenure_account::Budgets;
use tenure_account::budget::{Command, Event, Every, Kept, Refusal, Reply, approval_of};
use tenure_account::policy::AUDIT;
use tenure_account::policy::rule::Who;
use tenure_model::Timestamp;
use tenure_model::budget::{Measure, Scope};
use tenure_model::id::ApprovalId;
use tenure_protocol::budget::{BudgetView, Period, SetBudget};
use tenure_protocol::execution::{Decide, Decided, Verdict};
use tenure_protocol::http::Page;
use tenure_protocol::policy::AuditEntry;
use tenure_protocol::workflow::Author;

use super::input::{self, Body};
use super::policy::audit::{Log, plain};
use super::policy::by;
use crate::auth::{Caller, Person};
use crate::desk::Desk;
use crate::problem::{Explained, Rejection, of_ask, problem, status};

/// `GET /api/budgets`: lists the caller's budgets, and those of runs whose workflows limit each of them, all on one page.
pub async fn list(desk: Data<Desk>, caller: Person) -> Result<Json<Page<BudgetView>>, Rejection> {
    let budgets = of(&desk, &caller.0).await?;
    let items = budgets.kept.iter().map(|(scope, kept)| view(&desk, &caller.0, *scope, kept)).collect();
    Ok(Json(Page { items, cursor: None }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    limit: Option<u64>,
    cursor: Option<String>,
}

/// `GET /api/budgets/audit?limit&cursor`: reads who has set, raised and removed budgets, and when one was used up, newest first.
pub async fn audit(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
) -> Result<Json<Page<AuditEntry>>, Rejection> {
    let AuditQuery { limit, cursor } = input::query(&request)?;
    Log { owner: caller.0.user, page: AUDIT, entry }.read::<Budgets>(&desk, limit, cursor).await.map(Json)
}

fn entry(event: &Event, at: Timestamp) -> Option<AuditEntry> {
    let by = |who: &Who, what: &str, words: String| {
        let by = Some(Author { user: who.user, name: who.name.clone() });
        Some(AuditEntry { by, ..plain(at, what, words) })
    };
    match event {
        Event::Set { scope, allowance, by: who, .. } => {
            let limits = Measure::ALL.into_iter().filter_map(|measure| Some(measure.words(allowance.of(measure)?)));
            let limits = limits.collect::<Vec<_>>().join(", ");
            by(who, "set", format!("the budget of {scope} is {limits}, by {}", who.name))
        }
        Event::Removed { scope, by: who } => {
            by(who, "removed", format!("{scope} has no budget any more, by {}", who.name))
        }
        Event::Raised { scope, measure, amount, by: who } => {
            let more = measure.words(*amount);
            by(who, "raised", format!("the budget of {scope} is raised by {more}, by {}", who.name))
        }
        Event::Held { work, scope, measure } => {
            let words = format!("a work waits, because the budget of {scope} is used up: {}", measure.field());
            Some(AuditEntry { work: Some(*work), ..plain(at, "used_up", words) })
        }
        Event::Drawn { .. } | Event::Spent { .. } | Event::Returned { .. } => None,
    }
}

/// `GET /api/budgets/{scope}`: shows one budget.
pub async fn show(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<BudgetView>, Rejection> {
    one(&desk, &caller.0, scope(&request)?).await.map(Json)
}

/// `PUT /api/budgets/{scope}`: sets a budget. What was used stays counted, and what waits for it goes on when there is enough.
pub async fn set(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<SetBudget>,
) -> Result<Json<BudgetView>, Rejection> {
    let (scope, SetBudget { allowance, every, afresh }) = (scope(&request)?, body.0);
    is_there(&desk, &caller.0, scope).await?;
    let every = every.map(|every| match every {
        Period::Day => Every::Day,
        Period::Week => Every::Week,
        Period::Month => Every::Month,
    });
    tell(&desk, &caller.0, Command::Set { by: by(&caller.0), scope, allowance, every, afresh }).await?;
    one(&desk, &caller.0, scope).await.map(Json)
}

/// `DELETE /api/budgets/{scope}`: takes a budget away; what waits for it goes on.
pub async fn remove(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<HttpResponse, Rejection> {
    let scope = scope(&request)?;
    one(&desk, &caller.0, scope).await?;
    tell(&desk, &caller.0, Command::Remove { by: by(&caller.0), scope }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Raises the budget that is asked about under this id; nothing when none of the caller's is.
pub async fn raise(
    desk: &Desk,
    caller: &Caller,
    approval: ApprovalId,
    decide: &Decide,
) -> Result<Option<Decided>, Rejection> {
    let budgets = of(desk, caller).await?;
    if !budgets.kept.keys().any(|scope| approval_of(caller.user.0, *scope) == approval) {
        return Ok(None);
    }
    let wrong = |field, detail: &str| Err(problem(422, "budget_invalid", detail.to_owned()).field(field));
    if decide.decision == Verdict::Denied {
        return wrong("decision", "a budget is raised or stays as it is; end what waits for it instead");
    }
    if decide.grant.is_some() {
        return wrong("grant", "a grant allows calls of agents, and this is a budget: leave it out");
    }
    let hash = decide.hash.clone();
    tell(desk, caller, Command::Raise { by: by(caller), approval, hash }).await?;
    let by = Some(Author { user: caller.user, name: caller.name.clone() });
    Ok(Some(Decided { approval, decision: Verdict::Approved, by, reason: decide.reason.clone() }))
}

async fn of(desk: &Desk, caller: &Caller) -> Result<Arc<Budgets>, Rejection> {
    Ok(desk.runtime.budgets.look(caller.user).await.map_err(of_ask)?.state)
}

async fn tell(desk: &Desk, caller: &Caller, command: Command) -> Result<Reply, Rejection> {
    Ok(desk.runtime.budgets.ask(caller.user, command).await.map_err(of_ask)?.reply)
}

async fn one(desk: &Desk, caller: &Caller, scope: Scope) -> Result<BudgetView, Rejection> {
    let budgets = of(desk, caller).await?;
    let kept = budgets.kept.get(&scope);
    let unknown = || problem(404, "budget_unknown", format!("you have no budget of {scope}; set one"));
    kept.map(|kept| view(desk, caller, scope, kept)).ok_or_else(unknown)
}

fn scope(request: &HttpRequest) -> Result<Scope, Rejection> {
    let text = request.match_info().query("scope");
    Scope::from_str(text).map_err(|why| problem(422, "budget_invalid", why).field("scope"))
}

/// Refuses a place that the caller does not have: nothing would ever draw on its budget.
async fn is_there(desk: &Desk, caller: &Caller, scope: Scope) -> Result<(), Rejection> {
    let (runtime, user) = (&desk.runtime, caller.user);
    let is_theirs = match scope {
        Scope::Owner => true,
        Scope::Session(id) => {
            let session = runtime.sessions.look(id).await.map_err(of_ask)?.state;
            session.about.as_ref().is_some_and(|about| about.owner == user)
        }
        Scope::Execution(id) => {
            let run = runtime.executions.look(id).await.map_err(of_ask)?.state;
            run.about.as_ref().is_some_and(|about| about.start.owner == user)
        }
        Scope::Workflow(id) => {
            let workflow = runtime.workflows.look(id).await.map_err(of_ask)?.state;
            workflow.about.as_ref().is_some_and(|about| about.owner == user)
        }
        Scope::Trigger(id) => {
            let scheduler = runtime.schedulers.look(user).await.map_err(of_ask)?.state;
            scheduler.triggers.contains_key(&id)
        }
    };
    match is_theirs {
        true => Ok(()),
        false => Err(problem(404, "budget_unknown", format!("you have nothing that is {scope}")).field("scope")),
    }
}

fn view(desk: &Desk, caller: &Caller, scope: Scope, kept: &Kept) -> BudgetView {
    let kept = kept.at(desk.now());
    let author = |who: &Who| Author { user: who.user, name: who.name.clone() };
    BudgetView {
        scope: scope.to_string(),
        allowance: kept.allowance,
        raised: kept.raised,
        used: kept.used,
        since: kept.since,
        every: kept.every.map(|every| match every {
            Every::Day => Period::Day,
            Every::Week => Period::Week,
            Every::Month => Period::Month,
        }),
        until: kept.every.map(|every| every.next(desk.now())),
        by: kept.by.as_ref().map(author),
        waiting: kept.held.as_ref().map_or(0, |held| held.works.len()),
        approval: kept.held.as_ref().map(|_| approval_of(caller.user.0, scope)),
    }
}

impl Explained for Refusal {
    fn rejection(&self) -> Rejection {
        let rejection = problem(status(self.kind()), self.code(), format!("refused because {self}"));
        match self {
            Refusal::Bad { field, .. } => rejection.field(&format!("allowance.{field}")),
            Refusal::OtherContent => rejection.field("hash"),
            _ => rejection,
        }
    }
}
