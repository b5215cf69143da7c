//! The agents that a runner offers. To add a kind: one file, one line in this enum, one in the configuration.

pub mod acp;
pub mod model;
pub mod scripted;
pub mod shell;

pub mod known;

pub mod attachment;
pub mod files;
pub mod note;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tenure_model::chat::FinishReason;
use tenure_model::link::{AgentInfo, WorkSpec};

use self::files::Files;
use crate::config::{AgentConfig, PermissionPolicy};
use crate::error::RunnerError;
use crate::identity::fresh_id;
use crate::isolation::{self, IsolationPolicy, Place};
use crate::shell::Groups;
use crate::works::Voice;

/// One agent, ready to take turns.
pub enum Agent {
    Scripted(scripted::Scripted),
    Shell(shell::ShellAgent),
    Acp(acp::Acp),
    Model(model::Model),
}

/// All that an agent gets for one turn.
pub struct Turn {
    pub spec: WorkSpec,
    /// The folder to work in; absolute.
    pub workspace: PathBuf,
    /// Its files, for agents that touch them through the runner.
    pub files: Arc<Files>,
    pub voice: Voice,
    pub groups: Arc<Groups>,
    pub permissions: PermissionPolicy,
}

impl Turn {
    /// Returns what the agent is told: the persona that it takes on, then the prompt.
    pub fn told(&self) -> String {
        match &self.spec.persona {
            Some(persona) => format!("{}\n\n{}", persona.instructions, self.spec.text),
            None => self.spec.text.clone(),
        }
    }
}

/// How a turn ended by itself.
#[derive(Debug)]
pub struct TurnEnd {
    pub reason: FinishReason,
    pub error: Option<String>,
    /// What a step's command or tool came to.
    pub result: Option<Value>,
}

impl TurnEnd {
    pub fn said_all() -> Self {
        Self { reason: FinishReason::EndTurn, error: None, result: None }
    }

    /// Says whether everything was said and done.
    pub fn is_complete(&self) -> bool {
        self.reason == FinishReason::EndTurn && self.error.is_none()
    }

    /// Returns the end of a turn that was asked to stop.
    pub fn canceled() -> Self {
        Self { reason: FinishReason::Canceled, error: None, result: None }
    }

    pub fn failed(error: impl Into<String>) -> Self {
        Self { reason: FinishReason::Error, error: Some(error.into()), result: None }
    }
}

impl Agent {
    /// Makes every configured agent ready; names must differ. `marks` mark the processes that outlive a work, and
    /// `data` keeps conversations.
    pub fn load_all(configs: &[AgentConfig], marks: &Groups, data: &Path) -> Result<Vec<Agent>, RunnerError> {
        let mut names = BTreeSet::new();
        if let Some(twice) = configs.iter().find(|config| !names.insert(config.name())) {
            return Err(RunnerError::AgentTwice(twice.name().to_owned()));
        }
        if configs.is_empty() {
            return Err(RunnerError::NoAgents);
        }
        configs.iter().map(|config| Agent::load(config, marks, data)).collect()
    }

    fn load(config: &AgentConfig, marks: &Groups, data: &Path) -> Result<Agent, RunnerError> {
        let failed = |reason| RunnerError::Agent { agent: config.name().to_owned(), reason };
        Ok(match config {
            AgentConfig::Scripted { name, scripts, pace_percent } => {
                Agent::Scripted(scripted::Scripted::load(name, scripts, *pace_percent).map_err(failed)?)
            }
            AgentConfig::Shell { name } => Agent::Shell(shell::ShellAgent { name: name.clone() }),
            AgentConfig::Acp { name, command, env, mode, idle_ms, idle_max } => {
                let (mode, idle_ms, idle_max) = (mode.as_deref(), *idle_ms, *idle_max);
                let settings = acp::Settings { name, command, env, mode, idle_ms, idle_max };
                Agent::Acp(acp::Acp::new(&settings, marks).map_err(failed)?)
            }
            AgentConfig::Model(config) => Agent::Model(model::Model::new(config, data).map_err(failed)?),
        })
    }

