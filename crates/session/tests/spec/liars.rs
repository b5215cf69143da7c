//! A runner that lies gets a clear answer and harms nothing.

use tenure_model::chat::{FinishReason, TextKind, ToolStatus};
use tenure_model::id::{RunnerId, WorkId};
use tenure_model::link::TurnFrame;
use tenure_model::testkit::Given;
use tenure_session::{Command, Limits, Refusal, Report, Session};
use uuid::Uuid;

use crate::support::*;

/// Sends frames that must be refused, and checks that nothing has changed.
#[track_caller]
fn refuses(given: &Given<Session>, command: Command) -> Refusal {
    let then = given.clone().when(command);
    let refusal = then.result.clone().expect_err("these frames must be refused");
    assert_eq!(then.after.state, given.state);
    refusal
}

fn sent(work: WorkId, generation: u32, runner: RunnerId) -> Command {
    Command::Runner(Report::Frames { work, generation, runner, first: 0, frames: vec![delta(0, 0, "x")] })
}

#[test]
fn frames_of_another_work_a_wrong_generation_or_another_runner() {
    let (given, turn) = running();
    let unknown = WorkId(Uuid::from_u128(404));
    assert_eq!(refuses(&given, sent(unknown, 1, RUNNER)), Refusal::UnknownWork);
    assert_eq!(refuses(&given, sent(turn.into(), 0, RUNNER)), Refusal::StaleGeneration { given: 0, current: 1 });
    assert_eq!(refuses(&given, sent(turn.into(), 1, OTHER_RUNNER)), Refusal::Taken);
}

#[test]
fn frames_of_a_turn_that_nobody_took_on() {
    let given = session().when(want(text("hello"))).and();
    assert_eq!(refuses(&given, sent(open(&given).into(), 1, RUNNER)), Refusal::NotAccepted);
}

#[test]
fn frames_after_the_end() {
    let (given, turn) = running();
    let given = given.when(frames(turn, 0, [ends(FinishReason::EndTurn)])).and();
    let late = refuses(&given, frames(turn, 1, [delta(0, 0, "late")]));
    assert_eq!(late, Refusal::TurnClosed);
    assert!(late.drops_work());
    assert_eq!(
        refuses(&given, frames(turn, 0, [ends(FinishReason::EndTurn), ends(FinishReason::EndTurn)])),
        Refusal::TurnClosed
    );
    let (given, turn) = running();
    assert_eq!(
        refuses(&given, frames(turn, 0, [ends(FinishReason::EndTurn), delta(0, 0, "x")])),
        Refusal::AfterFinalize
    );
    assert_eq!(
        refuses(&given, frames(turn, 0, [ends(FinishReason::EndTurn), ends(FinishReason::Error)])),
        Refusal::AfterFinalize
    );
}

#[test]
fn a_gap_in_the_numbers_names_the_frame_that_is_expected() {
    let (given, turn) = running();
    let given = given.when(frames(turn, 0, [delta(0, 0, "abc")])).and();
    let gap = refuses(&given, frames(turn, 2, [delta(0, 3, "x")]));
    assert_eq!((gap.code(), gap.expected_frame(), gap.drops_work()), ("frames_gap", Some(1), false));
    refuses(&given, frames(turn, u64::MAX, [delta(0, 3, "x")]));
}

#[test]
fn text_at_a_wrong_offset() {
    let (given, turn) = running();
    let given = given.when(frames(turn, 0, [delta(0, 0, "abc")])).and();
    for offset in [0, 2, 4, u64::MAX] {
        let refusal = refuses(&given, frames(turn, 1, [delta(0, offset, "x")]));
        assert_eq!(refusal, Refusal::WrongOffset { part: 0, given: offset, expected: 3 });
    }
    let in_one_batch = [delta(0, 3, "d"), delta(0, 3, "d")];
    assert_eq!(refuses(&given, frames(turn, 1, in_one_batch)), Refusal::WrongOffset { part: 0, given: 3, expected: 4 });
}

