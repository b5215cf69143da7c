//! Triggers among the other actors: what a scheduler asks for is brought to runs and to the orchestrator session, and what
//! becomes of it is brought back.
//!
//! ```text
//!   Scheduler ── StartRun, CancelRun, AskRun ──▶ Execution                    ── Started, Ended, … ──▶ Scheduler
//!             ── Prompt, NotifyFailure ────────▶ the owner's orchestrator session
//!   Execution ── TellTrigger ──────────────────▶ Scheduler
//! ```
//! **Does not own** anything: what was asked for and is not answered stands in the scheduler and in its outbox.

mod effects;
mod orchestrator;
mod runs;

use std::sync::{Arc, RwLock};

use tenure_account::Realm;
use tenure_journal::{Store, StoreError};
use tenure_model::id::{FiringId, UserId};
use tenure_model::{EntityKey, Kind, Record};
use tenure_workflow::scheduler::{Answer, Command, Event, Stored};
use tenure_workflow::{Execution, Scheduler, execution};

use crate::courier::Attempt;
use crate::directory::{AskError, Directory};
use crate::owned::Owned;

/// Carries out what schedulers ask for.
pub(crate) struct Schedules {
    pub schedulers: Directory<Scheduler>,
    pub executions: Directory<Execution>,
    pub owned: Arc<Owned>,
    pub realm: Arc<RwLock<Arc<Realm>>>,
    pub store: Store,
    /// What runs are started with.
    pub limits: execution::Limits,
}

impl Schedules {
    async fn answer(&self, owner: UserId, firing: FiringId, answer: Answer) -> Attempt {
        tell(&self.schedulers, owner, Command::Answer { firing, answer }).await
    }

    async fn refuse(&self, owner: UserId, firing: FiringId, code: &str, why: String) -> Attempt {
        self.answer(owner, firing, Answer::Refused { code: code.to_owned(), why }).await
    }

    /// Returns the name of an owner who may still have something done.
    fn owner_name(&self, owner: UserId) -> Option<String> {
        let realm = self.realm.read().expect("keeping the view does not panic").clone();
        realm.acting(owner).map(|user| user.name.clone())
    }
}

/// Tells a scheduler something. What it refuses is of no use to it any more.
pub(crate) async fn tell(schedulers: &Directory<Scheduler>, owner: UserId, command: Command) -> Attempt {
    match schedulers.ask(owner, command).await {
        Ok(_) => Attempt::Settled,
        Err(AskError::Refused(refusal)) => {
            tracing::warn!(owner.id = %owner, "a scheduler does not take its news: {refusal}");
            Attempt::Settled
        }
        Err(other) => Attempt::Again(other.to_string()),
    }
}

/// Reads what was delivered with a record of an owner's scheduler.
pub fn delivered(store: &Store, owner: UserId, record: u64) -> Result<Option<Stored>, StoreError> {
    let key = EntityKey::new(Kind::Scheduler, owner);
    let Some(found) = store.record(key, record)? else { return Ok(None) };
    let read: Record<Scheduler> = serde_json::from_slice(&found.body)
        .map_err(|error| StoreError::Damaged { key, what: format!("record {record}: {error}") })?;
    Ok(read.events.into_iter().find_map(|event| match event {
        Event::Received { stored, .. } => stored,
        _ => None,
    }))
}
