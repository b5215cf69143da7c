//! The runner as a whole: opens its folder, keeps the link, watches the lease, and leaves nothing running.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::agent::files::Files;
use crate::agent::{Agent, Turn};
use crate::config::Config;
use crate::connectors::Connectors;
use crate::error::RunnerError;
use crate::identity::Identity;
use crate::isolation::{self, Isolation, IsolationMode, Network, Place};
use crate::link::{self, Address, Lease};
use crate::secrets::{Recipient, Secrets};
use crate::shell::{Groups, end_leftovers};
use crate::task::{Task, run_turn};
use crate::tools::{Calls, Doors};
use crate::works::{Begin, Stop, Voice, Work, Works};
use crate::workspace::{Folders, clean_up};

use tenure_model::chat::FinishReason;
use tenure_model::link::{WorkKind, WorkOffer, WorkSpec};

/// How long works may take to end when the runner stops, beyond the grace of their processes.
const END_WITHIN: Duration = Duration::from_secs(20);

/// Everything that the parts of one runner share.
pub struct Runner {
    pub config: Config,
    pub address: Address,
    pub identity: Identity,
    pub agents: Vec<Arc<Agent>>,
    /// What marks the processes of agents that outlive a work.
    pub marks: Groups,
    pub works: Works,
    /// What is asked of the server's tools.
    pub calls: Arc<Calls>,
    doors: Option<Doors>,
    pub connectors: Connectors,
    pub folders: Arc<Folders>,
    pub lease: Lease,
    pub isolation: Arc<Isolation>,
    pub secrets: Arc<Secrets>,
}

/// Runs a runner until `shutdown`, or until it cannot go on; a lost connection is no reason to end.
pub async fn run(config: Config, shutdown: CancellationToken) -> Result<(), RunnerError> {
    let runner = Arc::new(Runner::open(config).await?);
    runner.end_earlier_processes().await;
    let watch = tokio::spawn(link::watch_lease(Arc::clone(&runner)));
    let cleaning = tokio::spawn(clean_up(Arc::clone(&runner)));
    let tidying = tokio::spawn(Connectors::tidy(Arc::downgrade(&runner), runner.config.connectors.idle));
    let outcome = link::keep(&runner, &shutdown).await;
    watch.abort();
    cleaning.abort();
    tidying.abort();
    runner.works.close();
    let why = match &outcome {
        Err(RunnerError::Orphaned(_)) => Stop::Orphaned,
        _ => Stop::Shutdown,
    };
    runner.works.stop_all(&why);
    if timeout(END_WITHIN, runner.works.all_ended()).await.is_err() {
        warn!("some works did not end in time; the next start of this runner tells their end");
    }
    futures_util::future::join_all(runner.agents.iter().map(|agent| agent.close())).await;
    runner.connectors.end_all().await;
    if outcome.is_ok() && !runner.works.all_told() {
        link::say_goodbye(&runner).await;
    }
    outcome
}

impl Runner {
    async fn open(mut config: Config) -> Result<Self, RunnerError> {
        let address = config.server.parse()?;
        let identity = Identity::load(&config.data)?;
        let data = config.data.canonicalize();
        config.data = data.map_err(|source| RunnerError::Data { path: config.data.clone(), source })?;
        let marks = Groups::marked(format!("agents.{}", identity.runner));
        let agents = Agent::load_all(&config.agents, &marks, &config.data)?.into_iter().map(Arc::new).collect();
        let folders = Arc::new(Folders::new(&config));
        let secrets = Arc::new(Secrets::load(&config.secrets).map_err(RunnerError::Secrets)?);
        let works = Works::open(config.data.join("spool"), config.spool_bytes_max, config.capacity)
            .map_err(|source| RunnerError::Data { path: config.data.clone(), source })?
            .masked_by(Arc::clone(secrets.masker()));
        let chosen = isolation::choose(&config.isolation, &config.data).await;
        let (isolation, weaker) = chosen.map_err(RunnerError::Isolation)?;
        tell_isolation(&isolation, weaker, &config);
        config.labels.extend(isolation.labels());
        let isolation = Arc::new(isolation);
        info!(runner.id = %identity.runner, "runner {} (\"{}\") serves {address}", identity.runner, config.name);
        let lease = Lease::default();
        let connectors = Connectors::new(config.connectors.clone(), identity.runner);
        let calls = Arc::default();
        let doors = Doors::new(&config.data, &config.isolation.bridge, Arc::clone(&calls))
            .map_err(|source| RunnerError::Data { path: config.data.clone(), source })?;
        Ok(Self {
            config,
            address,
            identity,
            agents,
            marks,
            works,
            calls,
            doors,
            connectors,
            folders,
            lease,
            isolation,
            secrets,
        })
    }

    /// Ends what works, agents and connectors of an earlier start left running: it is told as ended from the first hello on.
    async fn end_earlier_processes(&self) {
        self.connectors.end_all().await;
        if !self.marks.end_all(Duration::ZERO).await {
            warn!("an agent of an earlier start could not be killed");
        }
        for held in self.works.held() {
            if !end_leftovers(&crate::shell::cookie(held.work, held.generation)).await {
                warn!(work.id = %held.work, "a process of the earlier work {} could not be killed", held.work);
            }
        }
    }

