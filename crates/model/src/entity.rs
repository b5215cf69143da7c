//! The persistent entity: a pure state machine with an id, whose history is its journal.
//!
//! ```text
//!   command ──▶ decide(&self) ──▶ events, deltas, effects, reply      may say no
//!   due time ─▶ wake(&self)   ──▶ the same, without a reply
//!   events ───▶ apply(&mut self)                                      cannot fail
//!   deltas ───▶ absorb(&mut self)                                     cannot fail, repeatable
//! ```

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::{BootId, Kind, RunnerId, WorkId};
use crate::summary::{Row, SummaryKey};
use crate::time::Timestamp;

/// What an entity may know of the outside while it decides. Whatever is drawn from it is written into an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ctx {
    /// The id of the entity that decides.
    pub id: Uuid,
    /// The time of the decision.
    pub now: Timestamp,
    /// The number that the record of this decision will have.
    pub seq: u64,
    /// Fresh randomness for this decision.
    pub entropy: u128,
}

impl Ctx {
    /// Returns the `n`-th fresh id of this decision: a UUIDv7 made of `now` and the entropy.
    pub fn fresh<I: From<Uuid>>(&self, n: u32) -> I {
        let mixed = Uuid::new_v5(&Uuid::from_u128(self.entropy), &n.to_be_bytes()).as_u128();
        let bytes = uuid::Builder::from_unix_timestamp_millis(self.now.0, &random_tail(mixed)).into_uuid();
        I::from(bytes)
    }
}

fn random_tail(mixed: u128) -> [u8; 10] {
    let bytes = mixed.to_be_bytes();
    let mut tail = [0; 10];
    // The first six bytes carry the v5 version nibble; the outer ones are plain hash output.
    tail[..6].copy_from_slice(&bytes[..6]);
    tail[6..].copy_from_slice(&bytes[12..]);
    tail
}

/// A piece of streamed text that is durable before anybody sees it, stored as a row of its own without a seq.
///
/// Deltas of one stream are numbered by their sender; an event that closes the stream replaces all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delta {
    /// What the delta belongs to: a turn.
    pub stream: Uuid,
    /// The number of the last frame in it, rising within the stream.
    pub number: u64,
    /// The entity's own encoding.
    pub body: String,
}

/// What one command or one wake led to.
#[derive(Clone, Debug)]
pub struct Decision<E: Entity> {
    pub events: Vec<E::Event>,
    pub effects: Vec<E::Effect>,
    pub deltas: Vec<Delta>,
    /// Streams whose delta rows go, because an event of this decision holds their content.
    pub closes: Vec<Uuid>,
    pub reply: E::Reply,
}

impl<E: Entity> Decision<E> {
    /// A decision that changes nothing and answers `reply`.
    pub fn nothing(reply: E::Reply) -> Self {
        Self { events: vec![], effects: vec![], deltas: vec![], closes: vec![], reply }
    }

    /// Tells whether anything would be written.
    pub fn is_silent(&self) -> bool {
        self.events.is_empty() && self.effects.is_empty() && self.deltas.is_empty() && self.closes.is_empty()
    }
}

/// A work that this entity believes a runner holds; the roster compares it with what the runner says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Claim {
    pub runner: RunnerId,
    pub boot: BootId,
    pub work: WorkId,
    pub generation: u32,
}

/// A pure state machine with an id. One record holds what one command changed.
pub trait Entity: Default + Clone + Debug + Serialize + DeserializeOwned + Send + Sync + Unpin + 'static {
    const KIND: Kind;
    type Id: Copy + Debug + Display + Into<Uuid> + From<Uuid> + Send + Sync + Unpin + 'static;
    type Command: Clone + Debug + Send + 'static;
    type Event: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static;
    type Effect: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static;
    type Reply: Clone + Debug + Send + 'static;
    type Refusal: Clone + Debug + Display + Send + 'static;

    /// Judges a command against the state. A command that was taken before decides to nothing and repeats its reply.
    fn decide(&self, command: Self::Command, ctx: &Ctx) -> Result<Decision<Self>, Self::Refusal>;

    /// Acts on what is due at `ctx.now`, at most 100 things; [`Entity::wake_at`] tells whether more is due.
    fn wake(&self, ctx: &Ctx) -> Decision<Self>;

    /// Folds one event into the state. Accepts every event ever written.
    fn apply(&mut self, event: &Self::Event, at: Timestamp);

    /// Folds one delta into the state; a delta that was folded before, or whose stream is closed, changes nothing.
    fn absorb(&mut self, _delta: &Delta) {}

    /// Returns when the entity next wants to be woken.
    fn wake_at(&self) -> Option<Timestamp>;

    /// Returns the rows that lists show, by key.
    fn summaries(&self, id: Uuid) -> BTreeMap<SummaryKey, Row>;

    /// Returns the rows that these events, the last ones, can have changed, as they are now; nothing stands for a row that is gone.
    /// When it is absent all rows are compared, which is well for an entity that has few.
    fn touched(&self, _id: Uuid, _events: &[Self::Event]) -> Option<BTreeMap<SummaryKey, Option<Row>>> {
        None
    }

    /// Tells whether an effect that was not carried out yet is still of use.
    fn wants(&self, _effect: &Self::Effect) -> bool {
        true
    }

    /// Returns the number of the oldest record that the state still stands on. Older ones may go once they have outlived their
    /// use; by default none may.
    fn needed_from(&self) -> u64 {
        1
    }

    /// Tells whether the record of an event stays for good, however old it is.
    fn keeps(_event: &Self::Event) -> bool {
        false
    }

    /// Returns the entity whose watchers hear of this one as well: a run's session.
    fn shown_with(&self) -> Option<Uuid> {
        None
    }

    /// Lists the works that runners hold for this entity. An entity with claims is not passivated, and is awake after a
    /// restart before the server is ready.
    fn claims(&self) -> Vec<Claim> {
        vec![]
    }

    /// Returns the lists of the transcript in which this event stands, for reading it in pages. An empty answer means
    /// that the event shows in no transcript.
    fn pages(_event: &Self::Event) -> Vec<Uuid> {
        vec![]
    }
}
