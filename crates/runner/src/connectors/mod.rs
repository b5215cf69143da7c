//! Connectors that are commands: programs that speak the Model Context Protocol, started when somebody asks them something and kept for the
//! next question.
//!
//! ```text
//!   link ──connector {order}──▶ answer ─▶ kept, by owner and name ─▶ Running ─▶ the program, in a process group of its own
//!     ◀──connector_told─────────┘             started, replaced, ended when it idles
//! ```
//! **Owns** the programs; nothing of them outlives the runner. **Does not own** what may be asked: the server judges every call, and each
//! order names its whole program.

mod bounded;
mod keeping;
mod running;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tenure_model::connector::{ConnectorAsk, ConnectorOrder, ConnectorProgram, ConnectorTold};
use tenure_model::id::{SessionId, UserId, derived};
use tokio::time::{Instant, timeout_at};

pub use self::keeping::Connectors;
use self::running::Running;
use crate::identity::fresh_id;
use crate::isolation::Place;
use crate::runner::Runner;

/// How connectors are kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConnectorSettings {
    /// Programs that run at once; with 0 none is started, and the server asks others.
    pub programs_max: usize,
    /// After how long without a question a program is ended.
    pub idle: Duration,
    /// How long a program may take to start and to greet; some are fetched first.
    pub start_within: Duration,
}

impl Default for ConnectorSettings {
    fn default() -> Self {
        Self { programs_max: 8, idle: Duration::from_secs(5 * 60), start_within: Duration::from_secs(60) }
    }
}

/// Asks a connector what the server wants to know of it. `bytes_max` is what the link carries at once.
pub async fn answer(runner: &Arc<Runner>, order: ConnectorOrder, bytes_max: usize) -> ConnectorTold {
    let deadline = Instant::now() + order.within_ms.duration();
    let bytes_max = usize::try_from(order.answer_bytes_max).unwrap_or(usize::MAX).min(bytes_max);
    let Some(_asked) = runner.connectors.enter() else {
        return ConnectorTold::NotSent { why: "is not asked: its runner is asked too much at once".to_owned() };
    };
    let ConnectorOrder { owner, connector, program, question, within_ms, .. } = order;
    // In a task of its own: a program that takes long to start is there for the next question.
    let starting = Arc::clone(runner);
    let starting = tokio::spawn(async move { started(&starting, owner, connector, program).await });
    let running = match timeout_at(deadline, starting).await {
        Ok(Ok(Ok(running))) => running,
        Ok(Ok(Err(why))) => return ConnectorTold::NotSent { why },
        Ok(Err(_)) => return ConnectorTold::NotSent { why: "cannot be started: its runner is ending".to_owned() },
        Err(_) => return ConnectorTold::NotSent { why: format!("is still starting after {within_ms}; try again") },
    };
    let asking = async {
        match question {
            ConnectorAsk::List => running.list(bytes_max).await,
            ConnectorAsk::Call { params } => running.call(params, bytes_max).await,
        }
    };
    timeout_at(deadline, asking).await.unwrap_or_else(|_| {
        running.give_up();
        ConnectorTold::Unanswered {
            why: format!("has not answered within {within_ms}, and is started anew for the next call"),
        }
    })
}

/// Returns the program of a connector, after starting it when it does not run.
async fn started(
    runner: &Runner,
    owner: UserId,
    connector: String,
    program: ConnectorProgram,
) -> Result<Arc<Running>, String> {
    let connectors = &runner.connectors;
    let seat = seat(owner, &connector);
    connectors
        .running((owner, connector.clone()), &program, async |place, groups| {
            let surroundings = surroundings(runner, seat, &program)?;
            let folder = surroundings.workspace.clone();
            groups.locate(surroundings);
            let start = (place, connectors.settings.start_within);
            Running::start(&connector, &program, &folder, groups, start).await
        })
        .await
}

/// Names the folders of a connector, as those of sessions are named: they are kept, and removed, alike.
fn seat(owner: UserId, connector: &str) -> SessionId {
    SessionId(derived(&["connector", &owner.to_string(), connector]))
}

/// Returns the surroundings of a connector's processes: those of a work, but none of the runner's secrets.
fn surroundings(runner: &Runner, seat: SessionId, program: &ConnectorProgram) -> Result<Arc<Place>, String> {
    let failed = |what: &str, error: std::io::Error| format!("cannot be started: failed to {what}: {error}");
    let workspace = runner.folders.of_connector(seat).map_err(|error| failed("make its folder", error))?;
    let home = runner.isolation.home(&runner.config.data, &seat.to_string());
    let home = home.map_err(|error| failed("make its home", error))?;
    let outlet = runner.isolation.outlet(fresh_id().to_string());
    let outlet = outlet.map_err(|error| failed("open a way out to the network", error))?;
    let secrets = Arc::new(runner.secrets.beside(&program.env));
    let (isolation, lent, granted) = (Arc::clone(&runner.isolation), Vec::<PathBuf>::new(), Vec::new());
    Ok(Arc::new(Place { isolation, workspace, home, lent, outlet, door: None, secrets, granted }))
}
