//! Connectors as an owner sets, changes and removes them, and what is remembered of their tools.

use std::collections::BTreeMap;

use tenure_model::entity::Decision;
use tenure_model::time::Timestamp;

use super::command::{ConnectorLimits, Refusal, Reply};
use super::connector::{Became, Connector, ConnectorChange, Settings, Transport};
use super::event::Event;
use super::state::Owner;
use crate::policy::rule::Who;

/// The longest name of a connector, in bytes.
pub const CONNECTOR_NAME_MAX: usize = 32;
/// The service whose tools are the server's own.
pub const OWN_SERVICE: &str = "tenure";
/// The longest address, in bytes.
const URL_BYTES_MAX: usize = 2_048;
const HEADERS_MAX: usize = 16;
/// The longest name of a header or a tool, in bytes.
const NAME_BYTES_MAX: usize = 128;
/// The longest value of a header, sealed, in bytes.
const SEALED_BYTES_MAX: usize = 12 * 1024;

type Answer = Result<Decision<Owner>, Refusal>;

impl Owner {
    pub(super) fn set_connector(
        &self,
        name: String,
        change: &ConnectorChange,
        by: Who,
        limits: ConnectorLimits,
    ) -> Answer {
        if !is_name(&name) {
            return Err(Refusal::BadConnectorName);
        }
        let known = self.connectors.get(&name).map(|known| &known.settings);
        let (there, max) = (self.connectors.len() as u64, limits.connectors_max);
        if known.is_none() && there >= max {
            return Err(Refusal::ConnectorsFull { there, max });
        }
        if let Some(header) = known.and_then(|known| change.misled(known)) {
            return Err(Refusal::HeaderMisled { header: header.to_owned() });
        }
        let settings = change.applied(known).ok_or(bad("url", "a new connector needs an address"))?;
        check(&settings, limits)?;
        let became = match known {
            None => Became::Created,
            Some(known) if *known == settings => return Ok(Decision::nothing(Reply::Connector(Became::Unchanged))),
            Some(_) => Became::Updated,
        };
        let events = vec![Event::ConnectorSet { name, settings: Box::new(settings), by }];
        Ok(Decision { events, ..Decision::nothing(Reply::Connector(became)) })
    }

    pub(super) fn remove_connector(&self, name: String, by: Who) -> Decision<Self> {
        let there = self.connectors.contains_key(&name);
        let events = there.then_some(Event::ConnectorRemoved { name, by }).into_iter().collect();
        Decision { events, ..Decision::nothing(Reply::Done) }
    }

    /// Keeps the same headers under another key. What was changed meanwhile stays as it is.
    pub(super) fn reseal_connector(&self, name: String, headers: BTreeMap<String, (String, String)>) -> Decision<Self> {
        let Some(known) = self.connectors.get(&name) else { return Decision::nothing(Reply::Done) };
        let known = known.settings.transport.headers();
        let same = headers.into_iter().filter(|(header, (old, new))| known.get(header) == Some(old) && old != new);
        let headers: BTreeMap<_, _> = same.map(|(header, (_, new))| (header, new)).collect();
        let events = (!headers.is_empty()).then_some(Event::ConnectorResealed { name, headers }).into_iter().collect();
        Decision { events, ..Decision::nothing(Reply::Done) }
    }

    /// Remembers what tools look like: those that nobody has seen before and, once somebody has looked, changed ones, too.
    pub(super) fn see_tools(
        &self,
        name: String,
        tools: BTreeMap<String, String>,
        by: Option<Who>,
        limits: ConnectorLimits,
    ) -> Answer {
        let known = self.connectors.get(&name).ok_or(Refusal::UnknownConnector)?;
        let is_news = |tool: &str, hash: &str| match known.seen.get(tool) {
            None => true,
            Some(seen) => by.is_some() && seen != hash,
        };
        let tools: BTreeMap<_, _> = tools.into_iter().filter(|(tool, hash)| is_news(tool, hash)).collect();
        let all = known.seen.len() + tools.keys().filter(|tool| !known.seen.contains_key(*tool)).count();
        if all as u64 > limits.seen_max {
            return Err(Refusal::ToolsFull { max: limits.seen_max });
        }
        let events = (!tools.is_empty()).then_some(Event::ConnectorToolsSeen { name, tools, by }).into_iter().collect();
        Ok(Decision { events, ..Decision::nothing(Reply::Done) })
    }

    pub(super) fn fold_connector(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::ConnectorSet { name, settings, by } => {
                let known = self.connectors.remove(name);
                let same_place = known.filter(|known| known.settings.transport.url() == settings.transport.url());
                let seen = same_place.map(|known| known.seen).unwrap_or_default();
                let connector = Connector { settings: (**settings).clone(), seen, by: by.clone(), at };
                self.connectors.insert(name.clone(), connector);
            }
            Event::ConnectorRemoved { name, .. } => drop(self.connectors.remove(name)),
            Event::ConnectorResealed { name, headers } => {
                if let Some(known) = self.connectors.get_mut(name) {
                    let Transport::Http { headers: sealed, .. } = &mut known.settings.transport;
                    sealed.extend(headers.clone());
                }
            }
            Event::ConnectorToolsSeen { name, tools, .. } => {
                if let Some(known) = self.connectors.get_mut(name) {
                    known.seen.extend(tools.clone());
                }
            }
            _ => {}
        }
    }
}

/// Tells whether a connector may be called so: its name becomes a part of the names of tools.
fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let begins = name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
    begins && name.len() <= CONNECTOR_NAME_MAX && name.bytes().all(plain) && name != OWN_SERVICE
}

fn check(settings: &Settings, limits: ConnectorLimits) -> Result<(), Refusal> {
    let Settings { transport, tools, risks, .. } = settings;
    let url = transport.url();
    if !["http://", "https://"].iter().any(|scheme| url.starts_with(scheme)) || url.len() > URL_BYTES_MAX {
        return Err(bad("url", format!("write it as https://host/path, in {URL_BYTES_MAX} bytes at most")));
    }
    let headers = transport.headers();
    if headers.len() > HEADERS_MAX {
        return Err(bad("headers", format!("there are {}, at most {HEADERS_MAX} are sent", headers.len())));
    }
    if let Some((name, _)) = headers.iter().find(|(_, sealed)| sealed.len() > SEALED_BYTES_MAX) {
        return Err(bad("headers", format!("the value of {name} is too long")));
    }
    let named = tools.iter().flatten().count().max(risks.len()) as u64;
    if named > limits.seen_max {
        return Err(bad("tools", format!("{named} are named, at most {} can be", limits.seen_max)));
    }
    let mut names = tools.iter().flatten().chain(risks.keys()).chain(headers.keys());
    match names.find(|name| name.is_empty() || name.len() > NAME_BYTES_MAX) {
        Some(_) => Err(bad("tools", format!("a name has 1 to {NAME_BYTES_MAX} bytes"))),
        None => Ok(()),
    }
}

fn bad(field: &'static str, why: impl Into<String>) -> Refusal {
    Refusal::BadConnector { field, why: why.into() }
}
