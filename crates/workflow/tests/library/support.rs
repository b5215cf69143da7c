//! The few words in which the specs are written.

use std::sync::Arc;

use tenure_model::id::{ProposalId, UserId, WorkflowId};
use tenure_model::testkit::{Given, Then, given};
use tenure_workflow::WorkflowHash;
use tenure_workflow::definition::Definition;
use tenure_workflow::library::{Action, Command, Outcome, Reply, Source, Version, Workflow, workflow_id};
use tenure_workflow::people::By;
use tenure_workflow::read;
use uuid::Uuid;

fn person(number: u128, name: &str) -> By {
    By { user: UserId(Uuid::from_u128(number)), name: name.into(), admin: false, agent: false }
}

/// The workflow's owner.
pub fn ann() -> By {
    person(1, "ann")
}

/// Somebody else.
pub fn bob() -> By {
    person(2, "bob")
}

/// An administrator.
pub fn root() -> By {
    By { admin: true, ..person(3, "root") }
}

/// A program that acts for Ann.
pub fn agent() -> By {
    By { agent: true, ..ann() }
}

/// A definition of the slug `greet`; two that say different things are two versions.
pub fn saying(words: &str) -> Arc<Definition> {
    written(&format!("slug: greet\nsteps:\n  - id: say\n    type: bash\n    command: echo {words}\n"))
}

/// The same, open to proposals.
pub fn open_to_proposals(words: &str) -> Arc<Definition> {
    let open = "constraints:\n  allow_self_modification: true\n";
    written(&format!("slug: greet\n{open}steps:\n  - id: say\n    type: bash\n    command: echo {words}\n"))
}

pub fn written(rest: &str) -> Arc<Definition> {
    Arc::new(read::text(&format!("name: Greet\n{rest}")).unwrap_or_else(|mistakes| panic!("{mistakes:#?}")))
}

pub fn id() -> WorkflowId {
    workflow_id(ann().user, &"greet".parse().unwrap())
}

pub fn nothing() -> Given<Workflow> {
    given(id(), [])
}

pub fn by(by: By, action: Action) -> Command {
    Command { by, request: None, action }
}

pub fn want(action: Action) -> Command {
    by(ann(), action)
}

pub fn sync(definition: &Arc<Definition>) -> Action {
    sync_expecting(definition, None)
}

pub fn sync_expecting(definition: &Arc<Definition>, expected: Option<WorkflowHash>) -> Action {
    Action::Sync { owner: ann().user, definition: definition.clone(), source: Source::Sync, expected }
}

pub fn rollback(definition: &Arc<Definition>) -> Action {
    Action::Rollback { hash: definition.hash(), definition: definition.clone() }
}

/// Ann's workflow after these versions.
pub fn stored(versions: &[&Arc<Definition>]) -> Given<Workflow> {
    versions.iter().fold(nothing(), |given, version| given.when(want(sync(version))).and())
}

#[track_caller]
pub fn saved(then: &Then<Workflow>) -> (Outcome, Version) {
    match &then.decision().reply {
        Reply::Saved { outcome, version } => (*outcome, version.clone()),
        other => panic!("expected a version, got {other:?}"),
    }
}

#[track_caller]
pub fn proposed(then: &Then<Workflow>) -> ProposalId {
    match then.decision().reply {
        Reply::Proposed { proposal } => proposal,
        ref other => panic!("expected a proposal, got {other:?}"),
    }
}

/// The hashes of the versions, the current one last.
pub fn hashes(given: &Given<Workflow>) -> Vec<WorkflowHash> {
    given.state.about.as_ref().unwrap().versions.iter().map(|version| version.hash).collect()
}
