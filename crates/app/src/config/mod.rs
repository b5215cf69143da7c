//! The configuration: what can be set, by its name, with its default. `tenure init --print-config` prints it from here.

mod example;
mod isolation;
mod layers;
mod options;
mod rules;
mod sandboxes;

use serde::{Deserialize, Serialize};
use tenure_model::Span;
use tenure_model::budget::Prices;
use tenure_runner::{AgentConfig, GitCredential, PermissionPolicy, SecretConfig};
use tenure_server::{DraftOptions, ServerOptions};
use tenure_session::Limits;
use tenure_workflow::{execution, gate};
use utoipa::ToSchema;

pub use example::example;
pub use isolation::{BRIDGE, IsolationConfig};
pub use layers::{FileArgs, Layers};
pub use sandboxes::SandboxConfig;

/// Everything that can be configured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub data: String,
    pub sandboxes: Vec<SandboxConfig>,
    pub secrets: Vec<SecretConfig>,
    pub log: LogConfig,
    pub server: ServerOptions,
    pub runtime: RuntimeConfig,
    pub session: Limits,
    pub execution: execution::Limits,
    pub gate: gate::Limits,
    pub draft: DraftOptions,
    pub store: StoreConfig,
    pub runner: RunnerConfig,
    pub isolation: IsolationConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: crate::client::account::DATA.to_owned(),
            sandboxes: vec![],
            secrets: vec![],
            log: LogConfig::default(),
            server: ServerOptions::default(),
            runtime: RuntimeConfig::default(),
            session: Limits::default(),
            execution: execution::Limits::default(),
            gate: gate::Limits::default(),
            draft: DraftOptions::default(),
            store: StoreConfig::default(),
            runner: RunnerConfig::default(),
            isolation: IsolationConfig::default(),
        }
    }
}

/// The options that stand above all sections.
#[derive(Serialize, Deserialize, ToSchema)]
struct Top {
    /// The folder that holds everything durable. Only one server at a time can use it.
    data: String,
    /// The kinds of sandboxes that sessions can ask for, each as a table `[[sandboxes]]` with `name` and `provider`: `process`
    /// (a runner on this machine; `runner` = further arguments of `tenure runner`), `command` (`start`, `stop` and perhaps
    /// `status`, each a list of arguments; TENURE_SERVER, TENURE_TOKEN_FILE, TENURE_SESSION, TENURE_GENERATION, TENURE_SANDBOX,
    /// TENURE_WORKSPACE_KEY, TENURE_FOLDER, TENURE_LABELS, TENURE_HANDLE and TENURE_KEEP tell them the rest) or `external`
    /// (somebody else starts it). Further: `labels`, `server`, `idle_ms` (15 minutes), `start_timeout_ms` (2 minutes),
    /// `stop_timeout_ms`, `grace_ms` (1 minute each), `running_max` (20), `attempts_max` (3).
    #[schema(value_type = Vec<Object>)]
    sandboxes: Vec<SandboxConfig>,
    /// Secrets that a runner hands to works by name, and masks in all that they say. Each is a table of its own,
    /// `[[secrets]]`, at the end of the file: `name` (of the variable), `value_env` or `value_file` (where the value is),
    /// and `for`, a list of `agent:NAME`, `step:ID`, `label:WORD` or `all`.
    #[schema(value_type = Vec<Object>)]
    secrets: Vec<SecretConfig>,
}

/// What the server and the runner write to their standard error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// `text` for people, `json` for programs: one object per line.
    #[schema(value_type = String)]
    pub format: LogFormat,
    /// What is written: `error`, `warn`, `info`, `debug` or `trace`, also by module, such as `info,tenure_server=debug`.
    pub filter: String,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info,actix_server=warn".to_owned() }
    }
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    Text,
    Json,
}

/// How the actors run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RuntimeConfig {
    /// Threads that run sessions; one per processor when absent.
    pub arbiters: Option<u32>,
    /// Commands asked and not yet answered, over all sessions; more wait for their turn.
    pub outstanding_max: u32,
    /// Records between two snapshots of a session.
    pub snapshot_every: u64,
    /// How long the ledgers of triggers keep what was decided and delivered, in days. Changes of triggers are kept for good.
    pub ledger_days: u32,
    /// Records of one owner's ledger that are kept, however young they are.
    pub ledger_records_max: u64,
    /// After how long without a command a session leaves memory, in milliseconds.
    pub passivate_after_ms: Span,
    /// After how many failed attempts an effect is given up and shown to the operator.
    pub effect_attempts_max: u32,
    /// How long a runner may take to answer an order, in milliseconds.
    pub order_timeout_ms: Span,
    /// After how many unanswered orders in a row a connected runner counts as deaf.
    pub unanswered_max: u32,
    /// Runners that are known at once.
    pub runners_max: u32,
    /// Orders that wait for one runner's socket.
    pub orders_max: u32,
    /// Works that one runner may say it holds.
    pub held_max: u32,
    /// How long the works of a session wait for the runner that has its workspace, when it is away, in milliseconds.
    pub home_wait_ms: Span,
    /// What models cost, by name, in US dollars for a million tokens; `*` is for all others. Budgets of money count by it.
    pub prices: Prices,
}

