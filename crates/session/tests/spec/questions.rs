//! Questions: shown to all, answered once, expired in time.

use tenure_model::Span;
use tenure_model::entity::Entity;
use tenure_model::link::TurnFrame;
use tenure_model::view::{Role, SessionStatus};
use tenure_session::{Action, Command, Effect, Reply};

use crate::support::*;

fn answer(text: &str) -> Action {
    Action::Answer { question: question(1), answer: text.into() }
}

#[test]
fn an_answer_goes_to_the_runner_that_asks() {
    let (given, turn) = asking();
    assert_eq!(given.state.status(), SessionStatus::Waiting);
    let then = given.when(want(answer("red")));
    let effect = Effect::Answer {
        runner: RUNNER,
        work: turn.into(),
        generation: 1,
        question: question(1),
        answer: Some("red".into()),
    };
    assert_eq!(then.decision().reply, Reply::Answered { question: question(1) });
    let given = then.effects([effect.clone()]).and();
    assert!(given.state.wants(&effect));
    assert_eq!(given.state.status(), SessionStatus::Working);
}

#[test]
fn the_first_answer_counts() {
    let (given, _) = asking();
    let share = Action::Share { user: bob().user, name: "bob".into(), role: Role::Collaborator };
    let given = given.when(want(share)).and().when(want(answer("red"))).and();
    given.clone().when(by(bob(), "b", answer("blue"))).refused("answered already, by ann");
    given.clone().when(by(bob(), "b", answer("red"))).refused("answered already, by ann");
    given.when(Command::Client { by: ann(), request: None, action: answer("red") }).silent();
}

#[test]
fn an_unanswered_question_expires_after_five_minutes_and_the_runner_hears_it() {
    let (given, turn) = asking();
    assert_eq!(given.state.wake_at(), Some(given.now + Span::mins(5)));
    let then = given.after(Span::mins(5)).wake();
    assert_eq!(said(&then), ["question_expired"]);
    let effect =
        Effect::Answer { runner: RUNNER, work: turn.into(), generation: 1, question: question(1), answer: None };
    let given = then.effects([effect]).and();
    given.when(want(answer("red"))).refused("has expired");
}

#[test]
fn a_question_may_wait_longer_but_not_for_ever() {
    let (given, turn) = running();
    let ask = |number, timeout| TurnFrame::Question {
        question: question(number),
        text: "?".into(),
        options: vec!["a".into()],
        timeout_ms: Some(timeout),
    };
    let now = given.now;
    let given = given.when(frames(turn, 0, [ask(1, Span::hours(2)), ask(2, Span::hours(99))])).and();
    let deadline = |number| given.state.find_question(question(number)).unwrap().1.deadline;
    assert_eq!((deadline(1), deadline(2)), (now + Span::hours(2), now + Span::hours(24)));
}

#[test]
fn several_questions_have_a_deadline_each() {
    let (given, turn) = asking();
    let given = given.after(Span::mins(1)).when(frames(turn, 1, [asks(question(2))])).and();
    let given = given.after(Span::mins(4)).wake().and();
    assert!(!given.state.find_question(question(1)).unwrap().1.is_open());
    assert!(given.state.find_question(question(2)).unwrap().1.is_open());
    assert_eq!(given.state.wake_at(), Some(given.now + Span::mins(1)));
}

#[test]
fn a_question_that_was_never_asked_cannot_be_answered() {
    let (given, _) = running();
    given.when(want(answer("red"))).refused("is not open");
}
