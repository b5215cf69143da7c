//! `tenure runner`: runs agents next to the code, for a server somewhere.

mod agents;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use tenure_model::Span;
use tenure_runner::{
    AgentConfig, Config as Runner, ConnectorSettings, GitSettings, RoomSettings, RunnerError, Secrets, Workspaces,
    found_agents,
};
use tokio_util::sync::CancellationToken;

use crate::config::{Config, FileArgs, Layers, LogFormat, RunnerConfig};
use crate::failure::{Failure, Outcome};
use crate::lists::runners::{self, RunnersCommand};
use crate::logs;
use crate::stop::Stop;

/// What agents the runner offers and where they work; `tenure dev` takes the same.
#[derive(Args, Clone, Debug, Default)]
pub struct AgentArgs {
    /// The folder that agents work in [runner: one per session; dev: the current folder]
    #[arg(long, value_name = "DIR")]
    pub workspace: Option<PathBuf>,
    /// A YAML script, or a folder of them, for the scripted agent
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
    /// The command of an agent that speaks the Agent Client Protocol, such as "opencode acp"
    #[arg(long, value_name = "COMMAND", conflicts_with = "script")]
    pub agent: Option<String>,
    /// An environment variable that this agent gets too, besides PATH, HOME and their like; may be repeated
    #[arg(long = "agent-env", value_name = "NAME")]
    pub agent_env: Vec<String>,
    /// Offer the agent `shell` as well, which runs each prompt as a command
    #[arg(long)]
    pub shell: bool,
    /// What is answered when an agent asks for a permission [default: ask]
    #[arg(long, value_name = "allow|deny|ask", value_parser = ["allow", "deny", "ask"])]
    pub permissions: Option<String>,
    /// How agents and commands are kept in [default: the strongest that works here]
    #[arg(long, value_name = "none|bubblewrap|container", value_parser = ["none", "bubblewrap", "container"])]
    pub isolation: Option<String>,
    /// What agents and commands reach over the network [default: full]
    #[arg(long, value_name = "full|limited|none", value_parser = ["full", "limited", "none"])]
    pub network: Option<String>,
}

impl AgentArgs {
    /// Sets what these flags say.
    pub fn set(&self, layers: &mut Layers) {
        let text = |path: &PathBuf| path.to_string_lossy().into_owned();
        layers.flag("runner.workspace", "--workspace", self.workspace.as_ref().map(text));
        layers.flag("runner.script", "--script", self.script.as_ref().map(text));
        layers.flag("runner.agent", "--agent", self.agent.clone());
        let names = (!self.agent_env.is_empty()).then(|| self.agent_env.clone());
        layers.flag("runner.agent_env", "--agent-env", names);
        layers.flag("runner.shell", "--shell", self.shell.then_some(true));
        layers.flag("runner.permissions", "--permissions", self.permissions.clone());
        layers.flag("isolation.mode", "--isolation", self.isolation.clone());
        layers.flag("isolation.network", "--network", self.network.clone());
    }
}

/// The file of settings of a runner, when there is one and no other is named.
const FILE: &str = "runner.toml";

/// Run agents next to the code, for a server somewhere.
///
/// Settings are read from ./runner.toml, else ./tenure.toml. Without any agent in them, those on the PATH are offered.
#[derive(Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct RunnerArgs {
    #[command(subcommand)]
    command: Option<RunnerCommand>,
    #[command(flatten)]
    file: FileArgs,
    /// The server, as http://host:port or https://host
    #[arg(long, env = "TENURE_SERVER", value_name = "URL")]
    server: Option<String>,
    /// A token with the role `runner`; other people on this machine can see flags, so prefer TENURE_TOKEN
    #[arg(long, env = "TENURE_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// A file that holds the token, instead
    #[arg(long, env = "TENURE_TOKEN_FILE", value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The folder of the runner's own: its id, unacknowledged frames, workspaces [default: ./.tenure/runner]
    #[arg(long, value_name = "DIR")]
    data: Option<String>,
    /// A folder that agents and commands do not see, even in a workspace; may be repeated
    #[arg(long = "hide", value_name = "DIR")]
    hide: Vec<String>,
    /// A name for people
    #[arg(long)]
    name: Option<String>,
    /// A word by which sessions choose it, such as gpu or os=linux; may be repeated
    #[arg(long = "label", value_name = "WORD")]
    labels: Vec<String>,
    /// Works at once
    #[arg(long, value_name = "N")]
    capacity: Option<u32>,
    #[command(flatten)]
    agents: AgentArgs,
    /// What log lines look like [default: text]
    #[arg(long, value_name = "text|json")]
    log_format: Option<LogFormat>,
}

