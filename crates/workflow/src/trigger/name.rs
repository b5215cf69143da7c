//! The name of a trigger: as somebody wrote it, and as it is looked up.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

use crate::definition::BadName;
use crate::limits::NAME_BYTES_MAX;

/// What stands in the place of a name in the paths of the HTTP API.
const TAKEN: [&str; 5] = ["sync", "validate", "preview", "deliveries", "github"];

/// A name without space around it. Two that differ only in case are one.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Name(Box<str>);

impl Name {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns what the name is looked up by.
    pub fn folded(&self) -> String {
        // Upper case first, so that `ß` and `SS` meet as well.
        self.0.to_uppercase().to_lowercase()
    }
}

impl FromStr for Name {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let text = text.trim();
        match text.len() {
            0 => return Err(BadName("is empty".to_owned())),
            long if long > NAME_BYTES_MAX => {
                return Err(BadName(format!("has {long} bytes; {NAME_BYTES_MAX} are the most")));
            }
            _ => {}
        }
        if TAKEN.contains(&text.to_lowercase().as_str()) {
            return Err(BadName("is a word of the HTTP API; say more, like `on github`".to_owned()));
        }
        match text.chars().find(|c| c.is_control() || *c == '/') {
            Some(bad) => Err(BadName(format!("holds {bad:?}, which has no place in a name"))),
            None => Ok(Self(text.into())),
        }
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}
