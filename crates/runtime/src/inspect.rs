//! Looking into any entity: its state, its journal, its past. What the admin endpoint shows.

use std::future::Future;
use std::pin::Pin;

use serde::Serialize;
use serde_json::Value;
use tenure_journal::{EffectId, Position, StoreError, StoredRecord};
use tenure_model::{Claim, Entity, EntityKey, Kind, Record, Timestamp};
use uuid::Uuid;

use crate::directory::{AskError, Directory};

/// An answer that is on its way.
pub type Inspecting<'a, T> = Pin<Box<dyn Future<Output = Result<T, InspectError>> + Send + 'a>>;

/// One entity, inside out.
#[derive(Clone, Debug, Serialize)]
pub struct EntityDetail {
    pub key: EntityKey,
    /// Whether it was awake before it was looked at.
    pub awake: bool,
    pub seq: u64,
    /// The number of the last record that was compacted away, 0 when all are there.
    pub floor: u64,
    pub position: Position,
    /// Its present life in memory.
    pub epoch: u64,
    /// Commits under way.
    pub in_flight: usize,
    /// Effects that are recorded and not yet carried out.
    pub waiting_effects: Vec<WaitingEffect>,
    /// When it is to be woken.
    pub timer: Option<Timestamp>,
    /// The works that it believes to be at runners.
    pub claims: Vec<Claim>,
    /// How many watch it.
    pub subscribers: usize,
    /// What it takes in the store, in bytes.
    pub size_bytes: u64,
    pub state: Value,
}

#[derive(Clone, Debug, Serialize)]
pub struct WaitingEffect {
    pub id: EffectId,
    pub effect: Value,
}

/// One record of a journal.
#[derive(Clone, Debug, Serialize)]
pub struct JournalRow {
    pub seq: u64,
    pub at: Timestamp,
    pub position: Position,
    pub events: Value,
    pub effects: Value,
}

/// Why there is nothing to see.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InspectError {
    #[error("there is no such {}", .0.word())]
    Unknown(Kind),
    #[error("its journal ends at seq {last}")]
    NotYet { last: u64 },
    #[error(
        "records up to seq {floor} were compacted away; the earliest state that can be told is that at seq {first}"
    )]
    Compacted { floor: u64, first: u64 },
    #[error("set aside: {0}")]
    Damaged(String),
    #[error("unavailable: {0}")]
    Unavailable(String),
}

impl From<StoreError> for InspectError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Damaged { .. } => Self::Damaged(error.to_string()),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

impl<E: Entity> From<AskError<E>> for InspectError {
    fn from(error: AskError<E>) -> Self {
        match error {
            AskError::Damaged(why) => Self::Damaged(why),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

/// Looks into the entities of one kind.
pub trait Inspect: Send + Sync {
    /// Lists entities by id, also those that sleep.
    fn list(&self, after: Option<Uuid>, limit: usize) -> Inspecting<'_, Vec<Uuid>>;
    /// Lists the entities that are awake.
    fn awake(&self) -> Vec<Uuid>;
    fn show(&self, id: Uuid) -> Inspecting<'_, EntityDetail>;
    /// Returns records from `from_seq` on.
    fn journal(&self, id: Uuid, from_seq: u64, limit: usize) -> Inspecting<'_, Vec<JournalRow>>;
    /// Returns the state as it was after record `seq`. Text that was streaming then is not part of it.
    fn state_at(&self, id: Uuid, seq: u64) -> Inspecting<'_, Value>;
    /// Sends the entity to sleep as soon as nothing of it is under way.
    fn passivate(&self, id: Uuid);
    /// Wakes the entity up and lets it act on what is due.
    fn wake(&self, id: Uuid) -> Inspecting<'_, ()>;
}

/// How many records are read at once while the past is folded.
const FOLD_PAGE: usize = 500;

impl<E: Entity> Directory<E> {
    async fn read<T: Send + 'static>(
        &self,
        id: Uuid,
        read: impl FnOnce(tenure_journal::Store, EntityKey) -> Result<T, InspectError> + Send + 'static,
    ) -> Result<T, InspectError> {
        let store = self.0.core.store.clone();
        let key = EntityKey::new(E::KIND, id);
        let known = move |store: tenure_journal::Store| match store.last_record(key)? {
            Some(_) => read(store, key),
            None => Err(InspectError::Unknown(E::KIND)),
        };
        let joined = tokio::task::spawn_blocking(move || known(store)).await;
        joined.map_err(|error| InspectError::Unavailable(error.to_string()))?
    }
}

impl<E: Entity> Inspect for Directory<E> {
    fn list(&self, after: Option<Uuid>, limit: usize) -> Inspecting<'_, Vec<Uuid>> {
        let store = self.0.core.store.clone();
        Box::pin(async move {
            let read = tokio::task::spawn_blocking(move || store.entities(E::KIND, after, limit)).await;
            Ok(read.map_err(|error| InspectError::Unavailable(error.to_string()))??)
        })
    }

    fn awake(&self) -> Vec<Uuid> {
        Directory::awake(self)
    }

    fn show(&self, id: Uuid) -> Inspecting<'_, EntityDetail> {
        Box::pin(async move {
            let awake = Directory::awake(self).contains(&id);
            let subscribers = self.feed().subscribers(id);
            let (waiting_effects, size_bytes, floor) = self
                .read(id, |store, key| {
                    let waiting =
                        store.outbox_of(key)?.into_iter().map(|(id, body)| WaitingEffect { id, effect: json(&body) });
                    Ok((waiting.collect(), store.size_of(key)?, store.floor(key)?))
                })
                .await?;
            let look = self.look(E::Id::from(id)).await?;
            Ok(EntityDetail {
                key: EntityKey::new(E::KIND, id),
                awake,
                seq: look.seq,
                floor,
                position: look.position,
                epoch: look.epoch.0,
                in_flight: look.in_flight,
                waiting_effects,
                timer: look.state.wake_at(),
                claims: look.state.claims(),
                subscribers,
                size_bytes,
                state: serde_json::to_value(look.state.as_ref()).unwrap_or_default(),
            })
        })
    }

