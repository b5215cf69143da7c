//! A request id makes a resend harmless: carried out once, answered alike every time.

use tenure_model::{Entity, Span};
use tenure_session::{Action, Command, Limits, Reply, RequestId};

use crate::support::*;

#[test]
fn a_repeat_gets_the_same_answer_long_after() {
    let then = session().when(by(ann(), "r1", text("hello")));
    let first = then.decision().reply.clone();
    let (given, turn) = take_on(then.and());
    let given = given.when(frames(turn, 0, [ends(tenure_model::chat::FinishReason::EndTurn)])).and();
    let then = given.after(Span::hours(23)).when(by(ann(), "r1", text("hello")));
    assert_eq!(then.decision().reply, first);
    then.silent();
}

#[test]
fn the_same_id_for_something_else_is_refused() {
    let given = session().when(by(ann(), "r1", text("hello"))).and();
    given.when(by(ann(), "r1", text("goodbye"))).refused("used before, for something else");
}

#[test]
fn request_ids_of_different_people_do_not_meet() {
    let given = session().when(by(ann(), "r1", text("hello"))).and();
    let then = given.when(by(root(), "r1", text("goodbye")));
    assert!(matches!(then.decision().reply, Reply::Prompted { .. }));
}

#[test]
fn a_repeat_of_what_changed_nothing_changes_nothing_later() {
    let title = |request: &str, title: &str| by(ann(), request, Action::SetTitle { title: title.into() });
    let given = session().when(title("r1", "a")).and().when(title("r2", "a")).and().when(title("r3", "b")).and();
    let given = given.when(title("r2", "a")).silent();
    assert_eq!(given.state.title(), "b");
}

#[test]
fn after_a_day_an_id_is_free_again() {
    let given = session().when(by(ann(), "r1", Action::OpenThread { title: None })).and();
    let then = given.after(Span::hours(24)).when(by(ann(), "r1", Action::OpenThread { title: None }));
    assert_eq!(said(&then), ["thread_opened"]);
    assert_eq!(then.and().state.requests.len(), 1, "the old one is forgotten");
}

#[test]
fn a_session_is_not_woken_only_to_forget() {
    let given = session().when(by(ann(), "r1", Action::SetTitle { title: "t".into() })).and();
    assert_eq!(given.state.wake_at(), None);
}

#[test]
fn the_oldest_are_forgotten_when_there_are_too_many() {
    let limits = Limits { requests_kept_max: 3, ..Limits::default() };
    let mut given = session_with(limits);
    for n in 0..5 {
        given = given.when(by(ann(), &format!("r{n}"), Action::SetTitle { title: format!("t{n}") })).and();
    }
    assert_eq!(given.state.requests.len(), 3);
    let given = given.when(by(ann(), "r2", Action::SetTitle { title: "t2".into() })).silent();
    given.when(by(ann(), "r0", Action::SetTitle { title: "other".into() })).and();
}

#[test]
fn kept_answers_are_bounded_in_size() {
    let limits = Limits { requests_kept_bytes_max: 250, ..Limits::default() };
    let (mut given, _) = take_on(session_with(limits).when(want(text("hello"))).and());
    for n in 0..5 {
        let then = given.when(by(ann(), &format!("p{n}"), text(&"x".repeat(100))));
        let prompt = prompt_of(&then);
        given = then.and().when(by(ann(), &format!("w{n}"), Action::WithdrawPrompt { prompt })).and();
    }
    let kept = serde_json::to_string(&given.state.requests).unwrap();
    assert_eq!(kept.matches(&"x".repeat(100)).count(), 2);
}

#[test]
fn a_refused_command_does_not_use_up_its_id() {
    let nowhere = Some(tenure_model::id::ThreadId::default());
    let wrong = Action::Abort { thread: nowhere, turn: None };
    let given = session().when(by(ann(), "r1", wrong)).refused("there is no thread");
    given.when(by(ann(), "r1", text("hello"))).and();
}

#[test]
fn a_request_id_has_one_to_a_hundred_bytes() {
    assert!(RequestId::parse("").is_err());
    assert!(RequestId::parse("x".repeat(100)).is_ok());
    let error = RequestId::parse("x".repeat(101)).unwrap_err();
    assert_eq!(error.to_string(), "a request id has 1 to 100 bytes, this one has 101");
    assert!(serde_json::from_str::<RequestId>("\"\"").is_err());
}

#[test]
fn without_a_request_id_every_prompt_is_a_new_one() {
    let plain = || Command::Client { by: ann(), request: None, action: text("hello") };
    let (given, _) = running();
    let ctx = given.ctx();
    let first = given.state.decide(plain(), &ctx).unwrap();
    assert_eq!(first.events.len(), 1, "nothing is kept for repeats");
}
