//! Why a trigger did or did not fire at a minute: from the history of its changes and the ledger, without a guess.

use tenure_model::id::TriggerId;
use tenure_model::time::{Span, Timestamp};

use super::event::Event;
use super::firing::firing_id;
use super::ledger::{Entry, Outcome, holds};
use crate::cron::Occurrence;
use crate::trigger::schedule::Plan;
use crate::trigger::{Definition, On};

const MINUTE: Span = Span::secs(60);

/// What there is to say of one minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The trigger was not there yet.
    NotMade,
    Deleted {
        by: String,
        at: Timestamp,
    },
    /// It was there and switched off.
    Disabled {
        by: String,
        since: Timestamp,
    },
    Paused {
        by: String,
        until: Timestamp,
    },
    /// Nothing of its plan falls into that minute.
    NotPlanned {
        words: String,
        before: Option<String>,
        after: Option<String>,
    },
    /// Something is planned, and the minute is still to come.
    WillFire {
        shown: String,
    },
    /// Something was planned, and is not decided yet.
    Undecided {
        shown: String,
    },
    /// What was planned or delivered then, and what became of it.
    Fired(Vec<Entry>),
    /// The plan was another one then.
    Missed(Box<Entry>),
    /// Something else than time makes it fire, and nothing came.
    NothingCame,
    /// What was decided then is not kept any more.
    Forgotten {
        planned: Option<String>,
    },
}

/// How a trigger stood at a time.
#[derive(Default)]
struct Stood<'e> {
    definition: Option<&'e Definition>,
    switched: Option<(&'e str, Timestamp)>,
    deleted: Option<(&'e str, Timestamp)>,
    paused: Option<(&'e str, Timestamp)>,
}

/// Explains the minute of an instant. `history` are the events of the trigger's history, the oldest first; `entries` are those of
/// its ledger around that minute and until now; `begins_at` is where a ledger begins that was compacted.
pub fn why<'e>(
    trigger: TriggerId,
    at: Timestamp,
    now: Timestamp,
    begins_at: Option<Timestamp>,
    history: impl IntoIterator<Item = (Timestamp, &'e Event)>,
    entries: &[Entry],
) -> Why {
    let minute = Timestamp(at.0 - at.0 % MINUTE.0);
    let end = minute + MINUTE;
    let within = |entry: &&Entry| {
        let when = entry.cause.as_ref().and_then(|cause| cause.planned()).unwrap_or(entry.at);
        entry.missed.is_none() && (minute..end).contains(&when)
    };
    let fired: Vec<Entry> = entries.iter().filter(within).cloned().collect();
    if !fired.is_empty() {
        return Why::Fired(fired);
    }
    // What was changed within the minute holds from its end: the plan that was in force when it began is asked.
    let stood = stood(history.into_iter().take_while(|(changed, _)| *changed <= minute));
    if let Some((by, at)) = stood.deleted {
        return Why::Deleted { by: by.to_owned(), at };
    }
    let Some(definition) = stood.definition else { return Why::NotMade };
    // Even a trigger that is switched off can be run by hand.
    if begins_at.is_some_and(|begins_at| minute < begins_at) {
        return Why::Forgotten { planned: planned(definition, minute) };
    }
    if !definition.enabled {
        let (by, since) = stood.switched.unwrap_or_default();
        return Why::Disabled { by: by.to_owned(), since };
    }
    let On::Schedule(plan) = &definition.on else { return Why::NothingCame };
    let Some(planned) = plan.after(minute - Span::ms(1)).filter(|planned| planned.at < end) else {
        return not_planned(definition, plan, minute);
    };
    if let Some((by, until)) = stood.paused.filter(|(_, until)| planned.at < *until) {
        return Why::Paused { by: by.to_owned(), until };
    }
    judge(trigger, planned, now, definition, entries)
}

/// Says what a definition plans for a minute.
fn planned(definition: &Definition, minute: Timestamp) -> Option<String> {
    let On::Schedule(plan) = &definition.on else { return None };
    let planned = plan.after(minute - Span::ms(1)).filter(|planned| planned.at < minute + MINUTE);
    planned.filter(|_| definition.enabled).map(|planned| planned.shown.to_string())
}

fn judge(trigger: TriggerId, planned: Occurrence, now: Timestamp, definition: &Definition, entries: &[Entry]) -> Why {
    let shown = planned.shown.to_string();
    if planned.at + definition.delay(trigger) > now {
        return Why::WillFire { shown };
    }
    let id = firing_id(trigger, planned.at);
    let of_it = entries.iter().find(|entry| entry.firing == Some(id));
    let missed = || entries.iter().find(|entry| entry.missed.is_some_and(|range| holds(range, planned.at)));
    match (of_it, missed()) {
        (Some(entry), _) => Why::Fired(vec![entry.clone()]),
        (None, Some(entry)) => Why::Missed(Box::new(entry.clone())),
        (None, None) => Why::Undecided { shown },
    }
}

fn stood<'e>(history: impl Iterator<Item = (Timestamp, &'e Event)>) -> Stood<'e> {
    let mut stood = Stood::default();
    for (at, event) in history {
        match event {
            Event::Saved { definition, by, .. } => {
                if stood.definition.is_none_or(|old| old.enabled != definition.enabled) {
                    stood.switched = Some((by.name.as_str(), at));
                }
                (stood.definition, stood.deleted) = (Some(definition.as_ref()), None);
            }
            Event::Deleted { by, .. } => (stood.definition, stood.deleted) = (None, Some((by.name.as_str(), at))),
            Event::Paused { until, by, .. } => stood.paused = until.map(|until| (by.name.as_str(), until)),
            _ => {}
        }
    }
    stood
}

