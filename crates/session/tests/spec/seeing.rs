//! What people see: the view, the lists, the transcript, and why something waits.

use tenure_model::Span;
use tenure_model::chat::FinishReason;
use tenure_model::entity::Entity;
use tenure_model::view::{MessageRole, Role, SessionStatus, TurnPhase};
use tenure_session::diagnose::Cause;
use tenure_session::{Action, Session, diagnose, view};

use crate::support::*;

#[test]
fn somebody_who_joins_in_mid_turn_sees_the_text_so_far() {
    let (given, turn) = running();
    let given = given.when(frames(turn, 0, [delta(0, 0, "So far")])).and();
    let given = given.when(want(text("later"))).and();
    let view = given.state.view(ID).unwrap();
    assert_eq!(view.status, SessionStatus::Working);
    assert_eq!(view.participants[&ann().user], Role::Owner);
    assert_eq!((view.turns[0].phase, view.turns[0].runner), (TurnPhase::Running, Some(RUNNER)));
    assert_eq!(serde_json::to_value(&view.turns[0].parts).unwrap()["0"]["text"], "So far");
    assert_eq!((view.queue[0].text.as_str(), view.queue[0].author_name.as_str()), ("later", "ann"));
    assert_eq!(Session::default().view(ID), None);
}

#[test]
fn the_transcript_is_user_messages_and_finished_turns() {
    let (given, turn) = running();
    let then = given.when(frames(turn, 0, [delta(0, 0, "Hi"), ends(FinishReason::EndTurn)]));
    let message = view::message(&then.decision().events[0], 7, then.after.now).unwrap();
    assert_eq!((message.role, message.seq, message.thread, message.turn), (MessageRole::Assistant, 7, THREAD, turn));
    assert_eq!((message.author.as_str(), message.finish), ("scripted", Some(FinishReason::EndTurn)));
    assert_eq!(Session::pages(&then.decision().events[0]), [THREAD.0]);
    let then = then.and().when(want(text("more")));
    let pages: Vec<_> = then.decision().events.iter().map(|event| Session::pages(event).len()).collect();
    assert_eq!(pages, [0, 1, 0], "queued, opened, answered");
}

#[test]
fn lists_show_a_session_and_its_open_questions_to_all_who_take_part() {
    let (given, _) = asking();
    let share = Action::Share { user: bob().user, name: "bob".into(), role: Role::Viewer };
    let given = given.when(want(share)).and();
    let rows = given.state.summaries(ID.0);
    let of = |user, list: &str| rows.iter().filter(|(key, _)| key.owner == user && key.list == list).count();
    for user in [ann().user, bob().user] {
        assert_eq!((of(user, "session"), of(user, "question")), (1, 1));
    }
    let (_, row) = rows.iter().find(|(key, _)| key.list == "session").unwrap();
    let row: serde_json::Value = row.read().unwrap();
    assert_eq!((&row["status"], &row["questions"], &row["title"]), (&"waiting".into(), &1.into(), &"hello".into()));
    assert!(Session::default().summaries(ID.0).is_empty());
}

#[test]
fn every_state_that_waits_says_for_what() {
    let causes = |state: &Session, now| diagnose(state, now).into_iter().map(|f| f.cause).collect::<Vec<_>>();
    let offering = session().when(want(text("hello"))).and();
    assert_eq!(causes(&offering.state, offering.now), [Cause::WaitsForRunner]);
    let (accepted, _) = taken();
    assert_eq!(causes(&accepted.state, accepted.now), [Cause::StartUnconfirmed]);
    let (going, turn) = running();
    assert_eq!(causes(&going.state, going.now), []);
    let doubt = going.clone().after(Span::mins(10)).wake().and();
    assert_eq!(causes(&doubt.state, doubt.now), [Cause::LeaseInDoubt]);
    let (question, _) = asking();
    assert_eq!(causes(&question.state, question.now), [Cause::WaitsForAnswer]);
    let cancelling = going.clone().when(want(Action::Abort { thread: None, turn: Some(turn) })).and();
    assert_eq!(causes(&cancelling.state, cancelling.now), [Cause::CancelUnconfirmed]);
    let collecting = session().when(want(text_as(tenure_model::chat::PromptMode::Collect, "x"))).and();
    assert_eq!(causes(&collecting.state, collecting.now), [Cause::Collecting]);
    assert_eq!(causes(&collecting.state, collecting.now + Span::mins(2)), [Cause::TimerLate]);
    let over = going.when(want(text("left"))).and().when(want(Action::Terminate)).and();
    assert_eq!(causes(&over.state, over.now), [Cause::CancelUnconfirmed, Cause::LeftOver]);
}

#[test]
fn an_idle_session_waits_for_nothing() {
    let given = session();
    assert_eq!(diagnose(&given.state, given.now), []);
    assert_eq!(given.state.wake_at(), None);
    assert_eq!(given.state.status(), SessionStatus::Idle);
}
