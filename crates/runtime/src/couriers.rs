//! One courier per kind of entity that asks for something.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use tenure_account::Policy;
use tenure_journal::EffectId;
use tenure_model::{EntityKey, Kind};
use tenure_session::Session;
use tenure_workflow::{Execution, Gate, Scheduler};

use crate::courier::{Courier, Performer};
use crate::directory::Directory;
use crate::roster::Roster;
use crate::runs::{GateNews, Runs};
use crate::schedules::Schedules;
use crate::voice::Voice;

pub(crate) struct Couriers {
    pub sessions: Arc<Courier<Roster>>,
    pub executions: Arc<Courier<Runs>>,
    pub gate: Arc<Courier<GateNews>>,
    pub schedulers: Arc<Courier<Schedules>>,
    pub policies: Arc<Courier<Voice>>,
}

impl Couriers {
    /// Takes what the entities ask for from now on.
    pub fn serve(
        &self,
        sessions: &Directory<Session>,
        executions: &Directory<Execution>,
        gate: &Directory<Gate>,
        schedulers: &Directory<Scheduler>,
        policies: &Directory<Policy>,
    ) {
        let courier = self.sessions.clone();
        sessions.on_effect(move |id, effect| courier.take(id, effect));
        let courier = self.executions.clone();
        executions.on_effect(move |id, effect| courier.take(id, effect));
        let courier = self.gate.clone();
        gate.on_effect(move |id, effect| courier.take(id, effect));
        let courier = self.schedulers.clone();
        schedulers.on_effect(move |id, effect| courier.take(id, effect));
        let courier = self.policies.clone();
        policies.on_effect(move |id, effect| courier.take(id, effect));
    }

    /// Takes what was found in the outbox at the start.
    pub fn found(&self, id: EffectId, body: &[u8]) {
        match id.key.kind {
            Kind::Session => found(&self.sessions, id, body),
            Kind::Execution => found(&self.executions, id, body),
            Kind::Gate => found(&self.gate, id, body),
            Kind::Scheduler => found(&self.schedulers, id, body),
            Kind::Policy => found(&self.policies, id, body),
            other => tracing::error!(effect = %id, "an effect of a {}, which asks for nothing", other.word()),
        }
    }

    /// Returns how many effects of an entity wait.
    pub fn waiting(&self, key: EntityKey) -> usize {
        let of_runs = self.executions.waiting(key) + self.gate.waiting(key) + self.schedulers.waiting(key);
        self.sessions.waiting(key) + of_runs + self.policies.waiting(key)
    }

    /// Returns how many effects wait in all.
    pub fn count(&self) -> usize {
        let of_runs = self.executions.count() + self.gate.count() + self.schedulers.count();
        self.sessions.count() + of_runs + self.policies.count()
    }
}

fn found<P: Performer>(courier: &Arc<Courier<P>>, id: EffectId, body: &[u8])
where
    P::Effect: DeserializeOwned,
{
    match serde_json::from_slice(body) {
        Ok(effect) => courier.take(id, effect),
        Err(error) => tracing::error!(effect = %id, "effect {id} cannot be read and waits: {error}"),
    }
}
