//! `parallel`: branches on a snapshot, failing fast or collecting.

use serde_json::json;
use tenure_model::chat::FinishReason;

use crate::support::*;

const TWO: &str = "  - {id: s, type: set, variables: {x: 1}}
  - id: p
    type: parallel
    branches:
      left:
        - {id: a, type: tool, tool: t}
        - {id: a2, type: set, variables: {left: '{{ variables.x }}'}}
      right:
        - {id: b, type: tool, tool: t}
        - {id: b2, type: set, variables: {right: '{{ outputs.b }}'}}
  - {id: c, type: set, variables: {both: '{{ outputs.a }}{{ outputs.b }}'}}";

#[test]
fn branches_run_at_once_and_are_merged_by_name() {
    let run = Run::of(TWO);
    assert!(run.state().steps.contains_key(&at("p:b0/a")) && run.state().steps.contains_key(&at("p:b1/b")));
    let run = run.returns("p:b1/b", json!("B")).returns("p:b0/a", json!("A"));
    assert_eq!(run.variable("both"), json!("AB"));
    assert_eq!((run.variable("left"), run.variable("right")), (json!(1), json!("B")));
    assert_eq!(run.output("p"), json!({ "branchCount": 2 }));
}

#[test]
fn a_failed_branch_ends_the_others_before_the_step_fails() {
    let run = Run::of(
        "  - id: p
    type: parallel
    branches:
      one: [{id: a, type: bash, command: sleep 9}]
      two: [{id: b, type: tool, tool: t}]
      three: [{id: c, type: wait, duration: 1h}]",
    );
    let run = run.errs("p:b1/b", "bad");
    let trail = run.trail();
    assert_eq!(
        trail[trail.len() - 5..],
        [
            "p:b1/b failed: bad, end",
            "p:b1 over: bad",
            "p:b0/a cancelling, Cancelled",
            "p:b2/c cancelled",
            "p:b2 over: cancelled",
        ]
    );
    assert!(run.state().ended.is_none(), "the step fails when nothing of it is under way any more");
    let run = run.ends("p:b0/a", finished(FinishReason::Canceled, true));
    let trail = run.trail();
    assert_eq!(
        trail[trail.len() - 4..],
        ["p:b0/a cancelled", "p:b0 over: cancelled", "p failed: bad, end", "run Failed: bad"]
    );
}

#[test]
fn branches_that_collect_are_all_finished() {
    let run = Run::of(
        "  - id: p
    type: parallel
    on_failure: collect
    branches:
      one: [{id: a, type: tool, tool: t}]
      two: [{id: b, type: tool, tool: t}]",
    );
    let run = run.errs("p:b0/a", "bad").returns("p:b1/b", json!(2));
    let output = run.output("p");
    assert_eq!((&output["branches"]["one"]["ok"], &output["branches"]["two"]["ok"]), (&json!(false), &json!(true)));
    assert_eq!(output["branches"]["one"]["error"]["code"], "bad");
    assert_eq!(run.trail().last().unwrap(), "run Completed");
}

#[test]
fn so_many_branches_run_at_once() {
    let run = Run::of(
        "  - id: p
    type: parallel
    concurrency: 1
    branches:
      one: [{id: a, type: tool, tool: t}]
      two: [{id: b, type: tool, tool: t}]",
    );
    assert!(!run.state().steps.contains_key(&at("p:b1/b")));
    assert!(run.returns("p:b0/a", json!(1)).state().steps.contains_key(&at("p:b1/b")));
}

#[test]
fn steps_are_counted_over_all_branches() {
    let run = Run::of(
        "max_steps: 3
steps:
  - id: p
    type: parallel
    on_failure: collect
    branches:
      one: [{id: a, type: set, variables: {x: 1}}, {id: a2, type: set, variables: {x: 2}}]
      two: [{id: b, type: set, variables: {y: 1}}, {id: b2, type: set, variables: {y: 2}}]",
    );
    assert_eq!(run.trail().last().unwrap(), "run Failed: max_steps_exceeded:3");
}