impl Default for RuntimeConfig {
    fn default() -> Self {
        Self {
            arbiters: None,
            outstanding_max: 3_500,
            snapshot_every: 500,
            ledger_days: 90,
            ledger_records_max: 200_000,
            passivate_after_ms: Span::mins(2),
            effect_attempts_max: 20,
            order_timeout_ms: Span::secs(10),
            unanswered_max: 3,
            runners_max: 1_000,
            orders_max: 1_024,
            held_max: 10_000,
            home_wait_ms: Span::mins(1),
            prices: Prices::default(),
        }
    }
}

/// The embedded store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StoreConfig {
    /// What the store may keep in memory, in bytes; it takes up to three times of it.
    pub cache_bytes: u64,
    /// How often the store writes in the background and collects garbage, in milliseconds. Nothing that was acknowledged
    /// depends on it.
    pub flush_every_ms: Span,
    /// How long a damaged store is tried in a process of its own before the start is given up, in milliseconds.
    pub probe_time_max_ms: Span,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self { cache_bytes: 64 << 20, flush_every_ms: Span::ms(500), probe_time_max_ms: Span::mins(2) }
    }
}

/// `tenure runner`, and the runner of `tenure dev`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RunnerConfig {
    /// The server, as http://host:port or https://host.
    pub server: String,
    /// A token with the role `runner`. Better in the environment: TENURE_TOKEN.
    pub token: Option<String>,
    /// The folder of the runner's own: its id, unacknowledged frames, workspaces; `runner` in the data folder when absent.
    pub data: Option<String>,
    /// A name for people, at most 100 bytes.
    pub name: String,
    /// Words by which sessions choose it, such as `gpu` or `os=linux`.
    pub labels: Vec<String>,
    /// Works at once.
    pub capacity: u32,
    /// The folder that agents work in; one folder per session, below the runner's own, when absent.
    pub workspace: Option<String>,
    /// The agents that are offered, each as a table `[[runner.agents]]` with `kind` (`acp`, `model`, `scripted`, `shell`) and
    /// `name`; the first one is the default. When there is none here or below, those found on the PATH.
    #[schema(value_type = Vec<Object>)]
    pub agents: Vec<AgentConfig>,
    /// A script, or a folder of them, for the scripted agent.
    pub script: Option<String>,
    /// The command of an agent that speaks the Agent Client Protocol, such as `opencode acp`.
    pub agent: Option<String>,
    /// Environment variables of the runner that this agent gets too, by name, such as `OPENAI_API_KEY`. An agent starts with
    /// little more than PATH and HOME otherwise.
    pub agent_env: Vec<String>,
    /// Offers the agent `shell` as well, which runs each prompt as a command.
    pub shell: bool,
    /// What is answered when an agent asks for a permission: `ask` (the people of the session), `allow` or `deny`.
    #[schema(value_type = String)]
    pub permissions: PermissionPolicy,
    /// After how long without a server every work is ended and the runner stops, in milliseconds; 0 for never.
    pub orphan_timeout_ms: Span,
    /// Unacknowledged frames of one work, in bytes; past it the work ends with an error that says so.
    pub spool_bytes_max: u64,
    /// The protocols by which repositories are reached: `https`, `ssh`, `http`, `file`.
    pub git_protocols: Vec<String>,
    /// How long one call of git may take while a workspace is made, in milliseconds.
    pub git_timeout_ms: Span,
    /// What git signs in with, by host: `[[runner.git_credentials]]` with `host`, `username`, and one of `password_env`,
    /// `password_file` and `helper` (as in git's own configuration).
    #[schema(value_type = Vec<String>)]
    pub git_credentials: Vec<GitCredential>,
    /// Checkpoints that are kept of one workspace; 0 keeps none, and tells nothing of changed files.
    pub checkpoints_max: u32,
    /// What the workspace of one session may hold before no further work is taken on there, in bytes; 0 for no limit.
    pub workspace_bytes_max: u64,
    /// After how long without a work a session's workspace is removed, in milliseconds; 0 for never.
    pub workspace_idle_ms: Span,
    /// What is kept of one output of a command that is too long to be told, in bytes; 0 keeps none.
    pub attachment_bytes_max: u64,
    /// Commands of connectors that run here at once, under the same isolation as works; 0 starts none.
    pub connectors_max: usize,
    /// After how long without a question the command of a connector is ended, in milliseconds.
    pub connector_idle_ms: Span,
    /// How long the command of a connector may take to start and to greet, in milliseconds.
    pub connector_start_ms: Span,
}

impl Default for RunnerConfig {
    fn default() -> Self {
        Self {
            server: crate::client::account::ADDRESS.to_owned(),
            token: None,
            data: None,
            name: "runner".to_owned(),
            labels: vec![],
            capacity: 4,
            workspace: None,
            agents: vec![],
            script: None,
            agent: None,
            agent_env: vec![],
            shell: false,
            permissions: PermissionPolicy::Ask,
            orphan_timeout_ms: Span::mins(10),
            spool_bytes_max: 64 << 20,
            git_protocols: vec!["https".to_owned(), "ssh".to_owned()],
            git_timeout_ms: Span::mins(10),
            git_credentials: vec![],
            checkpoints_max: 50,
            workspace_bytes_max: 20 << 30,
            workspace_idle_ms: Span::hours(24 * 30),
            attachment_bytes_max: 16 << 20,
            connectors_max: 8,
            connector_idle_ms: Span::mins(5),
            connector_start_ms: Span::mins(1),
        }
    }
}
