//! Random schedules over decades against croner, where it follows the same rules: minutes and hours that are single numbers or
//! begin with `*`, days without `*/n`, and changes of less than three hours.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use croner::Cron;
use proptest::prelude::*;
use proptest::sample::select;
use tenure_model::Timestamp;

use crate::support::schedule;
use crate::walk::{ZONES, field};

fn time(high: u32) -> impl Strategy<Value = String> {
    prop_oneof![
        Just("*".to_owned()),
        (1..=high / 2).prop_map(|step| format!("*/{step}")),
        (0..=high).prop_map(|n| n.to_string())
    ]
}

/// A minute and an hour of one kind: both fixed, or the minute in steps.
fn times() -> impl Strategy<Value = String> {
    prop_oneof![
        (0..=59_u32, 0..=23_u32).prop_map(|(minute, hour)| format!("{minute} {hour}")),
        (time(59), Just("*")).prop_map(|(minute, hour)| format!("{minute} {hour}")),
    ]
}

fn days(low: u32, high: u32) -> impl Strategy<Value = String> {
    field(low, high).prop_map(|field| field.text).prop_filter("no steps over all days", |text| !text.starts_with("*/"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn croner_agrees(
        times in times(), of_month in days(1, 28), month in field(1, 12), of_week in days(0, 6),
        zone in select(ZONES), hour in 0..500_000_u64,
    ) {
        let cron = format!("{times} {of_month} {} {of_week}", month.text);
        let from = Timestamp(hour * 3_600_000);
        let tz: Tz = zone.parse().unwrap();
        let start = DateTime::<Utc>::from_timestamp_millis(from.0 as i64).unwrap().with_timezone(&tz);
        let theirs: Vec<i64> =
            cron.parse::<Cron>().unwrap().iter_after(start).take(12).map(|time| time.timestamp()).collect();
        let ours: Vec<i64> = schedule(&cron, zone).upcoming(from).take(12).map(|one| (one.at.0 / 1_000) as i64).collect();
        prop_assert_eq!(ours, theirs, "{} in {} from {}", cron, zone, start);
    }
}
