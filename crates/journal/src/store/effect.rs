//! The name of an effect: entity, record, place in the record.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tenure_model::{EntityKey, Kind};
use uuid::Uuid;

/// Names one effect for ever; what receives it recognizes a repeat by it. Ordered as the sender asked for them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Debug)]
#[serde(into = "String", try_from = "String")]
pub struct EffectId {
    pub key: EntityKey,
    pub seq: u64,
    /// The place among the effects of the record, from 0.
    pub n: u32,
}

impl fmt::Display for EffectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.key, self.seq, self.n)
    }
}

impl From<EffectId> for String {
    fn from(id: EffectId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for EffectId {
    type Error = EffectIdError;
    fn try_from(text: String) -> Result<Self, EffectIdError> {
        text.parse()
    }
}

/// Why a text names no effect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no effect id; one reads <kind>/<uuid>/<seq>/<n>")]
pub struct EffectIdError(String);

impl FromStr for EffectId {
    type Err = EffectIdError;
    fn from_str(text: &str) -> Result<Self, EffectIdError> {
        parse(text).ok_or_else(|| EffectIdError(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<EffectId> {
    let mut parts = text.split('/');
    let kind: Kind = parts.next()?.parse().ok()?;
    let id = Uuid::try_parse(parts.next()?).ok()?;
    let seq = parts.next()?.parse().ok()?;
    let n = parts.next()?.parse().ok()?;
    parts.next().is_none().then_some(EffectId { key: EntityKey { kind, id }, seq, n })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_text() {
        let id = EffectId { key: EntityKey::new(Kind::Session, Uuid::from_u128(7)), seq: 12, n: 3 };
        assert_eq!(id.to_string(), "session/00000000-0000-0000-0000-000000000007/12/3");
        assert_eq!(id.to_string().parse(), Ok(id));
        let json = serde_json::to_string(&id).expect("a text");
        assert_eq!(serde_json::from_str::<EffectId>(&json).expect("the same"), id);
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "session", "session/7/1/1", "session/00000000-0000-0000-0000-000000000007/12/3/4", "owl/1/2/3"]
        {
            assert!(text.parse::<EffectId>().is_err(), "{text}");
        }
    }
}
