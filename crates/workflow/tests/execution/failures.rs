//! What follows a failure: another try, a catch body, going on, a step's own timeout, an unknown outcome.

use serde_json::json;
use tenure_model::chat::FinishReason;
use tenure_model::time::Span;
use tenure_workflow::execution::command::Answer;
use tenure_workflow::execution::{Action, Effect};

use crate::support::*;

#[test]
fn a_failed_step_is_tried_again_after_longer_and_longer_pauses() {
    let run = Run::of("  - {id: a, type: tool, tool: t, retry: {max_attempts: 3, backoff: {delay: 10s, factor: 3}}}");
    let run = run.errs("a", "busy").then(&["a started", "a failed: busy, retry", "slot freed"]);
    let run = run.after(Span::secs(10)).wake().then(&["a started again, 2", "slot taken"]);
    let run = run.errs("a", "busy").after(Span::secs(30)).wake().errs("a", "busy");
    assert_eq!(run.trail()[run.trail().len() - 2..], ["a failed: busy, end", "run Failed: busy"]);
}

#[test]
fn a_short_pause_keeps_the_slot() {
    let run = Run::of("  - {id: a, type: tool, tool: t, retry: {max_attempts: 3, backoff: {delay: 1s}}}");
    run.errs("a", "busy").until_due().went(&["a started", "a failed: busy, retry", "a started again, 2"]);
}

#[test]
fn only_errors_that_are_named_are_tried_again() {
    let text = "  - {id: a, type: tool, tool: t, retry: {max_attempts: 3, on: [busy]}}";
    assert_eq!(Run::of(text).errs("a", "busy:429").trail()[1], "a failed: busy:429, retry");
    assert_eq!(Run::of(text).errs("a", "gone").trail()[1], "a failed: gone, end");
}

#[test]
fn a_catch_body_runs_with_the_error_and_the_run_goes_on() {
    let run = Run::of(
        "  - id: a
    type: bash
    command: make
    catch:
      - {id: note, type: set, variables: {why: '{{ error.code }} {{ error.step }}', out: '{{ error.output.stdout }}'}}
  - {id: b, type: tool, tool: t}",
    );
    let run = run.ends("a", exit(3));
    assert_eq!((run.variable("why"), run.variable("out")), (json!("bash_exit_code:3 a"), json!("out\n")));
    run.went(&[
        "a started",
        "a failed: bash_exit_code:3, catch",
        "a:catch begun",
        "a:catch/note started",
        "a:catch/note completed",
        "a:catch over",
        "a caught",
        "b started",
    ]);
}

#[test]
fn a_catch_body_that_fails_fails_what_is_around() {
    let run = Run::of("  - {id: a, type: tool, tool: t, catch: [{id: n, type: tool, tool: u}]}");
    let run = run.errs("a", "bad").errs("a:catch/n", "worse");
    assert_eq!(run.trail()[run.trail().len() - 2..], ["a not caught: worse", "run Failed: worse"]);
}

#[test]
fn a_catch_around_a_loop_sees_where_it_failed() {
    let run = Run::of(
        "  - id: l
    type: loop
    over: [1, 2]
    steps: [{id: a, type: tool, tool: t}]
    catch: [{id: n, type: set, variables: {where: '{{ error.path }}'}}]",
    );
    let run = run.errs("l:i0/a", "bad");
    assert_eq!((run.variable("where"), run.trail().last().unwrap().as_str()), (json!("l:i0/a"), "run Completed"));
}

#[test]
fn a_container_that_takes_too_long_is_ended_with_all_that_is_in_it() {
    let run = Run::of(
        "  - {id: l, type: loop, over: [1], timeout: 1m, steps: [{id: a, type: wait, duration: 1h}], continue_on_error: true}",
    );
    let run = run.after(Span::mins(1)).wake();
    let trail = run.trail();
    assert_eq!(
        trail[trail.len() - 6..],
        [
            "slot freed",
            "l cancelling, TimedOut",
            "l:i0/a cancelled",
            "l:i0 over: cancelled",
            "l failed: loop_timeout:60000, continue",
            "run Completed",
        ]
    );
}

#[test]
fn nobody_knows_whether_a_lost_step_was_done() {
    let lost = |text: &str| Run::of(text).begins("a").ends("a", finished(FinishReason::Interrupted, true));
    let run = lost("  - {id: a, type: bash, command: deploy}\n  - {id: b, type: tool, tool: t}");
    let run = run.then(&["a started", "a taken", "a unknown", "slot freed"]);
    let answer = |answer: Answer| Action::Resolve { path: at("a"), answer };
    let by_robot = want(robot(), answer(Answer::Fail));
    let run = run.refuses(by_robot, "agent").refuses(want(bob(), answer(Answer::Fail)), "owner");
    let again = run.clone().wants(ann(), answer(Answer::Retry));
    again.went(&["a resolved by ann", "a failed: outcome_unknown, again", "a started again, 2", "slot taken"]);
    let done = run.clone().wants(ann(), answer(Answer::Succeed { output: json!({ "exitCode": 0 }) }));
    done.went(&["a resolved by ann", "a completed", "b started", "slot taken"]);
    let failed = run.clone().wants(ann(), answer(Answer::Fail));
    failed.went(&["a resolved by ann", "a failed: outcome_unknown, end", "run Failed: outcome_unknown"]);
    run.until_due().went(&["a failed: outcome_unknown, end", "run Failed: outcome_unknown"]);
}

#[test]
fn a_step_may_say_what_its_loss_means() {
    let lost = |text: &str| Run::of(text).begins("a").ends("a", finished(FinishReason::Interrupted, true)).trail();
    assert_eq!(lost("  - {id: a, type: bash, command: ls, idempotent: true}").last().unwrap(), "a started again, 2");
    assert_eq!(lost("  - {id: a, type: bash, command: ls, on_unknown: retry}").last().unwrap(), "a started again, 2");
    assert_eq!(
        lost("  - {id: a, type: bash, command: ls, on_unknown: fail}").last().unwrap(),
        "run Failed: outcome_unknown"
    );
}

#[test]
fn only_an_unknown_step_is_resolved() {
    let run = Run::of("  - {id: a, type: tool, tool: t}");
    run.refuses(want(ann(), Action::Resolve { path: at("a"), answer: Answer::Fail }), "does not wait");
}

#[test]
fn what_runs_in_a_step_that_is_tried_again_is_another_attempt() {
    let run = Run::of(
        "  - {id: f, type: conditional, condition: true, retry: {max_attempts: 2, backoff: {delay: 1s}}, then: [{id: a, type: tool, tool: t}]}",
    );
    let run = run.errs("f:then/a", "bad").until_due();
    assert_eq!(run.step_ref("f:then/a").attempt, 2);
    let keys: Vec<_> = run.effects.iter().filter(|effect| matches!(effect, Effect::Call { .. })).collect();
    assert!(keys.len() == 2 && keys[0] != keys[1], "{keys:?}");
}
