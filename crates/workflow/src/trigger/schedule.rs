//! `schedule`: fires at times of the wall clock in a zone.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tenure_model::time::{Span, Timestamp};

use super::definition;
use crate::cron::{Expression, FoldPolicy, GapPolicy, Occurrence, Schedule, Zone};
use crate::definition::instant_of;
use crate::read::draft::Draft;
use crate::read::form::{Field, Form, Shape, fill, no_rules};

/// The longest that firings are spread over.
const JITTER_MAX: Span = Span::hours(1);

/// When a trigger fires by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub cron: Expression,
    pub timezone: Zone,
    #[serde(default)]
    pub gap: GapPolicy,
    #[serde(default)]
    pub fold: FoldPolicy,
    pub catch_up: CatchUp,
    #[serde(default)]
    pub jitter_ms: Span,
    /// Nothing is planned before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Timestamp>,
    /// Nothing is planned after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Timestamp>,
}

/// What becomes of firings that were missed while the server was off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatchUp {
    pub policy: CatchUpPolicy,
    /// With `all`: the newest so many.
    pub max: u32,
    /// What is later than this is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_lateness_ms: Option<Span>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatchUpPolicy {
    None,
    Last,
    All,
}

impl CatchUp {
    /// With `all`, what is later than this is left out unless the trigger says so.
    pub const LATENESS: Span = Span::hours(4);

    /// Returns how late a firing may be made up for.
    pub fn lateness_max(&self) -> Option<Span> {
        match self.policy {
            CatchUpPolicy::All => Some(self.max_lateness_ms.unwrap_or(Self::LATENESS)),
            CatchUpPolicy::None | CatchUpPolicy::Last => self.max_lateness_ms,
        }
    }
}

impl Plan {
    pub fn schedule(&self) -> Schedule {
        Schedule { cron: self.cron.clone(), zone: self.timezone, gap: self.gap, fold: self.fold }
    }

    /// Lists what is planned after an instant, within the trigger's own start and end.
    pub fn upcoming(&self, after: Timestamp) -> impl Iterator<Item = Occurrence> + use<> {
        let (schedule, end) = (self.schedule(), self.end);
        let first = schedule.after(self.begin(after));
        let planned = std::iter::successors(first, move |last| schedule.after(last.at));
        planned.take_while(move |planned| end.is_none_or(|end| planned.at <= end))
    }

    /// Returns what is planned next after an instant.
    pub fn after(&self, after: Timestamp) -> Option<Occurrence> {
        let next = self.schedule().after(self.begin(after))?;
        self.end.is_none_or(|end| next.at <= end).then_some(next)
    }

    /// Returns the last thing planned after one instant and not after another.
    pub fn last(&self, after: Timestamp, until: Timestamp) -> Option<Occurrence> {
        let from = self.begin(after) + Span::ms(1);
        let until = self.end.map_or(until, |end| end.min(until));
        if from > until { None } else { self.schedule().last_between(from, until) }
    }

    fn begin(&self, after: Timestamp) -> Timestamp {
        self.start.map_or(after, |start| after.max(start - Span::ms(1)))
    }
}

pub(super) const FORM: Form = Form {
    word: "schedule",
    description: "Fires at times of the wall clock.",
    fields: &[
        Field::new(
            "cron",
            Shape::Text,
            "Minute, hour, day of month, month, day of week, as cron reads them, or `@hourly` to `@yearly`.",
        )
        .required(),
        Field::new("timezone", Shape::Text, "A zone of the IANA database, like `Europe/Berlin`.")
            .or(&["zone", "time_zone"])
            .default("\"UTC\""),
        Field::new(
            "gap",
            Shape::OneOf(&["auto", "skip", "after"]),
            "What happens to times that the clocks skip: `auto` fires fixed times right after the gap and lets intervals keep \
             their pace.",
        )
        .default("\"auto\""),
        Field::new(
            "fold",
            Shape::OneOf(&["auto", "first", "second", "both"]),
            "What happens to times that the clocks show twice: `auto` fires fixed times once and lets intervals keep their pace.",
        )
        .default("\"auto\""),
        Field::new(
            "catch_up",
            Shape::Object { form: &CATCH_UP, short: Some("policy") },
            "What becomes of firings that were missed while the server was off.",
        )
        .or(&["catchUp"])
        .default("{}"),
        Field::new("jitter_ms", Shape::Window, "Spreads the firings of different triggers over so long, an hour at most.")
            .default("0"),
        Field::new("start", Shape::Plain, "Nothing is planned before this instant, like `2026-05-01T00:00:00Z`."),
        Field::new("end", Shape::Plain, "Nothing is planned after this instant."),
    ],
    check,
};

const CATCH_UP: Form = Form {
    word: "",
    description: "What becomes of firings that were missed.",
    fields: &[
        Field::new("policy", Shape::OneOf(&["none", "last", "all"]), "None of them, the last one, or all of them.")
            .default("\"last\""),
        Field::new("max", Shape::Integer { min: 1, max: 1_000 }, "With `all`: the newest so many.").default("100"),
        Field::new(
            "max_lateness_ms",
            Shape::Duration,
            "What is later than this is left out; with `all` this is 4 hours unless it is said.",
        ),
    ],
    check: no_rules,
};

fn check(draft: &mut Draft<'_, '_>) {
    definition::check(draft);
    if let Some(catch_up) = draft.object.get_mut("catch_up").and_then(Value::as_object_mut) {
        fill(CATCH_UP.fields, catch_up);
    }
    if let Some(Err(bad)) = draft.text("cron").map(str::parse::<Expression>) {
        draft.wrong("cron", "bad_cron", bad.to_string(), &bad.fix);
    }
    if let Some(Err(bad)) = draft.text("timezone").map(str::parse::<Zone>) {
        let written = ["timezone", "zone", "time_zone"].into_iter().find(|name| draft.node.entry(name).is_some());
        draft.wrong(written.unwrap_or("timezone"), "unknown_zone", bad.to_string(), &bad.fix);
    }
    if draft.object.get("jitter_ms").and_then(Value::as_u64).is_some_and(|jitter| jitter > JITTER_MAX.0) {
        let written = if draft.node.entry("jitter").is_some() { "jitter" } else { "jitter_ms" };
        draft.wrong(written, "out_of_range", "is more than an hour", "write `1h` or less");
    }
    let (start, end) = (instant(draft, "start"), instant(draft, "end"));
    if let (Some(start), Some(end)) = (start, end)
        && start >= end
    {
        return draft.wrong("end", "never_fires", "the end is not after the start", "choose a later end");
    }
    never_fires(draft);
}

/// Refuses a schedule that has no time between its start and its end.
fn never_fires(draft: &mut Draft<'_, '_>) {
    let Ok(plan) = serde_json::from_value::<Plan>(Value::Object(draft.object.clone())) else { return };
    if plan.end.is_some() && plan.after(Timestamp(0)).is_none() {
        let message = "nothing is planned between its start and its end";
        draft.wrong("end", "never_fires", message, "choose a later end, or other times");
    }
}

/// Reads an instant in any of its spellings, and leaves it in the one.
fn instant(draft: &mut Draft<'_, '_>, field: &str) -> Option<Timestamp> {
    let value = draft.object.get(field)?.clone();
    if value.is_null() {
        draft.object.remove(field);
        return None;
    }
    let instant = instant_of(&value);
    match instant {
        Some(instant) => drop(draft.object.insert(field.to_owned(), json!(instant))),
        None => draft.wrong(field, "bad_instant", "this is no instant", "write it like `2026-05-01T09:30:00Z`"),
    }
    instant
}