fn not_planned(definition: &Definition, plan: &Plan, minute: Timestamp) -> Why {
    let shown = |planned: Occurrence| planned.shown.to_string();
    let before = plan.last(minute - Span::hours(24 * 366), minute).map(shown);
    Why::NotPlanned { words: definition.words(), before, after: plan.after(minute).map(shown) }
}

impl Why {
    /// Returns the word that programs match on.
    pub fn code(&self) -> &'static str {
        match self {
            Why::NotMade => "not_made",
            Why::Deleted { .. } => "deleted",
            Why::Disabled { .. } => "disabled",
            Why::Paused { .. } => "paused",
            Why::NotPlanned { .. } => "not_planned",
            Why::WillFire { .. } => "will_fire",
            Why::Undecided { .. } => "undecided",
            Why::Fired(_) => "fired",
            Why::Missed(_) => "missed",
            Why::NothingCame => "nothing_came",
            Why::Forgotten { .. } => "forgotten",
        }
    }

    /// Says it in one sentence.
    pub fn words(&self) -> String {
        match self {
            Why::NotMade => "it did not fire: there was no such trigger yet".to_owned(),
            Why::Deleted { by, .. } => format!("it did not fire: {by} had deleted it"),
            Why::Disabled { by, .. } => format!("it did not fire: {by} had switched it off"),
            Why::Paused { by, .. } => format!("it did not fire: {by} had paused it"),
            Why::NotPlanned { words, before, after } => {
                let around = match (before, after) {
                    (Some(before), Some(after)) => format!("; the times around are {before} and {after}"),
                    (Some(only), None) | (None, Some(only)) => format!("; the nearest time is {only}"),
                    (None, None) => String::new(),
                };
                format!("it did not fire: nothing was planned, because it {words}{around}")
            }
            Why::WillFire { shown } => format!("it will fire: {shown} is planned"),
            Why::Undecided { shown } => format!("{shown} is planned and not decided yet"),
            Why::Fired(entries) => entries.iter().map(fired_words).collect::<Vec<_>>().join("; "),
            Why::Missed(entry) => format!("it did not fire: {}", entry.reason.as_deref().unwrap_or_default()),
            Why::Forgotten { planned: Some(shown) } => {
                format!("{shown} was planned; what became of it is not kept any more")
            }
            Why::Forgotten { planned: None } => "what was decided then is not kept any more".to_owned(),
            Why::NothingCame => "it did not fire: nothing was delivered, and nobody asked for it".to_owned(),
        }
    }
}

fn fired_words(entry: &Entry) -> String {
    let reason = entry.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    match (entry.outcome, entry.execution) {
        (Outcome::Matched, Some(execution)) => format!("it fired, and started the run {execution}"),
        (Outcome::Matched, None) => "it fired, and asked the orchestrator".to_owned(),
        (Outcome::Queued, _) => format!("it fired and waits{reason}"),
        _ => format!("it did not start anything{reason}"),
    }
}
