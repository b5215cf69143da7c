//! Grants: calls that a person has allowed beforehand, bound to what exactly, where, until when and how often.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tenure_model::time::{Span, Timestamp};

use super::call::Made;
use super::rule::{Who, Within};

/// A grant that stands.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
pub struct Grant {
    pub tool: String,
    pub bound: Bound,
    pub within: Within,
    pub until: Timestamp,
    /// Without a number there is no limit until the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses_left: Option<u32>,
    pub by: Who,
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Which arguments a grant is about.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// Exactly those of the call with this hash.
    Same(String),
    /// Any in which these fields, at the top, have these values; without fields any at all.
    Fields(BTreeMap<String, Value>),
}

/// A grant as a person gives it.
#[derive(Clone, PartialEq, Debug)]
pub struct NewGrant {
    pub tool: String,
    pub bound: Bound,
    pub within: Within,
    pub lasts: Span,
    pub uses: Option<u32>,
    pub reason: Option<String>,
}

impl Grant {
    /// Tells whether the grant lets a call through now.
    pub fn covers(&self, made: &Made, now: Timestamp) -> bool {
        let here = match self.within {
            Within::Owner => true,
            Within::Workflow(id) => made.caller.workflow == Some(id),
            Within::Session(id) => made.caller.session == Some(id),
        };
        here && self.tool == made.tool && self.is_usable(now) && self.bound.holds(&made.hash, &made.arguments)
    }

    pub fn is_usable(&self, now: Timestamp) -> bool {
        now < self.until && self.uses_left != Some(0)
    }
}

impl Bound {
    fn holds(&self, hash: &str, arguments: &Map<String, Value>) -> bool {
        match self {
            Bound::Same(bound) => bound == hash,
            Bound::Fields(fields) => fields.iter().all(|(name, value)| arguments.get(name) == Some(value)),
        }
    }
}
