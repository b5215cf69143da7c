//! Connectors: other servers of the Model Context Protocol whose tools an owner's agents and runs may call.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tenure_model::placement::Placement;
use tenure_model::time::Timestamp;

use super::command::Refusal;
use crate::policy::Risk;
use crate::policy::rule::Who;

/// A connector, as its owner has set it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connector {
    pub settings: Settings,
    /// The tools that it had when they were first seen, or last accepted: what describes each, by its hash.
    #[serde(default)]
    pub seen: BTreeMap<String, String>,
    pub by: Who,
    pub at: Timestamp,
}

/// What an owner says of a connector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    pub transport: Transport,
    pub enabled: bool,
    /// The tools that may be called; all of them when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<BTreeSet<String>>,
    /// The risk of a tool that has none of its own. What the server itself says of its tools is never believed.
    pub risk: Risk,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub risks: BTreeMap<String, Risk>,
}

/// How a connector is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Transport {
    /// Streamable HTTP.
    Http {
        url: String,
        /// What is sent with every request, by name; the values are sealed.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        headers: BTreeMap<String, String>,
    },
    /// A program on a runner, spoken to over its standard input and output.
    Command {
        command: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        args: Vec<String>,
        /// The variables that it gets beside the usual ones, by name; the values are sealed.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        env: BTreeMap<String, String>,
        /// Which runners may start it.
        #[serde(default, skip_serializing_if = "Placement::is_any")]
        runner: Placement,
    },
}

/// A change of a connector. What is left out stays as it is, or has its default in a new one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectorChange {
    pub url: Option<String>,
    /// Sealed values by name; none takes a header away.
    pub headers: BTreeMap<String, Option<String>>,
    pub command: Option<String>,
    /// All of them, in their order.
    pub args: Option<Vec<String>>,
    /// Sealed values by name; none takes a variable away.
    pub env: BTreeMap<String, Option<String>>,
    pub runner: Option<Placement>,
    pub enabled: Option<bool>,
    /// Which tools may be called; none within allows all of them.
    pub tools: Option<Option<BTreeSet<String>>>,
    pub risk: Option<Risk>,
    /// None takes a tool's own risk away.
    pub risks: BTreeMap<String, Option<Risk>>,
}

/// What became of a connector that was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    Created,
    Updated,
    Unchanged,
}

impl Settings {
    /// Returns a new connector's settings, before anything is said of it but how it is reached.
    fn new(transport: Transport) -> Self {
        Self { transport, enabled: true, tools: None, risk: Risk::Medium, risks: BTreeMap::new() }
    }

    /// Returns the risk of a tool.
    pub fn risk_of(&self, tool: &str) -> Risk {
        self.risks.get(tool).copied().unwrap_or(self.risk)
    }

    /// Tells whether the owner lets this tool be called.
    pub fn lets(&self, tool: &str) -> bool {
        self.tools.as_ref().is_none_or(|tools| tools.contains(tool))
    }
}

impl Transport {
    /// Returns what the connector signs in with: the sealed values of headers or variables, by name.
    pub fn sealed(&self) -> &BTreeMap<String, String> {
        match self {
            Transport::Http { headers, .. } => headers,
            Transport::Command { env, .. } => env,
        }
    }

    pub(super) fn sealed_mut(&mut self) -> &mut BTreeMap<String, String> {
        match self {
            Transport::Http { headers, .. } => headers,
            Transport::Command { env, .. } => env,
        }
    }

    /// Tells whether the same server is reached, whose tools are known then.
    pub(super) fn is_same_server(&self, other: &Self) -> bool {
        match (self, other) {
            (Transport::Http { url, .. }, Transport::Http { url: other, .. }) => url == other,
            (Transport::Command { .. }, Transport::Command { .. }) => self.is_trusted_as(other),
            _ => false,
        }
    }

    /// Tells whether what was given to the one may be given to the other: the same scheme, host and port, or the very same program on
    /// the same runners.
    fn is_trusted_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Transport::Http { url, .. }, Transport::Http { url: other, .. }) => origin(url) == origin(other),
            (
                Transport::Command { command, args, runner, .. },
                Transport::Command { command: other_command, args: other_args, runner: other_runner, .. },
            ) => (command, args, runner) == (other_command, other_args, other_runner),
            _ => false,
        }
    }
}

