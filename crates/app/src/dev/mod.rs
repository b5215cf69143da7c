//! `tenure dev`: a server, and a local runner as a process of its own, with everything set up between them.

pub mod note;

pub mod process;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use serde_json::json;
use tenure_runtime::Runtime;
use tenure_server::StepTools;

use crate::client::backoff::Backoff;
use crate::config::{Config, SandboxConfig};
use crate::failure::Outcome;
use crate::logs;
use crate::out;
use crate::runner::AgentArgs;
use crate::serve::{Credential, Server, ServerArgs, add_credentials, is_good, start_runtime, tell_console, with_port};
use crate::stop::Stop;
use note::DevNote;
use process::{Origin, RunnerProcess, RunnerSpec};

/// What the agent says when no other one was named.
const WELCOME: &str = include_str!("welcome.yaml");
/// A runner that ran for so long has not failed to start.
const STEADY: Duration = Duration::from_secs(60);

/// Start a server and one local runner, and print how to reach them.
#[derive(Args, Debug)]
pub struct DevArgs {
    #[command(flatten)]
    server: ServerArgs,
    #[command(flatten)]
    agents: AgentArgs,
}

/// Runs the command.
pub fn run(args: DevArgs) -> Outcome {
    let mut layers = args.server.layers()?;
    args.agents.set(&mut layers);
    // Whoever tries things out has the other server on the same machine.
    layers.usual("server.connector_private_addresses", true);
    let mut config = layers.config()?;
    logs::start(&config.log)?;
    config.server.listen = with_port(&config.server.listen)?;
    actix::System::new().block_on(dev(config, args.server.file.config, args.server.json))
}

async fn dev(mut config: Config, file: Option<PathBuf>, json: bool) -> Outcome {
    let mut stop = Stop::listen()?;
    complete(&mut config)?;
    let data = PathBuf::from(&config.data);
    let tools = StepTools::default();
    let runtime = start_runtime(&config, file.as_deref(), &tools).await?;
    let address = format!("http://{}", config.server.listen);
    // The note is there before the server answers, so that whoever waits for the server finds it.
    let note = credentials(&runtime, &data, address).await?;
    note.write(&data)?;
    let server = Server::start(runtime, &config, &tools).await?;
    let mut runner = Keeper::start(RunnerSpec::new(&config, file.as_deref(), &note)?).await?;
    // It serves, whether or not anybody reads this.
    let _ = tell(&note, server.sign_in_address(&note.token).as_deref(), json);
    tokio::select! {
        () = stop.wished() => {}
        () = runner.keep() => {}
    }
    // The runner goes first, so that the ends of its works still reach the server.
    stop.or_at_once(async {
        runner.process.stop().await;
        server.stop().await;
    })
    .await;
    Ok(())
}

/// Fills in what nobody has set: an agent that says how to go on, and sandboxes on this machine.
fn complete(config: &mut Config) -> Outcome {
    let runner = &mut config.runner;
    if runner.agent.is_none() && runner.script.is_none() && runner.agents.is_empty() {
        let script = welcome_script(&Path::new(&config.data).join("runner"))?;
        runner.script = Some(script.to_string_lossy().into_owned());
    }
    if config.sandboxes.is_empty() {
        config.sandboxes.push(SandboxConfig::process("process"));
    }
    Ok(())
}

fn tell(note: &DevNote, console: Option<&str>, json: bool) -> std::io::Result<()> {
    if json {
        return out::line(json!({ "address": note.address, "token": note.token, "console": console }));
    }
    out::line(format_args!("tenure is at {}", note.address))?;
    out::line(format_args!("token: {}", note.token))?;
    tell_console(console)?;
    out::line("say something in another terminal, from this folder: tenure chat")?;
    out::line("Ctrl-C ends the server and its runner")
}

/// Returns the credentials that an earlier start left, as far as they are good, and makes the others.
async fn credentials(runtime: &Arc<Runtime>, data: &Path, address: String) -> Outcome<DevNote> {
    let earlier = DevNote::read(data)?;
    let (token, runner_token) = earlier.map(|note| (note.token, note.runner_token)).unwrap_or_default();
    let mut note = DevNote { address, token, runner_token };
    if !is_good(runtime, &note.token) {
        let credential = Credential::admin("dev");
        add_credentials(runtime, &[&credential]).await?;
        note.token = credential.secret;
    }
    if !is_good(runtime, &note.runner_token) {
        let credential = Credential::runner("dev runner");
        add_credentials(runtime, &[&credential]).await?;
        note.runner_token = credential.secret;
    }
    Ok(note)
}

/// Keeps one runner running: starts it anew when it ends by itself.
struct Keeper {
    spec: RunnerSpec,
    process: RunnerProcess,
    backoff: Backoff,
}

impl Keeper {
    async fn start(spec: RunnerSpec) -> Outcome<Self> {
        Ok(Self { process: found_or_started(&spec).await?, spec, backoff: Backoff::default() })
    }

    /// Watches the runner, and starts it again whenever it ends; runs until it is dropped.
    async fn keep(&mut self) {
        loop {
            let since = tokio::time::Instant::now();
            self.process.ended().await;
            if since.elapsed() > STEADY {
                self.backoff.reset();
            }
            let pause = self.backoff.next(128);
            tracing::warn!("the runner ended; {} says why; it starts again in {pause:?}", self.spec.log().display());
            tokio::time::sleep(pause).await;
            match found_or_started(&self.spec).await {
                Ok(process) => self.process = process,
                Err(failure) => tracing::error!("the runner cannot be started: {failure}"),
            }
        }
    }
}

async fn found_or_started(spec: &RunnerSpec) -> Outcome<RunnerProcess> {
    let (process, origin) = RunnerProcess::found_or_started(spec).await?;
    match origin {
        Origin::Found => tracing::info!("the runner of an earlier start goes on"),
        Origin::Started => tracing::info!("the runner was started; it writes to {}", spec.log().display()),
    }
    Ok(process)
}

/// Writes the built-in script where the runner finds it.
fn welcome_script(folder: &Path) -> Outcome<PathBuf> {
    let path = folder.join("welcome.yaml");
    fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))?;
    fs::write(&path, WELCOME).with_context(|| format!("failed to write {}", path.display()))?;
    Ok(path)
}
