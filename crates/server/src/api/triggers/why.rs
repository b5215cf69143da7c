//! Why a trigger did, or did not, fire at a minute.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Deserialize;
use tenure_journal::StoreError;
use tenure_model::id::TriggerId;
use tenure_model::{Span, Timestamp};
use tenure_protocol::trigger::WhyTrigger;
use tenure_workflow::cron::Zone;
use tenure_workflow::scheduler::ledger::{Entry, history_of};
use tenure_workflow::scheduler::why::{Why, why as explain};
use tenure_workflow::scheduler::{Event, firing_id};
use tenure_workflow::trigger::{Definition, On};

use super::deliveries::{Known, known, told};
use super::ledger::Records;
use super::when;
use crate::api::input;
use crate::auth::Person;
use crate::desk::Desk;
use crate::problem::Rejection;

/// The newest changes of a trigger that are looked at.
const CHANGES_MAX: usize = 10_000;
/// So many records after the minute are looked through for what was decided of it.
const RECORDS_MAX: u64 = 2_000;
/// Entries that one answer shows.
const SHOWN_MAX: usize = 100;
const MINUTE: Span = Span::mins(1);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhyQuery {
    /// RFC 3339, what the clocks of the trigger's zone show, or milliseconds; now when absent.
    at: Option<String>,
    owner: Option<String>,
}

/// `GET /api/triggers/{trigger}/why?at&owner`: explains a minute, also for a trigger that was deleted.
pub async fn why(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<WhyTrigger>, Rejection> {
    let query: WhyQuery = input::query(&request)?;
    let known = known(&desk, &request, &caller.0, query.owner.as_deref()).await?;
    let Known { owner, id } = known;
    let history = desk.read(move |store| history(&mut Records::of(store, owner), id)).await?;
    let zone = history.iter().rev().find_map(|(_, event)| definition_of(event)).map_or(Zone::UTC, when::zone_of);
    let read = query.at.as_deref().map(|text| when::read_query(text, zone, "at")).transpose()?;
    let (at, note) = read.map_or((desk.now(), None), |read| (read.at, read.note));
    let now = desk.now();
    let why = desk.read(move |store| {
        let mut records = Records::of(store, owner);
        let begins_at = records.begins_at()?;
        let entries = around(&mut records, id, at, &history)?;
        Ok(explain(id, at, now, begins_at, history.iter().map(|(at, event)| (*at, event)), &entries))
    });
    Ok(Json(answer(why.await?, at, zone, note)))
}

/// Reads the changes of a trigger, the oldest first.
fn history(records: &mut Records<'_>, id: TriggerId) -> Result<Vec<(Timestamp, Event)>, StoreError> {
    let mut changes = vec![];
    for seq in records.list(history_of(id), None, CHANGES_MAX)?.into_iter().rev() {
        let noted = records.noted(seq);
        let own = noted.events.iter().filter(|event| event.triggers().contains(&id));
        changes.extend(own.map(|event| (noted.at, event.clone())));
    }
    Ok(changes)
}

/// Reads what was decided of a minute: soon after it, or whenever what was planned for it was fired.
fn around(
    records: &mut Records<'_>,
    id: TriggerId,
    at: Timestamp,
    history: &[(Timestamp, Event)],
) -> Result<Vec<Entry>, StoreError> {
    let minute = Timestamp(at.0 - at.0 % MINUTE.0);
    let within = |at: Timestamp| (minute..minute + MINUTE).contains(&at);
    let of_it = |entry: &Entry| {
        entry.missed.is_some() || within(entry.cause.as_ref().and_then(|cause| cause.planned()).unwrap_or(entry.at))
    };
    let mut entries = records.since(id.0, minute, RECORDS_MAX, of_it)?;
    for definition in history.iter().filter_map(|(_, event)| definition_of(event)) {
        let On::Schedule(plan) = &definition.on else { continue };
        let planned = plan.after(minute - Span::ms(1)).filter(|planned| within(planned.at));
        let Some(firing) = planned.map(|planned| firing_id(id, planned.at)) else { continue };
        if !entries.iter().any(|entry| entry.firing == Some(firing)) {
            entries.extend(records.firing(firing)?.map(|(entry, _)| entry));
        }
    }
    Ok(entries)
}

fn definition_of(event: &Event) -> Option<&Definition> {
    match event {
        Event::Saved { definition, .. } => Some(definition),
        _ => None,
    }
}

fn answer(why: Why, at: Timestamp, zone: Zone, note: Option<String>) -> WhyTrigger {
    let code = why.code().to_owned();
    let (why, more) = match why {
        Why::Fired(mut entries) => {
            let more = entries.len().saturating_sub(SHOWN_MAX);
            entries.truncate(SHOWN_MAX);
            (Why::Fired(entries), more)
        }
        other => (other, 0),
    };
    let mut words = why.words();
    if more > 0 {
        words.push_str(&format!("; and {more} more"));
    }
    let entries = match why {
        Why::Fired(entries) => entries,
        Why::Missed(entry) => vec![*entry],
        _ => vec![],
    };
    let shown = zone.civil(at).to_string();
    WhyTrigger { at, shown, code, words, note, entries: entries.into_iter().map(told).collect() }
}