#[derive(Subcommand, Clone, Debug)]
enum RunnerCommand {
    Agents(agents::AgentsArgs),
    #[command(flatten)]
    Asked(RunnersCommand),
}

/// Runs the command.
pub async fn run(args: RunnerArgs) -> Outcome {
    match &args.command {
        Some(RunnerCommand::Agents(args)) => {
            let config = Layers::read(&file(&args.file))?.config()?;
            return agents::run(args, &config).await;
        }
        Some(RunnerCommand::Asked(command)) => return runners::run(command.clone()).await,
        None => {}
    }
    let config = configured(&args)?;
    let secrets = Secrets::load(&config.secrets).map_err(RunnerError::Secrets).map_err(failure)?;
    logs::start_masked(&config.log, Arc::clone(secrets.masker()))?;
    let runner = runner(&config)?;
    let mut stop = Stop::listen()?;
    let shutdown = CancellationToken::new();
    let running = tenure_runner::run(runner, shutdown.clone());
    tokio::pin!(running);
    tokio::select! {
        outcome = &mut running => return outcome.map_err(failure),
        () = stop.wished() => shutdown.cancel(),
    }
    let mut ended = Ok(());
    stop.or_at_once(async { ended = running.await }).await;
    ended.map_err(failure)
}

/// Returns the file to read: the named one, else the runner's own when there is one.
fn file(args: &FileArgs) -> FileArgs {
    let own = Path::new(FILE);
    let config = args.config.clone().or_else(|| own.exists().then(|| own.to_owned()));
    FileArgs { config }
}

fn configured(args: &RunnerArgs) -> Outcome<Config> {
    let mut layers = Layers::read(&file(&args.file))?;
    layers.flag("runner.server", "--server", args.server.clone());
    layers.flag("runner.token", "--token", token(args)?);
    layers.flag("runner.data", "--data", args.data.clone());
    layers.flag("runner.name", "--name", args.name.clone());
    let labels = (!args.labels.is_empty()).then(|| args.labels.clone());
    layers.flag("runner.labels", "--label", labels);
    layers.flag("runner.capacity", "--capacity", args.capacity.map(i64::from));
    let hide = (!args.hide.is_empty()).then(|| args.hide.clone());
    layers.flag("isolation.hide", "--hide", hide);
    args.agents.set(&mut layers);
    let format = args.log_format.map(|format| if format == LogFormat::Json { "json" } else { "text" });
    layers.flag("log.format", "--log-format", format);
    layers.config()
}

/// Returns the token that was given, or the one in the file that was.
fn token(args: &RunnerArgs) -> Outcome<Option<String>> {
    let Some(file) = &args.token_file else { return Ok(args.token.clone()) };
    let read = std::fs::read_to_string(file);
    let token = read.map_err(|error| Failure::Usage(format!("{} cannot be read: {error}", file.display())))?;
    Ok(Some(token.trim().to_owned()))
}

