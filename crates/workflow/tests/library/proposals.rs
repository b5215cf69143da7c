//! A change that is asked for, reviewed, and applied while nothing else has changed.

use std::sync::Arc;

use tenure_model::Span;
use tenure_model::id::ProposalId;
use tenure_model::testkit::{Given, START};
use tenure_workflow::definition::Definition;
use tenure_workflow::library::limits::{NOTE_BYTES_MAX, PROPOSAL_LIFE, PROPOSALS_KEPT_MAX, PROPOSALS_OPEN_MAX};
use tenure_workflow::library::{Action, Closed, Event, Outcome, ProposalStatus, Reply, Source, Workflow};
use uuid::Uuid;

use crate::support::*;

fn propose(base: &Arc<Definition>, definition: &Arc<Definition>) -> Action {
    Action::Propose { base: base.hash(), definition: definition.clone(), note: Some("please".into()) }
}

fn review(proposal: ProposalId, approve: bool) -> Action {
    Action::Review { proposal, approve, note: None }
}

fn apply(proposal: ProposalId, definition: &Arc<Definition>) -> Action {
    Action::Apply { proposal, definition: definition.clone() }
}

/// Ann's workflow with a proposal of an agent.
fn asked() -> (Given<Workflow>, ProposalId) {
    let then =
        stored(&[&open_to_proposals("a")]).when(by(agent(), propose(&open_to_proposals("a"), &open_to_proposals("b"))));
    let proposal = proposed(&then);
    (then.and(), proposal)
}

fn status(given: &Given<Workflow>, proposal: ProposalId) -> ProposalStatus {
    given.state.proposal(proposal).unwrap().status()
}

#[test]
fn a_proposal_is_reviewed_and_applied() {
    let (given, proposal) = asked();
    assert_eq!(status(&given, proposal), ProposalStatus::Pending);
    let given = given.when(want(apply(proposal, &open_to_proposals("b")))).refused("not approved yet");
    let given = given.when(want(review(proposal, true))).and();
    assert_eq!(status(&given, proposal), ProposalStatus::Approved);
    let then = given.when(want(apply(proposal, &open_to_proposals("b"))));
    let (outcome, version) = saved(&then);
    assert_eq!((outcome, version.source), (Outcome::Updated, Source::ProposalApply));
    let given = then.and();
    assert_eq!(status(&given, proposal), ProposalStatus::Applied);
    assert_eq!(given.state.about.as_ref().unwrap().current().hash, open_to_proposals("b").hash());
    given.when(want(review(proposal, true))).refused("applied already");
}

#[test]
fn a_workflow_takes_proposals_when_its_constraints_say_so() {
    let given = stored(&[&saying("a")]);
    given.when(want(propose(&saying("a"), &saying("b")))).refused("allow_self_modification");
}

#[test]
fn a_proposal_changes_the_current_version() {
    let given = stored(&[&open_to_proposals("a"), &open_to_proposals("b")]);
    let given = given.when(want(propose(&open_to_proposals("a"), &saying("c")))).refused("the current version is");
    let given = given.when(want(propose(&open_to_proposals("b"), &open_to_proposals("b")))).refused("changes nothing");
    let other = written("slug: other\nsteps:\n  - id: say\n    type: bash\n    command: ls\n");
    given.when(want(propose(&open_to_proposals("b"), &other))).refused("slug is \"other\"");
}

#[test]
fn a_proposal_fails_when_another_version_became_current() {
    let (given, proposal) = asked();
    let given = given.when(want(review(proposal, true))).and().when(want(sync(&open_to_proposals("z")))).and();
    let then = given.when(want(apply(proposal, &open_to_proposals("b"))));
    assert!(matches!(&then.decision().reply, Reply::ProposalFailed { why, .. } if why.contains("is the current one")));
    let given = then.and();
    assert_eq!(status(&given, proposal), ProposalStatus::Failed);
    assert_eq!(given.state.about.unwrap().current().hash, open_to_proposals("z").hash());
}

#[test]
fn only_what_was_proposed_is_applied() {
    let (given, proposal) = asked();
    let given = given.when(want(review(proposal, true))).and();
    given.when(want(apply(proposal, &open_to_proposals("forged")))).refused("is not the version");
}

#[test]
fn agents_ask_and_people_decide() {
    let (given, proposal) = asked();
    let given = given.when(by(agent(), review(proposal, true))).refused("needs a person");
    let given = given.when(by(bob(), review(proposal, true))).refused("no such workflow");
    let given = given.when(by(root(), review(proposal, true))).and();
    given.when(by(agent(), apply(proposal, &open_to_proposals("b")))).refused("needs a person");
}

#[test]
fn a_rejected_proposal_stays_rejected() {
    let (given, proposal) = asked();
    let given = given.when(want(review(proposal, false))).and();
    let given = given.when(want(review(proposal, true))).refused("rejected already");
    let given = given.when(want(apply(proposal, &open_to_proposals("b")))).refused("rejected already");
    given.when(want(review(ProposalId(Uuid::nil()), true))).refused("no such proposal");
}

#[test]
fn a_proposal_expires_after_fourteen_days() {
    let (given, proposal) = asked();
    let given = given.when(want(review(proposal, true))).and();
    assert_eq!(tenure_model::Entity::wake_at(&given.state), Some(START + Span::hours(14 * 24)));
    let given = given.after(PROPOSAL_LIFE);
    // Nobody has woken it yet, and it is too late all the same.
    let given = given.when(want(apply(proposal, &open_to_proposals("b")))).refused("expired already");
    let given = given.wake().then([Event::ProposalClosed { proposal, how: Closed::Expired }]).and();
    assert_eq!(status(&given, proposal), ProposalStatus::Expired);
    assert_eq!(tenure_model::Entity::wake_at(&given.state), None);
}

#[test]
fn the_same_proposal_is_made_once_while_it_is_open() {
    let (given, proposal) = asked();
    let again = given.when(want(propose(&open_to_proposals("a"), &open_to_proposals("b"))));
    assert_eq!(proposed(&again), proposal);
    let given = again.silent().when(want(review(proposal, false))).and();
    let anew = given.when(want(propose(&open_to_proposals("a"), &open_to_proposals("b"))));
    assert_ne!(proposed(&anew), proposal);
}

#[test]
fn deleting_a_workflow_closes_its_proposals() {
    let (given, proposal) = asked();
    let given = given.when(want(Action::Delete)).and();
    assert_eq!(status(&given, proposal), ProposalStatus::Failed);
    assert_eq!(tenure_model::Entity::wake_at(&given.state), None);
}

#[test]
fn proposals_and_their_notes_are_bounded() {
    let base = open_to_proposals("a");
    let mut given = stored(&[&base]);
    for n in 0..PROPOSALS_OPEN_MAX {
        given = given.when(want(propose(&base, &saying(&n.to_string())))).and();
    }
    given.clone().when(want(propose(&base, &saying("more")))).refused("proposals_open_max is 20");
    for n in 0..PROPOSALS_KEPT_MAX {
        let open = given.state.proposals.iter().find(|proposal| proposal.is_open()).unwrap().id;
        given = given.when(want(review(open, false))).and();
        given = given.when(want(propose(&base, &saying(&format!("other {n}"))))).and();
    }
    assert_eq!(given.state.proposals.len(), PROPOSALS_KEPT_MAX);
    let long =
        Action::Propose { base: base.hash(), definition: saying("x"), note: Some("x".repeat(NOTE_BYTES_MAX + 1)) };
    given.when(want(long)).refused("note_bytes_max is 4096");
}
