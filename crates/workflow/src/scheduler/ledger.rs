//! The ledger: what was decided and why, read from the records of a scheduler.
//!
//! A trigger's ledger is the list of its id, its history is [`history_of`]; the lists of all triggers of an owner are
//! [`EVERYTHING`]. A firing may stand in several records: later entries complete the one before. The list of its own id holds
//! all of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tenure_model::id::{ExecutionId, FiringId, SessionId, ThreadId, TriggerId, derived};
use tenure_model::step::RunEnd;
use tenure_model::time::Timestamp;
use uuid::Uuid;

use super::event::Event;
use super::firing::{Cause, Verdict, execution_of};

/// The list in which every entry of every trigger stands.
pub const EVERYTHING: Uuid = Uuid::from_u128(0x3f0d_66a1_2c55_5b0e_9a11_7d20_41c8_be02);

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub trigger: TriggerId,
    pub at: Timestamp,
    /// None for what was never going to fire: missed times, and deliveries that concern the trigger not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firing: Option<FiringId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    pub outcome: Outcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution: Option<ExecutionId>,
    /// Where the orchestrator was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<(SessionId, ThreadId)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<RunEnd>,
    /// The missed times: after one instant and not after another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed: Option<(Timestamp, Timestamp)>,
    /// The record that holds what was delivered, for replaying it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<u64>,
    #[serde(default)]
    pub test: bool,
}

/// What became of a firing, or why there was none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was asked for.
    Matched,
    /// It waits for the runs before it.
    Queued,
    /// A run was still under way.
    Skipped,
    /// Its place in the queue was taken.
    Replaced,
    NoMatch,
    /// Nobody was there in time.
    Missed,
    /// The workflow is gone, or switched off.
    WorkflowDeleted,
    Error,
}

/// Returns the list of a trigger's changes.
pub fn history_of(trigger: TriggerId) -> Uuid {
    derived(&["trigger-history", &trigger.to_string()])
}

/// Tells whether an event changes a trigger: its history stays when the ledger is compacted.
pub(super) fn is_of_history(event: &Event) -> bool {
    matches!(event, Event::Saved { .. } | Event::Deleted { .. } | Event::Paused { .. } | Event::Rotated { .. })
}

/// Returns the lists in which an event stands.
pub(super) fn pages(event: &Event) -> Vec<Uuid> {
    let of_ledger = matches!(
        event,
        Event::Decided { .. }
            | Event::Missed { .. }
            | Event::NotMatched { .. }
            | Event::Started { .. }
            | Event::Prompted { .. }
            | Event::Failed { .. }
            | Event::Ended { .. }
    );
    match (is_of_history(event), of_ledger) {
        (true, _) => event.triggers().into_iter().map(history_of).collect(),
        (_, true) => {
            let of_triggers = event.triggers().into_iter().map(Uuid::from);
            of_triggers.chain([EVERYTHING]).chain(firing_of(event).map(Uuid::from)).collect()
        }
        (false, false) => vec![],
    }
}

/// Reads the entries of some records, in their order: each firing once, as it stands after the last of them.
pub fn entries<'e>(records: impl IntoIterator<Item = (Timestamp, &'e [Event])>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut places: BTreeMap<FiringId, usize> = BTreeMap::new();
    for (at, events) in records {
        for event in events {
            match begun(event, at) {
                Begun::New(new) => {
                    let place = new.firing.and_then(|firing| places.get(&firing).copied());
                    match place {
                        Some(place) => entries[place] = Entry { at: entries[place].at, ..*new },
                        None => {
                            places.extend(new.firing.map(|firing| (firing, entries.len())));
                            entries.push(*new);
                        }
                    }
                }
                Begun::Many(many) => entries.extend(many),
                Begun::No => {
                    let place = firing_of(event).and_then(|firing| places.get(&firing));
                    if let Some(place) = place {
                        complete(&mut entries[*place], event);
                    }
                }
            }
        }
    }
    entries
}

enum Begun {
    New(Box<Entry>),
    Many(Vec<Entry>),
    No,
}

fn begun(event: &Event, at: Timestamp) -> Begun {
    let entry = |trigger: TriggerId, outcome: Outcome, reason: Option<String>| Entry {
        trigger,
        at,
        firing: None,
        cause: None,
        outcome,
        reason,
        execution: None,
        thread: None,
        end: None,
        missed: None,
        payload: None,
        test: false,
    };
    match event {
        Event::Decided { verdict, firing } => {
            let (outcome, reason) = judged(verdict);
            let started = matches!(outcome, Outcome::Matched) && firing.prompt.is_none();
            Begun::New(Box::new(Entry {
                firing: Some(firing.id),
                cause: Some(firing.cause.clone()),
                execution: started.then(|| execution_of(firing.id)),
                payload: firing.payload,
                test: firing.test,
                ..entry(firing.trigger, outcome, reason)
            }))
        }
        Event::Missed { trigger, after, until, count, why } => {
            let reason = format!("{count} planned time{} missed: {why}", if *count == 1 { " was" } else { "s were" });
            let missed = Some((*after, *until));
            Begun::New(Box::new(Entry { missed, ..entry(*trigger, Outcome::Missed, Some(reason)) }))
        }
        Event::NotMatched { misses, .. } => {
            let of = |miss: &super::event::Miss| entry(miss.trigger, Outcome::NoMatch, Some(miss.why.clone()));
            Begun::Many(misses.iter().map(of).collect())
        }
        _ => Begun::No,
    }
}

fn judged(verdict: &Verdict) -> (Outcome, Option<String>) {
    match verdict {
        Verdict::Started => (Outcome::Matched, None),
        Verdict::Queued => (Outcome::Queued, Some("a run of the trigger is under way".to_owned())),
        Verdict::Skipped { running } => {
            (Outcome::Skipped, Some(format!("the run {} was still under way", execution_of(*running))))
        }
        Verdict::Replaced => (Outcome::Replaced, Some("a later firing took its place in the queue".to_owned())),
        Verdict::Failed { code, why } => (of_code(code), Some(why.clone())),
    }
}

fn of_code(code: &str) -> Outcome {
    match code {
        "workflow_unknown" | "workflow_deleted" | "workflow_disabled" => Outcome::WorkflowDeleted,
        _ => Outcome::Error,
    }
}

fn firing_of(event: &Event) -> Option<FiringId> {
    match event {
        Event::Decided { firing, .. } => Some(firing.id),
        Event::Dequeued { firing, .. }
        | Event::Started { firing, .. }
        | Event::Prompted { firing, .. }
        | Event::Failed { firing, .. }
        | Event::Ended { firing, .. } => Some(*firing),
        _ => None,
    }
}

fn complete(entry: &mut Entry, event: &Event) {
    match event {
        Event::Started { execution, .. } => {
            (entry.outcome, entry.reason, entry.execution) = (Outcome::Matched, None, Some(*execution));
        }
        Event::Prompted { session, thread, .. } => entry.thread = Some((*session, *thread)),
        Event::Failed { code, why, .. } => {
            (entry.outcome, entry.reason, entry.execution) = (of_code(code), Some(why.clone()), None);
        }
        Event::Ended { end, .. } => entry.end = *end,
        _ => {}
    }
}

/// Tells whether a missed entry holds an instant.
pub(super) fn holds((after, until): (Timestamp, Timestamp), at: Timestamp) -> bool {
    after < at && at <= until
}
