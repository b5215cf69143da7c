//! The one form that a definition is stored and compared in, and its hash.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Number, Value};
use sha2::{Digest, Sha256};

use crate::definition::Definition;

/// What a version is addressed by: SHA-256 over the canonical form, printed `sha256:<hex>`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkflowHash([u8; 32]);

/// Why a text is no hash.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a hash is written `sha256:` and 64 of 0-9a-f")]
pub struct BadHash;

impl Definition {
    /// Returns the definition as JSON with all names sorted and all lists as they are. Reading it gives the same definition.
    pub fn canonical(&self) -> Value {
        sorted(serde_json::to_value(self).expect("a definition holds only texts, numbers and lists of them"))
    }

    /// Returns the hash of the canonical form.
    pub fn hash(&self) -> WorkflowHash {
        WorkflowHash(Sha256::digest(self.canonical().to_string().as_bytes()).into())
    }
}

/// Sorts the names of all objects in a value.
pub fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        Value::Object(map) => {
            let mut entries: Vec<(String, Value)> = map.into_iter().collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(entries.into_iter().map(|(name, value)| (name, sorted(value))).collect::<Map<_, _>>())
        }
        Value::Number(number) => plain_number(number),
        other => other,
    }
}

/// Makes every way to write a whole number one: `2.0` is `2`.
pub(crate) fn plain_number(number: Number) -> Value {
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 9e15 => Value::from(float as i64),
        _ => Value::Number(number),
    }
}

impl fmt::Display for WorkflowHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for WorkflowHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WorkflowHash({self})")
    }
}

impl FromStr for WorkflowHash {
    type Err = BadHash;
    fn from_str(text: &str) -> Result<Self, BadHash> {
        let digits = text.strip_prefix("sha256:").ok_or(BadHash)?;
        if digits.len() != 64 || !digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(BadHash);
        }
        let mut bytes = [0; 32];
        for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&digits[at..at + 2], 16).map_err(|_| BadHash)?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for WorkflowHash {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for WorkflowHash {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}
