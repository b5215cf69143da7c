//! Stored workflows in the words of callers.

use serde_json::Value;
use tenure_model::entity::Entity;
use tenure_model::id::WorkflowId;
use tenure_protocol::execution::{ExecutionRow, ExecutionStatus};
use tenure_protocol::workflow as wire;
use tenure_workflow::Definition;
use tenure_workflow::diff::{Change, How};
use tenure_workflow::library::{About, Closed, Outcome, Proposal, ProposalStatus, Reply, Source, Version};
use tenure_workflow::people::Author;

use super::{Found, odd};
use crate::api::rows;
use crate::desk::Desk;
use crate::problem::{Rejection, of_ask, unavailable};

/// Among so many of an owner's newest runs those are counted that go on with an older version.
const RUNS_LOOKED_AT_MAX: usize = 10_000;

/// Returns the row that lists show: the same as the feed tells.
pub fn row(found: &Found) -> Result<wire::WorkflowRow, Rejection> {
    let mut rows = found.workflow.summaries(found.id.into()).into_values();
    let row = rows.next().and_then(|row| row.read().ok());
    row.ok_or_else(|| unavailable("the workflow's row cannot be told"))
}

/// Returns a workflow with its current definition.
pub fn view(found: &Found) -> Result<wire::WorkflowView, Rejection> {
    let about = found.about()?;
    Ok(wire::WorkflowView { row: row(found)?, owner: about.owner, definition: as_json(&about.definition) })
}

/// Returns a definition as JSON, in the order in which people write one.
pub fn as_json(definition: &Definition) -> Value {
    serde_json::to_value(definition).expect("a definition holds only texts, numbers and lists of them")
}

/// Tells what a command did to the current version.
pub async fn saved(id: WorkflowId, reply: Reply, desk: &Desk) -> Result<wire::SavedWorkflow, Rejection> {
    let Reply::Saved { outcome: how, version } = reply else { return Err(odd(reply)) };
    let workflow = desk.runtime.workflows.look(id).await.map_err(of_ask)?.state;
    let about = workflow.about.as_ref().ok_or_else(|| unavailable("the workflow is not to be seen yet"))?;
    let (slug, version) = (about.definition.slug.to_string(), version_row(about, &version));
    let older_runs = older_runs(id, about, desk).await?;
    Ok(wire::SavedWorkflow { outcome: outcome(how), id, slug, version, older_runs })
}

/// Counts the owner's runs that are under way and go on with other versions than the current one.
async fn older_runs(id: WorkflowId, about: &About, desk: &Desk) -> Result<Vec<wire::OlderRuns>, Rejection> {
    let current = about.current().hash.to_string();
    let older = move |row: &ExecutionRow| row.workflow == Some(id) && !row.status.is_over() && row.hash != current;
    let rows = rows::newest(desk, about.owner, "execution", RUNS_LOOKED_AT_MAX, older).await?;
    let mut counted: Vec<wire::OlderRuns> = vec![];
    for ExecutionRow { hash, version, status, .. } in rows {
        let waits = matches!(status, ExecutionStatus::Waiting | ExecutionStatus::Paused | ExecutionStatus::Queued);
        let place = counted.iter().position(|known| known.hash == hash).unwrap_or_else(|| {
            counted.push(wire::OlderRuns { hash, version, runs: 0, waiting: 0 });
            counted.len() - 1
        });
        counted[place].runs += 1;
        counted[place].waiting += u64::from(waits);
    }
    Ok(counted)
}

pub fn outcome(outcome: Outcome) -> wire::SaveOutcome {
    match outcome {
        Outcome::Created => wire::SaveOutcome::Created,
        Outcome::Updated => wire::SaveOutcome::Updated,
        Outcome::Unchanged => wire::SaveOutcome::Unchanged,
        Outcome::AlreadyAtVersion => wire::SaveOutcome::AlreadyAtVersion,
    }
}

pub fn version_row(about: &About, version: &Version) -> wire::VersionRow {
    wire::VersionRow {
        hash: version.hash.to_string(),
        version: version.version.clone(),
        current: version.hash == about.current().hash,
        at: version.at,
        by: author(&version.by),
        source: match version.source {
            Source::Sync => wire::VersionSource::Sync,
            Source::Update => wire::VersionSource::Update,
            Source::ProposalApply => wire::VersionSource::ProposalApply,
            Source::Rollback => wire::VersionSource::Rollback,
            Source::System => wire::VersionSource::System,
        },
    }
}

pub fn proposal_row(proposal: &Proposal) -> wire::ProposalRow {
    let review = proposal.review.as_ref();
    wire::ProposalRow {
        id: proposal.id,
        status: match proposal.status() {
            ProposalStatus::Pending => wire::ProposalStatus::Pending,
            ProposalStatus::Approved => wire::ProposalStatus::Approved,
            ProposalStatus::Rejected => wire::ProposalStatus::Rejected,
            ProposalStatus::Applied => wire::ProposalStatus::Applied,
            ProposalStatus::Failed => wire::ProposalStatus::Failed,
            ProposalStatus::Expired => wire::ProposalStatus::Expired,
        },
        base: proposal.base.to_string(),
        hash: proposal.hash.to_string(),
        note: proposal.note.clone(),
        by: author(&proposal.by),
        at: proposal.at,
        expires_at: proposal.expires_at,
        reviewed_by: review.map(|review| author(&review.by)),
        review_note: review.and_then(|review| review.note.clone()),
        why: match &proposal.closed {
            Some(Closed::Failed { why }) => Some(why.clone()),
            _ => None,
        },
    }
}

pub fn changes(changes: Vec<Change>) -> Vec<wire::DefinitionChange> {
    changes.into_iter().map(change).collect()
}

fn change(change: Change) -> wire::DefinitionChange {
    let (word, before, after) = match change.how {
        How::Added { after } => ("added", None, Some(after)),
        How::Removed { before } => ("removed", Some(before), None),
        How::Changed { before, after } => ("changed", Some(before), Some(after)),
        How::Moved { before, after } => ("moved", Some(Value::String(before)), Some(Value::String(after))),
    };
    wire::DefinitionChange { what: change.what, change: word.to_owned(), before, after }
}

pub fn mistake(mistake: &tenure_workflow::Mistake) -> wire::Mistake {
    wire::Mistake {
        file: None,
        path: mistake.path.clone(),
        line: mistake.line.map(|line| line as u64),
        column: mistake.column.map(|column| column as u64),
        code: mistake.code.to_owned(),
        message: mistake.message.clone(),
        fix: mistake.fix.clone(),
    }
}

fn author(author: &Author) -> wire::Author {
    wire::Author { user: author.user, name: author.name.clone() }
}
