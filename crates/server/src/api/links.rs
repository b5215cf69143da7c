//! Links that decide an approval: made by whoever may decide it, used by whoever holds them, without a sign-in.
//!
//! Tokens travel in bodies only. One that opens nothing is answered alike, whatever is wrong with it, and nothing is written.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use tenure_model::id::{ApprovalId, ExecutionId};
use tenure_model::{EntityKey, Kind};
use tenure_protocol::execution::{
    ApprovalLink, ApprovalLinkRow, ApprovalView, DecideLinked, Decided, LinkState, NewApprovalLink, ShowLinked,
};
use tenure_protocol::http::Page;
use tenure_protocol::workflow::Author;
use tenure_workflow::execution::link::{self, Link, Standing};
use tenure_workflow::execution::{Action, Command, Refusal, Reply};

use super::approvals::{act, decision_of, for_stranger, told};
use super::executions::odd;
use super::input::{self, Body};
use super::workflows::by;
use crate::auth::link_token::{self, LinkToken};
use crate::auth::{Person, bearer};
use crate::desk::Desk;
use crate::problem::{Explained, Rejection, of_ask, problem};
use crate::runs::steps;

/// `POST /api/executions/{id}/approvals/{approval}/links`: makes a link. Its token is shown this once, and again only to
/// whoever repeats the request with the same `Idempotency-Key` and the same credential.
pub async fn make(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<NewApprovalLink>,
) -> Result<HttpResponse, Rejection> {
    let (execution, approval): (ExecutionId, ApprovalId) =
        (input::id(&request, "id")?, input::id(&request, "approval")?);
    let life = body.0.expires_ms;
    if life.is_some_and(|life| life.0 == 0) {
        return Err(problem(422, "json_invalid", "expires_ms: a link lasts for 1 ms at least").field("expires_ms"));
    }
    let key = input::idempotency_key(&request)?;
    let (token, token_hash) = match (&key, bearer(request.headers())) {
        (Some(key), Some(secret)) => link_token::repeatable(execution, approval, secret, &key.to_string()),
        _ => link_token::fresh(execution, approval),
    };
    let action = Action::Link { approval, token_hash: token_hash.clone(), life };
    match act(&desk, execution, &caller.0, key, action).await? {
        Reply::Linked { until, .. } => {
            let link = ApprovalLink { id: link::id_of(&token_hash), token, until };
            Ok(HttpResponse::Created().insert_header(("cache-control", "no-store")).json(link))
        }
        other => Err(odd(other)),
    }
}

/// `GET /api/executions/{id}/approvals/{approval}/links`: lists the links, without their tokens.
pub async fn list(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
) -> Result<Json<Page<ApprovalLinkRow>>, Rejection> {
    let (execution, approval) = (input::id(&request, "id")?, input::id(&request, "approval")?);
    let run = desk.runtime.executions.look(execution).await.map_err(of_ask)?.state;
    let by = by(&caller.0);
    let links = run.links(&by, approval, desk.now()).map_err(|refusal| for_stranger(refusal, &run, &by))?;
    let items = links.into_iter().map(|(link, standing)| row(link, standing)).collect();
    Ok(Json(Page { items, cursor: None }))
}

fn row(link: &Link, standing: Standing) -> ApprovalLinkRow {
    let by = Author { user: link.by.user, name: link.by.name.clone() };
    let state = match standing {
        Standing::Open => LinkState::Open,
        Standing::Used => LinkState::Used,
        Standing::Spent => LinkState::Spent,
        Standing::Expired => LinkState::Expired,
        Standing::Revoked => LinkState::Revoked,
    };
    ApprovalLinkRow { id: link.id(), by, made_at: link.made_at, until: link.until, state }
}

/// `DELETE /api/executions/{id}/approvals/{approval}/links/{link}`: revokes a link.
pub async fn revoke(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<HttpResponse, Rejection> {
    let (execution, approval) = (input::id(&request, "id")?, input::id(&request, "approval")?);
    let action = Action::RevokeLink { approval, link: input::id(&request, "link")? };
    match act(&desk, execution, &caller.0, input::idempotency_key(&request)?, action).await? {
        Reply::Done => Ok(HttpResponse::NoContent().finish()),
        other => Err(odd(other)),
    }
}

/// `POST /api/approvals/link/show`: shows what a link decides, while it does.
pub async fn show(desk: Data<Desk>, body: Body<ShowLinked>) -> Result<Json<ApprovalView>, Rejection> {
    let LinkToken { execution, approval, hash } = read(&desk, &body.0.token).await?;
    let run = desk.runtime.executions.look(execution).await.map_err(of_ask)?.state;
    let asked = run.linked(approval, &hash, desk.now()).map(|_| steps::approvals(&run, execution));
    let asked = asked.into_iter().flatten().find(|asked| asked.id == approval);
    asked.map(Json).ok_or_else(|| Refusal::LinkInvalid.rejection())
}

/// `POST /api/approvals/link`: decides, once, in the name of whoever made the link.
pub async fn decide(desk: Data<Desk>, body: Body<DecideLinked>) -> Result<Json<Decided>, Rejection> {
    let DecideLinked { token, decision, reason } = body.0;
    let LinkToken { execution, approval, hash: token_hash } = read(&desk, &token).await?;
    let command = Command::Link { approval, token_hash, decision: decision_of(decision), reason };
    match desk.runtime.executions.ask(execution, command).await.map_err(of_ask)?.reply {
        Reply::Decided { .. } => told(&desk, execution, approval).await.map(Json),
        other => Err(odd(other)),
    }
}

/// Reads a token. A run that does not exist is not woken for it.
async fn read(desk: &Desk, token: &str) -> Result<LinkToken, Rejection> {
    let token = link_token::read(token).ok_or_else(|| Refusal::LinkInvalid.rejection())?;
    let key = EntityKey::new(Kind::Execution, token.execution);
    match desk.read(move |store| store.last_record(key)).await? {
        Some(_) => Ok(token),
        None => Err(Refusal::LinkInvalid.rejection()),
    }
}