    /// Sees whether the agent can be used here: one that is a program is started at `place` and introduces itself. Returns
    /// who it is.
    pub async fn check(&self, place: Place) -> Result<String, String> {
        match self {
            Agent::Acp(agent) => Box::pin(agent.check(Arc::new(place))).await,
            Agent::Scripted(_) | Agent::Shell(_) | Agent::Model(_) => {
                Ok("its settings are good; nothing was started".to_owned())
            }
        }
    }

    /// Returns what people are told of this agent.
    pub fn info(&self) -> AgentInfo {
        let (name, kind, description) = match self {
            Agent::Scripted(agent) => (agent.name.clone(), "scripted", agent.description()),
            Agent::Shell(agent) => (agent.name.clone(), "shell", agent.description()),
            Agent::Acp(agent) => (agent.name.clone(), "acp", agent.description()),
            Agent::Model(agent) => (agent.name().to_owned(), "model", agent.description()),
        };
        AgentInfo { name, kind: kind.to_owned(), description }
    }

    /// Says whether the agent is a process that may need a door to the server's tools; the built-in one calls them itself.
    pub fn needs_door(&self) -> bool {
        matches!(self, Agent::Acp(_))
    }

    /// Returns how long the agent may take to end by itself after it was asked to.
    pub fn leave_within(&self) -> Duration {
        match self {
            Agent::Scripted(_) | Agent::Shell(_) => Duration::ZERO,
            Agent::Acp(_) => acp::CANCEL_GRACE,
            Agent::Model(_) => model::LEAVE_WITHIN,
        }
    }

    /// Removes what the agent keeps of conversations that were not gone on with for so long.
    pub fn forget_unused(&self, longer_than: Duration) {
        match self {
            Agent::Scripted(_) | Agent::Shell(_) | Agent::Acp(_) => {}
            Agent::Model(agent) => agent.forget_unused(longer_than),
        }
    }

    /// Ends what the agent keeps running between turns.
    pub async fn close(&self) {
        match self {
            Agent::Scripted(_) | Agent::Shell(_) | Agent::Model(_) => {}
            Agent::Acp(agent) => agent.close().await,
        }
    }

    pub async fn take(&self, turn: &Turn) -> TurnEnd {
        match self {
            Agent::Scripted(agent) => agent.take(turn).await,
            Agent::Shell(agent) => agent.take(turn).await,
            Agent::Acp(agent) => Box::pin(agent.take(turn)).await,
            Agent::Model(agent) => Box::pin(agent.take(turn)).await,
        }
    }
}

/// Finds the known agents that are installed.
pub fn found_agents() -> Vec<AgentConfig> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    known::found(&path, |name| std::env::var(name).ok())
}

/// Sees whether an agent can be used here, kept in as it would be for a work, and returns who it is.
pub async fn check_agent(config: &AgentConfig, isolation: &IsolationPolicy) -> Result<String, String> {
    let folder = std::env::temp_dir().join(format!("tenure-check-{}", fresh_id()));
    let checked = check_in(&folder, config, isolation).await;
    // What is left in a folder for temporary things does no harm.
    let _ = std::fs::remove_dir_all(&folder);
    checked
}

async fn check_in(folder: &Path, config: &AgentConfig, isolation: &IsolationPolicy) -> Result<String, String> {
    let workspace = folder.join("workspace");
    std::fs::create_dir_all(&workspace).map_err(|error| format!("{}: {error}", folder.display()))?;
    let (isolation, _) = isolation::choose(isolation, folder).await?;
    let home = isolation.home(folder, "check").map_err(|error| format!("failed to make a home: {error}"))?;
    let outlet = isolation.outlet("check".to_owned());
    let outlet = outlet.map_err(|error| format!("failed to open a way out to the network: {error}"))?;
    let (isolation, secrets) = (Arc::new(isolation), Arc::default());
    let (lent, granted) = (Vec::new(), Vec::new());
    let place = Place { isolation, workspace, home, lent, outlet, door: None, secrets, granted };
    let marks = Groups::marked(format!("check.{}", fresh_id()));
    let agent = Agent::load(config, &marks, folder).map_err(|error| format!("failed to {error}"))?;
    agent.check(place).await
}
