//! One field of a cron expression: lists, ranges, steps and names.

use std::collections::BTreeSet;

use super::expression::BadCron;

/// What one field counts, and from where to where.
pub(super) struct Unit {
    pub name: &'static str,
    pub low: u8,
    pub high: u8,
    /// Names for the values from `low` on.
    pub names: &'static [&'static str],
}

pub(super) const MINUTE: Unit = Unit { name: "minute", low: 0, high: 59, names: &[] };
pub(super) const HOUR: Unit = Unit { name: "hour", low: 0, high: 23, names: &[] };
pub(super) const DAY_OF_MONTH: Unit = Unit { name: "day of month", low: 1, high: 31, names: &[] };
pub(super) const MONTH: Unit = Unit {
    name: "month",
    low: 1,
    high: 12,
    names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
/// Sunday is 0 and 7.
pub(super) const DAY_OF_WEEK: Unit =
    Unit { name: "day of week", low: 0, high: 7, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] };

/// The values that a field takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub values: BTreeSet<u8>,
    /// Whether it is written with a `*` first: then it does not count as a restriction, even when it has a step.
    pub starred: bool,
}

impl Field {
    /// Tells whether every value is taken.
    pub fn is_full(&self, unit: &Unit) -> bool {
        self.values.len() == unit.size()
    }
}

impl Unit {
    /// Returns how many different values there are. Sunday counts once.
    fn size(&self) -> usize {
        usize::from(self.high - self.low) + usize::from(self.high != DAY_OF_WEEK.high)
    }

    pub fn read(&self, text: &str) -> Result<Field, BadCron> {
        let mut values = BTreeSet::new();
        for part in text.split(',') {
            values.extend(self.part(part)?.map(|value| if self.high == DAY_OF_WEEK.high { value % 7 } else { value }));
        }
        Ok(Field { values, starred: text.starts_with('*') })
    }

    fn part(&self, part: &str) -> Result<impl Iterator<Item = u8> + use<>, BadCron> {
        if part.is_empty() {
            return Err(self.wrong("has nothing between two commas", "leave out the extra comma"));
        }
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(self.step(step)?)),
            None => (part, None),
        };
        let (from, to) = match (range, range.split_once('-')) {
            ("*", _) => (self.low, self.low + (self.size() - 1) as u8),
            (_, Some((from, to))) => self.range(from, to)?,
            (single, None) => {
                let value = self.value(single)?;
                if step.is_some() {
                    let fix = format!("write `{single}-{}/{}`", self.high, part.rsplit('/').next().unwrap_or_default());
                    return Err(self.wrong(format!("says `{part}`, a step from one value"), fix));
                }
                (value, value)
            }
        };
        Ok((from..=to).step_by(step.unwrap_or(1).into()))
    }

    fn range(&self, from: &str, to: &str) -> Result<(u8, u8), BadCron> {
        let (low, mut high) = (self.value(from)?, self.value(to)?);
        if self.high == DAY_OF_WEEK.high && high == 0 && low > 0 {
            // `fri-sun` means what it says: Sunday also ends the week.
            high = 7;
        }
        if low > high {
            let fix = format!("write `{from}-{},{}-{to}`", self.high.min(self.low + self.size() as u8 - 1), self.low);
            return Err(self.wrong(format!("says `{from}-{to}`, which runs backwards"), fix));
        }
        Ok((low, high))
    }

    fn step(&self, text: &str) -> Result<u8, BadCron> {
        let step = text.parse::<u8>().ok().filter(|step| (1..=self.size()).contains(&usize::from(*step)));
        step.ok_or_else(|| {
            let rule = format!("has the step `{text}`; a step is a whole number from 1 to {}", self.size());
            self.wrong(rule, "a longer interval needs an hour, a day or a month of its own")
        })
    }

    fn value(&self, text: &str) -> Result<u8, BadCron> {
        if let Some(place) = self.names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
            return Ok(self.low + place as u8);
        }
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse::<u8>() {
            Ok(value) if digits && (self.low..=self.high).contains(&value) => Ok(value),
            _ if text.contains(['?', '#']) || text.eq_ignore_ascii_case("l") || text.ends_with(['L', 'W']) => {
                let rule = format!("says `{text}`; `?`, `L`, `W` and `#` belong to Quartz, not to cron");
                Err(self.wrong(rule, "write `*` or the days themselves"))
            }
            _ => {
                let names = if self.names.is_empty() { "" } else { ", or a name of three letters" };
                let rule = format!("says `{text}`; it is a number from {} to {}{names}", self.low, self.high);
                Err(self.wrong(rule, format!("write `*` for every {}", self.name)))
            }
        }
    }

    fn wrong(&self, rule: impl Into<String>, fix: impl Into<String>) -> BadCron {
        BadCron { field: self.name, rule: rule.into(), fix: fix.into() }
    }
}
