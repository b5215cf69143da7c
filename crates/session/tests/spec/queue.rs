//! The queue is everybody's to see and their own to change; nobody's text is lost.

use tenure_model::chat::{FinishReason, PromptMode};
use tenure_model::id::PromptId;
use tenure_model::testkit::Given;
use tenure_session::{Action, Reply, Session};

use crate::support::*;

/// A busy thread with the prompts `one`, `two` and `three` waiting.
fn three() -> (Given<Session>, [PromptId; 3]) {
    let (given, _) = running();
    let given = ["one", "two", "three"].into_iter().fold(given, |given, said| given.when(want(text(said))).and());
    let ids: Vec<_> = given.state.queue.iter().map(|queued| queued.id).collect();
    (given, [ids[0], ids[1], ids[2]])
}

#[test]
fn a_waiting_prompt_is_edited() {
    let (given, [one, ..]) = three();
    let edit = Action::EditPrompt { prompt: one, text: "uno".into() };
    let given = given.when(want(edit.clone())).and();
    assert_eq!(waiting(&given), ["uno", "two", "three"]);
    let again = tenure_session::Command::Client { by: ann(), request: None, action: edit };
    given.when(again).silent();
}

#[test]
fn a_waiting_prompt_is_moved_before_another_or_to_the_end() {
    let (given, [one, two, three]) = three();
    let given = given.when(want(Action::MovePrompt { prompt: three, before: Some(one) })).and();
    assert_eq!(waiting(&given), ["three", "one", "two"]);
    let given = given.when(want(Action::MovePrompt { prompt: one, before: None })).and();
    assert_eq!(waiting(&given), ["three", "two", "one"]);
    let there = tenure_session::Command::Client {
        by: ann(),
        request: None,
        action: Action::MovePrompt { prompt: two, before: Some(one) },
    };
    given.when(there).silent();
}

#[test]
fn a_prompt_does_not_move_into_another_thread() {
    let (given, [one, ..]) = three();
    let then = given.when(want(Action::OpenThread { title: None }));
    let Reply::ThreadOpened { thread } = then.decision().reply else { panic!("a thread") };
    let given = then.and().when(want(in_thread(thread, PromptMode::Followup, "there"))).and();
    let then = given.when(want(in_thread(thread, PromptMode::Followup, "there too")));
    let other = prompt_of(&then);
    then.and().when(want(Action::MovePrompt { prompt: one, before: Some(other) })).refused("another thread");
}

#[test]
fn a_withdrawn_prompt_returns_its_text() {
    let (given, [_, two, _]) = three();
    let then = given.when(want(Action::WithdrawPrompt { prompt: two }));
    assert_eq!(then.decision().reply, Reply::Withdrawn { prompt: two, text: "two".into(), attachments: vec![] });
    assert_eq!(waiting(&then.and()), ["one", "three"]);
}

#[test]
fn a_prompt_that_was_taken_cannot_be_changed_any_more() {
    let (given, [one, ..]) = three();
    let turn = open(&given);
    let given = given.when(frames(turn, 0, [ends(FinishReason::EndTurn)])).and();
    given.clone().when(want(Action::WithdrawPrompt { prompt: one })).refused("is not waiting");
    given.clone().when(want(Action::EditPrompt { prompt: one, text: "x".into() })).refused("is not waiting");
    given.when(want(Action::PromotePrompt { prompt: one })).refused("is not waiting");
}

#[test]
fn prompts_go_in_order_one_by_one() {
    let (mut given, _) = three();
    for said in ["one", "two", "three"] {
        let turn = open(&given);
        let taken = given.state.turns[&turn].phase.hold().is_some();
        given = if taken { given } else { given.when(accepted(turn)).and() };
        given = given.when(frames(turn, 0, [ends(FinishReason::EndTurn)])).and();
        assert_eq!(open_text(&given), said);
    }
}

#[test]
fn prompts_left_in_a_terminated_session_can_be_taken_back() {
    let (given, [one, ..]) = three();
    let given = given.when(want(Action::Terminate)).and();
    assert_eq!(waiting(&given), ["one", "two", "three"]);
    let then = given.when(want(Action::WithdrawPrompt { prompt: one }));
    assert!(matches!(&then.decision().reply, Reply::Withdrawn { text, .. } if text == "one"));
}
