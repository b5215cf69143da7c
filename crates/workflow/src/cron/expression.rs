//! A cron expression, read and found right, and the times of the wall clock that it names.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::field::{DAY_OF_MONTH, DAY_OF_WEEK, Field, HOUR, MINUTE, MONTH, Unit};

/// The words for whole expressions.
const NICKNAMES: &[(&str, &str)] = &[
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

/// Why a text is no cron expression: the field, the rule, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {field} {rule}")]
pub struct BadCron {
    pub field: &'static str,
    pub rule: String,
    pub fix: String,
}

/// A cron expression that fires at some time.
#[derive(Clone)]
pub struct Expression {
    text: String,
    pub(super) minute: Field,
    pub(super) hour: Field,
    pub(super) day_of_month: Field,
    pub(super) month: Field,
    pub(super) day_of_week: Field,
    /// Two when it names days of the month or days of the week: either suffices.
    days: Vec<cron::Schedule>,
}

impl Expression {
    /// Returns the expression as it was written, with single spaces.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Tells whether it keeps its pace over a change of the clock, as Debian's cron does with jobs whose minute or hour begins
    /// with `*`. All others are for fixed times.
    pub fn keeps_pace(&self) -> bool {
        self.minute.starred || self.hour.starred
    }

    /// Tells whether a day of the month or a day of the week suffices: when both are restricted.
    pub(super) fn either_day(&self) -> bool {
        !self.day_of_month.starred && !self.day_of_week.starred
    }

    /// Returns the first time of the wall clock that is not before `wall`, both in seconds since 1970 there.
    pub(super) fn next_wall(&self, wall: i64) -> Option<i64> {
        let before = DateTime::<Utc>::from_timestamp(wall - 1, 0)?;
        self.days.iter().filter_map(|schedule| schedule.after(&before).next()).map(|time| time.timestamp()).min()
    }
}

impl FromStr for Expression {
    type Err = BadCron;

    fn from_str(text: &str) -> Result<Self, BadCron> {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let fields = match text.strip_prefix('@') {
            Some(_) => nickname(&text)?,
            None => &text,
        };
        let fields: Vec<&str> = fields.split(' ').filter(|field| !field.is_empty()).collect();
        let [minute, hour, day_of_month, month, day_of_week] = fields[..] else {
            return Err(BadCron {
                field: "expression",
                rule: format!("has {} fields; cron has 5", fields.len()),
                fix: "write minute, hour, day of month, month and day of week, like `0 9 * * mon-fri`".into(),
            });
        };
        let mut expression = Self {
            minute: MINUTE.read(minute)?,
            hour: HOUR.read(hour)?,
            day_of_month: DAY_OF_MONTH.read(day_of_month)?,
            month: MONTH.read(month)?,
            day_of_week: DAY_OF_WEEK.read(day_of_week)?,
            text,
            days: vec![],
        };
        expression.days = expression.schedules();
        if expression.next_wall(0).is_none() {
            let rule = "names days that its months do not have, so it never fires".into();
            return Err(BadCron { field: "day of month", rule, fix: "choose a day that one of the months has".into() });
        }
        Ok(expression)
    }
}

fn nickname(text: &str) -> Result<&'static str, BadCron> {
    let found = NICKNAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    found.map(|(_, fields)| *fields).ok_or_else(|| BadCron {
        field: "expression",
        rule: format!("says `{text}`, which names no times"),
        fix: format!("there are {}", NICKNAMES.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")),
    })
}

impl Expression {
    /// Writes the fields for the `cron` crate, whose week begins with Sunday as 1 and which demands both day fields.
    fn schedules(&self) -> Vec<cron::Schedule> {
        let written = |field: &Field, unit: &Unit, shift: u8| match field.is_full(unit) {
            true => "*".to_owned(),
            false => field.values.iter().map(|value| (value + shift).to_string()).collect::<Vec<_>>().join(","),
        };
        let time = format!("0 {} {}", written(&self.minute, &MINUTE, 0), written(&self.hour, &HOUR, 0));
        let month = written(&self.month, &MONTH, 0);
        let day_of_month = written(&self.day_of_month, &DAY_OF_MONTH, 0);
        let day_of_week = written(&self.day_of_week, &DAY_OF_WEEK, 1);
        let days = match self.either_day() {
            true => vec![(day_of_month.as_str(), "*"), ("*", day_of_week.as_str())],
            false => vec![(day_of_month.as_str(), day_of_week.as_str())],
        };
        let schedules = days.into_iter().map(|(of_month, of_week)| format!("{time} {of_month} {month} {of_week}"));
        schedules
            .map(|fields| fields.parse().expect("lists of numbers in their ranges are fields of the crate"))
            .collect()
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Expression {}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expression({})", self.text)
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Expression {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Expression {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}