impl ConnectorChange {
    /// Lays the change on top of what is known.
    pub(super) fn applied(&self, known: Option<&Settings>) -> Result<Settings, Refusal> {
        let transport = self.transport(known.map(|known| &known.transport))?;
        let mut settings = match known {
            Some(known) => Settings { transport, ..known.clone() },
            None => Settings::new(transport),
        };
        lay(&mut settings.risks, &self.risks);
        settings.enabled = self.enabled.unwrap_or(settings.enabled);
        settings.risk = self.risk.unwrap_or(settings.risk);
        if let Some(tools) = &self.tools {
            settings.tools.clone_from(tools);
        }
        Ok(settings)
    }

    fn transport(&self, known: Option<&Transport>) -> Result<Transport, Refusal> {
        let mut transport = self.begun(known)?;
        match &mut transport {
            Transport::Http { headers, .. } => {
                if let Some(field) = self.of_commands() {
                    return Err(bad(
                        field,
                        "only a connector with a command has this; leave it out, or give a command",
                    ));
                }
                lay(headers, &self.headers);
            }
            Transport::Command { args, env, runner, .. } => {
                if !self.headers.is_empty() {
                    return Err(bad("headers", "a command is sent no headers; give it variables in `env`"));
                }
                if let Some(new) = &self.args {
                    args.clone_from(new);
                }
                if let Some(new) = &self.runner {
                    runner.clone_from(new);
                }
                lay(env, &self.env);
            }
        }
        Ok(transport)
    }

    /// Returns what the change is laid upon: what is known or, when the connector is reached in another way now, nothing of it.
    fn begun(&self, known: Option<&Transport>) -> Result<Transport, Refusal> {
        match (&self.url, &self.command, known.cloned()) {
            (Some(_), Some(_), _) => Err(bad("command", "a connector has a url or a command; leave one of them out")),
            (None, None, None) => {
                Err(bad("url", "a new connector needs an address, or a command that a runner starts"))
            }
            (None, None, Some(known)) => Ok(known),
            (Some(url), None, Some(Transport::Http { headers, .. })) => {
                Ok(Transport::Http { url: url.clone(), headers })
            }
            (Some(url), None, _) => Ok(Transport::Http { url: url.clone(), headers: BTreeMap::new() }),
            (None, Some(command), Some(Transport::Command { args, env, runner, .. })) => {
                Ok(Transport::Command { command: command.clone(), args, env, runner })
            }
            (None, Some(command), _) => {
                let (args, env, runner) = Default::default();
                Ok(Transport::Command { command: command.clone(), args, env, runner })
            }
        }
    }

    /// Returns a field of the change that only commands have.
    fn of_commands(&self) -> Option<&'static str> {
        let said = [("args", self.args.is_some()), ("env", !self.env.is_empty()), ("runner", self.runner.is_some())];
        said.into_iter().find_map(|(field, said)| said.then_some(field))
    }

    /// Refuses a header or variable that would go to somebody whom it was not given for: nobody could see it leave otherwise.
    pub(super) fn check_trust(&self, known: &Transport, new: &Transport) -> Result<(), Refusal> {
        let (given, is_http) = match new {
            Transport::Http { .. } => (&self.headers, true),
            Transport::Command { .. } => (&self.env, false),
        };
        let kept = new.sealed().keys().find(|name| !given.contains_key(*name));
        match kept.filter(|_| !new.is_trusted_as(known)).cloned() {
            None => Ok(()),
            Some(header) if is_http => Err(Refusal::HeaderMisled { header }),
            Some(variable) => Err(Refusal::VariableMisled { variable }),
        }
    }
}

/// Refuses what is said of a connector.
pub(super) fn bad(field: &'static str, why: impl Into<String>) -> Refusal {
    Refusal::BadConnector { field, why: why.into() }
}

fn lay<V: Clone>(on: &mut BTreeMap<String, V>, change: &BTreeMap<String, Option<V>>) {
    for (name, value) in change {
        match value {
            Some(value) => drop(on.insert(name.clone(), value.clone())),
            None => drop(on.remove(name)),
        }
    }
}

/// Returns scheme, host and port: who is trusted with the headers.
fn origin(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + "://".len());
    let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |at| start + at);
    &url[..end]
}
