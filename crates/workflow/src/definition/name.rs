//! The names inside a definition: ids of steps, names of variables, slugs. Each is a type that holds only valid ones.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

use crate::limits::NAME_BYTES_MAX;

/// Why a text is no such name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadName(pub String);

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident = $check:path),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(Box<str>);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadName;
            fn from_str(text: &str) -> Result<Self, BadName> {
                $check(text)?;
                Ok(Self(text.into()))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    )+};
}

names! {
    /// A step's id: letters, digits, `_` and `-`. It never holds `/` or `:`, which structure step paths.
    StepId = step_id,
    /// The name of a variable, an input or an output: what an expression can say without quotes.
    Ident = ident,
    /// The name of a workflow in addresses and commands: lower-case letters, digits and `-`.
    Slug = slug,
}

impl Slug {
    /// Derives a slug from a title, when anything of it can stand in one.
    pub fn from_title(title: &str) -> Option<Slug> {
        let mut slug = String::new();
        for character in title.chars().flat_map(char::to_lowercase) {
            match character {
                'a'..='z' | '0'..='9' => slug.push(character),
                _ if slug.is_empty() || slug.ends_with('-') => {}
                _ => slug.push('-'),
            }
        }
        slug.truncate(NAME_BYTES_MAX);
        slug.trim_end_matches('-').parse().ok()
    }
}

/// Words of the expression language, which cannot name a variable.
pub const RESERVED: &[&str] = &[
    "and",
    "or",
    "not",
    "in",
    "is",
    "if",
    "else",
    "true",
    "false",
    "none",
    "null",
    "True",
    "False",
    "None",
    "undefined",
];

fn step_id(text: &str) -> Result<(), BadName> {
    sized(text)?;
    match text.chars().find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-')) {
        Some(bad) => Err(BadName(format!("holds {bad:?}; a step id is made of letters, digits, `_` and `-`"))),
        None => Ok(()),
    }
}

fn ident(text: &str) -> Result<(), BadName> {
    sized(text)?;
    if RESERVED.contains(&text) {
        return Err(BadName("is a word of the expression language".to_owned()));
    }
    let first = text.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    match text.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '_') {
        Some(bad) => Err(BadName(format!("holds {bad:?}; a name is made of letters, digits and `_`"))),
        None if !first => Err(BadName("starts with a digit".to_owned())),
        None => Ok(()),
    }
}

fn slug(text: &str) -> Result<(), BadName> {
    sized(text)?;
    match text.chars().find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '-')) {
        Some(bad) => Err(BadName(format!("holds {bad:?}; a slug is made of lower-case letters, digits and `-`"))),
        None if text.starts_with('-') || text.ends_with('-') => Err(BadName("starts or ends with `-`".to_owned())),
        None => Ok(()),
    }
}

fn sized(text: &str) -> Result<(), BadName> {
    match text.len() {
        0 => Err(BadName("is empty".to_owned())),
        long if long > NAME_BYTES_MAX => Err(BadName(format!("has {long} bytes; {NAME_BYTES_MAX} are the most"))),
        _ => Ok(()),
    }
}
