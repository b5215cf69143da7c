//! Shell commands: done by the session at a runner, with its ends as facts.

use tenure_model::Entity;
use tenure_model::chat::FinishReason;
use tenure_model::time::Span;
use tenure_workflow::execution::command::TurnNews;
use tenure_workflow::execution::{Command, Effect, Status, WaitsFor};

use crate::support::*;

const TEST: &str = "  - {id: test, type: bash, command: make test, timeout: 1m}";

#[test]
fn a_command_that_ends_well_gives_its_output() {
    let run = Run::of(TEST).begins("test").ends("test", exit(0));
    let output = run.output("test");
    assert_eq!((&output["exitCode"], &output["stdout"]), (&0.into(), &"out\n".into()));
    run.went(&["test started", "test taken", "test completed", "run Completed"]);
}

#[test]
fn another_exit_code_fails_the_step() {
    let run = Run::of(TEST).begins("test").ends("test", exit(2));
    run.went(&["test started", "test taken", "test failed: bash_exit_code:2, end", "run Failed: bash_exit_code:2"]);
}

#[test]
fn a_failed_command_that_does_not_matter_leaves_its_output() {
    let run = Run::of(
        "  - {id: test, type: bash, command: make test, continue_on_error: true}\n  - {id: b, type: set, variables: {ok: '{{ outputs.test.exitCode == 0 }}'}}",
    );
    let run = run.ends("test", exit(2));
    assert_eq!(run.variable("ok"), false);
    assert_eq!(run.output("test")["error"]["code"], "bash_exit_code:2");
}

#[test]
fn what_the_runner_says_of_a_timeout_is_the_error() {
    let mut outcome = finished(FinishReason::Error, true);
    outcome.error = Some("bash_timeout:60000".into());
    Run::of(TEST).ends("test", outcome).went(&[
        "test started",
        "test failed: bash_timeout:60000, end",
        "run Failed: bash_timeout:60000",
    ]);
}

#[test]
fn a_silent_runner_is_told_to_end_and_waited_for() {
    let run = Run::of(TEST).begins("test").then(&["test started", "test taken"]);
    let run = run.after(Span::secs(90)).wake();
    let turn = run.turn("test");
    assert!(run.effects.iter().any(|effect| matches!(effect, Effect::Undo { turn: undone, .. } if *undone == turn)));
    let run = run.then(&["test cancelling, TimedOut"]);
    // What it says after that has not succeeded.
    let run = run.ends("test", exit(0));
    run.went(&["test failed: bash_timeout:60000, end", "run Failed: bash_timeout:60000"]);
}

#[test]
fn a_runner_that_never_confirms_is_given_up() {
    let run = Run::of(TEST).begins("test").until_due().until_due();
    assert_eq!(run.trail().last().unwrap(), "run Failed: bash_timeout:60000");
}

#[test]
fn a_step_that_no_runner_takes_fails_in_the_end() {
    let run = Run::of(TEST).until_due().then(&["test started", "test cancelling, NoRunner"]);
    run.ends("test", finished(FinishReason::Canceled, false))
        .went(&["test failed: runner_unavailable, end", "run Failed: runner_unavailable"]);
}

#[test]
fn a_runner_that_is_lost_before_it_began_has_done_nothing() {
    let run = Run::of(TEST).ends("test", finished(FinishReason::Interrupted, false));
    run.went(&["test started", "test failed: runner_lost, again", "test started again, 2"]);
}

#[test]
fn a_runner_that_is_lost_again_and_again_fails_the_step() {
    let mut run = Run::of(TEST);
    for _ in 0..6 {
        run = run.ends("test", finished(FinishReason::Interrupted, false));
    }
    assert_eq!(run.trail().last().unwrap(), "run Failed: runner_lost");
}

#[test]
fn a_turn_that_a_person_ends_fails_the_step_and_is_not_retried() {
    let run = Run::of("  - {id: test, type: bash, command: make test, retry: {max_attempts: 3}}");
    let run = run.begins("test").ends("test", finished(FinishReason::Canceled, true));
    assert_eq!(run.trail().last().unwrap(), "run Failed: turn_aborted");
}

#[test]
fn a_session_that_cannot_be_opened_ends_the_run() {
    let run = Run::of(TEST);
    let open = run.effects.iter().find(|effect| matches!(effect, Effect::OpenSession { .. })).unwrap().clone();
    let run = run.send(Command::EffectFailed { effect: open, why: "it is terminated".into() });
    assert!(run.state().ending.is_some());
    let run = run.ends("test", finished(FinishReason::Canceled, false));
    assert_eq!(run.trail().last().unwrap(), "run Failed: session_unavailable");
}

#[test]
fn a_step_that_waits_for_a_budget_waits_for_a_person_and_never_runs_out_of_time() {
    let held = |run: &Run, why: Option<&str>| {
        let news = TurnNews::Held { why: why.map(str::to_owned) };
        Command::Turn { step: run.step_ref("test"), turn: run.turn("test"), news }
    };
    let run = Run::of(TEST);
    let told = held(&run, Some("the budget of owner is used up"));
    let run = run.send(told.clone()).ignores(told).then(&["test started", "test held", "slot freed"]);
    assert_eq!((run.state().status(), run.state().waits_for()), (Status::Waiting, Some(WaitsFor::Approval)));
    assert_eq!(run.state().wake_at(), None);
    let why = run.state().why(run.given.now).expect("it waits");
    assert!(format!("{why:?}").contains("somebody to raise a budget: the budget of owner is used up"), "{why:?}");
    // Once it is raised, a runner is waited for as ever.
    let free = held(&run, None);
    let again = run.send(free);
    assert!(again.state().wake_at().is_some());
    again.begins("test").ends("test", exit(0)).went(&[
        "test held no more",
        "slot taken",
        "test taken",
        "test completed",
        "run Completed",
    ]);
}
