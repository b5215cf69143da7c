//! `tenure serve`: the server on its embedded store.

mod bootstrap;
mod keys;
mod store;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use serde_json::json;
use tenure_journal::Store;
use tenure_model::Span;
use tenure_runtime::{Options, Retention, RosterOptions, Runtime};
use tenure_server::{Serving, StepTools};

use crate::config::{Config, FileArgs, Layers, LogFormat, RuntimeConfig};
use crate::failure::{Failure, Outcome};
use crate::logs;
use crate::out;
use crate::sandbox::sandboxes;
use crate::stop::Stop;

pub use bootstrap::{Credential, add_credentials, first_credential, is_good};
pub use store::{PROBE, probe};

/// The flags of every command that runs a server.
#[derive(Args, Clone, Debug, Default)]
pub struct ServerArgs {
    #[command(flatten)]
    pub file: FileArgs,
    /// The folder that holds everything durable [default: ./.tenure]
    #[arg(long, env = "TENURE_DATA", value_name = "DIR")]
    pub data: Option<String>,
    /// Where to listen; port 0 takes a free one [default: 127.0.0.1:7420]
    #[arg(long, value_name = "HOST:PORT")]
    pub listen: Option<String>,
    /// What log lines look like [default: text]
    #[arg(long, value_name = "text|json")]
    pub log_format: Option<LogFormat>,
    /// Print what is to be known as JSON: the address, and a new token
    #[arg(long)]
    pub json: bool,
}

impl ServerArgs {
    /// Returns what was set so far: the file, the environment, and these flags.
    pub fn layers(&self) -> Outcome<Layers> {
        let mut layers = Layers::read(&self.file)?;
        layers.flag("data", "--data", self.data.clone());
        layers.flag("server.listen", "--listen", self.listen.clone());
        let format = self.log_format.map(|format| if format == LogFormat::Json { "json" } else { "text" });
        layers.flag("log.format", "--log-format", format);
        Ok(layers)
    }
}

/// Runs the command.
pub fn run(args: ServerArgs) -> Outcome {
    let mut config = args.layers()?.config()?;
    logs::start(&config.log)?;
    config.server.listen = with_port(&config.server.listen)?;
    actix::System::new().block_on(serve(config, args.file.config, args.json))
}

fn tell(address: &str, token: Option<&str>, console: Option<&str>, json: bool) -> std::io::Result<()> {
    if json {
        return out::line(json!({ "address": address, "token": token, "console": console }));
    }
    out::line(format_args!("tenure serves at {address}"))?;
    if let Some(token) = token {
        out::line(format_args!("the first admin token, shown this once: {token}"))?;
    }
    tell_console(console)
}

/// Tells where to open the console, when somebody can be signed in there.
pub fn tell_console(console: Option<&str>) -> std::io::Result<()> {
    match console {
        Some(console) => {
            out::line(format_args!("console: {console} (signs you in once; `tenure console` prints another)"))
        }
        None => Ok(()),
    }
}

async fn serve(config: Config, file: Option<PathBuf>, json: bool) -> Outcome {
    let mut stop = Stop::listen()?;
    let tools = StepTools::default();
    let runtime = start_runtime(&config, file.as_deref(), &tools).await?;
    let token = first_credential(&runtime).await?;
    let server = Server::start(runtime, &config, &tools).await?;
    let address = server.address();
    // It serves, whether or not anybody reads this.
    let token = token.as_ref().map(|credential| credential.secret.as_str());
    let console = token.and_then(|token| server.sign_in_address(token));
    let _ = tell(&address, token, console.as_deref(), json);
    stop.wished().await;
    stop.or_at_once(server.stop()).await;
    Ok(())
}

/// Puts a free port in the place of port 0: runners are told where the server is before it listens.
pub fn with_port(listen: &str) -> Outcome<String> {
    if !listen.ends_with(":0") {
        return Ok(listen.to_owned());
    }
    let found = std::net::TcpListener::bind(listen).and_then(|listener| listener.local_addr());
    Ok(found.with_context(|| format!("failed to find a free port for {listen}"))?.to_string())
}

/// A server that runs, with everything behind it.
pub struct Server {
    runtime: Arc<Runtime>,
    serving: Serving,
    stop_within: Span,
}

impl Server {
    /// Starts serving `runtime`, which was started with `tools`.
    pub async fn start(runtime: Arc<Runtime>, config: &Config, tools: &StepTools) -> Outcome<Self> {
        let serving = match begin(&runtime, config, tools).await {
            Ok(serving) => serving,
            Err(failure) => {
                runtime.stop(Span::secs(1)).await;
                return Err(failure);
            }
        };
        Ok(Self { runtime, serving, stop_within: Span::secs(config.server.shutdown_timeout_s) })
    }

    /// Returns where it listens, as http://host:port.
    pub fn address(&self) -> String {
        format!("http://{}", self.serving.address)
    }

    /// Returns an address that signs a browser in once, as whoever has this token.
    pub fn sign_in_address(&self, token: &str) -> Option<String> {
        self.serving.sign_in_address(token)
    }

    /// Ends in order: no new requests, then everything under way is written, within the limit.
    pub async fn stop(self) {
        tracing::info!("stopping");
        self.serving.stop().await;
        self.runtime.stop(self.stop_within).await;
        tracing::info!("stopped");
    }
}

async fn begin(runtime: &Arc<Runtime>, config: &Config, tools: &StepTools) -> Outcome<Serving> {
    let (server, draft) = (config.server.clone(), config.draft.clone());
    Ok(tenure_server::serve(runtime.clone(), server, draft, keys::all(config)?, tools).await?)
}

/// Opens the store of a configuration and starts what lives in it; `file` is where the configuration was read. Its runs call `tools`, which
/// reach connectors once a server serves.
pub async fn start_runtime(config: &Config, file: Option<&Path>, tools: &StepTools) -> Outcome<Arc<Runtime>> {
    let store = store::open(Path::new(&config.data), &config.store)?;
    let sandboxes = Arc::new(sandboxes(config, file, keys::signing(config)?)?);
    let runtime = Runtime::start(Options {
        session: config.session.clone(),
        execution: config.execution.clone(),
        gate: config.gate.clone(),
        sandboxes,
        tools: Arc::new(tools.clone()),
        ..options(store, &config.runtime)?
    })
    .await;
    Ok(runtime.context("failed to start")?)
}

fn options(store: Store, config: &RuntimeConfig) -> Outcome<Options> {
    let count =
        |n: u32| usize::try_from(n).map_err(|_| Failure::Usage(format!("{n} is more than this machine counts")));
    let mut options = Options::new(store);
    if let Some(arbiters) = config.arbiters {
        options.arbiters = count(arbiters)?.max(1);
    }
    options.outstanding_max = count(config.outstanding_max)?;
    options.snapshot_every = config.snapshot_every;
    options.retention =
        Retention { span: Span::hours(24 * u64::from(config.ledger_days)), records_max: config.ledger_records_max };
    options.passivate_after = config.passivate_after_ms;
    options.effect_attempts_max = config.effect_attempts_max;
    options.roster = RosterOptions {
        order_timeout: config.order_timeout_ms,
        unanswered_max: config.unanswered_max,
        runners_max: count(config.runners_max)?,
        orders_max: count(config.orders_max)?,
        held_max: count(config.held_max)?,
        home_wait: config.home_wait_ms,
        prices: config.prices.clone(),
    };
    Ok(options)
}
