//! What is taken for a cron expression, and what is said of everything else.

use tenure_workflow::cron::{Expression, Zone};

use crate::support::*;

fn wrong(text: &str) -> (&'static str, String, String) {
    let bad = text.parse::<Expression>().err().unwrap_or_else(|| panic!("{text:?} was taken"));
    (bad.field, bad.rule, bad.fix)
}

#[test]
fn names_lists_ranges_and_steps_are_read() {
    for (one, other) in [
        ("0 9 * * mon-fri", "0 9 * * 1-5"),
        ("0 9 * * MON,Wed", "0 9 * * 1,3"),
        ("0 9 * jan-mar *", "0 9 * 1-3 *"),
        ("0 9 * * 7", "0 9 * * 0"),
        ("0 9 * * 5-7", "0 9 * * 0,5,6"),
        ("0 9 * * fri-sun", "0 9 * * 5-7"),
        ("*/15 * * * *", "0,15,30,45 * * * *"),
        ("0 0 */2 * *", "0 0 1-31/2 * *"),
        ("10-40/10 * * * *", "10,20,30,40 * * * *"),
        ("@daily", "0 0 * * *"),
        ("@Weekly", "0 0 * * sun"),
        ("@yearly", "0 0 1 1 *"),
        ("  0   9\t* * *  ", "0 9 * * *"),
    ] {
        let all = |cron| shown(&schedule(cron, "UTC"), "2024-01-01T00:00:00Z", "2024-03-05T00:00:00Z");
        assert_eq!(all(one), all(other), "{one} is {other}");
        let words = |cron: &str| cron.parse::<Expression>().unwrap().words();
        assert_eq!(words(one), words(other));
    }
}

#[test]
fn day_fields_suffice_singly_unless_one_begins_with_a_star() {
    let days = |cron| {
        let times = shown(&schedule(cron, "UTC"), "2026-06-01T00:00:00Z", "2026-06-16T00:00:00Z");
        times.iter().map(|time| time[8..10].parse().unwrap()).collect::<Vec<u32>>()
    };
    // 2026-06-01 is a Monday.
    assert_eq!(days("0 0 13 * mon"), [1, 8, 13, 15]);
    assert_eq!(days("0 0 13 * *"), [13]);
    assert_eq!(days("0 0 * * mon"), [1, 8, 15]);
    assert_eq!(days("0 0 */7 * mon"), [1, 8, 15], "the 1st, 8th and 15th that are Mondays");
    assert_eq!(days("0 0 13 * */2"), [13], "the 13th, when it is a Sunday, Tuesday, Thursday or Saturday");
    assert_eq!(days("0 0 1-31/7 * mon"), [1, 8, 15]);
    assert_eq!(days("0 0 1-31 * mon").len(), 15, "a range of all days is a restriction, however wide");
}

#[test]
fn what_is_wrong_names_its_field_its_rule_and_how_to_mend_it() {
    for (text, field, rule, fix) in [
        ("", "expression", "has 0 fields", "minute, hour"),
        ("0 0 9 * * *", "expression", "has 6 fields", "minute, hour"),
        ("60 * * * *", "minute", "a number from 0 to 59", "`*`"),
        ("5abc * * * *", "minute", "`5abc`", "`*`"),
        ("+5 * * * *", "minute", "`+5`", "`*`"),
        ("0 24 * * *", "hour", "a number from 0 to 23", "`*`"),
        ("0 0 0 * *", "day of month", "a number from 1 to 31", "`*`"),
        ("0 0 * 13 *", "month", "or a name of three letters", "`*`"),
        ("0 0 * * 8", "day of week", "a number from 0 to 7", "`*`"),
        ("0 0 * * monday", "day of week", "a name of three letters", "`*`"),
        ("0 22-6 * * *", "hour", "runs backwards", "`22-23,0-6`"),
        ("0 0 * * 6-1", "day of week", "runs backwards", "`6-6,0-1`"),
        ("5/15 * * * *", "minute", "a step from one value", "`5-59/15`"),
        ("*/90 * * * *", "minute", "from 1 to 60", "hour"),
        ("*/0 * * * *", "minute", "from 1 to 60", "hour"),
        ("1,,2 * * * *", "minute", "between two commas", "comma"),
        ("0 0 L * *", "day of month", "Quartz", "`*`"),
        ("0 0 ? * 1", "day of month", "Quartz", "`*`"),
        ("0 0 * * 1#2", "day of week", "Quartz", "`*`"),
        ("@reboot", "expression", "names no times", "@hourly"),
        ("@every 5m", "expression", "names no times", "@hourly"),
        ("0 0 31 2 *", "day of month", "never fires", "one of the months"),
        ("0 0 30,31 2 */2", "day of month", "never fires", "one of the months"),
        ("0 0 31 4,6,9,11 *", "day of month", "never fires", "one of the months"),
    ] {
        let said = wrong(text);
        assert!(said.0 == field && said.1.contains(rule) && said.2.contains(fix), "{text:?}: {said:?}");
    }
    assert!("0 0 31 2 mon".parse::<Expression>().is_ok(), "it fires on Mondays");
}

#[test]
fn leap_days_come_every_four_years_and_not_in_every_century() {
    let leap = schedule("0 12 29 2 *", "UTC");
    let years = shown(&leap, "2088-01-01T00:00:00Z", "2100-12-31T00:00:00Z");
    assert_eq!(years, ["2088-02-29 12:00", "2092-02-29 12:00", "2096-02-29 12:00"]);
    assert_eq!(leap.after(at("2096-03-01T00:00:00Z")), None, "the calendar of the crate ends with 2100");
    let monday = schedule("0 12 29 2 */7", "UTC");
    assert_eq!(shown(&monday, "2026-01-01T00:00:00Z", "2060-01-01T00:00:00Z"), ["2032-02-29 12:00"]);
}

#[test]
fn zones_are_those_of_the_database_by_their_exact_names() {
    for name in ["UTC", "Europe/Berlin", "America/Argentina/San_Luis", "Etc/GMT+5", "Asia/Kathmandu"] {
        assert_eq!(name.parse::<Zone>().unwrap().to_string(), name);
    }
    for (text, fix) in [
        ("Europe/berlin", "`Europe/Berlin`"),
        ("Europe/Berln", "`Europe/Berlin`"),
        ("", "Europe/Berlin"),
        ("Mars/Olympus", "Europe/Berlin"),
        ("+02:00", "Europe/Berlin"),
    ] {
        let bad = text.parse::<Zone>().unwrap_err();
        assert!(bad.fix.contains(fix), "{text}: {}", bad.fix);
    }
}

#[test]
fn the_last_planned_time_is_found_from_behind() {
    let often = schedule("*/5 * * * *", "UTC");
    let last = often.last_between(at("1990-01-01T00:00:00Z"), at("2026-01-01T00:03:00Z")).unwrap();
    assert_eq!(last.at, at("2026-01-01T00:00:00Z"));
    let yearly = schedule("@yearly", "UTC");
    let last = yearly.last_between(at("1990-01-01T00:00:00Z"), at("2026-11-01T00:03:00Z")).unwrap();
    assert_eq!(last.at, at("2026-01-01T00:00:00Z"));
    assert_eq!(yearly.last_between(at("2026-01-01T00:00:01Z"), at("2026-11-01T00:00:00Z")), None);
    assert_eq!(yearly.last_between(last.at, last.at).map(|last| last.at), Some(last.at), "both ends count");
}
