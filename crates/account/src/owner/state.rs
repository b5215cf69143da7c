//! What an owner remembers.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tenure_model::id::SessionId;

use super::connector::Connector;

/// The state of one owner.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Owner {
    /// The sessions that count towards the limit.
    pub active: BTreeSet<SessionId>,
    pub orchestrator: Option<SessionId>,
    /// What each persona is told, by name.
    #[serde(default)]
    pub personas: BTreeMap<String, String>,
    #[serde(default)]
    pub connectors: BTreeMap<String, Connector>,
}
