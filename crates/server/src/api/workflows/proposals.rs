//! Proposals: ask for a change, look at it, review it, apply it.

use actix_web::web::{Bytes, Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use tenure_model::id::ProposalId;
use tenure_protocol::http::Page;
use tenure_protocol::workflow::{NewProposal, ProposalRow, ProposalView, ReviewProposal, SavedWorkflow};
use tenure_workflow::diff::diff;
use tenure_workflow::library::{Action, Proposal, Refusal, Reply};

use super::children::{self, Family};
use super::shown::{as_json, changes, proposal_row, saved};
use super::{Found, carry_out, find, odd, read};
use crate::api::input::{self, Body};
use crate::auth::Person;
use crate::desk::Desk;
use crate::problem::{Explained, Rejection, problem};

/// `GET /api/workflows/{id}/proposals`: lists the proposals that are kept, newest first; they are bounded in number.
pub async fn list(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
) -> Result<Json<Page<ProposalRow>>, Rejection> {
    let found = find(&desk, &request, &caller.0).await?;
    let items = found.workflow.proposals.iter().rev().map(proposal_row).collect();
    Ok(Json(Page { items, cursor: None }))
}

/// `POST /api/workflows/{id}/proposals`: asks for a change of the version that `base` names.
pub async fn propose(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<NewProposal>,
) -> Result<HttpResponse, Rejection> {
    let found = find(&desk, &request, &caller.0).await?;
    let NewProposal { base, text, note } = body.0;
    let about = found.about()?;
    let base = about.version(&base).map_err(|refusal| refusal.rejection().field("base"))?.hash;
    let definition = read::right(Bytes::from(text)).await?;
    if let Some(cyclic) = children::check(&desk, about.owner, &definition, &mut Family::new()).await? {
        return Err(Refusal::Mistakes(vec![cyclic]).rejection());
    }
    let action = Action::Propose { base, definition, note };
    let id = match carry_out(&desk, &request, &caller.0, found.id, action).await? {
        Reply::Proposed { proposal } => proposal,
        other => return Err(odd(other)),
    };
    let found = find(&desk, &request, &caller.0).await?;
    Ok(HttpResponse::Created().json(proposal_row(listed(&found, id)?)))
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
    let ReviewProposal { approve, note } = body.0;
    let action = Action::Review { proposal, approve, note };
    match carry_out(&desk, &request, &caller.0, found.id, action).await? {
        Reply::Done => {}
        other => return Err(odd(other)),
    }
    let found = find(&desk, &request, &caller.0).await?;
    Ok(Json(proposal_row(listed(&found, proposal)?)))
}

/// `POST /api/workflows/{id}/proposals/{proposal}/apply`: makes an approved proposal the current version.
pub async fn apply(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<SavedWorkflow>, Rejection> {
    let found = find(&desk, &request, &caller.0).await?;
    let proposal = listed(&found, input::id(&request, "proposal")?)?;
    let definition = read::recorded(&desk.runtime, found.id, proposal.record, proposal.hash).await?;
    let action = Action::Apply { proposal: proposal.id, definition };
    match carry_out(&desk, &request, &caller.0, found.id, action).await? {
        Reply::ProposalFailed { why, .. } => {
            Err(problem(409, "proposal_failed", format!("the proposal failed: {why}; propose it anew")))
        }
        reply => Ok(Json(saved(found.id, reply, &desk).await?)),
    }
}

fn listed(found: &Found, id: ProposalId) -> Result<&Proposal, Rejection> {
    found.workflow.proposal(id).ok_or_else(|| Refusal::UnknownProposal.rejection())
}
