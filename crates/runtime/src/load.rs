//! Waking an entity up: the barrier through the writer, then its snapshot, its records and its open text.

use std::sync::Arc;

use tenure_journal::{Epoch, Loaded, Position, StoreError, Timer};
use tenure_model::{Entity, EntityKey, Record};

use crate::core::Core;

/// An entity as its journal tells it.
pub(crate) struct Awake<E> {
    pub state: E,
    pub seq: u64,
    pub epoch: Epoch,
    pub position: Position,
    pub timer: Option<Timer>,
    pub since_snapshot: u64,
    pub entropy: u128,
}

/// Why an entity could not be woken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    #[error("its journal is damaged: {0}")]
    Damaged(String),
    #[error("{0}")]
    Unavailable(String),
}

/// Loads an entity. Everything that an earlier host of it has handed to the writer is settled before anything is read,
/// and nothing of it is written afterwards.
pub(crate) async fn load<E: Entity>(key: EntityKey, core: Arc<Core>) -> Result<Awake<E>, LoadError> {
    let epoch = core.writer.barrier(key).await.map_err(|error| LoadError::Unavailable(error.to_string()))?;
    let store = core.store.clone();
    let read = tokio::task::spawn_blocking(move || store.load(key).map_err(from_store).and_then(fold::<E>));
    let mut awake = read.await.map_err(|error| LoadError::Unavailable(error.to_string()))??;
    awake.epoch = epoch;
    awake.entropy = entropy().map_err(|error| LoadError::Unavailable(error.to_string()))?;
    Ok(awake)
}

fn from_store(error: StoreError) -> LoadError {
    match error {
        StoreError::Damaged { .. } => LoadError::Damaged(error.to_string()),
        other => LoadError::Unavailable(other.to_string()),
    }
}

fn fold<E: Entity>(loaded: Loaded) -> Result<Awake<E>, LoadError> {
    let unreadable =
        |what: String, error: serde_json::Error| LoadError::Damaged(format!("{what} cannot be read: {error}"));
    let mut state = match &loaded.snapshot {
        Some(snapshot) => serde_json::from_slice(&snapshot.body)
            .map_err(|error| unreadable(format!("the snapshot at seq {}", snapshot.seq), error))?,
        None => E::default(),
    };
    let since_snapshot = loaded.records.len() as u64;
    for stored in &loaded.records {
        let record: Record<E> = serde_json::from_slice(&stored.body)
            .map_err(|error| unreadable(format!("record {}", stored.seq), error))?;
        for event in &record.events {
            state.apply(event, record.at);
        }
    }
    for stored in &loaded.deltas {
        state.absorb(&stored.delta);
    }
    Ok(Awake {
        state,
        seq: loaded.seq,
        epoch: Epoch::default(),
        position: loaded.position,
        timer: loaded.timer,
        since_snapshot,
        entropy: 0,
    })
}

/// Draws fresh randomness from the machine.
pub(crate) fn entropy() -> Result<u128, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(u128::from_le_bytes(bytes))
}
