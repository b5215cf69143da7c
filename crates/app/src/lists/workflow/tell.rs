//! Stored workflows in words and tables.

use serde_json::Value;
use tenure_protocol::http::Page;
use tenure_protocol::workflow::{
    DefinitionChange, ProposalRow, ProposalStatus, ProposalView, SaveOutcome, SavedWorkflow, SyncedAll, SyncedRow,
    VersionRow, VersionSource, WorkflowRow, WorkflowView,
};

use super::super::more;
use super::super::table::table;
use super::super::when::when;
use crate::chat::clean;
use crate::failure::Outcome;
use crate::out;

/// Digits of a hash that tell versions apart well enough for people.
const DIGITS: usize = 12;

pub fn rows(page: &Page<WorkflowRow>) -> String {
    let row = |row: &WorkflowRow| {
        let tags = row.tags.join(", ");
        let hash = short(&row.hash).to_owned();
        [
            row.slug.clone(),
            row.name.clone(),
            row.version.clone(),
            hash,
            on(row.enabled).to_owned(),
            tags,
            when(row.updated_at),
        ]
    };
    let rows = page.items.iter().map(row).collect();
    table(["slug", "name", "version", "hash", "state", "tags", "updated (UTC)"], rows) + &more(page.cursor.as_ref())
}

pub fn view(view: &WorkflowView) -> String {
    let row = &view.row;
    let mut lines = vec![
        format!("{} ({}), {}", row.name, row.slug, on(row.enabled)),
        format!("version {} {}, {} steps, updated {} UTC", row.version, row.hash, row.steps, when(row.updated_at)),
        format!("{} versions kept, {} proposals waiting, id {}", row.versions, row.proposals, row.id),
    ];
    lines.extend(row.description.clone());
    if !row.tags.is_empty() {
        lines.push(format!("tags: {}", row.tags.join(", ")));
    }
    clean(&lines.join("\n"))
}

pub fn versions(page: &Page<VersionRow>) -> String {
    let row = |row: &VersionRow| {
        let current = if row.current { "current" } else { "" };
        let source = source(row.source).to_owned();
        [
            short(&row.hash).to_owned(),
            row.version.clone(),
            current.to_owned(),
            source,
            row.by.name.clone(),
            when(row.at),
        ]
    };
    table(["hash", "version", "", "source", "by", "at (UTC)"], page.items.iter().map(row).collect())
}

pub fn version(row: &VersionRow) -> String {
    let current = if row.current { ", the current one" } else { "" };
    let (source, by, at) = (source(row.source), &row.by.name, when(row.at));
    clean(&format!("version {} {}{current}\nby {by} ({source}), {at} UTC", row.version, row.hash))
}

pub fn saved(saved: &SavedWorkflow) -> String {
    let (slug, hash) = (&saved.slug, short(&saved.version.hash));
    format!("{slug}: {}, version {} {hash}", outcome(saved.outcome), saved.version.version)
}

pub fn synced(all: &SyncedAll) -> String {
    let row = |row: &SyncedRow| [row.slug.clone(), outcome(row.outcome).to_owned(), short(&row.hash).to_owned()];
    let rows = table(["slug", "outcome", "hash"], all.items.iter().map(row).collect());
    let kept = all.items.iter().filter(|row| row.outcome == SaveOutcome::Kept).count();
    let kept =
        if kept > 0 { format!("\n{kept} not among the given ones; --prune deletes them") } else { String::new() };
    let dry = if all.dry_run { "\nnothing was done (--dry-run)" } else { "" };
    rows + &kept + dry
}

pub fn changes(changes: &[DefinitionChange]) -> String {
    if changes.is_empty() {
        return "nothing changed".to_owned();
    }
    let text = |value: &Option<Value>| match value {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let line = |change: &DefinitionChange| {
        let (what, before, after) = (&change.what, text(&change.before), text(&change.after));
        match change.change.as_str() {
            "added" => format!("+ {what}: {after}"),
            "removed" => format!("- {what}: {before}"),
            "moved" => format!("> {what}: from {before} to {after}"),
            _ => format!("~ {what}\n  - {before}\n  + {after}"),
        }
    };
    clean(&changes.iter().map(line).collect::<Vec<_>>().join("\n"))
}

pub fn proposals(page: &Page<ProposalRow>) -> String {
    let row = |row: &ProposalRow| {
        let note = row.note.clone().unwrap_or_default();
        let state = status(row.status).to_owned();
        [row.id.to_string(), state, short(&row.base).to_owned(), row.by.name.clone(), when(row.expires_at), note]
    };
    table(["id", "status", "base", "by", "expires (UTC)", "note"], page.items.iter().map(row).collect())
}

pub fn proposal(row: &ProposalRow) -> String {
    let (state, base, by) = (status(row.status), short(&row.base), &row.by.name);
    let mut text = format!("proposal {} is {state}; {by} changes {base}", row.id);
    for said in [&row.note, &row.review_note, &row.why].into_iter().flatten() {
        text += &format!("\n{said}");
    }
    clean(&text)
}

pub fn proposed(view: &ProposalView) -> String {
    format!("{}\n{}", proposal(&view.row), changes(&view.changes))
}

/// Prints a definition as YAML.
pub fn yaml(definition: &Value) -> Outcome {
    Ok(out::text(serde_norway::to_string(definition)?)?)
}

pub fn on(enabled: bool) -> &'static str {
    if enabled { "on" } else { "off" }
}

fn short(hash: &str) -> &str {
    let digits = hash.strip_prefix("sha256:").unwrap_or(hash);
    digits.get(..DIGITS).unwrap_or(digits)
}

fn outcome(outcome: SaveOutcome) -> &'static str {
    match outcome {
        SaveOutcome::Created => "created",
        SaveOutcome::Updated => "updated",
        SaveOutcome::Unchanged => "unchanged",
        SaveOutcome::AlreadyAtVersion => "already at this version",
        SaveOutcome::Deleted => "deleted",
        SaveOutcome::Kept => "kept",
    }
}

fn source(source: VersionSource) -> &'static str {
    match source {
        VersionSource::Sync => "sync",
        VersionSource::Update => "update",
        VersionSource::ProposalApply => "proposal",
        VersionSource::Rollback => "rollback",
        VersionSource::System => "system",
    }
}

fn status(status: ProposalStatus) -> &'static str {
    match status {
        ProposalStatus::Pending => "pending",
        ProposalStatus::Approved => "approved",
        ProposalStatus::Rejected => "rejected",
        ProposalStatus::Applied => "applied",
        ProposalStatus::Failed => "failed",
        ProposalStatus::Expired => "expired",
    }
}
