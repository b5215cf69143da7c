//! `conditional` and `stop`.

use serde_json::json;
use tenure_model::step::RunEnd;

use crate::support::*;

const FORK: &str = "inputs: {go: {type: boolean, default: true}}
steps:
  - id: check
    type: conditional
    condition: inputs.go
    then:
      - {id: yes, type: set, variables: {said: yes}}
    else:
      - {id: no, type: set, variables: {said: no}}
  - {id: after, type: set, variables: {seen: '{{ variables.said }}'}}";

#[test]
fn one_of_two_bodies_runs_and_leaves_what_it_did() {
    let run = Run::of(FORK);
    assert_eq!(
        (run.variable("seen"), run.output("check")),
        (json!("yes"), json!({ "condition": true, "branch": "then" }))
    );
    let run = Run::with_inputs(FORK, json!({ "go": false }));
    assert_eq!(run.variable("seen"), json!("no"));
    run.went(&[
        "check started",
        "check:else begun",
        "check:else/no started",
        "check:else/no completed",
        "check:else over",
        "check completed",
        "after started",
        "after completed",
        "run Completed",
    ]);
}

#[test]
fn a_fork_without_the_chosen_body_is_over_at_once() {
    let run = Run::of("  - {id: a, type: conditional, condition: false, then: [{id: b, type: tool, tool: t}]}");
    run.went(&["a started", "a completed", "run Completed"]);
}

#[test]
fn a_fork_whose_body_fails_has_failed() {
    let run = Run::of("  - {id: a, type: conditional, condition: true, then: [{id: b, type: tool, tool: t}]}");
    run.errs("a:then/b", "bad").went(&[
        "a started",
        "a:then begun",
        "a:then/b started",
        "a:then/b failed: bad, end",
        "a:then over: bad",
        "a failed: bad, end",
        "run Failed: bad",
    ]);
}

#[test]
fn stop_ends_the_run_as_it_says() {
    for (status, end) in
        [("completed", RunEnd::Completed), ("failed", RunEnd::Failed), ("cancelled", RunEnd::Cancelled)]
    {
        let run = Run::of(&format!(
            "  - {{id: a, type: stop, status: {status}, reason: 'x{{{{ 1 + 1 }}}}'}}\n  - {{id: b, type: tool, tool: t}}"
        ));
        let ended = run.state().ended.clone().unwrap();
        assert_eq!((ended.end, ended.reason.as_deref()), (end, Some("x2")));
    }
}

#[test]
fn stop_takes_everything_else_along() {
    let run = Run::of(
        "  - id: p
    type: parallel
    branches:
      one: [{id: a, type: bash, command: sleep 100}]
      two: [{id: b, type: stop, reason: enough}]",
    );
    let trail = run.trail();
    assert_eq!(
        trail[trail.len() - 5..],
        [
            "p:b1/b completed",
            "run ending: Completed enough",
            "p cancelling, Cancelled",
            "p:b0/a cancelling, Cancelled",
            "p:b1 over: cancelled",
        ]
    );
    let run = run.then(&trail.iter().map(String::as_str).collect::<Vec<_>>());
    let run = run.ends("p:b0/a", finished(tenure_model::chat::FinishReason::Canceled, true));
    run.went(&["p:b0/a cancelled", "p:b0 over: cancelled", "p cancelled", "run Completed"]);
}
