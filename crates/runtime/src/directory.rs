//! The directory of one kind of entity: finds the host that is awake, or wakes one up, and brings it commands.
//!
//! **Owns** which entities are awake and on which arbiter. **Does not own** their state.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use actix::prelude::*;
use tenure_journal::{EffectId, Epoch, Position};
use tenure_model::id::place_of;
use tenure_model::{Entity, EntityKey, Timestamp};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::core::Core;
use crate::feed::Feed;
use crate::host::Host;
use crate::lane::Lane;
use crate::message::{Envelope, Job, LookReply, Reply, WakeReply};

/// How often a command is sent again when its host ended before it was looked at.
const ATTEMPTS_MAX: usize = 5;

/// An accepted command's answer, told once everything it rests on is durable.
#[derive(Clone, Debug)]
pub struct Answer<E: Entity> {
    pub reply: E::Reply,
    /// The position of the entity's last durable commit.
    pub position: Position,
}

/// An entity's state, durable as a whole.
#[derive(Clone, Debug)]
pub struct Look<E: Entity> {
    pub state: Arc<E>,
    pub seq: u64,
    /// Everything of the entity up to here is in `state`, and nothing after it.
    pub position: Position,
    pub epoch: Epoch,
    /// Commits under way.
    pub in_flight: usize,
}

/// Why there is no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AskError<E: Entity> {
    /// The rules say no.
    #[error("refused because {0}")]
    Refused(E::Refusal),
    /// Nothing is known to have happened; the same command can be sent again.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// The entity's journal does not verify; an operator must look.
    #[error("set aside: {0}")]
    Damaged(String),
}

type EffectSink<E> = Box<dyn Fn(EffectId, <E as Entity>::Effect) + Send + Sync>;
type Mirror<E> = Box<dyn Fn(E) + Send + Sync>;

/// What the hosts of one kind share.
pub(crate) struct Shared<E: Entity> {
    pub core: Arc<Core>,
    pub feed: Feed<E>,
    awake: Mutex<HashMap<Uuid, Entry<E>>>,
    next: AtomicU64,
    arbiters: Vec<(ArbiterHandle, Arc<Lane>)>,
    effects: OnceLock<EffectSink<E>>,
    mirror: OnceLock<Mirror<E>>,
}

struct Entry<E: Entity> {
    host: Addr<Host<E>>,
    incarnation: u64,
}

impl<E: Entity> Shared<E> {
    /// Takes a host out of the directory, unless a later one stands there already. Tells whether it did.
    pub fn forget(&self, id: Uuid, incarnation: u64) -> bool {
        let mut awake = self.awake.lock().expect("finding a host does not panic");
        let own = awake.get(&id).is_some_and(|entry| entry.incarnation == incarnation);
        if own {
            awake.remove(&id);
        }
        own
    }

    pub fn hand_over(&self, id: EffectId, effect: E::Effect) {
        if let Some(sink) = self.effects.get() {
            sink(id, effect);
        }
    }

    pub fn has_mirror(&self) -> bool {
        self.mirror.get().is_some()
    }

    pub fn mirror(&self, state: impl FnOnce() -> E) {
        if let Some(mirror) = self.mirror.get() {
            mirror(state());
        }
    }

    fn host(self: &Arc<Self>, id: Uuid) -> Addr<Host<E>> {
        let mut awake = self.awake.lock().expect("finding a host does not panic");
        if let Some(entry) = awake.get(&id).filter(|entry| entry.host.connected()) {
            return entry.host.clone();
        }
        let incarnation = self.next.fetch_add(1, Ordering::Relaxed);
        let (arbiter, lane) = &self.arbiters[place_of(id, self.arbiters.len())];
        let (key, shared, lane) = (EntityKey::new(E::KIND, id), self.clone(), lane.clone());
        let host = Host::start_in_arbiter(arbiter, move |_| Host::new(key, shared, lane, incarnation));
        awake.insert(id, Entry { host: host.clone(), incarnation });
        host
    }
}

/// Brings commands to the entities of one kind.
pub struct Directory<E: Entity>(pub(crate) Arc<Shared<E>>);

impl<E: Entity> Clone for Directory<E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<E: Entity> Directory<E> {
    pub(crate) fn new(core: Arc<Core>, arbiters: Vec<(ArbiterHandle, Arc<Lane>)>) -> Self {
        assert!(!arbiters.is_empty(), "entities need an arbiter");
        Self(Arc::new(Shared {
            core,
            feed: Feed::default(),
            awake: Mutex::default(),
            next: AtomicU64::new(1),
            arbiters,
            effects: OnceLock::new(),
            mirror: OnceLock::new(),
        }))
    }

