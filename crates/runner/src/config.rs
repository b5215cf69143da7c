//! What a runner needs to be told before it starts.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::isolation::IsolationPolicy;
use crate::secrets::SecretConfig;

/// The settings of one runner.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the server is: `ws://`, `wss://`, `http://` or `https://`, with or without a path.
    pub server: String,
    /// The credential that is sent as `Authorization: Bearer`.
    pub token: String,
    /// Keeps `runner.json` (the runner's id), the spool and the workspaces of sessions.
    pub data: PathBuf,
    /// A name for people; at most 100 bytes.
    pub name: String,
    pub labels: Vec<String>,
    /// How many works are taken at once.
    pub capacity: u32,
    pub workspaces: Workspaces,
    /// The agents that are offered; the first one is the default.
    pub agents: Vec<AgentConfig>,
    pub permissions: PermissionPolicy,
    /// After this long without a server every work is killed and the runner exits; never when absent.
    pub orphan_timeout: Option<Duration>,
    /// The most bytes of unacknowledged frames of one work; past it the work ends with an error that says so.
    pub spool_bytes_max: u64,
    /// How processes are kept in.
    pub isolation: IsolationPolicy,
    /// What is handed to works by name, and masked in everything that is told.
    pub secrets: Vec<SecretConfig>,
}

impl Config {
    /// Returns the usual settings for a runner of `server` that keeps its things in `data`, without isolation; agents are
    /// still to be named.
    pub fn new(server: impl Into<String>, token: impl Into<String>, data: impl Into<PathBuf>) -> Self {
        Self {
            server: server.into(),
            token: token.into(),
            data: data.into(),
            name: "runner".to_owned(),
            labels: Vec::new(),
            capacity: 4,
            workspaces: Workspaces::PerSession,
            agents: Vec::new(),
            permissions: PermissionPolicy::Ask,
            orphan_timeout: Some(Duration::from_secs(600)),
            spool_bytes_max: 64 * 1024 * 1024,
            isolation: IsolationPolicy::none(),
            secrets: Vec::new(),
        }
    }
}

/// Where agents work.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, Default)]
#[serde(rename_all = "snake_case")]
pub enum Workspaces {
    /// All sessions share one folder.
    Shared(PathBuf),
    /// Every session has its own folder, `workspaces/<session>` in the data folder.
    #[default]
    PerSession,
}

/// One agent that a runner offers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum AgentConfig {
    /// Plays YAML scripts with real tool calls; it is no model.
    Scripted {
        name: String,
        /// One script, or a folder of them, which are tried in the order of their names.
        scripts: PathBuf,
        /// Scales every pause of the scripts; 0 plays without any. `TENURE_SCRIPT_PACE_PERCENT`, then 100, when absent.
        #[serde(default)]
        pace_percent: Option<u32>,
    },
    /// Runs the prompt as a shell command.
    Shell { name: String },
    /// A program that speaks the Agent Client Protocol on its standard input and output.
    Acp {
        name: String,
        command: Vec<String>,
        /// Set for the program, in addition to the small list of variables that every process gets.
        #[serde(default)]
        env: BTreeMap<String, String>,
    },
}

impl AgentConfig {
    /// Returns the name by which prompts ask for this agent.
    pub fn name(&self) -> &str {
        match self {
            Self::Scripted { name, .. } | Self::Shell { name } | Self::Acp { name, .. } => name,
        }
    }
}

/// What is answered when an agent asks for a permission.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, Default)]
#[serde(rename_all = "snake_case")]
pub enum PermissionPolicy {
    Allow,
    Deny,
    /// Becomes a question to the people of the session.
    #[default]
    Ask,
}
