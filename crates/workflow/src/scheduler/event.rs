//! What has happened to an owner's triggers: kept for ever. The ledger and the history are read from here.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tenure_model::id::{ExecutionId, FiringId, SessionId, ThreadId, TriggerId, UserId};
use tenure_model::request::RequestId;
use tenure_model::step::RunEnd;
use tenure_model::time::Timestamp;

use super::command::{Change, Reply, Stored};
use super::firing::{Firing, Verdict};
use super::state::Plan;
use crate::people::Author;
use crate::trigger::Definition;
use crate::trigger::webhook::{Proof, Secret};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A trigger says something new.
    Saved {
        trigger: TriggerId,
        change: Change,
        revision: u64,
        /// The number of the record that holds this.
        record: u64,
        by: Author,
        definition: Arc<Definition>,
        plan: Plan,
    },
    Deleted {
        trigger: TriggerId,
        by: Author,
    },
    /// Nothing is planned until then; none ends a pause.
    Paused {
        trigger: TriggerId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
        by: Author,
        plan: Plan,
    },
    /// An address and a secret take the place of others, which are good until then. No trigger is GitHub's own inlet.
    Rotated {
        trigger: Option<TriggerId>,
        generation: u32,
        secret: Secret,
        old_until: Timestamp,
        by: Author,
    },
    /// Everything up to a time is decided, and this is what comes next.
    Planned {
        trigger: TriggerId,
        plan: Plan,
    },
    /// Planned times after one instant and not after another did not fire.
    Missed {
        trigger: TriggerId,
        after: Timestamp,
        until: Timestamp,
        /// How many, as far as they were counted.
        count: u32,
        why: String,
    },
    /// More was due than one wake decides: what was in time then still is.
    FellBehind {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Timestamp>,
    },
    /// A webhook was called.
    Received {
        trigger: Option<TriggerId>,
        proof: Proof,
        /// The firings that it leads to.
        firings: Vec<FiringId>,
        /// Kept whole when it leads to something.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stored: Option<Stored>,
    },
    /// A delivery of GitHub does not concern these triggers.
    NotMatched {
        event: String,
        key: String,
        misses: Vec<Miss>,
    },
    /// What was decided of a firing. A verdict that comes later takes the place of the one before.
    Decided {
        #[serde(flatten)]
        verdict: Verdict,
        firing: Box<Firing>,
    },
    /// A firing that waited is asked for.
    Dequeued {
        trigger: TriggerId,
        firing: FiringId,
    },
    /// Nobody has answered; it is asked for again.
    AskedAgain {
        trigger: TriggerId,
        firing: FiringId,
    },
    Started {
        trigger: TriggerId,
        firing: FiringId,
        execution: ExecutionId,
        /// Its end is awaited.
        watched: bool,
    },
    Prompted {
        trigger: TriggerId,
        firing: FiringId,
        session: SessionId,
        thread: ThreadId,
    },
    /// It could not be started.
    Failed {
        trigger: TriggerId,
        firing: FiringId,
        code: String,
        why: String,
    },
    /// A run is being ended for another firing.
    Cancelling {
        trigger: TriggerId,
        firing: FiringId,
    },
    /// A run is over.
    Ended {
        trigger: TriggerId,
        firing: FiringId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        end: Option<RunEnd>,
    },
    BackfillBegan {
        trigger: TriggerId,
        after: Timestamp,
        until: Timestamp,
        by: Author,
    },
    /// Everything up to this time was fired.
    BackfillMoved {
        trigger: TriggerId,
        after: Timestamp,
    },
    BackfillEnded {
        trigger: TriggerId,
    },
    /// A request is remembered with its answer, for whoever sends it again.
    RequestAnswered {
        user: UserId,
        request: RequestId,
        fingerprint: u64,
        reply: Reply,
    },
}

/// Why a delivery does not concern a trigger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Miss {
    pub trigger: TriggerId,
    pub why: String,
}

impl Event {
    /// Lists the triggers of which something is shown that this can change.
    pub(super) fn touches(&self) -> Vec<TriggerId> {
        match self {
            Event::Planned { trigger, .. } | Event::BackfillMoved { trigger, .. } => vec![*trigger],
            Event::NotMatched { .. } => vec![],
            other => other.triggers(),
        }
    }

    /// Lists the triggers in whose ledger or history this stands.
    pub fn triggers(&self) -> Vec<TriggerId> {
        match self {
            Event::Saved { trigger, .. }
            | Event::Deleted { trigger, .. }
            | Event::Paused { trigger, .. }
            | Event::Missed { trigger, .. }
            | Event::Dequeued { trigger, .. }
            | Event::Started { trigger, .. }
            | Event::Prompted { trigger, .. }
            | Event::Failed { trigger, .. }
            | Event::Cancelling { trigger, .. }
            | Event::Ended { trigger, .. }
            | Event::BackfillBegan { trigger, .. }
            | Event::BackfillEnded { trigger } => vec![*trigger],
            Event::Decided { firing, .. } => vec![firing.trigger],
            Event::Rotated { trigger, .. } | Event::Received { trigger, .. } => trigger.iter().copied().collect(),
            Event::NotMatched { misses, .. } => misses.iter().map(|miss| miss.trigger).collect(),
            Event::Planned { .. }
            | Event::FellBehind { .. }
            | Event::AskedAgain { .. }
            | Event::BackfillMoved { .. }
            | Event::RequestAnswered { .. } => vec![],
        }
    }
}