    fn journal(&self, id: Uuid, from_seq: u64, limit: usize) -> Inspecting<'_, Vec<JournalRow>> {
        Box::pin(
            self.read(id, move |store, key| Ok(store.records(key, from_seq, limit)?.into_iter().map(row).collect())),
        )
    }

    fn state_at(&self, id: Uuid, seq: u64) -> Inspecting<'_, Value> {
        Box::pin(self.read(id, move |store, key| {
            let state = fold_to::<E>(&store, key, seq)?;
            Ok(serde_json::to_value(state).unwrap_or_default())
        }))
    }

    fn passivate(&self, id: Uuid) {
        Directory::passivate(self, E::Id::from(id));
    }

    fn wake(&self, id: Uuid) -> Inspecting<'_, ()> {
        Box::pin(async move {
            self.read(id, |_, _| Ok(())).await?;
            match Directory::wake(self, E::Id::from(id)).await {
                true => Ok(()),
                false => Err(InspectError::Unavailable("it could not act; try again".into())),
            }
        })
    }
}

fn row(stored: StoredRecord) -> JournalRow {
    let mut body = json(&stored.body);
    let mut take = |name: &str| body.get_mut(name).map(Value::take).unwrap_or_else(|| Value::Array(vec![]));
    let (events, effects) = (take("events"), take("effects"));
    JournalRow { seq: stored.seq, at: stored.at, position: stored.position, events, effects }
}

fn json(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned()))
}

fn fold_to<E: Entity>(store: &tenure_journal::Store, key: EntityKey, seq: u64) -> Result<E, InspectError> {
    let (mut state, mut next) = earliest::<E>(store, key)?;
    if seq + 1 < next {
        return Err(InspectError::Compacted { floor: store.floor(key)?, first: next - 1 });
    }
    while next <= seq {
        let page = store.records(key, next, FOLD_PAGE)?;
        let Some(last) = page.last().map(|record| record.seq) else {
            return Err(InspectError::NotYet { last: next - 1 });
        };
        for stored in page.iter().take_while(|stored| stored.seq <= seq) {
            let record: Record<E> = serde_json::from_slice(&stored.body)
                .map_err(|error| InspectError::Damaged(format!("record {} cannot be read: {error}", stored.seq)))?;
            for event in &record.events {
                state.apply(event, record.at);
            }
        }
        next = last + 1;
    }
    Ok(state)
}

/// Returns the earliest state that can be told, and the number of the record after it.
fn earliest<E: Entity>(store: &tenure_journal::Store, key: EntityKey) -> Result<(E, u64), InspectError> {
    if store.floor(key)? == 0 {
        return Ok((E::default(), 1));
    }
    let unreadable = |what: String| InspectError::Damaged(format!("the snapshot cannot be read: {what}"));
    let snapshot = store.snapshot(key)?.ok_or_else(|| unreadable("it is not there".to_owned()))?;
    let state = serde_json::from_slice(&snapshot.body).map_err(|error| unreadable(error.to_string()))?;
    Ok((state, snapshot.seq + 1))
}
