//! Every limit of a run, by name. They are set when it is started and are part of its state.

use serde::{Deserialize, Serialize};
use tenure_model::time::Span;

/// How large, how many and how long. A limit that is reached fails the step at fault, or refuses the command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// All inputs of a run together.
    pub inputs_bytes_max: u64,
    /// What one step may give.
    pub output_bytes_max: u64,
    /// What all steps together may leave for later ones to read.
    pub outputs_bytes_max: u64,
    /// What one approval shows and whom it asks, together. Its row must fit into a list, also when many ask at once.
    pub approval_bytes_max: u64,
    /// Decided approvals that are remembered, so that a late click is told who decided.
    pub approvals_kept_max: u64,
    /// Events that came before any step waited for them.
    pub events_waiting_max: u64,
    /// The payload of one event.
    pub event_bytes_max: u64,
    /// A reason that a person gives.
    pub reason_bytes_max: u64,
    /// How deep runs are started by runs.
    pub depth_max: u32,
    /// How often a step is started again because its runner was lost, when it may be.
    pub lost_max: u32,
    /// How often a structured reply is asked for, the first time included.
    pub rounds_max: u32,
    /// How long a step waits for a runner to take it.
    pub runner_wait_ms: Span,
    /// What is added to a step's own timeout before its session is asked to end it.
    pub answer_grace_ms: Span,
    /// How long the end of a cancelled turn is awaited: longer than a lease with its margin.
    pub undo_wait_ms: Span,
    /// How long the delivery of a notification is awaited.
    pub notify_wait_ms: Span,
    /// How long a child run is awaited that says nothing of how long it may take.
    pub child_wait_ms: Span,
    /// How long a person may take over a step whose outcome nobody knows.
    pub unknown_wait_ms: Span,
    /// After how long the gate is asked again.
    pub slot_wait_ms: Span,
    /// A wait that is shorter keeps its run's slot.
    pub park_min_ms: Span,
    /// Request ids that are remembered, and for how long.
    pub requests_kept_max: u64,
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
