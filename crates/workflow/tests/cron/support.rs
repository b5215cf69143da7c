//! Schedules and instants, in few words.

use tenure_model::Timestamp;
use tenure_workflow::cron::{FoldPolicy, GapPolicy, Mark, Schedule};
use tenure_workflow::definition::parse_instant;

pub fn schedule(cron: &str, zone: &str) -> Schedule {
    let cron = cron.parse().unwrap_or_else(|bad| panic!("{cron}: {bad}"));
    let zone = zone.parse().unwrap_or_else(|bad| panic!("{bad}"));
    Schedule { cron, zone, gap: GapPolicy::default(), fold: FoldPolicy::default() }
}

pub fn at(text: &str) -> Timestamp {
    parse_instant(text).unwrap_or_else(|| panic!("{text} is no instant"))
}

/// What is planned from one instant to another, as the clocks of the zone show it, with its mark.
pub fn shown(schedule: &Schedule, from: &str, to: &str) -> Vec<String> {
    let (from, to) = (at(from), at(to));
    let planned = schedule.upcoming(Timestamp(from.0 - 1)).take_while(|planned| planned.at < to);
    let said = planned.map(|planned| match planned.mark {
        None => planned.shown.to_string(),
        Some(Mark::Gap) => format!("{} gap", planned.shown),
        Some(Mark::FoldFirst) => format!("{} first", planned.shown),
        Some(Mark::FoldSecond) => format!("{} second", planned.shown),
    });
    said.collect()
}