    /// Takes an offer on, or says why not.
    pub fn accept(&self, offer: &WorkOffer) -> Result<(), String> {
        if offer.kind == WorkKind::Turn {
            self.agent(offer.agent.as_deref())?;
        }
        self.works.accept(offer)
    }

    /// Starts a work; one that was started before is left alone.
    pub fn start(self: &Arc<Self>, spec: WorkSpec) {
        if let Begin::Fresh { work, after } = self.works.begin(&spec) {
            tokio::spawn(Arc::clone(self).conduct(spec, work, after));
        }
    }

    async fn conduct(self: Arc<Self>, spec: WorkSpec, work: Arc<Work>, after: Option<Arc<Work>>) {
        if let Some(older) = after {
            older.end().await;
        }
        let groups = Arc::new(Groups::new(work.id, work.generation));
        let voice = Voice::new(Arc::clone(&work));
        let ready = async {
            let task = self.task(&spec)?;
            let workspace = self.folders.open(&spec, &groups, &voice).await?;
            groups.locate(self.place(&spec, &task, workspace.clone())?);
            let files = Files::of(&workspace, self.isolation.hidden())?;
            Ok::<_, String>((task, workspace, Arc::new(files)))
        };
        let ready = tokio::select! {
            ready = ready => ready.map_err(|error| (FinishReason::Error, Some(error))),
            why = work.stop_asked() => Err(why.finish()),
        };
        match ready {
            Ok((task, workspace, files)) => {
                let turn = Turn { spec, workspace, files, voice, groups, permissions: self.config.permissions };
                run_turn(&task, turn, work, &self.folders).await;
            }
            Err((reason, error)) => {
                groups.end_all(Duration::ZERO).await;
                work.finish(reason, error);
            }
        }
        self.works.forget_told();
    }

    /// Returns the surroundings of a work's processes.
    fn place(&self, spec: &WorkSpec, task: &Task, workspace: PathBuf) -> Result<Arc<Place>, String> {
        let agent = match task {
            Task::Prompt(agent) => Some(agent),
            Task::Command(_) | Task::Tool(_) | Task::Restore(_) => None,
        };
        let has_tools = spec.mcp.is_some() && agent.is_some_and(|agent| agent.needs_door());
        let doors = self.doors.as_ref().filter(|_| has_tools);
        let door = doors.map(|doors| doors.open(self.isolation.is_caged())).transpose();
        let door = door.map_err(|error| format!("failed to open a way to the server's tools: {error}"))?;
        let agent = agent.map(|agent| agent.info().name);
        let step = spec.step.as_ref().map(|step| step.path.as_str());
        let labels = &self.config.labels;
        let granted = self.secrets.granted(&Recipient { agent: agent.as_deref(), step, labels });
        let home = self.isolation.home(&self.config.data, &spec.session.to_string());
        let home = home.map_err(|error| format!("failed to make a home for the session: {error}"))?;
        let lent = self.folders.lent(spec);
        let outlet = self.isolation.outlet(spec.work.to_string());
        let outlet = outlet.map_err(|error| format!("failed to open a way out to the network: {error}"))?;
        let (isolation, secrets) = (Arc::clone(&self.isolation), Arc::clone(&self.secrets));
        Ok(Arc::new(Place { isolation, workspace, home, lent, outlet, door, secrets, granted }))
    }

    fn task(&self, spec: &WorkSpec) -> Result<Task, String> {
        match (&spec.shell, &spec.tool) {
            (Some(shell), _) => Ok(Task::Command(shell.clone())),
            (None, Some(tool)) => Ok(Task::Tool(tool.clone())),
            (None, None) => match spec.restore {
                Some(restore) => Ok(Task::Restore(restore)),
                None => self.agent(spec.agent.as_deref()).map(Task::Prompt),
            },
        }
    }

    fn agent(&self, name: Option<&str>) -> Result<Arc<Agent>, String> {
        let Some(name) = name else {
            return Ok(Arc::clone(&self.agents[0]));
        };
        let found = self.agents.iter().find(|agent| agent.info().name == name);
        found.cloned().ok_or_else(|| {
            let names: Vec<String> = self.agents.iter().map(|agent| agent.info().name).collect();
            format!("there is no agent \"{name}\" here; agents are {}", names.join(", "))
        })
    }
}

/// Says how processes are kept in; whatever is weaker than people may think is a warning.
fn tell_isolation(isolation: &Isolation, weaker: Option<String>, config: &Config) {
    let told = isolation.in_words();
    match (isolation.mode(), weaker) {
        (IsolationMode::None, Some(why)) => warn!("{told}; {why}"),
        (IsolationMode::None, None) => warn!("{told}"),
        _ => info!("{told}"),
    }
    if isolation.mode() != IsolationMode::None && rustix::process::geteuid().is_root() {
        warn!("the runner is root: give it a user of its own, whose files are all that an agent could ever reach");
    }
    if config.isolation.network == Network::Full && !config.isolation.allow.is_empty() {
        warn!("allow has no effect: the network is \"full\", not \"limited\"");
    }
    if config.isolation.limits.processes_max > 0 && rustix::process::geteuid().is_root() {
        warn!("processes_max has no effect: the kernel does not count the processes of root");
    }
    if let crate::config::Workspaces::Shared(folder) = &config.workspaces
        && isolation.shows_home_in(folder)
    {
        warn!("the workspace {} holds the home of this user: agents see all of it", folder.display());
    }
}
