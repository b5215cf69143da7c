//! Proposals: ask for a change, look at it, review it, apply it.

use actix_web::web::{Bytes, Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use tenure_model::id::ProposalId;
use tenure_model::request::RequestId;
use tenure_protocol::http::Page;
use tenure_protocol::workflow::{NewProposal, ProposalRow, ProposalView, ReviewProposal, SavedWorkflow};
use tenure_workflow::diff::diff;
use tenure_workflow::library::{Action, Proposal, Refusal, Reply};

use super::children::{self, Family};
use super::shown::{as_json, changes, proposal_row, saved};
use super::{Found, carry_out, find, named, odd, read};
use crate::api::input::{self, Body};
use crate::auth::{Caller, Person};
use crate::desk::Desk;
use crate::problem::{Explained, Rejection, problem};

/// `GET /api/workflows/{id}/proposals`: lists the proposals that are kept, newest first; they are bounded in number.
pub async fn list(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
) -> Result<Json<Page<ProposalRow>>, Rejection> {
    let items = rows(&find(&desk, &request, &caller.0).await?);
    Ok(Json(Page { items, cursor: None }))
}

/// Returns the proposals that are kept, newest first.
pub fn rows(found: &Found) -> Vec<ProposalRow> {
    found.workflow.proposals.iter().rev().map(proposal_row).collect()
}

/// `POST /api/workflows/{id}/proposals`: asks for a change of the version that `base` names.
pub async fn propose(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<NewProposal>,
) -> Result<HttpResponse, Rejection> {
    let found = find(&desk, &request, &caller.0).await?;
    let proposed = ask_for(&desk, &caller.0, input::idempotency_key(&request)?, &found, body.0).await?;
    Ok(HttpResponse::Created().json(proposed))
}

/// Asks for a change of a workflow.
pub async fn ask_for(
    desk: &Desk,
    caller: &Caller,
    key: Option<RequestId>,
    found: &Found,
    new: NewProposal,
) -> Result<ProposalRow, Rejection> {
    let NewProposal { base, text, note } = new;
    let about = found.about()?;
    let base = about.version(&base).map_err(|refusal| refusal.rejection().field("base"))?.hash;
    let definition = read::right(Bytes::from(text)).await?;
    if let Some(cyclic) = children::check(desk, about.owner, &definition, &mut Family::new()).await? {
        return Err(Refusal::Mistakes(vec![cyclic]).rejection());
    }
    let action = Action::Propose { base, definition, note };
    let id = match carry_out(desk, key, caller, found.id, action).await? {
        Reply::Proposed { proposal } => proposal,
        other => return Err(odd(other)),
    };
    as_listed(desk, caller, found, id).await
}

/// `GET /api/workflows/{id}/proposals/{proposal}`: shows a proposal, and what it would change in the current version.
pub async fn show(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<ProposalView>, Rejection> {
    let found = find(&desk, &request, &caller.0).await?;
    let proposal = listed(&found, input::id(&request, "proposal")?)?;
    let definition = read::recorded(&desk.runtime, found.id, proposal.record, proposal.hash).await?;
    let changes = changes(diff(&found.about()?.definition, &definition));
    Ok(Json(ProposalView { row: proposal_row(proposal), definition: as_json(&definition), changes }))
}

/// `POST /api/workflows/{id}/proposals/{proposal}/review`: approves or rejects a proposal.
pub async fn review(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<ReviewProposal>,
) -> Result<Json<ProposalRow>, Rejection> {
    let found = find(&desk, &request, &caller.0).await?;
    let proposal: ProposalId = input::id(&request, "proposal")?;
    judge(&desk, &caller.0, input::idempotency_key(&request)?, &found, proposal, body.0).await.map(Json)
}

/// Approves or rejects a proposal, and returns how it stands then.
pub async fn judge(
    desk: &Desk,
    caller: &Caller,
    key: Option<RequestId>,
    found: &Found,
    proposal: ProposalId,
    review: ReviewProposal,
) -> Result<ProposalRow, Rejection> {
    let ReviewProposal { approve, note } = review;
    let action = Action::Review { proposal, approve, note };
    match carry_out(desk, key, caller, found.id, action).await? {
        Reply::Done => as_listed(desk, caller, found, proposal).await,
        other => Err(odd(other)),
    }
}

/// `POST /api/workflows/{id}/proposals/{proposal}/apply`: makes an approved proposal the current version.
pub async fn apply(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<SavedWorkflow>, Rejection> {
    let found = find(&desk, &request, &caller.0).await?;
    let proposal = input::id(&request, "proposal")?;
    put_in_force(&desk, &caller.0, input::idempotency_key(&request)?, &found, proposal).await.map(Json)
}

/// Makes an approved proposal the current version.
pub async fn put_in_force(
    desk: &Desk,
    caller: &Caller,
    key: Option<RequestId>,
    found: &Found,
    proposal: ProposalId,
) -> Result<SavedWorkflow, Rejection> {
    let proposal = listed(found, proposal)?;
    let definition = read::recorded(&desk.runtime, found.id, proposal.record, proposal.hash).await?;
    let action = Action::Apply { proposal: proposal.id, definition };
    match carry_out(desk, key, caller, found.id, action).await? {
        Reply::ProposalFailed { why, .. } => {
            Err(problem(409, "proposal_failed", format!("the proposal failed: {why}; propose it anew")))
        }
        reply => saved(found.id, reply, desk).await,
    }
}

/// Looks at a proposal again, after something was done to it.
async fn as_listed(desk: &Desk, caller: &Caller, found: &Found, id: ProposalId) -> Result<ProposalRow, Rejection> {
    let after = named(desk, &found.id.to_string(), caller).await?;
    Ok(proposal_row(listed(&after, id)?))
}

fn listed(found: &Found, id: ProposalId) -> Result<&Proposal, Rejection> {
    found.workflow.proposal(id).ok_or_else(|| Refusal::UnknownProposal.rejection())
}
