//! A turn closes exactly once, with all that it has said and done.

use tenure_model::chat::{FinishReason, Part, PromptMode, ToolStatus};
use tenure_model::link::TurnFrame;
use tenure_session::{Action, Command, Reply, Report};

use crate::support::*;

#[test]
fn a_turn_whose_runner_is_lost_closes_as_interrupted_and_keeps_its_text() {
    let (given, turn) = running();
    let given = given.when(frames(turn, 0, [delta(0, 0, "Half a sen")])).and();
    let then = given.when(lost(turn));
    let (reason, parts) = finished(&then);
    assert_eq!(reason, FinishReason::Interrupted);
    assert_eq!(parts[0], Part::Text { text: "Half a sen".into() });
    assert_eq!(parts[1], Part::Error { message: "the runner was lost".into() });
    assert_eq!(parts[2], Part::Finish { reason: FinishReason::Interrupted });
}

#[test]
fn a_turn_that_its_runner_has_forgotten_is_not_given_out_again() {
    let (given, turn) = taken();
    let forgotten = Report::Forgotten { work: turn.into(), generation: 1, runner: RUNNER, boot: BOOT };
    let then = given.when(Command::Runner(forgotten));
    assert_eq!((said(&then), asked(&then)), (vec!["turn_finished".into()], vec![]));
    assert_eq!(finished(&then).0, FinishReason::Interrupted);
}

#[test]
fn only_the_runner_that_has_the_turn_can_lose_it() {
    let (given, turn) = running();
    let other = Report::Lost { work: turn.into(), generation: 1, runner: OTHER_RUNNER };
    given.clone().when(Command::Runner(other)).refused("another runner");
    let old = Report::Lost { work: turn.into(), generation: 0, runner: RUNNER };
    given.when(Command::Runner(old)).refused("generation");
}

#[test]
fn tool_calls_that_are_still_open_become_interrupted() {
    let (given, turn) = running();
    let said = [tool(0, "c1", ToolStatus::Completed), tool(1, "c2", ToolStatus::Running), ends(FinishReason::Error)];
    let then = given.when(frames(turn, 0, said));
    let (_, parts) = finished(&then);
    let status = |part: &Part| match part {
        Part::ToolCall { call, .. } => Some(call.status),
        _ => None,
    };
    let statuses: Vec<_> = parts.iter().filter_map(status).collect();
    assert_eq!(statuses, [ToolStatus::Completed, ToolStatus::Interrupted]);
}

#[test]
fn an_error_stands_in_the_message_before_its_finish() {
    let (given, turn) = running();
    let failed = TurnFrame::Finalize { reason: FinishReason::Error, error: Some("no credit".into()), result: None };
    let (reason, parts) = finished(&given.when(frames(turn, 0, [failed])));
    assert_eq!(parts, [Part::Error { message: "no credit".into() }, Part::Finish { reason }]);
}

#[test]
fn questions_of_a_closed_turn_are_void() {
    let (given, turn) = asking();
    let then = given.when(lost(turn));
    assert_eq!(said(&then), ["question_expired", "turn_finished"]);
    then.and().when(want(Action::Answer { question: question(1), answer: "x".into() })).refused("is not open");
}

#[test]
fn news_of_a_turn_that_is_over_change_nothing() {
    let (given, turn) = running();
    let given = given.when(frames(turn, 0, [ends(FinishReason::EndTurn)])).and();
    let forgotten = Command::Runner(Report::Forgotten { work: turn.into(), generation: 1, runner: RUNNER, boot: BOOT });
    let now = given.now;
    for late in [lost(turn), alive(turn, now), confirmed(turn), forgotten] {
        given.clone().when(late).silent();
    }
}

#[test]
fn an_interrupted_turn_can_be_retried_once_by_a_person() {
    let (given, turn) = running();
    let given = given.when(lost(turn)).and();
    assert_eq!(given.state.view(ID).unwrap().threads[0].retry, Some(turn));
    let then = given.when(want(Action::Retry { turn }));
    assert_eq!(said(&then), ["prompt_queued", "turn_opened"]);
    assert!(matches!(then.decision().reply, Reply::Prompted { mode: PromptMode::Followup, turn: Some(_), .. }));
    let given = then.and();
    assert_eq!(open_text(&given), "hello");
    given.when(by(ann(), "again", Action::Retry { turn })).refused("was retried already");
}

#[test]
fn a_retry_that_is_withdrawn_can_be_asked_for_again() {
    let (given, turn) = running();
    let given = given.when(want(text("next"))).and().when(lost(turn)).and();
    let then = given.when(want(Action::Retry { turn }));
    let prompt = prompt_of(&then);
    let given = then.and().when(want(Action::WithdrawPrompt { prompt })).and();
    given.when(by(ann(), "again", Action::Retry { turn })).and();
}

#[test]
fn a_turn_that_went_well_or_was_aborted_is_not_retried() {
    for reason in [FinishReason::EndTurn, FinishReason::Canceled] {
        let (given, turn) = running();
        let given = given.when(frames(turn, 0, [ends(reason)])).and();
        given.when(want(Action::Retry { turn })).refused("cannot be retried");
    }
}