fn runner(config: &Config) -> Outcome<Runner> {
    let RunnerConfig { server, token, data, name, labels, capacity, workspace, permissions, .. } =
        config.runner.clone();
    let Some(token) = token else {
        return Err(Failure::Usage("the runner needs a token: --token, TENURE_TOKEN or runner.token".to_owned()));
    };
    let data = data.map_or_else(|| PathBuf::from(&config.data).join("runner"), PathBuf::from);
    let mut runner = Runner::new(server, token, data);
    runner.name = name;
    runner.labels = labels;
    runner.capacity = capacity;
    runner.workspaces = workspace.map_or(Workspaces::PerSession, |folder| Workspaces::Shared(folder.into()));
    runner.agents = offered(&config.runner)?;
    runner.permissions = permissions;
    runner.orphan_timeout = Some(config.runner.orphan_timeout_ms).filter(|span| *span > Span::ZERO).map(Span::duration);
    runner.spool_bytes_max = config.runner.spool_bytes_max;
    runner.git = GitSettings {
        protocols: config.runner.git_protocols.clone(),
        timeout: config.runner.git_timeout_ms.duration(),
        credentials: config.runner.git_credentials.clone(),
        checkpoints_max: config.runner.checkpoints_max,
    };
    runner.room = RoomSettings {
        bytes_max: config.runner.workspace_bytes_max,
        idle: Some(config.runner.workspace_idle_ms).filter(|span| *span > Span::ZERO).map(Span::duration),
        attachment_bytes_max: config.runner.attachment_bytes_max,
    };
    runner.connectors = ConnectorSettings {
        programs_max: config.runner.connectors_max,
        idle: config.runner.connector_idle_ms.duration(),
        start_within: config.runner.connector_start_ms.duration(),
    };
    runner.isolation = config.isolation.policy(config.data.as_ref()).map_err(anyhow::Error::from)?;
    runner.secrets.clone_from(&config.secrets);
    Ok(runner)
}

/// Returns the agents of the settings or, when they name none, those that are installed.
fn offered(config: &RunnerConfig) -> Outcome<Vec<AgentConfig>> {
    let mut agents = config.agents.clone();
    if let Some(command) = &config.agent {
        let command: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
        let program = command.first().and_then(|program| program.rsplit('/').next());
        let Some(name) = program.map(str::to_owned) else {
            return Err(Failure::Usage("runner.agent names no command".to_owned()));
        };
        agents.push(AgentConfig::acp(name, command, passed_on(&config.agent_env)?));
    }
    if let Some(script) = &config.script {
        agents.push(AgentConfig::Scripted { name: "scripted".to_owned(), scripts: script.into(), pace_percent: None });
    }
    if config.shell {
        agents.push(AgentConfig::Shell { name: "shell".to_owned() });
    }
    if agents.is_empty() {
        agents = found_agents();
    }
    match agents.is_empty() {
        true => Err(Failure::Usage(
            "the runner offers no agent: none is on the PATH; name one in runner.toml, or with --agent, --script or \
             --shell"
                .to_owned(),
        )),
        false => Ok(agents),
    }
}

/// Reads the variables that an agent gets of the runner's own.
fn passed_on(names: &[String]) -> Outcome<BTreeMap<String, String>> {
    let read = |name: &String| match std::env::var(name) {
        Ok(value) => Ok((name.clone(), value)),
        Err(error) => Err(Failure::Usage(format!("runner.agent_env names {name}, which cannot be passed on: {error}"))),
    };
    names.iter().map(read).collect()
}

fn failure(error: RunnerError) -> Failure {
    match error {
        RunnerError::Refused { status, reason } => {
            let detail = format!("the server does not let this runner join: {reason}");
            Failure::of(tenure_protocol::Problem::new(status, "runner_refused", detail))
        }
        RunnerError::Address { .. }
        | RunnerError::NoAgents
        | RunnerError::AgentTwice(_)
        | RunnerError::Isolation(_)
        | RunnerError::Secrets(_)
        | RunnerError::Agent { .. } => Failure::Usage(format!("failed to {error}")),
        error => Failure::Error(anyhow::Error::from(error).context("failed to run")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_a_runner_is_read() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/runner.example.toml");
        let config = Layers::read(&FileArgs { config: Some(path) }).unwrap().config().unwrap();
        let offered = offered(&config.runner).unwrap();
        assert_eq!(offered.iter().map(AgentConfig::name).collect::<Vec<_>>(), ["opencode", "small"]);
    }
}
