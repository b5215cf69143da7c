//! Agents that speak the Agent Client Protocol. The only files that name its crate are in this folder.
//!
//! ```text
//!   take ──▶ pool ──▶ connection ──▶ process        one process takes one turn at a time
//!              ▲          │
//!              │          ├─ turn: conversation, models, prompt, cancel
//!              │          └─ stage ──▶ updates, calls, permission, files, terminals
//!              └── kept for the session's next turn, when the turn ended by itself and left nothing running
//! ```

mod connection;
mod lines;
mod pool;

mod turn;
mod conversation;
mod models;

mod stage;
mod updates;
mod calls;
mod permission;
mod files;
mod terminals;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tenure_model::chat::AgentStatus;
use tenure_model::time::Span;

use self::connection::{Connection, StartError};
use self::pool::{Key, Pool};
use self::turn::Taken;
use super::{Turn, TurnEnd};
use crate::backoff::Backoff;
use crate::identity::fresh_id;
use crate::isolation::Place;
use crate::shell::{Groups, Program};
use crate::tools::Calling;

/// How long an agent may take to end its turn after it was asked to cancel; then its processes are killed.
pub const CANCEL_GRACE: Duration = Duration::from_secs(5);
/// How long an agent that was only looked at may take to leave.
const CHECK_GRACE: Duration = Duration::from_secs(2);
/// How often an agent that breaks before it was asked anything is started for one turn.
const STARTS_MAX: u32 = 3;

/// An agent of which a process is started when a turn needs one, and used again while that is safe.
pub struct Acp {
    pub name: String,
    /// The mode that each conversation is put into; the agent's own choice when absent.
    mode: Option<String>,
    program: Program,
    /// What its processes are marked with: they outlive the works that started them.
    marks: Groups,
    pool: Pool,
    /// Grows with every crash in a row.
    crashes: Mutex<Crashes>,
}

#[derive(Default)]
struct Crashes {
    in_a_row: u32,
    backoff: Backoff,
}

/// How an agent is started, as the settings have it.
pub struct Settings<'a> {
    pub name: &'a str,
    pub command: &'a [String],
    pub env: &'a BTreeMap<String, String>,
    pub mode: Option<&'a str>,
    pub idle_ms: Span,
    pub idle_max: usize,
}

impl Acp {
    /// Reads the settings; `marks` mark every process of this runner's agents.
    pub fn new(settings: &Settings, marks: &Groups) -> Result<Self, String> {
        let Some((path, arguments)) = settings.command.split_first() else {
            return Err("its command is empty".to_owned());
        };
        Ok(Self {
            name: settings.name.to_owned(),
            mode: settings.mode.map(str::to_owned),
            program: Program {
                what: "agent".to_owned(),
                path: path.clone(),
                arguments: arguments.to_vec(),
                env: settings.env.clone(),
            },
            marks: marks.below(settings.name),
            pool: Pool::new(settings.idle_ms.duration(), settings.idle_max),
            crashes: Mutex::default(),
        })
    }

    pub fn description(&self) -> String {
        format!("Speaks the Agent Client Protocol: `{}`.", self.program.path)
    }

    pub async fn take(&self, turn: &Turn) -> TurnEnd {
        let granted = turn.groups.place().map(|place| place.granted.clone()).unwrap_or_default();
        let key = Key { session: turn.spec.session, folder: turn.workspace.clone(), granted };
        let connection = match self.pool.take(&key) {
            Some(connection) => connection,
            None => match self.start(turn).await {
                Ok(connection) => connection,
                Err(end) => return end,
            },
        };
        // Unless it is let go below, the process ends with the work, whatever becomes of this turn.
        turn.groups.take_in(&connection.process.groups);
        let taken = {
            let place = connection.process.groups.place();
            // The process may be an earlier turn's, and its door with it.
            let _admitted = place.and_then(|place| place.door.as_ref()).map(|door| door.admit(calling(turn)));
            turn::take(self, &connection, turn).await
        };
        let Taken { end, before } = match taken {
            Ok(taken) => taken,
            Err(failure) => {
                if !connection.is_alive() {
                    self.crashed();
                }
                return TurnEnd::failed(connection.process.explain(failure.in_words()).await);
            }
        };
        if end.is_complete() {
            *self.crashes() = Crashes::default();
        }
        if self.pool.is_open() && is_safe_to_keep(&connection, turn, &end, &before) {
            turn.groups.let_go(&connection.process.groups);
            self.pool.keep(key, connection);
        }
        end
    }

