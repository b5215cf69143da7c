//! Connectors: other servers of the Model Context Protocol whose tools an owner's agents and runs may call.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tenure_model::time::Timestamp;

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
}

/// A change of a connector. What is left out stays as it is, or has its default in a new one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectorChange {
    pub url: Option<String>,
    /// Sealed values by name; none takes a header away.
    pub headers: BTreeMap<String, Option<String>>,
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
    /// Returns a new connector's settings, before anything is said of it.
    fn new(url: String) -> Self {
        let transport = Transport::Http { url, headers: BTreeMap::new() };
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
    pub fn url(&self) -> &str {
        let Transport::Http { url, .. } = self;
        url
    }

    pub fn headers(&self) -> &BTreeMap<String, String> {
        let Transport::Http { headers, .. } = self;
        headers
    }

    fn headers_mut(&mut self) -> &mut BTreeMap<String, String> {
        let Transport::Http { headers, .. } = self;
        headers
    }

    /// Returns scheme, host and port: who is trusted with the headers.
    fn origin(&self) -> &str {
        origin(self.url())
    }
}

impl ConnectorChange {
    /// Lays the change on top of what is known; none when a new connector gets no address.
    pub(super) fn applied(&self, known: Option<&Settings>) -> Option<Settings> {
        let mut settings = match (known, &self.url) {
            (Some(known), _) => known.clone(),
            (None, Some(url)) => Settings::new(url.clone()),
            (None, None) => return None,
        };
        if let Some(new) = &self.url {
            let Transport::Http { url, .. } = &mut settings.transport;
            url.clone_from(new);
        }
        lay(settings.transport.headers_mut(), &self.headers);
        lay(&mut settings.risks, &self.risks);
        settings.enabled = self.enabled.unwrap_or(settings.enabled);
        settings.risk = self.risk.unwrap_or(settings.risk);
        if let Some(tools) = &self.tools {
            settings.tools.clone_from(tools);
        }
        Some(settings)
    }

    /// Returns a header that would go to somebody whom it was not given for: nobody could see it leave otherwise.
    pub(super) fn misled<'k>(&self, known: &'k Settings) -> Option<&'k str> {
        let elsewhere = self.url.as_ref().is_some_and(|url| origin(url) != known.transport.origin());
        let mut kept = known.transport.headers().keys().filter(|name| !self.headers.contains_key(*name));
        kept.next().filter(|_| elsewhere).map(String::as_str)
    }
}

fn lay<V: Clone>(on: &mut BTreeMap<String, V>, change: &BTreeMap<String, Option<V>>) {
    for (name, value) in change {
        match value {
            Some(value) => drop(on.insert(name.clone(), value.clone())),
            None => drop(on.remove(name)),
        }
    }
}

fn origin(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + "://".len());
    let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |at| start + at);
    &url[..end]
}
