//! Cancelling, pausing, and what is told when a run is over.

use serde_json::json;
use tenure_model::chat::FinishReason;
use tenure_model::entity::Entity;
use tenure_model::step::RunEnd;
use tenure_model::time::Span;
use tenure_workflow::execution::command::{Trigger, TriggerKind};
use tenure_workflow::execution::{Action, Command, Effect, Start, Status};

use crate::support::*;

fn cancel() -> Action {
    Action::Cancel { reason: None }
}

#[test]
fn a_cancelled_run_is_over_when_its_turn_is() {
    let run = Run::of("  - {id: a, type: bash, command: sleep 9}").begins("a").wants(ann(), cancel());
    assert_eq!(run.state().status(), Status::Cancelling);
    let turn = run.turn("a");
    assert!(run.effects.iter().any(|effect| matches!(effect, Effect::Undo { turn: undone, .. } if *undone == turn)));
    let late = run.ended("a", exit(0));
    let run = run.ends("a", finished(FinishReason::Canceled, true));
    assert_eq!(run.state().status(), Status::Cancelled);
    run.ignores(late).went(&[
        "a started",
        "a taken",
        "run ending: Cancelled cancelled_by_user",
        "a cancelling, Cancelled",
        "a cancelled",
        "run Cancelled",
    ]);
}

#[test]
fn a_result_that_comes_while_a_run_is_cancelled_does_not_count() {
    let run = Run::of("  - {id: a, type: tool, tool: t}\n  - {id: b, type: tool, tool: t}");
    let run = run.wants(ann(), cancel()).returns("a", json!(1));
    run.went(&[
        "a started",
        "run ending: Cancelled cancelled_by_user",
        "a cancelling, Cancelled",
        "a cancelled",
        "run Cancelled",
    ]);
}

#[test]
fn an_end_that_is_never_confirmed_is_given_up_in_time() {
    let run = Run::of("  - {id: a, type: bash, command: sleep 9}").begins("a").wants(ann(), cancel());
    let run = run.after(Span::mins(15)).wake();
    assert_eq!(run.state().status(), Status::Cancelled);
}

#[test]
fn a_child_is_cancelled_with_its_parent() {
    let run = Run::of("  - {id: c, type: workflow, workflow: other}").wants(ann(), cancel());
    assert!(matches!(run.effects.last(), Some(Effect::CancelChild { .. })));
}

#[test]
fn a_run_that_queues_is_cancelled_at_once() {
    let run = Run::asking(start_of(definition("  - {id: a, type: tool, tool: t}"))).wants(ann(), cancel());
    assert!(run.effects.contains(&Effect::FreeSlot));
    run.went(&["run ending: Cancelled cancelled_by_user", "run Cancelled"]);
}

#[test]
fn only_who_may_cancels_and_only_what_goes_on() {
    let run = Run::of("  - {id: a, type: tool, tool: t}").refuses(want(bob(), cancel()), "owner");
    let run = run.returns("a", json!(1));
    run.refuses(want(ann(), cancel()), "it has completed");
}

#[test]
fn a_paused_run_starts_nothing_new() {
    let run = Run::of("  - {id: a, type: tool, tool: t}\n  - {id: b, type: tool, tool: t}").wants(ann(), Action::Pause);
    assert_eq!(run.state().status(), Status::Pausing);
    let run = run.returns("a", json!(1));
    assert_eq!(run.state().status(), Status::Paused);
    let run = run.then(&["a started", "paused", "a completed", "slot freed"]);
    run.wants(ann(), Action::Resume).went(&["resumed", "b started", "slot taken"]);
}

#[test]
fn a_paused_run_tries_nothing_again() {
    let run = Run::of("  - {id: a, type: tool, tool: t, retry: {max_attempts: 2, backoff: {delay: 1s}}}");
    let run = run.wants(ann(), Action::Pause).errs("a", "busy");
    assert_eq!(run.state().wake_at(), None);
    let run = run.after(Span::secs(5)).wants(ann(), Action::Resume).wake();
    assert_eq!(run.trail()[run.trail().len() - 3..], ["resumed", "slot taken", "a started again, 2"]);
}

#[test]
fn a_run_that_is_being_ended_is_not_paused() {
    let run = Run::of("  - {id: a, type: bash, command: ls}").wants(ann(), cancel());
    run.refuses(want(ann(), Action::Pause), "being ended");
}

#[test]
fn a_session_of_its_own_is_closed_with_the_run() {
    let run = Run::of("  - {id: a, type: bash, command: ls}").ends("a", exit(0));
    assert!(
        run.effects
            .iter()
            .any(|effect| matches!(effect, Effect::CloseSession { own: true, end: RunEnd::Completed, .. }))
    );
}

#[test]
fn the_owner_hears_of_failures_that_nobody_was_watching() {
    let tells = |kind: TriggerKind, extra: &str| {
        let definition = definition(&format!("{extra}steps:\n  - {{id: a, type: tool, tool: t}}"));
        let trigger = Trigger { kind, name: Some("nightly".into()), fired: None };
        let run = Run::with(Start { trigger, ..start_of(definition) }).errs("a", "bad");
        run.effects.iter().any(|effect| matches!(effect, Effect::NotifyFailure { trigger, .. } if trigger == "nightly"))
    };
    assert!(tells(TriggerKind::Schedule, ""));
    assert!(!tells(TriggerKind::Manual, ""));
    assert!(!tells(TriggerKind::Schedule, "failure_notify: none\n"));
}

#[test]
fn a_request_that_is_sent_again_is_answered_alike() {
    let run = Run::of("  - {id: a, type: wait, event: go}\n  - {id: b, type: wait, event: go}");
    let event = Action::Event { name: "go".into(), payload: json!(1) };
    let run = run.wants(ann(), event.clone());
    assert!(run.state().steps.contains_key(&at("b")), "the second wait still stands");
    let Command::Client { by, request, .. } = want(ann(), event) else { return };
    let other = Command::Client { by, request, action: Action::Pause };
    run.refuses(other, "used before");
}
