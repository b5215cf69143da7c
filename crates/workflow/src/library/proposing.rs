//! Proposals: a change that is asked for, reviewed by the owner, and applied while its base is still the current version.

use std::sync::Arc;

use tenure_model::id::ProposalId;

use super::command::{Outcome, Reply};
use super::draft::Draft;
use super::event::Event;
use super::limits::{NOTE_BYTES_MAX, PROPOSAL_LIFE, PROPOSALS_OPEN_MAX};
use super::refusal::Refusal;
use super::saving::{about, make_current, told};
use super::state::{Closed, Proposal, ProposalStatus, Source};
use crate::WorkflowHash;
use crate::definition::Definition;
use crate::people::By;

pub(super) fn propose(
    draft: &mut Draft,
    by: &By,
    base: WorkflowHash,
    definition: Arc<Definition>,
    note: Option<String>,
) -> Result<Reply, Refusal> {
    check_note(&note)?;
    let about = about(draft)?;
    let hash = definition.hash();
    let same = |open: &&Proposal| (open.base, open.hash) == (base, hash);
    if let Some(same) = draft.workflow().open_proposals().find(same) {
        return Ok(Reply::Proposed { proposal: same.id });
    }
    if !about.definition.constraints.allow_self_modification {
        return Err(Refusal::NoProposals);
    }
    let (current, slug) = (about.current().hash, &about.definition.slug);
    if base != current {
        return Err(Refusal::Moved { expected: base, current });
    }
    if definition.slug != *slug {
        return Err(Refusal::OtherSlug { given: definition.slug.to_string(), slug: slug.to_string() });
    }
    if hash == current {
        return Err(Refusal::ChangesNothing);
    }
    if draft.workflow().open_proposals().count() >= PROPOSALS_OPEN_MAX {
        return Err(Refusal::ProposalsFull { max: PROPOSALS_OPEN_MAX });
    }
    let proposal = draft.fresh();
    let (record, expires_at) = (draft.ctx.seq, draft.ctx.now + PROPOSAL_LIFE);
    draft.emit(Event::Proposed { proposal, base, hash, record, note, expires_at, by: by.author(), definition });
    Ok(Reply::Proposed { proposal })
}

pub(super) fn review(
    draft: &mut Draft,
    by: &By,
    id: ProposalId,
    approve: bool,
    note: Option<String>,
) -> Result<Reply, Refusal> {
    check_note(&note)?;
    let proposal = decidable(draft, by, id)?;
    if proposal.review.as_ref().is_some_and(|review| review.approved == approve) && proposal.closed.is_none() {
        return Ok(Reply::Done);
    }
    match status(draft, proposal) {
        ProposalStatus::Pending => {
            draft.emit(Event::ProposalReviewed { proposal: id, approved: approve, note, by: by.author() });
            Ok(Reply::Done)
        }
        other => Err(Refusal::ProposalClosed(other)),
    }
}

pub(super) fn apply(draft: &mut Draft, by: &By, id: ProposalId, definition: Arc<Definition>) -> Result<Reply, Refusal> {
    let proposal = decidable(draft, by, id)?;
    match (status(draft, proposal), &proposal.closed) {
        (ProposalStatus::Approved, _) => {}
        (ProposalStatus::Pending, _) => return Err(Refusal::NotApproved(id)),
        (ProposalStatus::Applied, _) => return Ok(told(draft, Outcome::Unchanged)),
        (_, Some(Closed::Failed { why })) => return Ok(Reply::ProposalFailed { proposal: id, why: why.clone() }),
        (other, _) => return Err(Refusal::ProposalClosed(other)),
    }
    if definition.hash() != proposal.hash {
        return Err(Refusal::OtherDefinition(proposal.hash));
    }
    let (base, current) = (proposal.base, about(draft)?.current().hash);
    if base != current {
        let why = format!("it changes the version {base}, and {current} is the current one");
        draft.emit(Event::ProposalClosed { proposal: id, how: Closed::Failed { why: why.clone() } });
        return Ok(Reply::ProposalFailed { proposal: id, why });
    }
    let reply = make_current(draft, by, definition, Source::ProposalApply, None)?;
    draft.emit(Event::ProposalClosed { proposal: id, how: Closed::Applied });
    Ok(reply)
}

/// Closes what is due; at most as many as can be open.
pub(super) fn expire(draft: &mut Draft) {
    let now = draft.ctx.now;
    let due = draft.workflow().open_proposals().filter(|proposal| proposal.expires_at <= now);
    for proposal in due.map(|proposal| proposal.id).collect::<Vec<_>>() {
        draft.emit(Event::ProposalClosed { proposal, how: Closed::Expired });
    }
}

/// Closes every open proposal, because nothing can become of it.
pub(super) fn fail_open(draft: &mut Draft, why: &str) {
    for proposal in draft.workflow().open_proposals().map(|proposal| proposal.id).collect::<Vec<_>>() {
        draft.emit(Event::ProposalClosed { proposal, how: Closed::Failed { why: why.to_owned() } });
    }
}

fn decidable<'a>(draft: &'a Draft, by: &By, id: ProposalId) -> Result<&'a Proposal, Refusal> {
    if by.agent {
        return Err(Refusal::NeedsPerson);
    }
    draft.workflow().proposal(id).ok_or(Refusal::UnknownProposal)
}

/// Returns where a proposal stands now, also when its time is over and nobody has noted it yet.
fn status(draft: &Draft, proposal: &Proposal) -> ProposalStatus {
    match proposal.is_open() && proposal.expires_at <= draft.ctx.now {
        true => ProposalStatus::Expired,
        false => proposal.status(),
    }
}

fn check_note(note: &Option<String>) -> Result<(), Refusal> {
    match note.as_ref().map(String::len) {
        Some(size) if size > NOTE_BYTES_MAX => Err(Refusal::NoteTooLarge { size, max: NOTE_BYTES_MAX }),
        _ => Ok(()),
    }
}
