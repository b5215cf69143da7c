//! Instants as callers write them: milliseconds, RFC 3339, or what the clocks of a trigger's zone show.

use tenure_model::Timestamp;
use tenure_protocol::trigger::When;
use tenure_workflow::cron::{WallTime, Zone};
use tenure_workflow::definition::parse_instant;
use tenure_workflow::trigger::{Definition, On};

use crate::problem::{Rejection, problem};

/// An instant, and what is odd about the way it was written.
pub struct Read {
    pub at: Timestamp,
    pub note: Option<String>,
}

/// Returns the zone in whose time people speak of a trigger.
pub fn zone_of(definition: &Definition) -> Zone {
    match &definition.on {
        On::Schedule(plan) => plan.timezone,
        On::Webhook(_) | On::Github(_) | On::Manual => Zone::UTC,
    }
}

/// Reads an instant of a body.
pub fn read(when: &When, zone: Zone, field: &'static str) -> Result<Read, Rejection> {
    match when {
        When::Ms(at) => Ok(Read { at: *at, note: None }),
        When::Text(text) => {
            text_of(text, zone).ok_or_else(|| problem(422, "json_invalid", wrong(field, text)).field(field))
        }
    }
}

/// Reads an instant of a query.
pub fn read_query(text: &str, zone: Zone, field: &'static str) -> Result<Read, Rejection> {
    let at = text.parse().ok().map(|ms| Read { at: Timestamp(ms), note: None });
    let read = at.or_else(|| text_of(text, zone));
    read.ok_or_else(|| problem(400, "query_invalid", wrong(field, text)).field(field))
}

fn text_of(text: &str, zone: Zone) -> Option<Read> {
    if let Some(at) = parse_instant(text.trim()) {
        return Some(Read { at, note: None });
    }
    Some(match zone.shows(text)? {
        WallTime::Once(at) => Read { at, note: None },
        WallTime::Twice(at, second) => {
            let note = format!(
                "the clocks of {zone} show this time twice; this is the first time, the second is {} ms since 1970",
                second.0
            );
            Read { at, note: Some(note) }
        }
        WallTime::Never(at) => {
            let note = format!("the clocks of {zone} skip this time; this is the first moment after the gap");
            Read { at, note: Some(note) }
        }
    })
}

fn wrong(field: &str, text: &str) -> String {
    format!(
        "{field}: \"{text}\" is no instant; write 2026-11-21T03:00:00+01:00, or 2026-11-21T03:00 in the trigger's zone"
    )
}
