//! Connectors: other servers of the Model Context Protocol, whose tools stand beside the server's own.
//!
//! ```text
//!   action/ ─┐                       ┌─▶ Line ─▶ Link ─▶ Peer ─┬─ Http ─▶ Wire ─▶ the other server
//!   steps   ─┼─▶ Hub ─▶ the owner's ─┤    │             │       └─ Program ─▶ roster ─▶ a runner ─▶ its command
//!   api/    ─┘         settings      └─▶ Health        what it says is bounded, and hides what it signs in with
//! ```
//! **Owns** the connections and what was learned of them; nothing of it outlives the process. **Does not own** what a connector is: that
//! stands with its owner.

mod address;
mod dial;
mod failure;
mod health;
mod http;
mod line;
mod link;
mod listed;
mod peer;
mod program;
mod steps;
mod veil;
mod wire;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, Weak};

use futures_util::future::join_all;
use serde_json::{Map, Value};
use tenure_account::owner::{Command, Connector, ConnectorLimits, Owner};
use tenure_account::policy::Risk;
use tenure_model::id::UserId;
use tenure_model::{Span, Timestamp};
use tenure_protocol::connector::{ConnectorHealth, ConnectorState};
use tenure_runtime::Runtime;
use tracing::warn;

use crate::auth::secret_keys::SecretKeys;
use crate::options::ServerOptions;
use crate::problem::{Rejection, of_ask, problem};

use self::address::Reach;
use self::dial::Bounds;
use self::failure::Kind;
use self::line::Line;
use self::wire::Wire;

pub use self::failure::Failure;
pub use self::link::Said;
pub use self::listed::{BETWEEN, Listed};
pub use self::steps::StepTools;

/// After how long the tools of a connector are asked for anew.
const LIST_LIFE: Span = Span::mins(5);
/// How often idle connections are looked for.
const TIDY_EVERY: Span = Span::secs(15);

/// The connections to all connectors.
pub struct Hub {
    runtime: Arc<Runtime>,
    pub keys: SecretKeys,
    pub reach: Reach,
    wire: Wire,
    bounds: Bounds,
    limits: ConnectorLimits,
    idle: Span,
    /// How long a person may take over the call of a step.
    open_for: Span,
    lines: Mutex<HashMap<(UserId, String), Arc<Line>>>,
}

/// A tool of a connector that its owner may call.
#[derive(Clone)]
pub struct Connected {
    pub tool: Listed,
    pub risk: Risk,
    /// Whether it looks different from when it was first seen, or last accepted.
    pub changed: bool,
    line: Arc<Line>,
}

impl Hub {
    pub fn new(runtime: Arc<Runtime>, options: &ServerOptions, keys: SecretKeys) -> Result<Self, reqwest::Error> {
        let reach = Reach { private: options.connector_private_addresses };
        let max = options.connector_answer_bytes_max;
        let bounds = Bounds {
            greet_within: options.connector_list_ms,
            call_within: options.connector_call_ms,
            answer_bytes_max: max,
            tools_max: usize::try_from(options.connector_tools_max).unwrap_or(usize::MAX),
        };
        // Tools come and go: what was seen once is remembered longer than what is there at once.
        let seen_max = options.connector_tools_max.saturating_mul(4);
        let limits = ConnectorLimits { connectors_max: options.connectors_max, seen_max };
        let (idle, lines) = (options.connector_idle_ms, Mutex::default());
        let open_for = options.tool_approval_open_ms;
        let wire = Wire::new(reach, options.connector_connect_ms, max)?;
        Ok(Self { runtime, keys, reach, wire, bounds, limits, idle, open_for, lines })
    }

    pub fn limits(&self) -> ConnectorLimits {
        self.limits
    }

    fn now(&self) -> Timestamp {
        self.runtime.clock.now()
    }

    /// Closes what idles, for as long as there is a hub.
    pub async fn tidy(hub: Weak<Self>) {
        loop {
            tokio::time::sleep(TIDY_EVERY.duration()).await;
            let Some(hub) = hub.upgrade() else { return };
            let since = Timestamp(hub.now().0.saturating_sub(hub.idle.0));
            hub.lines().values().for_each(|line| line.close_if_idle(since));
        }
    }

    /// Returns the connectors of an owner.
    pub async fn of(&self, owner: UserId) -> Result<Arc<Owner>, Rejection> {
        Ok(self.runtime.owners.look(owner).await.map_err(of_ask)?.state)
    }

    /// Lists the tools of all connectors of an owner that answer; those that do not are left out, and their health says why.
    pub async fn tools(&self, owner: UserId) -> Result<Vec<Connected>, Rejection> {
        let connectors = self.of(owner).await?;
        let enabled = connectors.connectors.iter().filter(|(_, connector)| connector.settings.enabled);
        let each = enabled.map(|(name, connector)| async move {
            let line = self.line(owner, name, connector);
            match line.health.resting(self.now()) {
                Some(_) => vec![],
                None => self.listed(&line, connector).await.unwrap_or_default(),
            }
        });
        let all = join_all(each).await.into_iter().flatten();
        Ok(all.filter(|tool| tool.tool.unusable.is_none()).collect())
    }

