//! What has happened to an owner: kept for ever.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tenure_model::id::SessionId;

use super::connector::Settings;
use crate::policy::rule::Who;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    SessionOpened {
        session: SessionId,
    },
    SessionClosed {
        session: SessionId,
    },
    /// The orchestrator session got its id, which never changes.
    OrchestratorNamed {
        session: SessionId,
    },
    PersonaSet {
        name: String,
        instructions: String,
    },
    PersonaRemoved {
        name: String,
    },
    ConnectorSet {
        name: String,
        settings: Box<Settings>,
        by: Who,
    },
    ConnectorRemoved {
        name: String,
        by: Who,
    },
    /// The values of headers, or of a command's variables, were sealed under another key.
    ConnectorResealed {
        name: String,
        headers: BTreeMap<String, String>,
    },
    /// Tools were seen for the first time or, with somebody's name, accepted as they are now; each by the hash of its description.
    ConnectorToolsSeen {
        name: String,
        tools: BTreeMap<String, String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Who>,
    },
}
