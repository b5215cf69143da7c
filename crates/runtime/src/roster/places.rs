//! The runners in short, as lists that are pushed show them: who is there, and how much each has room for.

use std::collections::BTreeMap;

use tenure_model::Timestamp;
use tenure_model::id::RunnerId;
use tokio::sync::watch;

use super::Roster;

/// One runner in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunnerPlace {
    pub name: String,
    pub pool: Option<String>,
    pub connected: bool,
    pub draining: bool,
    /// When it last said hello.
    pub joined_at: Timestamp,
    /// How many works it is believed to hold, and how many it takes.
    pub works: usize,
    pub capacity: u32,
}

impl Roster {
    /// Returns every runner that is or was here.
    pub fn places(&self) -> BTreeMap<RunnerId, RunnerPlace> {
        let works = self.0.core.claims.counts();
        let runners = self.runners();
        let place = |(id, runner): (&RunnerId, &super::Runner)| {
            let place = RunnerPlace {
                name: runner.hello.name.clone(),
                pool: runner.hello.pool.clone(),
                connected: runner.line.is_some(),
                draining: runner.hello.draining,
                joined_at: runner.joined_at,
                works: works.get(id).copied().unwrap_or_default(),
                capacity: runner.hello.capacity,
            };
            (*id, place)
        };
        runners.iter().map(place).collect()
    }

    /// Returns what changes whenever [`Roster::places`] may answer something else.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.0.core.runners_changed.subscribe()
    }
}
