//! Every limit holds at its very edge, says what it is, and harms nothing that is there.

use tenure_model::RefusalKind;
use tenure_model::chat::{Attachment, PromptMode};
use tenure_model::id::UserId;
use tenure_model::time::Span;
use tenure_model::view::Role;
use tenure_session::{Action, Limits, Pressure};
use uuid::Uuid;

use crate::support::*;

#[test]
fn a_prompt_may_be_as_large_as_its_limit() {
    let given = session_with(Limits { prompt_bytes_max: 10, ..Limits::default() });
    given.clone().when(want(text("0123456789"))).and();
    given
        .clone()
        .when(want(text("0123456789a")))
        .refused("the prompt is too large: 11, the limit prompt_bytes_max is 10");
    let file = Attachment { name: "n".into(), mime: "m".into(), data: "12345678".into() };
    let attached = |text: &str| Action::Prompt {
        thread: None,
        text: text.into(),
        attachments: vec![file.clone()],
        mode: None,
        agent: None,
        model: None,
    };
    given.clone().when(want(attached(""))).and();
    given.when(want(attached("x"))).refused("prompt_bytes_max");
}

#[test]
fn an_edit_and_a_steering_answer_obey_the_same_limit() {
    let (given, _) =
        take_on(session_with(Limits { prompt_bytes_max: 10, ..Limits::default() }).when(want(text("hi"))).and());
    let then = given.when(want(text("later")));
    let prompt = prompt_of(&then);
    let given = then.and();
    given.clone().when(want(Action::EditPrompt { prompt, text: "x".repeat(11) })).refused("prompt_bytes_max");
    let turn = open(&given);
    let given = given.when(frames(turn, 0, [asks(question(1))])).and();
    given.clone().when(want(text_as(PromptMode::Steer, &"x".repeat(11)))).refused("prompt_bytes_max");
    given
        .when(want(Action::Answer { question: question(1), answer: "x".repeat(11) }))
        .refused("the answer is too large");
}

#[test]
fn collected_prompts_are_joined_only_as_far_as_they_fit() {
    let given = session_with(Limits { prompt_bytes_max: 20, ..Limits::default() });
    let given = ["0123456", "abcdefg", "x"]
        .into_iter()
        .fold(given, |given, said| given.when(want(text_as(PromptMode::Collect, said))).and());
    let given = given.after(tenure_model::Span::secs(3)).wake().and();
    assert_eq!(open_text(&given), "0123456\n---\nabcdefg");
    assert_eq!(waiting(&given), ["x"]);
}

#[test]
fn a_full_queue_refuses_more_and_keeps_what_it_has() {
    let (given, _) = take_on(session_with(Limits { queue_max: 2, ..Limits::default() }).when(want(text("hi"))).and());
    let given = given.when(want(text("one"))).and();
    assert_eq!(given.state.pressure(), []);
    let given = given.when(want(text("two"))).and();
    assert_eq!(given.state.pressure(), [Pressure { limit: "queue_max", used: 2, max: 2 }]);
    let then = given.when(want(text("three")));
    assert_eq!(then.result.as_ref().unwrap_err().kind(), RefusalKind::TooLarge);
    let given = then.refused("the session's queue is full: the limit queue_max is 2");
    assert_eq!(waiting(&given), ["one", "two"]);
}

#[test]
fn attachments_threads_titles_and_participants_are_bounded() {
    let limits = Limits {
        attachments_max: 1,
        threads_max: 2,
        title_bytes_max: 5,
        participants_max: 1,
        note_bytes_max: 5,
        ..Limits::default()
    };
    let given = session_with(limits);
    let file = Attachment { name: "n".into(), mime: "m".into(), data: String::new() };
    let two_files = Action::Prompt {
        thread: None,
        text: "x".into(),
        attachments: vec![file.clone(), file],
        mode: None,
        agent: None,
        model: None,
    };
    given.clone().when(want(two_files)).refused("attachments_max is 1");
    given.clone().when(want(Action::SetTitle { title: "12345".into() })).and();
    given.clone().when(want(Action::SetTitle { title: "123456".into() })).refused("title_bytes_max is 5");
    given.clone().when(want(Action::SetTitle { title: " ".into() })).refused("the title is empty");
    given.clone().when(want(Action::OpenThread { title: Some("123456".into()) })).refused("title_bytes_max");
    let full = given.clone().when(want(Action::OpenThread { title: None })).and();
    full.when(by(ann(), "t2", Action::OpenThread { title: None })).refused("threads_max is 2");
    let share =
        |n, name: &str| Action::Share { user: UserId(Uuid::from_u128(n)), name: name.into(), role: Role::Viewer };
    given.clone().when(want(share(10, "longname"))).refused("note_bytes_max");
    let given = given.when(want(share(10, "x"))).and();
    given.clone().when(want(share(11, "y"))).refused("participants_max is 1");
    given.when(want(share(10, "z"))).and();
}

#[test]
fn four_fifths_are_the_time_to_warn() {
    let (given, _) = take_on(session_with(Limits { queue_max: 5, ..Limits::default() }).when(want(text("hi"))).and());
    let given = ["1", "2", "3"].into_iter().fold(given, |given, said| given.when(want(text(said))).and());
    assert_eq!(given.state.pressure(), []);
    let given = given.when(want(text("4"))).and();
    assert_eq!(given.state.pressure(), [Pressure { limit: "queue_max", used: 4, max: 5 }]);
}

#[test]
fn a_limit_that_cannot_be_is_named_with_its_rule() {
    let why = |limits: Limits| limits.check().expect_err("it cannot be").to_string();
    assert_eq!(Limits::default().check(), Ok(()));
    assert_eq!(why(Limits { queue_max: 0, ..Limits::default() }), "queue_max is 0; set it to 1 to 1000000");
    let short = Limits { lease_ms: Span::ms(999), ..Limits::default() };
    assert_eq!(why(short), "lease_ms is 999; set it to 1000 to 31536000000");
    let long = Limits { turn_timeout_ms: Span(u64::MAX), ..Limits::default() };
    assert!(why(long).starts_with("turn_timeout_ms is 18446744073709551615"));
    let questions = Limits { question_timeout_ms: Span::hours(25), ..Limits::default() };
    assert!(why(questions).contains("at most question_timeout_max_ms, which is 86400000"));
}

#[test]
fn every_limit_has_bounds() {
    let names = serde_json::to_value(Limits::default()).unwrap();
    for (name, value) in names.as_object().unwrap() {
        let beyond = |value: u64| {
            let mut limits = names.clone();
            limits[name] = value.into();
            serde_json::from_value::<Limits>(limits).unwrap().check()
        };
        assert!(value.is_u64() && beyond(u64::MAX).is_err(), "{name} has no most");
    }
}
