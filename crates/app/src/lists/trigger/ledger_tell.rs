//! The ledger in words and tables: decisions with their causes, what was delivered, changes.

use std::collections::BTreeMap;

use serde_json::Value;
use tenure_model::id::TriggerId;
use tenure_model::step::RunEnd;
use tenure_protocol::http::Page;
use tenure_protocol::trigger::{
    CauseKind, Delivered, DeliveryView, FiredTrigger, FiringCause, LedgerEntry, LedgerOutcome, TriggerChange,
    TriggerChangeRow, WhyTrigger,
};
use tenure_workflow::trigger::Name;

use super::super::more;
use super::super::table::table;
use super::super::when::when;
use super::tell;
use crate::chat::clean;
use crate::run::took;

pub fn entries(page: &Page<LedgerEntry>) -> String {
    let rows = page.items.iter().map(cells).collect();
    let head = ["decided (UTC)", "outcome", "because", "firing", "run", "about"];
    table(head, rows) + &more(page.cursor.as_ref())
}

/// Tells the entries of several triggers; one that has no name any more is told by its id.
pub fn entries_of(page: &Page<LedgerEntry>, names: &BTreeMap<TriggerId, String>) -> String {
    let row = |entry: &LedgerEntry| {
        let name = names.get(&entry.trigger).cloned().unwrap_or_else(|| entry.trigger.to_string());
        let [at, outcome, cause, firing, run, about] = cells(entry);
        [at, name, outcome, cause, firing, run, about]
    };
    let rows = page.items.iter().map(row).collect();
    let head = ["decided (UTC)", "trigger", "outcome", "because", "firing", "run", "about"];
    table(head, rows) + &more(page.cursor.as_ref())
}

pub fn delivery(view: &DeliveryView, name: &Name) -> String {
    let entry = &view.entry;
    let [at, outcome, because, firing, run, about] = cells(entry);
    let mut lines = vec![format!("{name}: {outcome}, decided {at} UTC")];
    let mut fact = |name: &str, value: String| lines.extend((!value.is_empty()).then(|| format!("{name:<9} {value}")));
    fact("firing", firing.clone());
    fact("because", because);
    fact("about", about);
    fact("run", run);
    fact("session", entry.session.map(|session| session.to_string()).unwrap_or_default());
    fact("thread", entry.thread.map(|thread| thread.to_string()).unwrap_or_default());
    if entry.replayable {
        fact("again", format!("tenure trigger replay {} {firing}", quoted(name)));
    }
    lines.extend(tell::inputs(&view.inputs));
    lines.extend(view.prompt.as_ref().map(|prompt| format!("prompt\n  {}", prompt.replace('\n', "\n  "))));
    lines.extend(view.delivered.as_ref().map(delivered));
    clean(&lines.join("\n"))
}

pub fn why(why: &WhyTrigger) -> String {
    let note = why.note.as_ref().map(|note| format!("\n({note})")).unwrap_or_default();
    clean(&format!("{}{note}", why.words))
}

/// Says what something that was asked for leads to.
pub fn fired(fired: &FiredTrigger, entry: &LedgerEntry) -> String {
    let reason = entry.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let text = match (entry.outcome, fired.execution) {
        (LedgerOutcome::Queued, _) => format!("it waits{reason}; the firing is {}", fired.firing),
        (_, Some(id)) => format!("run {id} starts; `tenure execution watch {id}` follows it"),
        (_, None) => format!("the orchestrator is asked; the firing is {}", fired.firing),
    };
    clean(&text)
}

pub fn history(page: &Page<TriggerChangeRow>) -> String {
    let row = |row: &TriggerChangeRow| {
        let revision = row.revision.map(|revision| revision.to_string()).unwrap_or_default();
        let until = row.until.map(|until| format!("until {}", when(until))).unwrap_or_default();
        [when(row.at), change(row.change).to_owned(), revision, row.by.name.clone(), until]
    };
    let rows = page.items.iter().map(row).collect();
    table(["at (UTC)", "change", "revision", "by", ""], rows) + &more(page.cursor.as_ref())
}

/// Returns the word for an outcome, which the API takes too.
pub fn outcome(outcome: LedgerOutcome) -> String {
    let value = serde_json::to_value(outcome).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

fn cells(entry: &LedgerEntry) -> [String; 6] {
    let trial = if entry.test { ", a trial" } else { "" };
    let because = entry.cause.as_ref().map(|one| format!("{}{trial}", cause(one))).unwrap_or_default();
    let end = entry.end.map(|end| format!(" ({})", ended(end))).unwrap_or_default();
    let run = entry.execution.map(|run| format!("{run}{end}")).unwrap_or_default();
    let firing = entry.firing.map(|firing| firing.to_string()).unwrap_or_default();
    [when(entry.at), outcome(entry.outcome), because, firing, run, entry.reason.clone().unwrap_or_default()]
}

fn cause(cause: &FiringCause) -> String {
    let planned = cause.planned.map(|at| format!("{} UTC", when(at))).unwrap_or_default();
    let by = cause.by.as_ref().map(|by| format!(" by {}", by.name)).unwrap_or_default();
    match cause.kind {
        CauseKind::Schedule => {
            let late = cause.late_ms.map(|late| format!(", {} late", took(late))).unwrap_or_default();
            let mark = cause.mark.map(|mark| format!(", {}", tell::mark(mark))).unwrap_or_default();
            format!("planned for {planned}{late}{mark}")
        }
        CauseKind::Backfill => format!("backfill of {planned}"),
        CauseKind::Delivery => cause.event.clone().unwrap_or_else(|| "delivered".to_owned()),
        CauseKind::Asked => format!("asked for{by}"),
        CauseKind::Replay => {
            format!("replay{by} of {}", cause.of.map(|of| of.to_string()).unwrap_or_default())
        }
    }
}

fn delivered(delivered: &Delivered) -> String {
    let Delivered { method, headers, query, body, base64 } = delivered;
    let query = if query.is_empty() { String::new() } else { format!(" ?{query}") };
    let coded = if *base64 { " (base64)" } else { "" };
    let headers: String = headers.iter().map(|(name, value)| format!("\n  {name}: {value}")).collect();
    // JSON is easier to read with a line for each field.
    let shown = serde_json::from_str::<Value>(body).and_then(|value| serde_json::to_string_pretty(&value));
    let shown = shown.unwrap_or_else(|_| body.clone()).replace('\n', "\n  ");
    format!("delivered{coded}\n  {method}{query}{headers}\n\n  {shown}")
}

/// Returns a name as a shell takes it.
fn quoted(name: &Name) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    match name.as_str().chars().all(plain) {
        true => name.to_string(),
        false => format!("'{}'", name.as_str().replace('\'', r"'\''")),
    }
}

fn ended(end: RunEnd) -> &'static str {
    match end {
        RunEnd::Completed => "completed",
        RunEnd::Failed => "failed",
        RunEnd::Cancelled => "cancelled",
    }
}

fn change(change: TriggerChange) -> &'static str {
    match change {
        TriggerChange::Created => "created",
        TriggerChange::Updated => "updated",
        TriggerChange::Renamed => "renamed",
        TriggerChange::Enabled => "enabled",
        TriggerChange::Disabled => "disabled",
        TriggerChange::Paused => "paused",
        TriggerChange::Resumed => "resumed",
        TriggerChange::Rotated => "rotated",
        TriggerChange::Deleted => "deleted",
    }
}
