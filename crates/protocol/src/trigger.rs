//! Triggers as HTTP callers see them: rows, what saving did, and what they would do.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tenure_model::id::{TriggerId, UserId};
use tenure_model::{Span, Timestamp};
use utoipa::ToSchema;

pub use crate::delivery::{
    CauseKind, Delivered, DeliveryView, FiredTrigger, FiringCause, LedgerEntry, LedgerOutcome, MissedTimes,
    TriggerChange, TriggerChangeRow, WhyTrigger,
};
pub use crate::inlet::{GithubEventRow, GithubInlet, HookAnswer, InletAddress, OldAddress, RotateInlet, RotatedInlet};
use crate::workflow::{Author, Mistake};

/// What makes a trigger fire.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TriggerType {
    Schedule,
    Webhook,
    Github,
    Manual,
}

/// A trigger in a list; the row of the list `trigger` in the feed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct TriggerRow {
    pub id: TriggerId,
    pub name: String,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(rename = "type")]
    pub kind: TriggerType,
    /// When it fires and what it does then, in words.
    pub words: String,
    /// The workflow that it runs, as its definition names it; absent when it asks the orchestrator.
    #[serde(default)]
    pub workflow: Option<String>,
    pub enabled: bool,
    #[serde(default)]
    pub paused_until: Option<Timestamp>,
    /// Counted from 1 with every change.
    pub revision: u64,
    /// When it fires next by itself.
    #[serde(default)]
    pub next_at: Option<Timestamp>,
    #[serde(default)]
    pub last_run_at: Option<Timestamp>,
    /// Why the last firing could not start; absent after one that could.
    #[serde(default)]
    pub failing: Option<String>,
    /// How many of its runs are under way, as far as its overlap policy asks for that.
    pub running: u64,
    /// How many firings wait for those runs.
    pub waiting: u64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A trigger with its definition.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct TriggerView {
    #[serde(flatten)]
    pub row: TriggerRow,
    pub owner: UserId,
    /// Who saved this revision.
    pub by: Author,
    /// As `/schema/trigger.json` describes it; there is never a secret in it.
    pub definition: Value,
    /// The next planned time, with what the clocks of its zone show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<PlannedTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backfill: Option<BackfillState>,
    /// Where a webhook, or GitHub for all of its triggers, is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<InletAddress>,
}

/// A range of times that is being fired for.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct BackfillState {
    /// Everything up to here was fired.
    pub after: Timestamp,
    pub until: Timestamp,
}

/// What saving did.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TriggerOutcome {
    Created,
    Updated,
    /// It said the same already.
    Unchanged,
}

/// What became of a trigger that was saved.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct SavedTrigger {
    pub outcome: TriggerOutcome,
    pub id: TriggerId,
    pub name: String,
    pub revision: u64,
    /// When and what, in words.
    pub words: String,
    /// The next planned time; absent for what does not fire by itself, or is switched off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<PlannedTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<InletAddress>,
    /// The secret with which the sender signs, when the server has made it: shown here, and nowhere again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// What a definition of a trigger is, or everything that is wrong with it. Nothing was saved.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct TriggerValidity {
    pub valid: bool,
    pub mistakes: Vec<Mistake>,
    /// What syncing it would do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<TriggerOutcome>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<PlannedTime>,
}

/// An instant: milliseconds since 1970; or a text, RFC 3339 with an offset, or what the clocks of the trigger's zone show
/// (`2026-11-21T03:00`).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(untagged)]
pub enum When {
    Ms(Timestamp),
    Text(String),
}

/// Plans nothing until an instant, or for so long. One of the two.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PauseTrigger {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<When>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_ms: Option<Span>,
}

/// Gives a trigger another name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenameTrigger {
    pub name: String,
}

/// Fires now, also when the trigger is switched off.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunTrigger {
    /// On top of the trigger's own inputs.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub inputs: Map<String, Value>,
    /// Marks the run as a trial.
    #[serde(default)]
    pub test: bool,
}

/// Fires for every planned time of a range that is over, both ends included.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBackfill {
    pub from: When,
    pub to: When,
    /// Only list the times.
    #[serde(default)]
    pub dry_run: bool,
}

/// The times of a backfill.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct BackfillTimes {
    pub dry_run: bool,
    pub times: Vec<PlannedTime>,
    /// Whether the range holds more than one backfill may.
    pub more: bool,
}

/// What is special about a planned time.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimeMark {
    /// The clocks skip its time; it fires right after the gap.
    Gap,
    /// The clocks show its time twice; this is the first time.
    FoldFirst,
    FoldSecond,
}

/// One planned time.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct PlannedTime {
    pub at: Timestamp,
    /// What the clocks of the zone show then: `2026-11-21 03:00`.
    pub shown: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<TimeMark>,
    /// When it fires, put off by the trigger's jitter; absent when that is `at`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fires_at: Option<Timestamp>,
}

/// What a trigger would do.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct TriggerPreview {
    /// When and what, in words.
    pub words: String,
    /// The zone of its times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Whether it is switched on and not paused; its times are listed anyway.
    pub fires: bool,
    /// None for what does not fire by itself.
    pub times: Vec<PlannedTime>,
}

/// A delivery that is only imagined.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestTrigger {
    #[serde(default)]
    pub payload: Value,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// What stands after the `?` of the address.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub query: String,
    /// What GitHub calls it, like `pull_request`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
}

/// What a delivery would do. Nothing was changed.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct TestedTrigger {
    /// Whether something would be started.
    pub fires: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<String>,
    /// The names by which filters know what happens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
    /// The inputs of the run, or what the prompt can read.
    pub inputs: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<String>,
    /// What the orchestrator would be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// What the workflow would say to these inputs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mistakes: Vec<Mistake>,
}
