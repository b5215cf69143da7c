//! The store: records, streamed text and snapshots of every entity, with indexes that can be rebuilt, over a small engine.
//!
//! Two layers. An [`engine::Engine`] is an ordered key-value log that writes a batch whole, durably, or not at all; each
//! engine passes [`engine::contract`]. The [`Store`] keeps entities in it: it numbers every commit, refuses the commits of
//! an entity's past lives, verifies what it reads, and keeps damage to the entity that it hit.

pub mod engine;
pub mod store;

pub use engine::{Engine, EngineError, EngineStats, OpenOptions};
pub use store::{
    Commit, CommitError, EffectId, Epoch, Loaded, NewRecord, Outlived, Position, Rebuilt, SetAside, Snapshot, Store,
    StoreError, StoredDelta, StoredRecord, SummaryChange, Timer, TimerChange,
};
