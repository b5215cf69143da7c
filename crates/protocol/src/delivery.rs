//! The ledger of triggers as HTTP callers see it: what was decided and why, what was delivered, and how a trigger has changed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tenure_model::id::{ExecutionId, FiringId, SessionId, ThreadId, TriggerId};
use tenure_model::step::RunEnd;
use tenure_model::{Span, Timestamp};
use utoipa::ToSchema;

use crate::trigger::TimeMark;
use crate::workflow::Author;

/// What became of a firing, or why there was none.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LedgerOutcome {
    /// It was asked for.
    Matched,
    /// It waits for the runs before it.
    Queued,
    /// A run was still under way.
    Skipped,
    /// A later firing took its place in the queue.
    Replaced,
    /// What was delivered does not concern the trigger.
    NoMatch,
    /// Nobody was there in time.
    Missed,
    /// The workflow is gone, or switched off.
    WorkflowDeleted,
    Error,
}

/// What led to a firing.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CauseKind {
    Schedule,
    Backfill,
    Delivery,
    /// Somebody asked for it.
    Asked,
    /// Somebody wanted a delivery once more.
    Replay,
}

/// What led to a firing; what does not belong to its kind is absent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct FiringCause {
    pub kind: CauseKind,
    /// The time that it was planned for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<TimeMark>,
    /// It was made up for, so long after its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_ms: Option<Span>,
    /// What GitHub calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// What repeats of a delivery are known by: `id`, `time` or `bytes`. With `bytes`, two honest deliveries of the same bytes
    /// within the window count as one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyed_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Author>,
    /// The firing that is replayed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<FiringId>,
}

/// One decision of a trigger, as it stands now.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct LedgerEntry {
    pub trigger: TriggerId,
    /// When it was decided first.
    pub at: Timestamp,
    /// Absent for what was never going to fire: missed times, and deliveries that do not concern the trigger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firing: Option<FiringId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<FiringCause>,
    pub outcome: LedgerOutcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution: Option<ExecutionId>,
    /// Where the orchestrator was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<ThreadId>,
    /// How its run ended, as far as somebody waited for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<RunEnd>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed: Option<MissedTimes>,
    /// Whether what was delivered is kept, so that it can be replayed.
    pub replayable: bool,
    #[serde(default)]
    pub test: bool,
}

/// Planned times that did not fire: those after one instant and not after another.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct MissedTimes {
    pub after: Timestamp,
    pub until: Timestamp,
}

/// One decision with what it was made of.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct DeliveryView {
    #[serde(flatten)]
    pub entry: LedgerEntry,
    /// The inputs of the run.
    pub inputs: Map<String, Value>,
    /// What the orchestrator was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered: Option<Delivered>,
}

/// A request as it was delivered.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct Delivered {
    pub method: String,
    /// Those that mean something and are no credential.
    pub headers: BTreeMap<String, String>,
    pub query: String,
    /// The body as text, or base64 when it is no text.
    pub body: String,
    pub base64: bool,
}

/// Something that was asked for, and has fired, waits, or was judged otherwise: its ledger entry says which.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct FiredTrigger {
    pub firing: FiringId,
    /// The run that it starts, when it does; absent for a trigger that asks the orchestrator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution: Option<ExecutionId>,
}

/// Why a trigger did, or did not, fire at a minute.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct WhyTrigger {
    pub at: Timestamp,
    /// What the clocks of the trigger's zone show then.
    pub shown: String,
    /// `fired`, `missed`, `will_fire`, `undecided`, `not_planned`, `nothing_came`, `forgotten`, `disabled`, `paused`, `deleted` or `not_made`.
    pub code: String,
    /// One sentence.
    pub words: String,
    /// That the clocks show this time twice, or skip it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What was decided then, as far as there is something.
    pub entries: Vec<LedgerEntry>,
}

/// How a trigger became what it is.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TriggerChange {
    Created,
    Updated,
    Renamed,
    Enabled,
    Disabled,
    Paused,
    Resumed,
    /// Its address or its secret were replaced.
    Rotated,
    Deleted,
}

/// One change in a trigger's history, newest first.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct TriggerChangeRow {
    pub at: Timestamp,
    pub change: TriggerChange,
    pub by: Author,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u64>,
    /// What it said from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<Value>,
    /// Until when it was paused, or an old address stays good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}
