//! A run, a step and an approval for tests.

use serde_json::json;
use tenure_protocol::execution::{ApprovalView, ExecutionRow, ExecutionStatus, StepEvent, StepPhase};

const ID: &str = "00000000-0000-7000-8000-000000000001";

pub fn row(status: ExecutionStatus) -> ExecutionRow {
    let value = json!({
        "id": ID, "slug": "check", "name": "Check", "version": "1.0.0", "hash": "sha256:ab", "status": status,
        "step": 0, "of": 2, "trigger": {"kind": "manual"}, "by": "ann", "started_at": 0
    });
    serde_json::from_value(value).expect("these are the fields of a row")
}

pub fn step(path: &str, phase: StepPhase) -> StepEvent {
    let value = json!({"path": path, "attempt": 1, "phase": phase, "at": 0, "name": path, "kind": "bash"});
    serde_json::from_value(value).expect("these are the fields of a step")
}

pub fn approval(prompt: &str) -> ApprovalView {
    let value = json!({
        "id": ID, "execution": ID, "workflow": "Check", "path": "gate", "prompt": prompt, "may_decide": ["ann"],
        "asked_at": 0, "deadline": 86_400_000, "on_deadline": "denied", "on_deny": "cancel", "hash": "one",
        "items": [{"name": "Notes", "value": "two\nlines"}, {"name": "Count", "value": 3}],
        "next": {"path": "tag", "name": "Tag it", "kind": "bash"}
    });
    serde_json::from_value(value).expect("these are the fields of an approval")
}
