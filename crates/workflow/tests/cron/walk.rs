//! Random schedules against a walk over every minute, with Debian cron's rules told anew.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Duration, Offset, TimeZone, Timelike};
use chrono_tz::Tz;
use proptest::prelude::*;
use proptest::sample::select;
use tenure_model::Timestamp;
use tenure_workflow::cron::Expression;

use crate::support::schedule;

/// Zones with changes of an hour, of half an hour, at midnight, in the south, and with none.
pub const ZONES: &[&str] = &[
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "America/Sao_Paulo",
    "Asia/Tehran",
    "UTC",
];

/// One field as it is written, with the values that it means.
#[derive(Clone, Debug)]
pub struct Written {
    pub text: String,
    pub values: BTreeSet<u32>,
}

impl Written {
    pub fn starred(&self) -> bool {
        self.text.starts_with('*')
    }
}

/// One part of a list.
fn part(low: u32, high: u32) -> impl Strategy<Value = Written> {
    let range = (low..=high, low..=high, 1..=high - low).prop_map(|(a, b, step)| (a.min(b), a.max(b), step));
    prop_oneof![
        (low..=high).prop_map(|value| Written { text: value.to_string(), values: [value].into() }),
        range.clone().prop_map(|(a, b, _)| Written { text: format!("{a}-{b}"), values: (a..=b).collect() }),
        range.prop_map(|(a, b, step)| Written {
            text: format!("{a}-{b}/{step}"),
            values: (a..=b).step_by(step as usize).collect(),
        }),
    ]
}

pub fn field(low: u32, high: u32) -> impl Strategy<Value = Written> {
    let every = Written { text: "*".into(), values: (low..=high).collect() };
    let step = (1..=high - low).prop_map(move |step| Written {
        text: format!("*/{step}"),
        values: (low..=high).step_by(step as usize).collect(),
    });
    let list = prop::collection::vec(part(low, high), 1..4).prop_map(|parts| Written {
        text: parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(","),
        values: parts.into_iter().flat_map(|part| part.values).collect(),
    });
    prop_oneof![3 => Just(every), 2 => step, 5 => list]
}

/// Minute, hour, day of month, month, day of week.
fn fields() -> impl Strategy<Value = [Written; 5]> {
    let days = field(0, 6);
    (field(0, 59), field(0, 23), field(1, 31), field(1, 12), days).prop_map(|(a, b, c, d, e)| [a, b, c, d, e])
}

struct Walk<'a> {
    fields: &'a [Written; 5],
    zone: Tz,
}

impl Walk<'_> {
    fn ahead(&self, at: i64) -> i64 {
        let at = DateTime::from_timestamp(at, 0).unwrap().naive_utc();
        self.zone.offset_from_utc_datetime(&at).fix().local_minus_utc().into()
    }

    fn matches(&self, wall: i64) -> bool {
        let time = DateTime::from_timestamp(wall, 0).unwrap();
        let [minute, hour, of_month, month, of_week] = self.fields;
        let day =
            (of_month.values.contains(&time.day()), of_week.values.contains(&time.weekday().num_days_from_sunday()));
        let day = if of_month.starred() || of_week.starred() { day.0 && day.1 } else { day.0 || day.1 };
        minute.values.contains(&time.minute())
            && hour.values.contains(&time.hour())
            && month.values.contains(&time.month())
            && day
    }

    /// Walks as the daemon does: minute by minute of real time, with an eye on the clock on the wall.
    fn fires(&self, from: i64, to: i64) -> Vec<i64> {
        let pace = self.fields[0].starred() || self.fields[1].starred();
        let mut fired = Vec::new();
        let mut furthest = from - 60 + self.ahead(from - 60);
        for at in (from..to).step_by(60) {
            let wall = at + self.ahead(at);
            let skipped = || (furthest + 60..wall).step_by(60).any(|wall| self.matches(wall));
            let fires = match pace {
                true => self.matches(wall),
                // Each time of the wall clock once: skipped ones now, those that come again never.
                false => (wall > furthest && self.matches(wall)) || skipped(),
            };
            if fires {
                fired.push(at);
            }
            furthest = furthest.max(wall);
        }
        fired
    }
}

/// Instants around which the clocks of the zones change, and some others.
fn starts() -> impl Strategy<Value = (&'static str, i64)> {
    let spans = (select(ZONES), 0..20_000_i64, 0..1_440_i64);
    spans.prop_map(|(zone, day, minute)| {
        let walk = Walk { fields: &none(), zone: zone.parse().unwrap() };
        let from = day * 86_400 + minute * 60;
        let changed = (0..400).map(|day| from + day * 86_400).find(|at| walk.ahead(*at) != walk.ahead(at + 86_400));
        (zone, changed.unwrap_or(from) - 3_600)
    })
}

fn none() -> [Written; 5] {
    std::array::from_fn(|_| Written { text: String::new(), values: BTreeSet::new() })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_schedule_fires_when_a_walk_over_the_minutes_says_so(fields in fields(), start in starts()) {
        let (zone, from) = start;
        let to = from + Duration::days(2).num_seconds();
        let cron = fields.iter().map(|field| field.text.as_str()).collect::<Vec<_>>().join(" ");
        prop_assume!(cron.parse::<Expression>().is_ok(), "it never fires");
        let walk = Walk { fields: &fields, zone: zone.parse().unwrap() };
        let schedule = schedule(&cron, zone);
        let before = Timestamp((from * 1_000 - 1) as u64);
        let planned = schedule.upcoming(before).map(|planned| (planned.at.0 / 1_000) as i64);
        let planned: Vec<i64> = planned.take_while(|at| *at < to).collect();
        prop_assert_eq!(planned, walk.fires(from, to), "{} in {} from {}", cron, zone, from);
    }
}
