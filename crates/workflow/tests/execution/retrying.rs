//! Taking a run up again from one of its steps, wherever it stands.

use serde_json::{Value, json};
use tenure_workflow::execution::command::TriggerKind;
use tenure_workflow::execution::{Action, Refusal};

use crate::support::*;

/// Takes a run up again in a new one.
#[track_caller]
fn retried(source: &Run, path: &str, inputs: Value) -> Run {
    let Value::Object(inputs) = inputs else { panic!("inputs are an object") };
    let retrying = source.state().retry_from(ID, &at(path), &source.events).unwrap();
    let start = source.state().retry_start(retrying, ann().author(), inputs).unwrap();
    assert_eq!(start.trigger.kind, TriggerKind::Retry);
    Run::with(start)
}

#[track_caller]
fn refused(source: &Run, path: &str, why: &str) {
    match source.state().retry_from(ID, &at(path), &source.events) {
        Err(refusal @ Refusal::NotRetryable(..)) => assert!(refusal.to_string().contains(why), "{refusal}"),
        other => panic!("expected a refusal about {why}, got {other:?}"),
    }
}

const THREE: &str = "inputs: {n: {type: integer, default: 1}}
steps:
  - {id: a, type: tool, tool: t}
  - {id: b, type: set, variables: {x: '{{ outputs.a }}'}}
  - {id: c, type: tool, tool: t, arguments: {x: '{{ variables.x }}', n: '{{ inputs.n }}'}}";

#[test]
fn what_was_done_before_the_step_is_kept() {
    let source = Run::of(THREE).returns("a", json!("A")).errs("c", "bad");
    let run = retried(&source, "c", json!({ "n": 7 }));
    assert_eq!(run.arguments(), json!({ "x": "A", "n": 7 }));
    run.went(&["a reused", "b reused", "c started"]);
    let run = retried(&source, "b", json!({}));
    run.went(&["a reused", "b started", "b completed", "c started"]);
}

#[test]
fn a_retry_can_be_retried() {
    let source = Run::of(THREE).returns("a", json!("A")).errs("c", "bad");
    let again = retried(&source, "c", json!({})).errs("c", "bad");
    retried(&again, "c", json!({})).went(&["a reused", "b reused", "c started"]);
}

#[test]
fn a_retry_begins_inside_a_loop() {
    let source = Run::of(
        "  - id: l
    type: loop
    over: [1, 2, 3]
    collect: '{{ outputs.a }}'
    steps: [{id: a, type: tool, tool: t}, {id: b, type: tool, tool: t}]",
    );
    let source = source.returns("l:i0/a", json!("a0")).returns("l:i0/b", json!("b0"));
    let source = source.returns("l:i1/a", json!("a1")).errs("l:i1/b", "bad");
    let run = retried(&source, "l:i1/b", json!({}));
    assert_eq!(run.trail().last().unwrap(), "l:i1/b started");
    assert_eq!(run.trail().iter().filter(|line| line.ends_with("reused")).count(), 3);
    let run = run.returns("l:i1/b", json!("b1")).returns("l:i2/a", json!("a2")).returns("l:i2/b", json!("b2"));
    assert_eq!(run.output("l")["results"], json!(["a0", "a1", "a2"]));
}

#[test]
fn branches_that_were_done_at_the_same_time_are_kept() {
    let source = Run::of(
        "  - id: p
    type: parallel
    branches:
      one: [{id: a, type: tool, tool: t}]
      two: [{id: b, type: tool, tool: t}]",
    );
    let source = source.returns("p:b0/a", json!(1)).errs("p:b1/b", "bad");
    let run = retried(&source, "p:b1/b", json!({}));
    assert!(run.trail().contains(&"p:b0/a reused".to_owned()), "{:?}", run.trail());
    assert_eq!(run.returns("p:b1/b", json!(2)).output("p"), json!({ "branchCount": 2 }));
}

#[test]
fn a_retry_begins_inside_a_catch_body() {
    let source = Run::of(
        "  - {id: a, type: tool, tool: t, catch: [{id: n, type: tool, tool: u, arguments: {why: '{{ error.code }}'}}]}",
    );
    let source = source.errs("a", "bad").errs("a:catch/n", "worse");
    let run = retried(&source, "a:catch/n", json!({}));
    assert_eq!(run.arguments(), json!({ "why": "bad" }));
    run.returns("a:catch/n", json!(1)).went(&[
        "a reused",
        "a:catch begun",
        "a:catch/n started",
        "a:catch/n completed",
        "a:catch over",
        "a caught",
        "run Completed",
    ]);
}

#[test]
fn failures_that_were_passed_over_stay_so() {
    let source = Run::of(
        "  - {id: a, type: tool, tool: t, continue_on_error: true}
  - {id: l, type: loop, over: [1, 2], on_failure: collect, steps: [{id: s, type: tool, tool: t}]}
  - {id: b, type: tool, tool: t}",
    );
    let source = source.errs("a", "bad").errs("l:i0/s", "bad").returns("l:i1/s", json!(1)).errs("b", "worse");
    let run = retried(&source, "b", json!({}));
    assert_eq!(run.output("a")["error"]["code"], "bad");
    assert_eq!(run.output("l")["failed"][0]["index"], 0);
    assert_eq!(run.trail().last().unwrap(), "b started");
}

#[test]
fn only_a_run_that_failed_is_taken_up_and_only_from_where_it_came_to() {
    let source = Run::of(THREE);
    refused(&source, "c", "not over");
    refused(&source.clone().returns("a", json!(1)).returns("c", json!(1)), "c", "completed");
    let cancelled = source.wants(ann(), Action::Cancel { reason: None }).returns("a", json!(1));
    refused(&cancelled, "c", "never came to it");
    refused(&cancelled, "nonesuch", "no such step");
    retried(&cancelled, "a", json!({})).went(&["a started"]);
}
