//! Steps one after the other: order, skipping, outputs, variables, the end of a run, and the limits on the way.

use serde_json::json;
use tenure_model::step::RunEnd;
use tenure_model::time::Span;
use tenure_workflow::execution::{Command, Effect, Event, Limits, Start};

use crate::support::*;

#[test]
fn one_record_stores_a_result_and_starts_the_next_step() {
    let run = Run::of(
        "  - {id: a, type: tool, tool: one}\n  - {id: b, type: tool, tool: two, arguments: {x: '{{ outputs.a.n }}'}}",
    );
    let run = run.then(&["a started"]).returns("a", json!({ "n": 5 })).then(&["a completed", "b started"]);
    let run = run.returns("b", json!("done"));
    run.went(&["b completed", "run Completed"]);
}

#[test]
fn what_a_step_gives_keeps_its_type_for_later_ones() {
    let run = Run::of(
        "  - {id: a, type: tool, tool: one}\n  - {id: b, type: tool, tool: two, arguments: {x: '{{ outputs.a.n }}', s: 'n={{ outputs.a.n }}'}}",
    );
    let run = run.returns("a", json!({ "n": 5 }));
    assert_eq!(run.arguments(), json!({ "x": 5, "s": "n=5" }));
}

#[test]
fn a_step_whose_condition_does_not_hold_is_skipped() {
    let run = Run::of(
        "  - {id: a, type: set, variables: {go: false}}\n  - {id: b, type: tool, tool: two, if: variables.go}\n  - {id: c, type: tool, tool: three, if: not variables.go}",
    );
    run.went(&["a started", "a completed", "b skipped", "c started"]);
}

#[test]
fn set_reads_what_was_there_before() {
    let run = Run::of(
        "  - {id: a, type: set, variables: {x: 1, y: 2}}\n  - {id: b, type: set, variables: {x: '{{ variables.y }}', y: '{{ variables.x }}'}}",
    );
    assert_eq!((run.variable("x"), run.variable("y")), (json!(2), json!(1)));
    assert_eq!(run.output("b"), json!({ "x": 2, "y": 1 }));
}

#[test]
fn a_run_gives_what_its_definition_says() {
    let run = Run::of(
        "outputs: {total: '{{ outputs.a.n + 1 }}', name: 'x{{ outputs.a.n }}'}\nsteps:\n  - {id: a, type: tool, tool: one}",
    );
    let run = run.returns("a", json!({ "n": 5 }));
    let ended = run.state().ended.clone().unwrap();
    assert_eq!(
        (ended.end, ended.outputs["total"].as_ref(), ended.outputs["name"].as_ref()),
        (RunEnd::Completed, &json!(6), &json!("x5"))
    );
    assert!(run.effects.contains(&Effect::FreeSlot));
}

#[test]
fn a_failed_step_fails_the_run() {
    let run = Run::of("  - {id: a, type: tool, tool: one}\n  - {id: b, type: tool, tool: two}");
    run.errs("a", "no_luck").went(&["a started", "a failed: no_luck, end", "run Failed: no_luck"]);
}

#[test]
fn a_second_result_changes_nothing() {
    let run = Run::of("  - {id: a, type: tool, tool: one}\n  - {id: b, type: tool, tool: two}");
    let step = run.step_ref("a");
    let run = run.returns("a", json!(1));
    run.ignores(Command::Returned { step, result: Ok(json!(2)) });
}

#[test]
fn a_result_for_another_run_is_refused() {
    let run = Run::of("  - {id: a, type: tool, tool: one}");
    let mut step = run.step_ref("a");
    step.execution = tenure_model::id::ExecutionId(uuid::Uuid::from_u128(9));
    run.refuses(Command::Returned { step, result: Ok(json!(2)) }, "which this is not");
}

#[test]
fn more_steps_than_the_definition_allows_end_the_run() {
    let run = Run::of(
        "max_steps: 2\nsteps:\n  - {id: a, type: set, variables: {x: 1}}\n  - {id: b, type: set, variables: {x: 2}}\n  - {id: c, type: set, variables: {x: 3}, continue_on_error: true}",
    );
    let trail = run.trail();
    assert_eq!(trail[trail.len() - 2..], ["c failed: max_steps_exceeded:2, end", "run Failed: max_steps_exceeded:2"]);
}

#[test]
fn a_template_that_fails_fails_its_step() {
    let run = Run::of(
        "  - {id: a, type: tool, tool: one}\n  - {id: b, type: tool, tool: two, arguments: {x: '{{ outputs.a.s | fromjson }}'}}",
    );
    let run = run.returns("a", json!({ "s": "no number" }));
    run.went(&[
        "a started",
        "a completed",
        "b started",
        "b failed: template_failed, end",
        "run Failed: template_failed",
    ]);
}

#[test]
fn an_output_that_is_too_large_fails_its_step() {
    let limits = Limits { output_bytes_max: 100, ..Limits::default() };
    let run = Run::with(Start { limits, ..start_of(definition("  - {id: a, type: tool, tool: one}")) });
    let run = run.returns("a", json!("x".repeat(200)));
    run.went(&["a started", "a failed: output_too_large, end", "run Failed: output_too_large"]);
}

#[test]
fn outputs_have_a_limit_together() {
    let limits = Limits { outputs_bytes_max: 150, ..Limits::default() };
    let text = "  - {id: a, type: tool, tool: one}\n  - {id: b, type: tool, tool: two}";
    let run = Run::with(Start { limits, ..start_of(definition(text)) });
    let run = run.returns("a", json!("x".repeat(100))).returns("b", json!("x".repeat(100)));
    assert_eq!(run.trail().last().unwrap(), "run Failed: outputs_too_large");
}

#[test]
fn many_steps_that_need_nobody_are_several_decisions() {
    let steps: Vec<String> = (0..150).map(|n| format!("  - {{id: s{n}, type: set, variables: {{x: {n}}}}}")).collect();
    let run = Run::of(&format!("max_steps: 200\nsteps:\n{}", steps.join("\n")));
    let count = |run: &Run| run.events.iter().filter(|event| matches!(event, Event::StepCompleted { .. })).count();
    assert_eq!(count(&run), 100);
    let run = run.until_due();
    assert_eq!((count(&run), run.given.now), (150, tenure_model::testkit::START));
    assert_eq!(run.trail().last().unwrap(), "run Completed");
}

#[test]
fn a_run_that_takes_too_long_is_ended() {
    let run = Run::of("timeout: 1h\nsteps:\n  - {id: a, type: approval, prompt: Go?}");
    let run = run.after(Span::mins(59)).then(&["a started", "slot freed"]).after(Span::mins(1)).wake();
    run.went(&["run ending: Failed ", "a cancelled", "run Failed: run_timeout"]);
}
