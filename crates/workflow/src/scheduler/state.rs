//! What a scheduler remembers: its triggers, when they are due, and what it has asked for.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tenure_model::Row;
use tenure_model::id::{FiringId, TriggerId};
use tenure_model::time::{Span, Timestamp};

use super::command::Reply;
use super::firing::Firing;
use super::inlet::Keys;
use super::recent::Recent;
use crate::people::Author;
use crate::requests::Requests;
use crate::trigger::{Definition, Name, On};

/// The state of one owner's scheduler.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scheduler {
    pub triggers: BTreeMap<TriggerId, Trigger>,
    /// By folded name.
    pub(super) names: BTreeMap<String, TriggerId>,
    /// When each trigger wants to be looked at.
    pub(super) due: BTreeSet<(Timestamp, TriggerId)>,
    /// What was asked for and is not over.
    pub(super) asked: BTreeMap<FiringId, Asked>,
    /// When each of them is looked at again.
    pub(super) deadlines: BTreeSet<(Timestamp, FiringId)>,
    /// GitHub's own address and secret.
    #[serde(default)]
    pub github: Keys,
    pub(super) github_recent: Recent,
    /// Set while more is due than one wake decides.
    pub(super) behind: Option<Timestamp>,
    pub(super) requests: Requests<Reply>,
}

/// A trigger that is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trigger {
    pub definition: Arc<Definition>,
    /// Counted from 1 with every change.
    pub revision: u64,
    /// The record that holds the definition.
    pub record: u64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub by: Author,
    pub plan: Plan,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused_until: Option<Timestamp>,
    /// The latest time that something was started for. It never moves backwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_run_at: Option<Timestamp>,
    /// Why the last firing could not start; nothing after one that could.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing: Option<String>,
    /// What is under way, in the order in which it was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub running: Vec<FiringId>,
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    pub(super) queue: VecDeque<Firing>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backfill: Option<Backfill>,
    pub keys: Keys,
    #[serde(default)]
    pub(super) recent: Recent,
    /// Firings of the backfill that are not over.
    #[serde(default)]
    pub(super) backfill_open: usize,
    /// When it stands in the scheduler's own list of what is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) due: Option<Timestamp>,
    /// What lists show, written when something changes.
    #[serde(skip)]
    pub(super) row: Option<Row>,
}

/// Up to when a trigger is decided, and when it is next due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Every planned time up to here was decided, and is never decided again.
    pub decided_until: Timestamp,
    /// The next planned time, after which something fires by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Timestamp>,
}

/// Something that was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Asked {
    pub trigger: TriggerId,
    pub deadline: Timestamp,
    pub phase: Phase,
    #[serde(default)]
    pub backfill: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub(super) enum Phase {
    /// Nobody has answered yet; it can be asked for again.
    Asked {
        firing: Box<Firing>,
        asks: u32,
    },
    Running,
    Cancelling,
}

/// A range of times that is over and is fired all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backfill {
    /// Everything up to here was fired.
    pub after: Timestamp,
    pub until: Timestamp,
}

impl Scheduler {
    /// Returns the trigger of a name, whatever its case.
    pub fn named(&self, name: &Name) -> Option<(TriggerId, &Trigger)> {
        let id = self.names.get(&name.folded())?;
        self.triggers.get(id).map(|trigger| (*id, trigger))
    }

    /// Lists the triggers that listen to GitHub.
    pub(super) fn of_github(&self) -> impl Iterator<Item = (TriggerId, &Trigger)> {
        let all = self.triggers.iter().map(|(id, trigger)| (*id, trigger));
        all.filter(|(_, trigger)| matches!(trigger.definition.on, On::Github(_)))
    }
}

impl Trigger {
    /// Returns when the trigger plans for the first time after what is decided, paused times left out.
    pub(super) fn undecided_after(&self) -> Timestamp {
        let paused = self.paused_until.map(|until| until - Span::ms(1));
        paused.map_or(self.plan.decided_until, |paused| paused.max(self.plan.decided_until))
    }

    /// Returns how many firings wait.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }
}
