//! Connectors as callers of HTTP see them: other servers of the Model Context Protocol, whose tools stand beside the server's own.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize};
use tenure_model::placement::Placement;
use tenure_model::{Span, Timestamp};
use utoipa::ToSchema;

use crate::tool::Risk;
use crate::workflow::Author;

/// Says how a connector is reached and what may be called there. What is left out stays as it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetConnector {
    /// Where it speaks streamable HTTP, such as `https://tracker.example.org/mcp`. A new connector needs this or a `command`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What is sent with every request, by name; kept sealed and never shown. `null` takes a header away.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Option<String>>,
    /// A program that a runner starts, and that speaks on its standard input and output: a path there, or a name on its PATH.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// What the command is told, all of it in its order. Everybody on the runner's machine can see it: secrets belong in `env`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub args: Option<Vec<String>>,
    /// The variables that the command gets, by name; kept sealed and never shown, and hidden in what it answers. `null` takes one away.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, Option<String>>,
    /// Which runners may start the command, as for sessions, but in no sandbox; `{}` for any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner: Option<Placement>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// The tools that may be called, by the names that the connector gives them; `null` for all of them.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<BTreeSet<String>>)]
    pub tools: Option<Option<BTreeSet<String>>>,
    /// The risk of a tool that has none of its own; `medium` in a new connector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
    /// The risk of single tools, by name; `null` takes one back.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = BTreeMap<String, Risk>)]
    pub risks: BTreeMap<String, Option<Risk>>,
}

/// Tells a `null` from what is left out.
fn said<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// A connector.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct ConnectorView {
    pub name: String,
    /// Absent in one with a command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The names of the headers that are sent. Their values are never shown.
    pub headers: Vec<String>,
    /// Absent in one with an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// The names of the command's variables. Their values are never shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<String>,
    /// Which runners may start the command.
    #[serde(default, skip_serializing_if = "Placement::is_any")]
    pub runner: Placement,
    pub enabled: bool,
    /// The tools that may be called; all of them when absent.
    #[serde(default)]
    pub tools: Option<BTreeSet<String>>,
    pub risk: Risk,
    pub risks: BTreeMap<String, Risk>,
    pub by: Author,
    pub at: Timestamp,
    pub health: ConnectorHealth,
}

/// How it stands with a connector, as far as this server has asked since it was started.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct ConnectorHealth {
    pub state: ConnectorState,
    /// Since when it is so.
    #[serde(default)]
    pub since: Option<Timestamp>,
    /// What went wrong last, also when it is well again.
    #[serde(default)]
    pub error: Option<String>,
    #[serde(default)]
    pub error_at: Option<Timestamp>,
    /// How many tools of it can be called.
    #[serde(default)]
    pub tools: Option<u64>,
    /// How long the last answer took, in milliseconds.
    #[serde(default)]
    pub latency_ms: Option<Span>,
}

/// How it stands with a connector.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, Default, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConnectorState {
    /// Nobody has asked for it since the server was started, or since it was changed.
    #[default]
    Idle,
    /// It has answered.
    Up,
    /// It was not reached, or has not answered as it should.
    Down,
    /// Its owner has switched it off.
    Disabled,
}

/// What became of a connector that was set.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct ConnectorSet {
    pub outcome: ConnectorOutcome,
    pub connector: ConnectorView,
}

/// What became of a connector that was set.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConnectorOutcome {
    Created,
    Updated,
    Unchanged,
}

/// What a connector has, as it says now.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct ConnectorChecked {
    pub connector: ConnectorView,
    /// What it calls itself, with its version.
    pub server: String,
    pub tools: Vec<ConnectorTool>,
}

/// A tool of a connector.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct ConnectorTool {
    /// What the connector calls it.
    pub tool: String,
    /// What it is called by here; absent when it cannot be called.
    #[serde(default)]
    pub name: Option<String>,
    pub about: String,
    pub risk: Risk,
    /// Names its description and parameters as they are now.
    pub hash: String,
    /// Whether it looks different from when it was first seen, or last accepted. It is not called until somebody accepts it.
    #[serde(default)]
    pub changed: bool,
    /// Why it cannot be called.
    #[serde(default)]
    pub unusable: Option<String>,
    /// The JSON Schema of its parameters.
    pub schema: serde_json::Value,
}

/// Accepts tools that have changed, as somebody has seen them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptTools {
    /// The hash of each, by what the connector calls it.
    pub tools: BTreeMap<String, String>,
}
