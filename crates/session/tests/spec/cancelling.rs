//! Cancelling is a fact: a turn is over when its runner says that nothing runs any more, or can no longer run it.

use tenure_model::Span;
use tenure_model::chat::{FinishReason, PromptMode};
use tenure_model::entity::Entity;
use tenure_session::{Action, Effect, Reply};

use crate::support::*;

fn abort(turn: tenure_model::id::TurnId) -> Action {
    Action::Abort { thread: None, turn: Some(turn) }
}

#[test]
fn an_aborted_turn_is_cancelling_until_its_runner_confirms() {
    let (given, turn) = running();
    let then = given.when(want(abort(turn)));
    assert_eq!((said(&then), asked(&then)), (vec!["turn_cancelling".into()], vec!["cancel".into()]));
    let given = then.and();
    assert!(given.state.turns[&turn].is_cancelling());
    let then = given.when(frames(turn, 0, [delta(0, 0, "last words"), ends(FinishReason::EndTurn)]));
    assert_eq!(finished(&then).0, FinishReason::Canceled);
}

#[test]
fn a_turn_that_no_runner_has_is_over_at_once() {
    let given = session().when(want(text("hello"))).and();
    let turn = open(&given);
    let then = given.when(want(abort(turn)));
    assert_eq!((said(&then), asked(&then)), (vec!["turn_finished".into()], vec!["recall".into()]));
    assert_eq!(finished(&then).0, FinishReason::Canceled);
}

#[test]
fn aborting_a_turn_that_is_over_leaves_the_next_one_in_peace() {
    let (given, turn) = running();
    let given = given.when(want(text("next"))).and();
    let given = given.when(frames(turn, 0, [ends(FinishReason::EndTurn)])).and();
    let then = given.when(want(abort(turn)));
    assert_eq!(said(&then), Vec::<String>::new());
    assert_eq!(then.decision().reply, Reply::Aborted { turn: Some(turn) });
    assert_eq!(open_text(&then.and()), "next");
}

#[test]
fn aborting_is_for_one_thread() {
    let (given, turn) = running();
    let then = given.when(want(Action::OpenThread { title: None }));
    let Reply::ThreadOpened { thread } = then.decision().reply else { panic!("a thread") };
    let given = then.and().when(want(in_thread(thread, PromptMode::Followup, "aside"))).and();
    let given = given.when(want(Action::Abort { thread: Some(thread), turn: None })).and();
    assert_eq!(given.state.turns.keys().copied().collect::<Vec<_>>(), [turn]);
    assert!(!given.state.turns[&turn].is_cancelling());
}

#[test]
fn aborting_an_idle_thread_says_that_nothing_was_open() {
    let then = session().when(want(Action::Abort { thread: None, turn: None }));
    assert_eq!(then.decision().reply, Reply::Aborted { turn: None });
}

#[test]
fn the_queue_goes_on_after_an_abort() {
    let (given, turn) = running();
    let given = given.when(want(text("next"))).and().when(want(abort(turn))).and();
    let given = given.when(frames(turn, 0, [ends(FinishReason::Canceled)])).and();
    assert_eq!(open_text(&given), "next");
}

#[test]
fn a_cancellation_that_nobody_confirms_is_repeated_and_the_lease_looked_at() {
    let (given, turn) = running();
    let given = given.when(want(abort(turn))).and();
    let then = given.after(Span::secs(30)).wake();
    assert_eq!(asked(&then), ["cancel", "check_lease"]);
    let check = Effect::CheckLease { runner: RUNNER, work: turn.into(), generation: 1 };
    assert!(then.state().wants(&check));
    let then = then.and().when(lost(turn));
    assert_eq!(finished(&then).0, FinishReason::Canceled, "it is known to be dead");
}

#[test]
fn without_any_word_it_closes_only_after_the_lease_and_a_margin() {
    let (given, turn) = running();
    let aborted_at = given.now;
    let mut given = given.when(want(abort(turn))).and();
    while given.state.turns.contains_key(&turn) {
        let due = given.state.wake_at().expect("a turn that is cancelling has a deadline");
        given = given.clone().after(due.since(given.now)).wake().and();
    }
    let limits = &given.state.limits;
    assert_eq!(given.now, aborted_at + limits.lease_ms + limits.lease_margin_ms);
    assert_eq!(given.state.threads[&THREAD].last.as_ref().unwrap().reason, FinishReason::Canceled);
}

#[test]
fn a_turn_that_takes_too_long_is_ended_and_says_so() {
    let (mut given, turn) = running();
    let limit = given.state.limits.turn_timeout_ms;
    let timeout = given.state.turns[&turn].phase.hold().unwrap().timeout_at;
    while !given.state.turns[&turn].is_cancelling() {
        let due = given.state.wake_at().unwrap();
        given = given.clone().after(due.since(given.now)).wake().and();
        if !given.state.turns[&turn].is_cancelling() {
            let seen = given.now;
            given = given.when(alive(turn, seen)).and();
        }
    }
    assert_eq!(given.now, timeout);
    let then = given.when(frames(turn, 0, [ends(FinishReason::EndTurn)]));
    assert_eq!(finished(&then).0, FinishReason::Error);
    let message = serde_json::to_string(&then.decision().events).unwrap();
    assert!(message.contains(&format!("longer than turn_timeout_ms, {limit}")));
}

#[test]
fn terminating_ends_every_turn_and_takes_no_more() {
    let (given, turn) = running();
    let given = given.when(want(text("waits"))).and();
    let then = given.when(want(Action::Terminate));
    assert_eq!(said(&then), ["terminated", "turn_cancelling"]);
    let given = then.and().when(frames(turn, 0, [ends(FinishReason::Canceled)])).and();
    assert!(given.state.turns.is_empty(), "nothing is taken from the queue any more");
    assert_eq!(waiting(&given), ["waits"]);
    assert_eq!(given.state.wake_at(), None);
}

#[test]
fn a_question_asked_while_cancelling_is_void_at_once() {
    let (given, turn) = running();
    let given = given.when(want(abort(turn))).and();
    let then = given.when(frames(turn, 0, [asks(question(1))]));
    assert_eq!(said(&then), ["question_asked", "question_expired"]);
}
