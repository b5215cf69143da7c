//! Paths into a payload: `$.a.b[0]["c d"]`, with `[-1]` for the last of a list.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// As many keys as a path may have.
const KEYS_MAX: usize = 32;

/// A path to one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonPath {
    text: Box<str>,
    keys: Vec<Key>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Key {
    Name(Box<str>),
    /// Counted from the end when it is negative.
    Index(i64),
}

/// Why a text is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no path: {why}")]
pub struct BadPath {
    pub text: String,
    pub why: &'static str,
}

impl JsonPath {
    /// Returns what stands at the path.
    pub fn find<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        self.keys.iter().try_fold(value, |value, key| match key {
            Key::Name(name) => value.as_object()?.get(name.as_ref()),
            Key::Index(index) => {
                let list = value.as_array()?;
                let place = if *index < 0 { list.len() as i64 + index } else { *index };
                list.get(usize::try_from(place).ok()?)
            }
        })
    }
}

impl FromStr for JsonPath {
    type Err = BadPath;

    fn from_str(text: &str) -> Result<Self, BadPath> {
        let text = text.trim();
        let bad = |why| BadPath { text: text.to_owned(), why };
        let mut rest = text.strip_prefix('$').ok_or_else(|| bad("it begins with `$`"))?;
        let mut keys = Vec::new();
        while !rest.is_empty() {
            let (key, after) = key(rest).map_err(bad)?;
            keys.push(key);
            rest = after;
        }
        if keys.len() > KEYS_MAX {
            return Err(bad("it is too long"));
        }
        Ok(Self { text: text.into(), keys })
    }
}

/// Reads one key, and returns what comes after it.
fn key(rest: &str) -> Result<(Key, &str), &'static str> {
    if let Some(rest) = rest.strip_prefix('.') {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if name.is_empty() || name.contains(['"', '\'', ']', '*']) {
            return Err("a `.` is followed by a name");
        }
        return Ok((Key::Name(name.into()), after));
    }
    let Some(inside) = rest.strip_prefix('[') else { return Err("keys begin with `.` or `[`") };
    for quote in ['"', '\''] {
        if let Some(inside) = inside.strip_prefix(quote) {
            let (name, after) = inside.split_once(quote).ok_or("a quote is not closed")?;
            let after = after.strip_prefix(']').ok_or("a `[` is not closed")?;
            return Ok((Key::Name(name.into()), after));
        }
    }
    let (index, after) = inside.split_once(']').ok_or("a `[` is not closed")?;
    let index = index.parse().map_err(|_| "between `[` and `]` stands a number, or a name in quotes")?;
    Ok((Key::Index(index), after))
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for JsonPath {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for JsonPath {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}
