//! Lengths of time as people write them: `30s`, `5m`, `2h`, `1d`, `1h30m`; and instants as texts.

use serde_json::Value;
use tenure_model::time::{Span, Timestamp};

const UNITS: &[(&str, u64)] = &[("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// Reads a length of time. Larger units come first, each at most once.
pub fn parse_span(text: &str) -> Option<Span> {
    let mut rest = text.trim();
    let mut total: u64 = 0;
    let mut smaller_than = u64::MAX;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        let letters = rest[digits..].find(|c: char| !c.is_ascii_lowercase()).map_or(rest.len(), |end| digits + end);
        let (_, unit) = UNITS.iter().find(|(word, _)| *word == &rest[digits..letters])?;
        if *unit >= smaller_than {
            return None;
        }
        smaller_than = *unit;
        total = total.checked_add(number.checked_mul(*unit)?)?;
        rest = &rest[letters..];
    }
    Some(Span(total))
}

/// Writes a length of time as it is read, in the largest units that fit.
pub fn write_span(span: Span) -> String {
    let mut rest = span.0;
    let mut text = String::new();
    for (word, unit) in UNITS.iter().rev() {
        if rest >= *unit {
            text.push_str(&format!("{}{word}", rest / unit));
            rest %= unit;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// Takes what a template gave as a length of time: a text like `5m`, or milliseconds.
pub fn span_of(value: &Value) -> Option<Span> {
    match value {
        Value::String(text) => parse_span(text).or_else(|| text.trim().parse().ok().map(Span)),
        value => whole(value).map(Span),
    }
}

/// Takes what a template gave as an instant: RFC 3339 with a zone, or milliseconds since 1970.
pub fn instant_of(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => parse_instant(text.trim()).or_else(|| text.trim().parse().ok().map(Timestamp)),
        value => whole(value).map(Timestamp),
    }
}

fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        let float = value.as_f64()?;
        (float >= 0.0 && float.fract() == 0.0 && float < 9e15).then_some(float as u64)
    })
}

/// Reads an instant in RFC 3339: `2026-05-01T09:30:00Z`, `2026-05-01 09:30:00.250+02:00`.
pub fn parse_instant(text: &str) -> Option<Timestamp> {
    if !text.is_ascii() || text.len() < 20 {
        return None;
    }
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = text.get(from..to)?;
        digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let marks = text.as_bytes();
    let separated = marks[4] == b'-' && marks[7] == b'-' && marks[13] == b':' && marks[16] == b':';
    if !separated || !matches!(marks[10], b'T' | b't' | b' ') {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days_of_month = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=days_of_month).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let rest = &text[19..];
    let fraction = rest.strip_prefix('.').map_or(0, |digits| digits.bytes().take_while(u8::is_ascii_digit).count());
    let (ms, zone) = match fraction {
        0 => (0, rest),
        digits => {
            let three: String = rest[1..=digits].chars().chain("00".chars()).take(3).collect();
            (three.parse::<i64>().ok()?, &rest[1 + digits..])
        }
    };
    let seconds = days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    let total = (seconds - offset_seconds(zone)?) * 1_000 + ms;
    u64::try_from(total).ok().map(Timestamp)
}

fn offset_seconds(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = zone[1..].split_once(':')?;
    let well_formed = hours.len() == 2 && minutes.len() == 2;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (well_formed && (0..24).contains(&hours) && (0..60).contains(&minutes))
        .then_some(sign * (hours * 3_600 + minutes * 60))
}

/// Counts days in the proleptic Gregorian calendar; years begin in March here, so that a leap day comes last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_with_their_units() {
        for (text, ms) in [
            ("30s", 30_000),
            ("5m", 300_000),
            ("2h", 7_200_000),
            ("1d", 86_400_000),
            ("1h30m", 5_400_000),
            ("250ms", 250),
        ] {
            assert_eq!(parse_span(text), Some(Span(ms)), "{text}");
            assert_eq!(write_span(Span(ms)), text);
        }
        for text in [
            "",
            "30",
            "s",
            "1x",
            "-5s",
            "5 s",
            "1m1h",
            "1s1s",
            "99999999999999999999s",
            "18446744073709551615d",
            "1.5h",
        ] {
            assert_eq!(parse_span(text), None, "{text}");
        }
    }

    #[test]
    fn instants_are_read_with_their_zones() {
        for (text, ms) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T12:00:00Z", 951_825_600_000),
            ("2026-05-01 09:30:00.25+02:00", 1_777_620_600_250),
            ("2026-12-31T23:59:59-00:30", 1_798_763_399_000),
        ] {
            assert_eq!(parse_instant(text), Some(Timestamp(ms)), "{text}");
        }
        for text in [
            "",
            "2026-05-01",
            "2026-02-29T00:00:00Z",
            "2026-05-01T09:30:00",
            "2026-05-01T25:00:00Z",
            "1969-12-31T23:59:59Z",
        ] {
            assert_eq!(parse_instant(text), None, "{text}");
        }
    }
}