#[test]
fn parts_that_do_not_exist_or_are_something_else() {
    let (given, turn) = running();
    assert_eq!(refuses(&given, frames(turn, 0, [delta(1, 0, "x")])), Refusal::UnknownPart { part: 1, next: 0 });
    assert_eq!(refuses(&given, frames(turn, 0, [output(0, 0, "x")])), Refusal::UnknownPart { part: 0, next: 0 });
    assert_eq!(refuses(&given, frames(turn, 0, [tool(u32::MAX, "c", ToolStatus::Running)])).code(), "part_unknown");
    let given = given.when(frames(turn, 0, [delta(0, 0, "x"), tool(1, "c1", ToolStatus::Running)])).and();
    let thinking = TurnFrame::TextDelta { part: 0, kind: TextKind::Reasoning, offset: 1, text: "x".into() };
    for frame in [
        thinking,
        output(0, 1, "x"),
        delta(1, 0, "x"),
        tool(0, "c2", ToolStatus::Running),
        tool(1, "c2", ToolStatus::Running),
        tool(2, "c1", ToolStatus::Running),
    ] {
        assert_eq!(refuses(&given, frames(turn, 2, [frame])).code(), "part_mismatch");
    }
}

#[test]
fn a_message_that_is_created_twice() {
    let (given, turn) = running();
    let create = || TurnFrame::MessageCreate { agent: "scripted".into(), model: None, agent_session: None };
    assert_eq!(refuses(&given, frames(turn, 0, [create(), create()])), Refusal::CreatedTwice);
    let given = given.when(frames(turn, 0, [create()])).and();
    assert_eq!(refuses(&given, frames(turn, 1, [create()])), Refusal::CreatedTwice);
}

#[test]
fn a_question_id_that_was_used_before() {
    let (given, turn) = asking();
    assert_eq!(refuses(&given, frames(turn, 1, [asks(question(1))])), Refusal::QuestionRepeated);
    assert_eq!(refuses(&given, frames(turn, 1, [asks(question(2)), asks(question(2))])), Refusal::QuestionRepeated);
}

#[test]
fn one_bad_frame_spoils_its_batch_and_nothing_else() {
    let (given, turn) = running();
    refuses(&given, frames(turn, 0, [delta(0, 0, "abc"), delta(0, 9, "x")]));
    given.when(frames(turn, 0, [delta(0, 0, "abc")])).and();
}

#[test]
fn what_is_too_large_is_refused_at_the_very_edge() {
    let limits = Limits {
        turn_text_bytes_max: 10,
        turn_parts_max: 2,
        options_max: 1,
        note_bytes_max: 50,
        models_max: 1,
        questions_max: 2,
        ..Limits::default()
    };
    let (given, turn) = take_on(session_with(limits).when(want(text("hi"))).and());
    let full = given.clone().when(frames(turn, 0, [delta(0, 0, "0123456789")])).and();
    assert_eq!(refuses(&full, frames(turn, 1, [delta(0, 10, "x")])).code(), "too_large");
    assert_eq!(refuses(&given, frames(turn, 0, [tool(0, "c", ToolStatus::Running)])).code(), "too_large");
    let two = given.clone().when(frames(turn, 0, [delta(0, 0, "a"), delta(1, 0, "b")])).and();
    assert_eq!(refuses(&two, frames(turn, 2, [delta(2, 0, "c")])).code(), "limit_reached");
    let ask = |options: usize, text: &str| TurnFrame::Question {
        question: question(7),
        text: text.into(),
        options: vec!["o".into(); options],
        timeout_ms: None,
    };
    assert_eq!(refuses(&given, frames(turn, 0, [ask(2, "?")])).code(), "limit_reached");
    assert_eq!(refuses(&given, frames(turn, 0, [ask(1, &"?".repeat(51))])).code(), "too_large");
    given.clone().when(frames(turn, 0, [ask(1, &"?".repeat(50))])).and();
    assert_eq!(
        refuses(&given, frames(turn, 0, [asks(question(1)), asks(question(2)), asks(question(3))])).code(),
        "limit_reached"
    );
    let models = TurnFrame::Models { models: vec!["a".into(), "b".into()], current: None };
    assert_eq!(refuses(&given, frames(turn, 0, [models])).code(), "limit_reached");
    let long_id = refuses(&given, frames(turn, 0, [tool(0, &"c".repeat(201), ToolStatus::Running)]));
    assert!(matches!(long_id, Refusal::TooLarge { size: 201, max: 200, .. }));
}
