//! A cron expression in the words that people use.

use super::expression::Expression;
use super::field::{DAY_OF_MONTH, DAY_OF_WEEK, Field, HOUR, MONTH};
use super::zone::Civil;

const DAYS: &[&str] = &["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: &[&str] = &[
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// So many times of a day are listed one by one.
const TIMES_MAX: usize = 6;

impl Civil {
    /// Returns the date as a sentence says it: `Monday, November 23, 2026`.
    pub fn date_words(&self) -> String {
        let (day, month) = (DAYS[self.weekday as usize], MONTHS[self.month as usize - 1]);
        format!("{day}, {month} {}, {}", self.day, self.year)
    }
}

impl Expression {
    /// Says in words when it fires: `at 09:00 on weekdays`.
    pub fn words(&self) -> String {
        let mut said = vec![self.times()];
        said.extend(self.days());
        if !self.month.is_full(&MONTH) {
            said.push(format!("in {}", list_of(named(&self.month, MONTHS, 1))));
        }
        said.join(" ")
    }

    fn times(&self) -> String {
        let (minutes, hours) = (&self.minute.values, &self.hour.values);
        if !self.hour.is_full(&HOUR) && minutes.len() * hours.len() <= TIMES_MAX {
            let times =
                hours.iter().flat_map(|hour| minutes.iter().map(move |minute| format!("{hour:02}:{minute:02}")));
            return format!("at {}", list_of(times));
        }
        let within_hour = match pace(&self.minute, 60) {
            Some(1) => "every minute".to_owned(),
            Some(step) => format!("every {step} minutes"),
            None if self.hour.is_full(&HOUR) && minutes.iter().eq([&0]) => return "every hour".to_owned(),
            None => format!("at {} past the hour", counted(minutes.iter().copied(), "minute")),
        };
        if self.hour.is_full(&HOUR) {
            return within_hour;
        }
        match (pace(&self.hour, 24), ends(&self.hour)) {
            (Some(step), _) => format!("{within_hour}, every {step} hours"),
            (None, Some((first, last))) => format!("{within_hour}, from {first:02}:00 to {last:02}:59"),
            (None, None) => format!("{within_hour}, in the hours {}", list_of(hours.iter().map(u8::to_string))),
        }
    }

    fn days(&self) -> Option<String> {
        let of_month = (!self.day_of_month.is_full(&DAY_OF_MONTH)).then(|| self.days_of_month());
        let of_week = (!self.day_of_week.is_full(&DAY_OF_WEEK)).then(|| days_of_week(&self.day_of_week));
        match (of_month, of_week) {
            // One of them takes every day, and one suffices.
            (None, Some(_)) | (Some(_), None) if self.either_day() => Some("on every day".to_owned()),
            (Some(of_month), Some(of_week)) if self.either_day() => Some(format!("on {of_month} or on {of_week}")),
            (Some(of_month), Some(of_week)) => Some(format!("on {of_month} when it is one of {of_week}")),
            (Some(days), None) | (None, Some(days)) => Some(format!("on {days}")),
            (None, None) => None,
        }
    }

    fn days_of_month(&self) -> String {
        let days = &self.day_of_month;
        match pace_from(days, 1, 31) {
            Some(2) => "the odd days of the month".to_owned(),
            Some(step) => format!("every {} day of the month from the 1st", ordinal(step)),
            None => match ends(days) {
                Some((first, last)) => format!("the {} to {} of the month", ordinal(first), ordinal(last)),
                None => format!("the {} of the month", list_of(days.values.iter().map(|day| ordinal(*day)))),
            },
        }
    }
}

fn days_of_week(field: &Field) -> String {
    let days: Vec<u8> = field.values.iter().copied().collect();
    match days[..] {
        [1, 2, 3, 4, 5] => "weekdays".to_owned(),
        [0, 6] => "weekends".to_owned(),
        _ => list_of(named(field, DAYS, 0)),
    }
}

fn named<'a>(field: &'a Field, names: &'a [&str], low: u8) -> impl Iterator<Item = String> + 'a {
    field.values.iter().map(move |value| names[usize::from(value - low)].to_owned())
}

/// Returns the step of a field that goes evenly round its whole size from 0: every 15 minutes.
fn pace(field: &Field, size: u8) -> Option<u8> {
    let step = pace_from(field, 0, size - 1)?;
    size.is_multiple_of(step).then_some(step)
}

/// Returns the step of a field that goes evenly from its first value to its last.
fn pace_from(field: &Field, low: u8, high: u8) -> Option<u8> {
    let mut values = field.values.iter().copied();
    if values.next()? != low {
        return None;
    }
    let step = values.next()? - low;
    (low..=high).step_by(step.into()).eq(field.values.iter().copied()).then_some(step)
}

/// Returns the ends of a field whose values follow each other without a hole, when there are three or more.
fn ends(field: &Field) -> Option<(u8, u8)> {
    let (first, last) = (*field.values.first()?, *field.values.last()?);
    (field.values.len() > 2 && usize::from(last - first) + 1 == field.values.len()).then_some((first, last))
}

fn counted(values: impl ExactSizeIterator<Item = u8>, unit: &str) -> String {
    let many = if values.len() == 1 { "" } else { "s" };
    let ones = values.map(|value| value.to_string()).collect::<Vec<_>>();
    // "1 minute", but "0 minutes".
    let many = if ones.len() == 1 && ones[0] != "1" { "s" } else { many };
    format!("{} {unit}{many}", list_of(ones))
}

fn ordinal(number: u8) -> String {
    let ending = match (number % 10, number % 100) {
        (1, n) if n != 11 => "st",
        (2, n) if n != 12 => "nd",
        (3, n) if n != 13 => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

/// Writes a list as a sentence says it: `a, b and c`.
pub(crate) fn list_of(items: impl IntoIterator<Item = String>) -> String {
    let mut items: Vec<String> = items.into_iter().collect();
    let Some(last) = items.pop() else { return String::new() };
    if items.is_empty() { last } else { format!("{} and {last}", items.join(", ")) }
}
