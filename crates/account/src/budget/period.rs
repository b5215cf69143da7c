//! Periods after which a budget counts from nothing again. All of them begin at midnight in UTC.

use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use tenure_model::time::Timestamp;

/// How often a budget counts from nothing again.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    Day,
    /// From Monday on.
    Week,
    /// From the first on.
    Month,
}

impl Every {
    /// Returns when the period that this time is in has begun.
    pub fn began(self, at: Timestamp) -> Timestamp {
        let day = day_of(at);
        stamp(match self {
            Every::Day => day,
            Every::Week => day - Days::new(day.weekday().num_days_from_monday().into()),
            Every::Month => day.with_day(1).unwrap_or(day),
        })
    }

    /// Returns when the next period begins.
    pub fn next(self, at: Timestamp) -> Timestamp {
        let began = day_of(self.began(at));
        stamp(match self {
            Every::Day => began + Days::new(1),
            Every::Week => began + Days::new(7),
            Every::Month => began + Months::new(1),
        })
    }

    pub fn word(self) -> &'static str {
        match self {
            Every::Day => "day",
            Every::Week => "week",
            Every::Month => "month",
        }
    }
}

impl FromStr for Every {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = [Every::Day, Every::Week, Every::Month];
        let found = all.into_iter().find(|every| every.word() == text);
        found.ok_or_else(|| format!("\"{text}\" is no period; write day, week or month"))
    }
}

fn day_of(at: Timestamp) -> NaiveDate {
    DateTime::from_timestamp_millis(at.0.min(i64::MAX as u64) as i64).map_or(NaiveDate::MAX, |time| time.date_naive())
}

fn stamp(day: NaiveDate) -> Timestamp {
    let midnight = day.and_hms_opt(0, 0, 0).expect("every day has a midnight in UTC");
    Timestamp(midnight.and_utc().timestamp_millis().max(0) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Monday, 23 November 2026, 15:30 in UTC.
    const MONDAY: Timestamp = Timestamp(1_795_447_800_000);
    const DAY: u64 = 86_400_000;
    const MIDNIGHT: u64 = MONDAY.0 / DAY * DAY;

    #[test]
    fn periods_begin_at_midnight_on_monday_and_on_the_first() {
        assert_eq!(Every::Day.began(MONDAY), Timestamp(MIDNIGHT));
        assert_eq!(Every::Week.began(MONDAY), Timestamp(MIDNIGHT));
        assert_eq!(Every::Week.began(Timestamp(MONDAY.0 - DAY)), Timestamp(MIDNIGHT - 7 * DAY));
        assert_eq!(Every::Month.began(MONDAY), Timestamp(MIDNIGHT - 22 * DAY));
        assert_eq!(Every::Month.next(MONDAY), Timestamp(MIDNIGHT + 8 * DAY));
        assert_eq!(Every::Day.next(Timestamp(MIDNIGHT)), Timestamp(MIDNIGHT + DAY));
    }
}
