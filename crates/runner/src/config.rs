//! What a runner needs to be told before it starts.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tenure_model::time::Span;

use crate::agent::model::ModelConfig;
use crate::connectors::ConnectorSettings;

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
    pub git: GitSettings,
    pub room: RoomSettings,
    pub connectors: ConnectorSettings,
    /// How processes are kept in.
    pub isolation: IsolationPolicy,
    /// What is handed to works by name, and masked in everything that is told.
    pub secrets: Vec<SecretConfig>,
}

/// How much room workspaces may take, and for how long. A folder that all sessions share is left alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoomSettings {
    /// The most bytes that one workspace may hold before no further work is taken on there; 0 for no limit.
    pub bytes_max: u64,
    /// After how long without a work a workspace is removed; never when absent.
    pub idle: Option<Duration>,
    /// The most bytes that are kept of one output that is too long to be told; 0 keeps none.
    pub attachment_bytes_max: u64,
}

impl Default for RoomSettings {
    fn default() -> Self {
        let idle = Some(Duration::from_secs(30 * 24 * 3_600));
        Self { bytes_max: 20 << 30, idle, attachment_bytes_max: 16 << 20 }
    }
}

/// How repositories are reached and files are kept.
#[derive(Clone, Debug)]
pub struct GitSettings {
    /// The protocols by which repositories are reached: `https`, `http`, `ssh`, `file`.
    pub protocols: Vec<String>,
    /// How long one call of git may take while a workspace is made.
    pub timeout: Duration,
    pub credentials: Vec<GitCredential>,
    /// Checkpoints that are kept of one workspace; with 0 no files are kept, and nothing is told of them.
    pub checkpoints_max: u32,
}

impl Default for GitSettings {
    fn default() -> Self {
        Self {
            protocols: vec!["https".to_owned(), "ssh".to_owned()],
            timeout: Duration::from_secs(600),
            credentials: Vec::new(),
            checkpoints_max: 50,
        }
    }
}

/// What git signs in with at one host: a password or token, or a credential helper.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, Default)]
#[serde(default, deny_unknown_fields)]
pub struct GitCredential {
    /// The host as it stands in the address, with the port when there is one.
    pub host: String,
    pub username: String,
    /// The variable of the runner that holds the password or token.
    pub password_env: Option<String>,
    /// The file that holds it.
    pub password_file: Option<PathBuf>,
    /// A credential helper as git's own configuration names it, such as `!gh auth git-credential`.
    pub helper: Option<String>,
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
            git: GitSettings::default(),
            room: RoomSettings::default(),
            connectors: ConnectorSettings::default(),
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
        /// The mode that each conversation is put into, such as `plan`; the agent's own choice when absent.
        #[serde(default)]
        mode: Option<String>,
        /// How long a process waits for its session's next turn before it is ended; 0 starts one for each turn.
        #[serde(default = "idle")]
        idle_ms: Span,
        /// How many processes wait at most; beyond, the one that has waited longest is ended.
        #[serde(default = "idle_max")]
        idle_max: usize,
    },
    /// The built-in agent: a model server and a few tools.
    Model(ModelConfig),
}

fn idle_max() -> usize {
    4
}

fn idle() -> Span {
    Span::mins(2)
}

impl AgentConfig {
    /// Returns the usual settings of a program that speaks the Agent Client Protocol.
    pub fn acp(name: impl Into<String>, command: Vec<String>, env: BTreeMap<String, String>) -> Self {
        Self::Acp { name: name.into(), command, env, mode: None, idle_ms: idle(), idle_max: idle_max() }
    }

    /// Returns the name by which prompts ask for this agent.
    pub fn name(&self) -> &str {
        match self {
            Self::Scripted { name, .. } | Self::Shell { name } | Self::Acp { name, .. } => name,
            Self::Model(model) => &model.name,
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
