//! The agents that a runner offers. To add a kind: one file, one line in this enum, one in the configuration.

pub mod acp;
pub mod scripted;
pub mod shell;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use tenure_model::chat::FinishReason;
use tenure_model::link::{AgentInfo, WorkSpec};

use crate::config::{AgentConfig, PermissionPolicy};
use crate::error::RunnerError;
use crate::shell::Groups;
use crate::works::Voice;

/// One agent, ready to take turns.
pub enum Agent {
    Scripted(scripted::Scripted),
    Shell(shell::ShellAgent),
    Acp(acp::Acp),
}

/// All that an agent gets for one turn.
pub struct Turn {
    pub spec: WorkSpec,
    /// The folder to work in; absolute.
    pub workspace: PathBuf,
    pub voice: Voice,
    pub groups: Groups,
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

    pub fn failed(error: impl Into<String>) -> Self {
        Self { reason: FinishReason::Error, error: Some(error.into()), result: None }
    }
}

impl Agent {
    /// Makes every configured agent ready; names must differ.
    pub fn load_all(configs: &[AgentConfig]) -> Result<Vec<Agent>, RunnerError> {
        let mut names = BTreeSet::new();
        if let Some(twice) = configs.iter().find(|config| !names.insert(config.name())) {
            return Err(RunnerError::AgentTwice(twice.name().to_owned()));
        }
        if configs.is_empty() {
            return Err(RunnerError::NoAgents);
        }
        configs.iter().map(Agent::load).collect()
    }

    fn load(config: &AgentConfig) -> Result<Agent, RunnerError> {
        let failed = |reason| RunnerError::Agent { agent: config.name().to_owned(), reason };
        Ok(match config {
            AgentConfig::Scripted { name, scripts, pace_percent } => {
                Agent::Scripted(scripted::Scripted::load(name, scripts, *pace_percent).map_err(failed)?)
            }
            AgentConfig::Shell { name } => Agent::Shell(shell::ShellAgent { name: name.clone() }),
            AgentConfig::Acp { name, command, env } => Agent::Acp(acp::Acp::new(name, command, env).map_err(failed)?),
        })
    }

    /// Returns what people are told of this agent.
    pub fn info(&self) -> AgentInfo {
        let (name, kind, description) = match self {
            Agent::Scripted(agent) => (agent.name.clone(), "scripted", agent.description()),
            Agent::Shell(agent) => (agent.name.clone(), "shell", agent.description()),
            Agent::Acp(agent) => (agent.name.clone(), "acp", agent.description()),
        };
        AgentInfo { name, kind: kind.to_owned(), description }
    }

    /// Returns how long the agent may take to end by itself after it was asked to.
    pub fn leave_within(&self) -> Duration {
        match self {
            Agent::Scripted(_) | Agent::Shell(_) => Duration::ZERO,
            Agent::Acp(_) => acp::CANCEL_GRACE,
        }
    }

    pub async fn take(&self, turn: &Turn) -> TurnEnd {
        match self {
            Agent::Scripted(agent) => agent.take(turn).await,
            Agent::Shell(agent) => agent.take(turn).await,
            Agent::Acp(agent) => Box::pin(agent.take(turn)).await,
        }
    }
}