    /// Says who carries out effects. Set once, before the first command.
    pub(crate) fn on_effect(&self, sink: impl Fn(EffectId, E::Effect) + Send + Sync + 'static) {
        let set = self.0.effects.set(Box::new(sink));
        assert!(set.is_ok(), "effects have one sink");
    }

    /// Says who keeps a copy of each durable state. For entities that change rarely.
    pub(crate) fn on_state(&self, mirror: impl Fn(E) + Send + Sync + 'static) {
        let set = self.0.mirror.set(Box::new(mirror));
        assert!(set.is_ok(), "states have one mirror");
    }

    pub fn feed(&self) -> &Feed<E> {
        &self.0.feed
    }

    /// Brings a command to an entity and waits for its durable answer.
    ///
    /// A host that ends before it looks at the command has it sent again; commands are safe to repeat.
    pub async fn ask(&self, id: E::Id, command: E::Command) -> Result<Answer<E>, AskError<E>> {
        let permit = || async {
            let outstanding = self.0.core.outstanding.clone();
            outstanding.acquire_owned().await.map_err(|_| AskError::Unavailable("the server is stopping".into()))
        };
        for _ in 0..ATTEMPTS_MAX {
            let (asker, answer) = oneshot::channel();
            let reply = Reply::new(asker, permit().await?);
            self.send(id, Job::Command { command: command.clone(), reply });
            if let Ok(result) = answer.await {
                return result;
            }
        }
        Err(AskError::Unavailable(format!("the {} ended {ATTEMPTS_MAX} times before it answered", E::KIND.word())))
    }

    /// Returns an entity's state once all of it is durable.
    pub async fn look(&self, id: E::Id) -> Result<Look<E>, AskError<E>> {
        for _ in 0..ATTEMPTS_MAX {
            let (asker, look) = oneshot::channel();
            self.send(id, Job::Look { reply: LookReply(asker) });
            if let Ok(result) = look.await {
                return result;
            }
        }
        Err(AskError::Unavailable(format!("the {} ended {ATTEMPTS_MAX} times before it answered", E::KIND.word())))
    }

    /// Lets an entity act on what is due. Tells whether it could.
    pub(crate) async fn wake(&self, id: E::Id) -> bool {
        for _ in 0..ATTEMPTS_MAX {
            let (woken, done) = oneshot::channel();
            self.send(id, Job::Wake { reply: WakeReply(woken) });
            // A host that ends before it looks, because it was going to sleep, has the next one woken.
            if let Ok(woken) = done.await {
                return woken;
            }
        }
        false
    }

    /// Asks whether an effect is still of use; while that is unknown, it counts as wanted.
    pub(crate) async fn wants(&self, id: E::Id, effect: &E::Effect) -> bool {
        let (asker, wanted) = oneshot::channel();
        self.send(id, Job::Wants { effect: effect.clone(), reply: asker });
        wanted.await.unwrap_or(true)
    }

    /// Sends the entities to sleep that were last used before `idle_since`.
    pub fn passivate_idle(&self, idle_since: Timestamp) {
        let awake = self.0.awake.lock().expect("finding a host does not panic");
        for entry in awake.values() {
            entry.host.do_send(Envelope::of(Job::Passivate { idle_since }));
        }
    }

    /// Sends one entity to sleep as soon as nothing of it is under way.
    pub fn passivate(&self, id: E::Id) {
        let awake = self.0.awake.lock().expect("finding a host does not panic");
        if let Some(entry) = awake.get(&id.into()) {
            entry.host.do_send(Envelope::of(Job::Passivate { idle_since: Timestamp(u64::MAX) }));
        }
    }

    /// Lists the entities that are awake.
    pub fn awake(&self) -> Vec<Uuid> {
        self.0.awake.lock().expect("finding a host does not panic").keys().copied().collect()
    }

    /// Returns how many entities are awake.
    pub fn awake_count(&self) -> usize {
        self.0.awake.lock().expect("finding a host does not panic").len()
    }

    fn send(&self, id: E::Id, job: Job<E>) {
        // The mailbox needs no bound of its own: what is outstanding is bounded by permits, over all entities.
        self.0.host(id.into()).do_send(Envelope::of(job));
    }
}