    /// Ends the processes that wait for a turn.
    pub async fn close(&self) {
        self.pool.end_all().await;
    }

    /// Starts the program and hears its introduction, to see that it can be used; says who it is.
    pub async fn check(&self, place: Arc<Place>) -> Result<String, String> {
        let groups = self.fresh_groups(Arc::clone(&place));
        let started = Connection::start(&self.program, &place.workspace, Arc::clone(&groups)).await;
        let said = match started {
            Ok(connection) => Ok(connection.agent.agent_info.as_ref().map_or_else(
                || "it does not say who it is".to_owned(),
                |info| format!("{} {}", info.title.as_deref().unwrap_or(&info.name), info.version),
            )),
            Err(error) => Err(self.explain(error).await),
        };
        groups.end_all(CHECK_GRACE).await;
        said
    }

    /// Starts a process. One that breaks before it was asked anything is started again: nothing was lost by it.
    async fn start(&self, turn: &Turn) -> Result<Connection, TurnEnd> {
        let mut attempt = 1;
        let place = turn.groups.place().expect("a turn is taken where its work was put");
        loop {
            self.pause(turn).await?;
            let groups = self.fresh_groups(Arc::clone(place));
            turn.groups.take_in(&groups);
            let started = tokio::select! {
                started = Connection::start(&self.program, &turn.workspace, groups) => started,
                _ = turn.voice.work().stop_asked() => return Err(TurnEnd::canceled()),
            };
            match started {
                Ok(connection) => return Ok(connection),
                Err(StartError::Broken { process, .. }) if attempt < STARTS_MAX => {
                    process.groups.end_all(Duration::ZERO).await;
                }
                Err(error) => return Err(TurnEnd::failed(self.explain(error).await)),
            }
            self.crashed();
            attempt += 1;
        }
    }

    /// Waits before an agent that has crashed is started again, the longer the more often it did.
    async fn pause(&self, turn: &Turn) -> Result<(), TurnEnd> {
        let (times, pause) = {
            let mut crashes = self.crashes();
            if crashes.in_a_row == 0 {
                return Ok(());
            }
            (crashes.in_a_row, crashes.backoff.pause(fresh_id().as_bytes()[0]))
        };
        let detail = format!("the agent crashed ({times} in a row); it is started again in {} ms", pause.as_millis());
        turn.voice.status(AgentStatus::Waiting, Some(detail));
        tokio::select! {
            () = tokio::time::sleep(pause) => Ok(()),
            _ = turn.voice.work().stop_asked() => Err(TurnEnd::canceled()),
        }
    }

    async fn explain(&self, error: StartError) -> String {
        let path = &self.program.path;
        match error {
            StartError::NotStarted(error) => format!("failed to start `{path}`: {error}"),
            StartError::Refused { error, process } | StartError::Broken { error, process } => {
                process.explain(&format!("failed to begin with `{path}`: {error}")).await
            }
        }
    }

    fn fresh_groups(&self, place: Arc<Place>) -> Arc<Groups> {
        let groups = Arc::new(self.marks.below(&fresh_id().to_string()));
        groups.locate(place);
        groups
    }

    fn crashed(&self) {
        self.crashes().in_a_row += 1;
    }

    fn crashes(&self) -> MutexGuard<'_, Crashes> {
        self.crashes.lock().expect("no holder of this lock panics")
    }
}

fn calling(turn: &Turn) -> Calling {
    Calling { session: turn.spec.session, work: turn.spec.work, generation: turn.spec.generation }
}

/// Says whether a process may take the session's next turn: this one ended by itself, nobody asked it to end, and no process
/// runs that did not run before. Where the system does not tell of processes, none may.
fn is_safe_to_keep(connection: &Connection, turn: &Turn, end: &TurnEnd, before: &BTreeSet<i32>) -> bool {
    let ended_well = end.is_complete() && turn.voice.work().stopped().is_none() && connection.is_alive();
    // The agent itself is one of them: a look that shows nobody has failed.
    let after = connection.process.groups.running();
    ended_well && !before.is_empty() && !after.is_empty() && after.is_subset(before)
}
