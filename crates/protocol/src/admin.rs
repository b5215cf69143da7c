//! What operators are told live: figures of the writer and the store, and which actors wake, go to sleep or move on. The same
//! objects over the websocket (JSON text frames) and as server-sent events.

use serde::{Deserialize, Serialize};
use tenure_model::{Kind, Timestamp};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::problem::Problem;

/// One piece of news for operators. None of it is kept: whoever comes back looks anew, and hears from then on.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(tag = "type")]
pub enum AdminEvent {
    /// Everything that stirs from here on is told. What was looked at before may be out of date.
    #[serde(rename = "live")]
    Live { at: Timestamp },
    /// How the writer and the store stand, at once and then again and again.
    #[serde(rename = "figures")]
    Figures { at: Timestamp, figures: WriterFigures },
    /// What has stirred in a short while, each actor once, as it stands after it.
    #[serde(rename = "actors")]
    Actors {
        actors: Vec<ActorStir>,
        /// Whether more has stirred than is told; what was looked at before is then out of date.
        more: bool,
    },
    /// It cannot go on; the connection ends.
    #[serde(rename = "error")]
    Error { problem: Problem },
}

/// The writer and the store, at a moment.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct WriterFigures {
    /// Why nothing can be written; null while it can be.
    #[schema(required)]
    pub failure: Option<String>,
    /// Commits that wait for the writer.
    pub queued: u64,
    /// The last commit's number in the whole store.
    pub position: u64,
    /// Commits since the start.
    pub commits: u64,
    /// Commits of earlier lives of an actor, which are not written.
    pub refused_commits: u64,
    pub flushes: u64,
    /// On the mean, since the start.
    pub commits_per_flush: f64,
    /// How long the last flush took, in microseconds.
    pub flush_us_last: u64,
    /// How long a flush has taken on the mean since the start, in microseconds.
    pub flush_us_mean: u64,
    /// How the store is kept.
    pub engine: String,
    /// Actors in memory.
    pub awake: u64,
    /// Actors that a timer wakes.
    pub alarms: u64,
    /// What actors have asked for and was not carried out yet.
    pub effects: u64,
    /// Actors whose journals do not verify.
    pub set_aside: Vec<SetAside>,
}

/// An actor that is left alone, because its journal does not verify.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct SetAside {
    /// Its kind and id, such as `session/0198…`.
    pub entity: String,
    pub why: String,
}

/// How an actor stands after it has woken, gone to sleep or moved on.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct ActorStir {
    pub kind: Kind,
    pub id: Uuid,
    /// Whether it is in memory.
    pub awake: bool,
    /// Its last record; absent when that is not known, because its journal could not be read or written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// Its last commit, which may hold text only; absent when that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
    pub at: Timestamp,
}
