//! A time zone of the IANA database: what its clocks show, and when they are changed.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, MappedLocalTime, NaiveDateTime, Offset, TimeZone, Timelike};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tenure_model::Timestamp;

use crate::nearest::nearest;

/// Which edition of the IANA database the rules come from.
pub const ZONES_VERSION: &str = chrono_tz::IANA_TZDB_VERSION;

/// Clocks are looked at this often to find their changes. No zone has changed its clocks twice within a day since 1970.
const LOOK_S: i64 = 24 * 3_600;

/// A time zone with its whole history.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Zone(Tz);

/// Why a text is no zone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no zone of the IANA database")]
pub struct BadZone {
    pub text: String,
    pub fix: String,
}

/// A moment at which the clocks of a zone are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// The first second of the new time, since 1970 in UTC.
    pub at: i64,
    /// What is added to UTC, before and after.
    pub before: i64,
    pub after: i64,
}

/// When the clocks of a zone show a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WallTime {
    Once(Timestamp),
    /// They are set back, and show it again.
    Twice(Timestamp, Timestamp),
    /// They skip it; this is the first moment after the gap.
    Never(Timestamp),
}

/// What a clock on the wall shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Civil {
    pub year: i32,
    pub month: u32,
    pub day: u32,
    pub hour: u32,
    pub minute: u32,
    /// 0 is Sunday.
    pub weekday: u32,
}

impl Zone {
    pub const UTC: Zone = Zone(Tz::UTC);

    /// Lists the name of every zone.
    pub fn names() -> impl Iterator<Item = &'static str> {
        chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name())
    }

    /// Returns what the clocks show at an instant.
    pub fn civil(self, at: Timestamp) -> Civil {
        let at = seconds(at);
        civil(at + self.offset(at))
    }

    /// Returns what the clocks are ahead of UTC at an instant, in seconds.
    pub fn offset_s(self, at: Timestamp) -> i64 {
        self.offset(seconds(at))
    }

    /// Returns when the clocks show a time like `2026-11-21T03:00`; nothing when the text is none.
    pub fn shows(self, text: &str) -> Option<WallTime> {
        let text = text.trim().replace(' ', "T");
        let read = |form| NaiveDateTime::parse_from_str(&text, form).ok();
        let time = read("%Y-%m-%dT%H:%M").or_else(|| read("%Y-%m-%dT%H:%M:%S"))?;
        let at = |seconds: i64| Some(Timestamp(u64::try_from(seconds).ok()?.saturating_mul(1_000)));
        Some(match self.0.from_local_datetime(&time) {
            MappedLocalTime::Single(once) => WallTime::Once(at(once.timestamp())?),
            MappedLocalTime::Ambiguous(one, other) => {
                let (one, other) = (at(one.timestamp())?, at(other.timestamp())?);
                WallTime::Twice(one.min(other), one.max(other))
            }
            MappedLocalTime::None => {
                let wall = time.and_utc().timestamp();
                WallTime::Never(at(self.next_change(wall - LOOK_S, wall + LOOK_S)?.at)?)
            }
        })
    }

    pub(super) fn offset(self, at: i64) -> i64 {
        self.0.offset_from_utc_datetime(&naive(at)).fix().local_minus_utc().into()
    }

    /// Returns the first change of the clocks after `from`, at `until` the latest.
    pub(super) fn next_change(self, from: i64, until: i64) -> Option<Change> {
        let before = self.offset(from);
        let mut looked = from;
        while looked < until {
            let look = (looked + LOOK_S).min(until);
            if self.offset(look) != before {
                let (mut old, mut new) = (looked, look);
                while new - old > 1 {
                    let middle = old + (new - old) / 2;
                    if self.offset(middle) == before { old = middle } else { new = middle }
                }
                return Some(Change { at: new, before, after: self.offset(new) });
            }
            looked = look;
        }
        None
    }

    /// Tells what clocks have shown this time twice are ahead of UTC by, the first time and the second time.
    pub(super) fn twice(self, wall: i64) -> Option<(i64, i64)> {
        let ahead = |offset: <Tz as TimeZone>::Offset| i64::from(offset.fix().local_minus_utc());
        match self.0.offset_from_local_datetime(&naive(wall)) {
            MappedLocalTime::Ambiguous(one, other) => {
                let (one, other) = (ahead(one), ahead(other));
                Some((one.max(other), one.min(other)))
            }
            MappedLocalTime::Single(_) | MappedLocalTime::None => None,
        }
    }
}

pub(super) fn civil(wall: i64) -> Civil {
    let time = naive(wall);
    Civil {
        year: time.year(),
        month: time.month(),
        day: time.day(),
        hour: time.hour(),
        minute: time.minute(),
        weekday: time.weekday().num_days_from_sunday(),
    }
}

pub(super) fn seconds(at: Timestamp) -> i64 {
    i64::try_from(at.0 / 1_000).unwrap_or(i64::MAX)
}

/// Times that no calendar holds count as its end.
fn naive(seconds: i64) -> NaiveDateTime {
    DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::<chrono::Utc>::MAX_UTC).naive_utc()
}

impl FromStr for Zone {
    type Err = BadZone;

    fn from_str(text: &str) -> Result<Self, BadZone> {
        text.parse().map(Self).map_err(|_| BadZone {
            text: text.to_owned(),
            fix: match nearest(text, Self::names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "write it like `Europe/Berlin` or `UTC`".into(),
            },
        })
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({self})")
    }
}

impl fmt::Display for Civil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Civil { year, month, day, hour, minute, .. } = self;
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}")
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}