    /// Finds the tool of a connector by its name here; none when no connector of the owner's is meant.
    pub async fn find(&self, owner: UserId, name: &str) -> Result<Option<Connected>, Rejection> {
        let Some((service, tool)) = name.split_once(BETWEEN) else { return Ok(None) };
        let owned = self.of(owner).await?;
        let Some(connector) = owned.connectors.get(service) else { return Ok(None) };
        if !connector.settings.enabled {
            let detail = format!(
                "the connector {service} is disabled; `tenure connector set {service} --enabled true` enables it"
            );
            return Err(problem(409, "connector_disabled", detail));
        }
        let line = self.line(owner, service, connector);
        let listed = self.listed(&line, connector).await.map_err(|failure| failure.rejection(service))?;
        let found = listed.into_iter().find(|listed| listed.tool.tool == tool);
        let unusable = found.as_ref().and_then(|found| found.tool.unusable.clone());
        match (found, unusable) {
            (Some(_), Some(why)) => {
                Err(problem(409, "connector_tool_unusable", format!("{name} cannot be called: {why}")))
            }
            (Some(found), None) => Ok(Some(found)),
            (None, _) if !connector.settings.lets(tool) => {
                let detail =
                    format!("{name} cannot be called: the tools that may be are listed, and it is not among them");
                Err(problem(409, "connector_tool_unusable", detail))
            }
            (None, _) => Ok(None),
        }
    }

    /// Asks a connector anew what it has, and tells what it calls itself.
    pub async fn check(&self, owner: UserId, name: &str) -> Result<(String, Vec<Connected>), Rejection> {
        let owned = self.of(owner).await?;
        let connector = owned.connectors.get(name).ok_or_else(|| unknown(name))?;
        let line = self.line(owner, name, connector);
        line.close().await;
        let link = line.link(self).await.map_err(|failure| failure.rejection(name))?;
        let tools = self.judged(&line, connector, &link.tools).await;
        Ok((link.server.clone(), tools))
    }

    /// Tells how it stands with a connector.
    pub fn health(&self, owner: UserId, name: &str, connector: &Connector) -> ConnectorHealth {
        let lines = self.lines();
        let line = lines.get(&(owner, name.to_owned())).filter(|line| line.settings == connector.settings);
        let mut shown = line.map_or_else(|| health::Health::default().shown(name), |line| line.health.shown(name));
        if !connector.settings.enabled {
            shown.state = ConnectorState::Disabled;
        }
        shown
    }

    /// Forgets a connection, because its connector is gone.
    pub fn forget(&self, owner: UserId, name: &str) {
        self.lines().remove(&(owner, name.to_owned()));
    }

    fn line(&self, owner: UserId, name: &str, connector: &Connector) -> Arc<Line> {
        let mut lines = self.lines();
        let key = (owner, name.to_owned());
        if let Some(line) = lines.get(&key).filter(|line| line.settings == connector.settings) {
            return line.clone();
        }
        let line = Arc::new(Line::new(owner, name.to_owned(), connector.settings.clone()));
        lines.insert(key, line.clone());
        line
    }

    fn lines(&self) -> std::sync::MutexGuard<'_, HashMap<(UserId, String), Arc<Line>>> {
        self.lines.lock().expect("finding a line does not panic")
    }

    async fn listed(&self, line: &Arc<Line>, connector: &Connector) -> Result<Vec<Connected>, Failure> {
        let young = |at: Timestamp| self.now() < at + LIST_LIFE;
        let tools = match line.known().filter(|(_, at)| young(*at)) {
            Some((tools, _)) => tools,
            None => {
                line.close().await;
                line.link(self).await?.tools.clone()
            }
        };
        Ok(self.judged(line, connector, &tools).await)
    }

    /// Tells which tools have changed, and remembers those that were never seen.
    async fn judged(&self, line: &Arc<Line>, connector: &Connector, tools: &[Listed]) -> Vec<Connected> {
        let seen = &connector.seen;
        let fresh: BTreeMap<_, _> = tools
            .iter()
            .filter(|tool| tool.unusable.is_none() && !seen.contains_key(&tool.tool))
            .map(|tool| (tool.tool.clone(), tool.hash.clone()))
            .collect();
        if !fresh.is_empty() {
            let see = Command::SeeTools { name: line.name.clone(), tools: fresh, by: None, limits: self.limits };
            if let Err(error) = self.runtime.owners.ask(line.owner, see).await {
                warn!(connector = line.name, "the tools of {} are not remembered: {error}", line.name);
            }
        }
        let judged = |tool: &Listed| Connected {
            risk: connector.settings.risk_of(&tool.tool),
            changed: seen.get(&tool.tool).is_some_and(|hash| *hash != tool.hash),
            tool: tool.clone(),
            line: line.clone(),
        };
        tools.iter().map(judged).collect()
    }
}

impl Connected {
    pub fn service(&self) -> &str {
        &self.line.name
    }

    /// Refuses a tool that has changed since somebody looked at it.
    pub fn is_as_seen(&self) -> Result<(), Rejection> {
        if !self.changed {
            return Ok(());
        }
        let (name, service) = (&self.tool.name, self.service());
        let detail = format!(
            "the description or the parameters of {name} have changed since it was first seen; `tenure connector check {service}` shows them, \
             and `tenure connector accept {service}` accepts them as they are"
        );
        Err(problem(409, "connector_tool_changed", detail))
    }

    /// Refuses a call that was sent before under the same key, whatever became of it.
    pub fn sent_before(&self) -> Rejection {
        Failure::new(Kind::Unanswered, "was sent this call before, under the same key").rejection(self.service())
    }

    /// Has the connection stand, so that a call can be sent.
    pub async fn ready(&self, hub: &Hub) -> Result<(), Failure> {
        self.line.link(hub).await.map(drop)
    }

    /// Calls it, once.
    pub async fn call(&self, hub: &Hub, arguments: Map<String, Value>, key: Option<&str>) -> Result<Said, Failure> {
        self.line.call(hub, &self.tool.tool, arguments, key).await
    }
}

/// Refuses a name that no connector has.
pub fn unknown(name: &str) -> Rejection {
    problem(404, "connector_unknown", format!("you have no connector \"{name}\"; `tenure connector list` tells them"))
}
