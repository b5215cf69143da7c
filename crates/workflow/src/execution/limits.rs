//! Every limit of a run, by name. They are set when it is started and are part of its state.

use serde::{Deserialize, Serialize};
use tenure_model::limit::{BYTES_MAX, BadLimit, Bound, COUNT_MAX, LONGEST, SHORTEST, check};
use tenure_model::time::Span;

/// How large, how many and how long in one run. A limit that is reached fails the step at fault, or refuses the command. Runs
/// that were started keep the limits that they were started with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Limits {
    /// All inputs of a run together, in bytes.
    pub inputs_bytes_max: u64,
    /// What one step may give, in bytes.
    pub output_bytes_max: u64,
    /// What all steps together may leave for later ones to read, in bytes.
    pub outputs_bytes_max: u64,
    /// What one approval shows and whom it asks, together, in bytes. Its row must fit into a list, also when many ask at once.
    pub approval_bytes_max: u64,
    /// Decided approvals that are remembered, so that a late click is told who decided.
    pub approvals_kept_max: u64,
    /// Links that can decide one approval, at a time.
    pub links_max: u64,
    /// Events that came before any step waited for them.
    pub events_waiting_max: u64,
    /// The payload of one event, in bytes.
    pub event_bytes_max: u64,
    /// A reason that a person gives, in bytes.
    pub reason_bytes_max: u64,
    /// How deep runs are started by runs.
    pub depth_max: u32,
    /// How often a step is started again because its runner was lost, when it may be.
    pub lost_max: u32,
    /// How often a structured reply is asked for, the first time included.
    pub rounds_max: u32,
    /// How long a step waits for a runner to take it, in milliseconds.
    pub runner_wait_ms: Span,
    /// What is added to a step's own timeout before its session is asked to end it, in milliseconds.
    pub answer_grace_ms: Span,
    /// How long the end of a cancelled turn is awaited, in milliseconds: longer than a lease with its margin.
    pub undo_wait_ms: Span,
    /// How long the delivery of a notification is awaited, in milliseconds.
    pub notify_wait_ms: Span,
    /// How long a child run is awaited that says nothing of how long it may take, in milliseconds.
    pub child_wait_ms: Span,
    /// How long a person may take over a step whose outcome nobody knows, in milliseconds.
    pub unknown_wait_ms: Span,
    /// After how long the gate is asked for a slot again, in milliseconds.
    pub slot_wait_ms: Span,
    /// A wait that is shorter keeps its run's slot, in milliseconds.
    pub park_min_ms: Span,
    /// Request ids that are remembered.
    pub requests_kept_max: u64,
    /// How long a request id is remembered, in milliseconds.
    pub request_kept_ms: Span,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            inputs_bytes_max: 1024 * 1024,
            output_bytes_max: 10 * 1024 * 1024,
            outputs_bytes_max: 64 * 1024 * 1024,
            approval_bytes_max: 8 * 1024,
            approvals_kept_max: 1_000,
            links_max: 10,
            events_waiting_max: 100,
            event_bytes_max: 1024 * 1024,
            reason_bytes_max: 4 * 1024,
            depth_max: 8,
            lost_max: 5,
            rounds_max: 3,
            runner_wait_ms: Span::hours(24),
            answer_grace_ms: Span::secs(30),
            undo_wait_ms: Span::mins(15),
            notify_wait_ms: Span::mins(10),
            child_wait_ms: crate::limits::TIMEOUT_MAX,
            unknown_wait_ms: Span::hours(24 * 7),
            slot_wait_ms: Span::hours(1),
            park_min_ms: Span::secs(5),
            requests_kept_max: 1_000,
            request_kept_ms: Span::hours(24),
        }
    }
}

impl Limits {
    /// Checks every limit.
    pub fn check(&self) -> Result<(), BadLimit> {
        check(self.bounds())
    }

    /// Lists every limit with the least and the most that it can be.
    fn bounds(&self) -> [Bound; 22] {
        [
            ("inputs_bytes_max", self.inputs_bytes_max, 1, BYTES_MAX),
            ("output_bytes_max", self.output_bytes_max, 1_024, BYTES_MAX),
            ("outputs_bytes_max", self.outputs_bytes_max, 1_024, BYTES_MAX),
            ("approvals_kept_max", self.approvals_kept_max, 1, COUNT_MAX),
            ("links_max", self.links_max, 0, 100),
            ("approval_bytes_max", self.approval_bytes_max, 1_024, 32 * 1024),
            ("events_waiting_max", self.events_waiting_max, 0, COUNT_MAX),
            ("event_bytes_max", self.event_bytes_max, 1, BYTES_MAX),
            ("reason_bytes_max", self.reason_bytes_max, 1, BYTES_MAX),
            ("depth_max", self.depth_max.into(), 0, 100),
            ("lost_max", self.lost_max.into(), 0, COUNT_MAX),
            ("rounds_max", self.rounds_max.into(), 1, 100),
            ("runner_wait_ms", self.runner_wait_ms.0, SHORTEST, LONGEST),
            ("answer_grace_ms", self.answer_grace_ms.0, 0, LONGEST),
            ("undo_wait_ms", self.undo_wait_ms.0, SHORTEST, LONGEST),
            ("notify_wait_ms", self.notify_wait_ms.0, SHORTEST, LONGEST),
            ("child_wait_ms", self.child_wait_ms.0, SHORTEST, LONGEST),
            ("unknown_wait_ms", self.unknown_wait_ms.0, SHORTEST, LONGEST),
            ("slot_wait_ms", self.slot_wait_ms.0, SHORTEST, LONGEST),
            ("park_min_ms", self.park_min_ms.0, 0, LONGEST),
            ("requests_kept_max", self.requests_kept_max, 1, COUNT_MAX),
            ("request_kept_ms", self.request_kept_ms.0, SHORTEST, LONGEST),
        ]
    }
}
