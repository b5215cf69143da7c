//! What an owner can be told, what it answers, and why it says no.

use std::collections::BTreeMap;

use tenure_model::id::SessionId;

use super::connecting::CONNECTOR_NAME_MAX;
use super::connector::{Became, ConnectorChange};
use crate::policy::rule::Who;

/// One thing told to an owner. Sessions are known by id, personas and connectors by name, so every command is safe to repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Counts a session that is about to be created, unless that would be too many.
    SessionOpened { session: SessionId, sessions_max: u64 },
    /// A session was terminated and counts no more.
    SessionClosed { session: SessionId },
    /// Asks for the id of the owner's one orchestrator session.
    Orchestrator,
    /// Says what a persona is told; a new name makes a new one.
    SetPersona { name: String, instructions: String, limits: PersonaLimits },
    /// Forgets a persona. Runs that were started with it keep it.
    RemovePersona { name: String },
    /// Says how a connector is reached and what may be called there; a new name makes a new one.
    SetConnector { name: String, change: Box<ConnectorChange>, by: Who, limits: ConnectorLimits },
    /// Forgets a connector, with what it signs in with.
    RemoveConnector { name: String, by: Who },
    /// Replaces the sealed values of headers, each as it was and as it is to be.
    ResealConnector { name: String, headers: BTreeMap<String, (String, String)> },
    /// Says what the tools of a connector look like, each by a hash. Somebody who names themself accepts changed ones.
    SeeTools { name: String, tools: BTreeMap<String, String>, by: Option<Who>, limits: ConnectorLimits },
}

/// How many connectors, and how many tools of each are remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectorLimits {
    pub connectors_max: u64,
    pub seen_max: u64,
}

/// How many personas, and how large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonaLimits {
    pub personas_max: u64,
    pub persona_bytes_max: u64,
}

/// The longest name of a persona, in characters.
pub const PERSONA_NAME_MAX: usize = 64;

/// What an owner answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It is so now, or was so already.
    Done,
    /// How many sessions are active now.
    Counted {
        active: u64,
    },
    Orchestrator {
        session: SessionId,
    },
    /// What became of the connector.
    Connector(Became),
}

/// Why an owner says no. Each text finishes the sentence "refused because …".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("you have {active} active sessions, the limit sessions_max is {max}")]
    SessionsFull { active: u64, max: u64 },
    #[error(
        "a persona's name has 1 to {PERSONA_NAME_MAX} characters, no control characters, and no blanks at its ends"
    )]
    BadPersonaName,
    #[error("a persona needs instructions")]
    EmptyPersona,
    #[error("the instructions are too large: {size} bytes, the limit persona_bytes_max is {max}")]
    PersonaTooLarge { size: u64, max: u64 },
    #[error("you have {there} personas, the limit personas_max is {max}")]
    PersonasFull { there: u64, max: u64 },
    #[error(
        "a connector's name has 1 to {CONNECTOR_NAME_MAX} small letters, digits and hyphens, begins with a letter, and is not \"tenure\""
    )]
    BadConnectorName,
    #[error("{field}: {why}")]
    BadConnector { field: &'static str, why: String },
    #[error("you have {there} connectors, the limit connectors_max is {max}")]
    ConnectorsFull { there: u64, max: u64 },
    #[error(
        "the address leads to another server, and the header {header} was given for the one before; give it again, or clear it with null"
    )]
    HeaderMisled { header: String },
    #[error(
        "another command is started, or elsewhere, and the variable {variable} was given for the one before; give it again, or clear it with null"
    )]
    VariableMisled { variable: String },
    #[error("you have no such connector")]
    UnknownConnector,
    #[error(
        "more than {max} tools of it would be remembered, the limit connector_tools_max allows no more; list those that you need in `tools`"
    )]
    ToolsFull { max: u64 },
}

impl Refusal {
    /// Returns the stable code that programs match on.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::SessionsFull { .. }
            | Refusal::PersonasFull { .. }
            | Refusal::ConnectorsFull { .. }
            | Refusal::ToolsFull { .. } => "limit_reached",
            Refusal::BadConnectorName => "connector_name_invalid",
            Refusal::BadConnector { .. } => "connector_invalid",
            Refusal::HeaderMisled { .. } => "connector_header_misled",
            Refusal::VariableMisled { .. } => "connector_variable_misled",
            Refusal::UnknownConnector => "connector_unknown",
            Refusal::BadPersonaName => "persona_name_invalid",
            Refusal::EmptyPersona => "persona_empty",
            Refusal::PersonaTooLarge { .. } => "too_large",
        }
    }
}
