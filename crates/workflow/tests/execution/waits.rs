//! `wait`: times and events, in virtual time.

use serde_json::json;
use tenure_model::testkit::START;
use tenure_model::time::Span;
use tenure_workflow::execution::{Action, Limits, Start};

use crate::support::*;

fn event(name: &str, payload: serde_json::Value) -> Action {
    Action::Event { name: name.into(), payload }
}

#[test]
fn a_wait_of_days_frees_the_slot_and_ends_in_time() {
    let run = Run::of("  - {id: w, type: wait, duration: 3d}\n  - {id: a, type: tool, tool: t}");
    let run = run.then(&["w started", "slot freed"]).until_due();
    assert_eq!(run.given.now, START + Span::hours(72));
    run.went(&["w completed", "a started", "slot taken"]);
}

#[test]
fn a_wait_until_the_past_is_over_at_once() {
    let run = Run::of("  - {id: w, type: wait, until: '2020-01-01T00:00:00Z'}");
    run.went(&["w started", "w completed", "run Completed"]);
}

#[test]
fn an_instant_comes_from_a_template() {
    let run = Run::with_inputs(
        "inputs: {at: {type: string}}\nsteps:\n  - {id: w, type: wait, until: '{{ inputs.at }}'}",
        json!({ "at": "2027-01-15T08:01:00Z" }),
    );
    assert_eq!(run.until_due().given.now, START + Span::mins(1));
}

#[test]
fn a_time_that_is_none_fails_the_step() {
    let text = "inputs: {at: {type: string}}\nsteps:\n  - {id: w, type: wait, until: '{{ inputs.at }}'}";
    let run = Run::with_inputs(text, json!({ "at": "soon" }));
    assert_eq!(run.trail().last().unwrap(), "run Failed: wait_bad_instant");
    let run = Run::with_inputs(text, json!({ "at": "2999-01-01T00:00:00Z" }));
    assert_eq!(run.trail().last().unwrap(), "run Failed: wait_too_long");
}

#[test]
fn an_event_ends_the_wait_for_it() {
    let run = Run::of(
        "  - {id: w, type: wait, event: merged}\n  - {id: a, type: set, variables: {sha: '{{ outputs.w.payload.sha }}'}}",
    );
    let run = run.wants(ann(), event("closed", json!(1))).wants(ann(), event("merged", json!({ "sha": "abc" })));
    assert_eq!(run.variable("sha"), "abc");
}

#[test]
fn an_event_that_comes_early_waits_for_its_step() {
    let run = Run::of(
        "  - {id: a, type: tool, tool: t}\n  - {id: w, type: wait, event: merged}\n  - {id: w2, type: wait, event: merged}",
    );
    let run = run.wants(ann(), event("merged", json!(1))).returns("a", json!(0));
    assert_eq!(run.output("w")["payload"], 1);
    assert!(run.state().steps.contains_key(&at("w2")), "one event ends one wait");
    run.went(&[
        "a started",
        "event merged kept",
        "a completed",
        "w started",
        "event merged taken",
        "w completed",
        "w2 started",
        "slot freed",
    ]);
}

#[test]
fn an_event_that_does_not_come_fails_the_step_or_not() {
    let run = Run::of("  - {id: w, type: wait, event: merged, timeout: 1h}").until_due();
    assert_eq!(run.trail().last().unwrap(), "run Failed: wait_timeout");
    let run = Run::of("  - {id: w, type: wait, event: merged, timeout: 1h, on_timeout: continue}").until_due();
    assert_eq!(run.output("w")["timed_out"], true);
}

#[test]
fn events_that_nobody_waits_for_have_a_limit() {
    let limits = Limits { events_waiting_max: 1, ..Limits::default() };
    let run = Run::with(Start { limits, ..start_of(definition("  - {id: a, type: tool, tool: t}")) });
    let run = run.wants(ann(), event("one", json!(1)));
    run.refuses(want(ann(), event("two", json!(1))), "events_waiting_max");
}

#[test]
fn strangers_send_no_events() {
    let run = Run::of("  - {id: w, type: wait, event: merged}");
    run.refuses(want(bob(), event("merged", json!(1))), "owner").refuses(want(ann(), event(" ", json!(1))), "name");
}
