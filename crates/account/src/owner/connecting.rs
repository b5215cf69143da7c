//! Connectors as an owner sets, changes and removes them, and what is remembered of their tools.

use std::collections::BTreeMap;

use tenure_model::entity::Decision;
use tenure_model::placement::Placement;
use tenure_model::time::Timestamp;

use super::command::{ConnectorLimits, Refusal, Reply};
use super::connector::{Became, Connector, ConnectorChange, Settings, Transport, bad};
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
const ARGS_MAX: usize = 64;
/// The longest command or argument, in bytes.
const ARG_BYTES_MAX: usize = 4_096;
const VARIABLES_MAX: usize = 32;
/// Variables that begin so are Tenure's own.
const OWN_VARIABLES: &str = "TENURE_";
/// The longest name of a header, a variable or a tool, in bytes.
const NAME_BYTES_MAX: usize = 128;
/// The longest value of a header or a variable, sealed, in bytes.
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
        let settings = change.applied(known)?;
        if let Some(known) = known {
            change.check_trust(&known.transport, &settings.transport)?;
        }
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

    /// Keeps the same headers, or variables, under another key. What was changed meanwhile stays as it is.
    pub(super) fn reseal_connector(&self, name: String, headers: BTreeMap<String, (String, String)>) -> Decision<Self> {
        let Some(known) = self.connectors.get(&name) else { return Decision::nothing(Reply::Done) };
        let known = known.settings.transport.sealed();
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
                let same_place = known.filter(|known| known.settings.transport.is_same_server(&settings.transport));
                let seen = same_place.map(|known| known.seen).unwrap_or_default();
                let connector = Connector { settings: (**settings).clone(), seen, by: by.clone(), at };
                self.connectors.insert(name.clone(), connector);
            }
            Event::ConnectorRemoved { name, .. } => drop(self.connectors.remove(name)),
            Event::ConnectorResealed { name, headers } => {
                if let Some(known) = self.connectors.get_mut(name) {
                    known.settings.transport.sealed_mut().extend(headers.clone());
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
    match transport {
        Transport::Http { url, headers } => check_http(url, headers)?,
        Transport::Command { command, args, env, runner } => check_command(command, args, env, runner)?,
    }
    let named = tools.iter().flatten().count().max(risks.len()) as u64;
    if named > limits.seen_max {
        return Err(bad("tools", format!("{named} are named, at most {} can be", limits.seen_max)));
    }
    let mut names = tools.iter().flatten().chain(risks.keys());
    match names.find(|name| !fits(name)) {
        Some(_) => Err(bad("tools", format!("a name has 1 to {NAME_BYTES_MAX} bytes"))),
        None => Ok(()),
    }
}

fn check_http(url: &str, headers: &BTreeMap<String, String>) -> Result<(), Refusal> {
    if !["http://", "https://"].iter().any(|scheme| url.starts_with(scheme)) || url.len() > URL_BYTES_MAX {
        return Err(bad("url", format!("write it as https://host/path, in {URL_BYTES_MAX} bytes at most")));
    }
    if headers.len() > HEADERS_MAX {
        return Err(bad("headers", format!("there are {}, at most {HEADERS_MAX} are sent", headers.len())));
    }
    if headers.keys().any(|name| !fits(name)) {
        return Err(bad("headers", format!("a name has 1 to {NAME_BYTES_MAX} bytes")));
    }
    check_sealed("headers", headers)
}

fn check_command(
    command: &str,
    args: &[String],
    env: &BTreeMap<String, String>,
    runner: &Placement,
) -> Result<(), Refusal> {
    let wrong = |text: &str| text.len() > ARG_BYTES_MAX || text.contains('\0');
    let rule = format!("{ARG_BYTES_MAX} bytes at most, and no zero byte");
    if command.is_empty() || wrong(command) {
        return Err(bad(
            "command",
            format!("name a program on the runner, in {rule}; what it is told goes into `args`"),
        ));
    }
    if args.len() > ARGS_MAX || args.iter().any(|arg| wrong(arg)) {
        return Err(bad("args", format!("there are {}; at most {ARGS_MAX} are given, each in {rule}", args.len())));
    }
    if env.len() > VARIABLES_MAX {
        return Err(bad("env", format!("there are {}, at most {VARIABLES_MAX} are given", env.len())));
    }
    if env.keys().any(|name| !is_variable(name)) {
        let rule = format!("1 to {NAME_BYTES_MAX} letters, digits and underscores, with no digit first");
        return Err(bad("env", format!("a name has {rule}, and does not begin with {OWN_VARIABLES}")));
    }
    check_sealed("env", env)?;
    if runner.sandbox.is_some() {
        return Err(bad("runner", "a sandbox is started for one session; ask for a pool or for labels"));
    }
    runner.check().map_err(|why| bad("runner", why.to_string()))
}

fn check_sealed(field: &'static str, sealed: &BTreeMap<String, String>) -> Result<(), Refusal> {
    match sealed.iter().find(|(_, sealed)| sealed.len() > SEALED_BYTES_MAX) {
        Some((name, _)) => Err(bad(field, format!("the value of {name} is too long"))),
        None => Ok(()),
    }
}

fn fits(name: &str) -> bool {
    (1..=NAME_BYTES_MAX).contains(&name.len())
}

fn is_variable(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let begins = name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    fits(name) && begins && name.bytes().all(plain) && !name.starts_with(OWN_VARIABLES)
}
