//! Changes of the clock, by Debian cron's rules and by those of the trigger.

use tenure_workflow::cron::{FoldPolicy, GapPolicy, Schedule, WallTime, Zone};

use crate::support::*;

const SPRING: (&str, &str) = ("2026-03-29T00:00:00Z", "2026-03-29T03:00:00Z");
const AUTUMN: (&str, &str) = ("2026-10-24T23:00:00Z", "2026-10-25T02:00:00Z");

fn spring(schedule: &Schedule) -> Vec<String> {
    shown(schedule, SPRING.0, SPRING.1).iter().map(|time| time[11..].to_owned()).collect()
}

fn autumn(schedule: &Schedule) -> Vec<String> {
    shown(schedule, AUTUMN.0, AUTUMN.1).iter().map(|time| time[11..].to_owned()).collect()
}

#[test]
fn fixed_times_in_the_gap_fire_once_right_after_it() {
    // In Berlin the clocks go from 02:00 to 03:00.
    assert_eq!(spring(&schedule("30 2 * * *", "Europe/Berlin")), ["03:00 gap"]);
    assert_eq!(spring(&schedule("15,45 2 * * *", "Europe/Berlin")), ["03:00 gap"], "several are one");
    assert_eq!(spring(&schedule("0 2,3 * * *", "Europe/Berlin")), ["03:00 gap"], "03:00 itself is not another one");
    assert_eq!(spring(&schedule("30 1-4 * * *", "Europe/Berlin")), ["01:30", "03:00 gap", "03:30", "04:30"]);
    assert_eq!(spring(&schedule("0 3 * * *", "Europe/Berlin")), ["03:00"]);
}

#[test]
fn intervals_keep_their_pace_over_the_gap() {
    assert_eq!(
        spring(&schedule("*/30 * * * *", "Europe/Berlin")),
        ["01:00", "01:30", "03:00", "03:30", "04:00", "04:30"]
    );
    assert_eq!(spring(&schedule("0 * * * *", "Europe/Berlin")), ["01:00", "03:00", "04:00"]);
    assert_eq!(spring(&schedule("*/20 2 * * *", "Europe/Berlin")), Vec::<String>::new());
}

#[test]
fn fixed_times_in_the_fold_fire_the_first_time_only() {
    // In Berlin the clocks go from 03:00 back to 02:00.
    assert_eq!(autumn(&schedule("30 2 * * *", "Europe/Berlin")), ["02:30 first"]);
    assert_eq!(autumn(&schedule("0,30 2 * * *", "Europe/Berlin")), ["02:00 first", "02:30 first"]);
    let pace = schedule("30 * * * *", "Europe/Berlin");
    assert_eq!(autumn(&pace), ["01:30", "02:30 first", "02:30 second"]);
}

#[test]
fn a_trigger_may_have_rules_of_its_own() {
    let daily = schedule("30 2 * * *", "Europe/Berlin");
    assert_eq!(spring(&Schedule { gap: GapPolicy::Skip, ..daily.clone() }), Vec::<String>::new());
    let often = schedule("*/20 2 * * *", "Europe/Berlin");
    assert_eq!(spring(&Schedule { gap: GapPolicy::After, ..often }), ["03:00 gap"]);
    let fold = |fold| autumn(&Schedule { fold, ..daily.clone() });
    assert_eq!(fold(FoldPolicy::First), ["02:30 first"]);
    assert_eq!(fold(FoldPolicy::Second), ["02:30 second"]);
    assert_eq!(fold(FoldPolicy::Both), ["02:30 first", "02:30 second"]);
    let pace = schedule("30 * * * *", "Europe/Berlin");
    assert_eq!(autumn(&Schedule { fold: FoldPolicy::First, ..pace }), ["01:30", "02:30 first"]);
}

#[test]
fn half_hours_midnights_and_lost_days() {
    // Lord Howe Island moves by half an hour: 02:00 becomes 02:30.
    let island = schedule("15 2 * * *", "Australia/Lord_Howe");
    assert_eq!(shown(&island, "2026-10-03T12:00:00Z", "2026-10-04T00:00:00Z"), ["2026-10-04 02:30 gap"]);
    // In Santiago midnight does not exist on that day.
    let midnight = schedule("@daily", "America/Santiago");
    assert_eq!(shown(&midnight, "2026-09-06T00:00:00Z", "2026-09-07T00:00:00Z"), ["2026-09-06 01:00 gap"]);
    // Samoa left out 2011-12-30: the calendar moved, and nothing is made up for.
    let samoa = schedule("0 9 * * *", "Pacific/Apia");
    let days = shown(&samoa, "2011-12-29T00:00:00Z", "2011-12-31T12:00:00Z");
    assert_eq!(days, ["2011-12-29 09:00", "2011-12-31 09:00"]);
}

#[test]
fn a_search_may_begin_anywhere_around_a_change() {
    let daily = schedule("30 2 * * *", "Europe/Berlin");
    let gap = at("2026-03-29T01:00:00Z");
    for before in [1, 999, 1_000, 60_000, 3_600_000] {
        let from = tenure_model::Timestamp(gap.0 - before);
        assert_eq!(daily.after(from).map(|planned| planned.at), Some(gap), "{before} ms before");
    }
    assert_eq!(daily.after(gap).map(|planned| planned.at), Some(at("2026-03-30T00:30:00Z")));
    let first = at("2026-10-25T00:30:00Z");
    assert_eq!(daily.after(first).map(|planned| planned.at), Some(at("2026-10-26T01:30:00Z")));
    assert!(daily.fires_at(first).is_some() && daily.fires_at(at("2026-10-25T01:30:00Z")).is_none());
}

#[test]
fn what_clocks_show_is_found_once_twice_or_never() {
    let berlin: Zone = "Europe/Berlin".parse().unwrap();
    assert_eq!(berlin.shows("2026-11-21T03:00"), Some(WallTime::Once(at("2026-11-21T02:00:00Z"))));
    assert_eq!(berlin.shows("2026-11-21 03:00:30"), Some(WallTime::Once(at("2026-11-21T02:00:30Z"))));
    let (first, second) = (at("2026-10-25T00:30:00Z"), at("2026-10-25T01:30:00Z"));
    assert_eq!(berlin.shows("2026-10-25T02:30"), Some(WallTime::Twice(first, second)));
    assert_eq!(berlin.shows("2026-03-29T02:30"), Some(WallTime::Never(at("2026-03-29T01:00:00Z"))));
    for wrong in ["", "2026-11-21", "2026-02-30T00:00", "03:00", "2026-11-21T25:00"] {
        assert_eq!(berlin.shows(wrong), None, "{wrong}");
    }
}
