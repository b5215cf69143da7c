//! The words of a commit: what one decision of one entity writes, whole or not at all.

use std::fmt;

use serde::{Deserialize, Serialize};
use tenure_model::{Delta, Entity, EntityKey, Record, Row, Span, SummaryKey, Timestamp};
use uuid::Uuid;

/// A commit's number in the whole store, from 1, without holes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default, Debug)]
#[serde(transparent)]
pub struct Position(pub u64);

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One life of an entity in memory; a later one makes the commits of an earlier one refused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Epoch(pub u64);

/// When an entity wants to be awake, as a row says it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Timer {
    /// Its next deadline, or up to [`Timer::EARLY_MAX`] before it; the end of time when it has none and is listed for its
    /// claims only.
    pub at: Timestamp,
    /// The entity has works at runners: it must be awake after a start.
    pub claims: bool,
}

impl Timer {
    /// How much too early a row may be. A deadline that moves by a little, as it does from step to step, then changes no row;
    /// and whoever is woken too early looks at its true deadline and waits on.
    pub const EARLY_MAX: Span = Span::secs(16);

    /// Returns the timer of an entity in this state, if it needs one.
    pub fn of<E: Entity>(state: &E) -> Option<Self> {
        let claims = !state.claims().is_empty();
        match state.wake_at() {
            Some(at) => Some(Self { at: Timestamp(at.0 - at.0 % Self::EARLY_MAX.0), claims }),
            None if claims => Some(Self { at: Timestamp(u64::MAX), claims }),
            None => None,
        }
    }
}

/// The record of a commit.
#[derive(Clone, Debug)]
pub struct NewRecord {
    /// One more than the entity's last record.
    pub seq: u64,
    pub at: Timestamp,
    /// JSON of `model::Record`.
    pub body: Vec<u8>,
    /// How many effects the body holds; each waits in the outbox until it is struck out.
    pub effects: u32,
    /// The lists of the transcript in which it stands.
    pub pages: Vec<Uuid>,
}

impl NewRecord {
    /// Returns what is written for a record.
    pub fn of<E: Entity>(record: &Record<E>) -> Self {
        Self {
            seq: record.seq,
            at: record.at,
            body: serde_json::to_vec(record).expect("a record has string keys and finite numbers only"),
            effects: u32::try_from(record.effects.len()).expect("a decision has few effects"),
            pages: record.events.iter().flat_map(E::pages).collect(),
        }
    }
}

/// A state that stands for every record up to `seq`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    pub seq: u64,
    /// JSON of the entity.
    pub body: Vec<u8>,
}

/// What becomes of an entity's timer row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimerChange {
    Set(Timer),
    Clear,
}

/// A summary row that is written, or goes when `row` is absent.
#[derive(Clone, Debug, PartialEq)]
pub struct SummaryChange {
    pub key: SummaryKey,
    pub row: Option<Row>,
}

/// Everything that one decision of one entity changes.
#[derive(Clone, Debug)]
pub struct Commit {
    pub key: EntityKey,
    pub epoch: Epoch,
    pub record: Option<NewRecord>,
    pub deltas: Vec<Delta>,
    /// Streams whose deltas go. A closed stream stays closed: later deltas of it are swept as well.
    pub closes: Vec<Uuid>,
    pub snapshot: Option<Snapshot>,
    pub timer: Option<TimerChange>,
    pub summaries: Vec<SummaryChange>,
}

impl Commit {
    /// Returns a commit that changes nothing yet.
    pub fn new(key: EntityKey, epoch: Epoch) -> Self {
        Self {
            key,
            epoch,
            record: None,
            deltas: vec![],
            closes: vec![],
            snapshot: None,
            timer: None,
            summaries: vec![],
        }
    }
}
