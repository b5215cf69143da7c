//! `collect`: prompts wait a moment for more of their kind and become one.

use tenure_model::chat::{FinishReason, PromptMode};
use tenure_model::id::{PromptId, ThreadId};
use tenure_model::testkit::{START, given};
use tenure_model::view::Purpose;
use tenure_model::{Entity, Span};
use tenure_session::message::QueuedPrompt;
use tenure_session::{Action, Event, Limits, Reply};
use uuid::Uuid;

use crate::support::*;

fn collect(said: &str) -> Action {
    text_as(PromptMode::Collect, said)
}

#[test]
fn a_collected_prompt_waits_for_three_seconds_of_quiet() {
    let then = session().when(want(collect("one")));
    assert!(matches!(then.decision().reply, Reply::Prompted { turn: None, place: Some(0), .. }));
    let given = then.and();
    assert_eq!(given.state.wake_at(), Some(given.now + Span::secs(3)));
    let given = given.after(Span::secs(2)).when(want(collect("two"))).and();
    assert_eq!(given.state.wake_at(), Some(given.now + Span::secs(3)), "the second one begins the quiet anew");
    let then = given.after(Span::secs(3)).wake();
    assert_eq!(said(&then), ["turn_opened"]);
    let given = then.and();
    assert_eq!(open_text(&given), "one\n---\ntwo");
    assert_eq!(given.state.turns[&open(&given)].message.prompts.len(), 2);
    assert!(given.state.queue.is_empty());
}

#[test]
fn what_was_collected_while_the_thread_was_busy_goes_when_it_is_free() {
    let (given, turn) = running();
    let given = given.when(want(collect("one"))).and().when(want(collect("two"))).and();
    let then = given.after(Span::secs(60)).when(frames(turn, 0, [ends(FinishReason::EndTurn)]));
    assert_eq!(open_text(&then.and()), "one\n---\ntwo");
}

#[test]
fn a_followup_is_not_joined_and_keeps_its_place() {
    let given = session().when(want(collect("one"))).and().when(want(text("two"))).and();
    assert_eq!(waiting(&given), ["one", "two"]);
    let given = given.after(Span::secs(3)).wake().and();
    assert_eq!(open_text(&given), "one");
    assert_eq!(waiting(&given), ["two"]);
}

#[test]
fn prompts_for_another_agent_are_not_joined() {
    let mut other = collect("two");
    if let Action::Prompt { agent, .. } = &mut other {
        *agent = Some("another".into());
    }
    let given = session().when(want(collect("one"))).and().when(want(other)).and().after(Span::secs(3)).wake().and();
    assert_eq!(open_text(&given), "one");
}

#[test]
fn a_withdrawn_one_is_not_sent() {
    let then = session().when(want(collect("one")));
    let one = prompt_of(&then);
    let given = then.and().when(want(collect("two"))).and();
    let given = given.when(want(Action::WithdrawPrompt { prompt: one })).and().after(Span::secs(3)).wake().and();
    assert_eq!(open_text(&given), "two");
}

#[test]
fn one_wake_does_at_most_a_hundred_things_and_the_rest_stays_due() {
    let waiting_in = |number: u128| {
        let (thread, by) = (ThreadId(Uuid::from_u128(number)), ann().author());
        let prompt = QueuedPrompt {
            id: PromptId(Uuid::from_u128(number)),
            thread,
            by: by.clone(),
            text: "x".into(),
            attachments: vec![],
            mode: PromptMode::Collect,
            agent: None,
            model: None,
            queued_at: START,
            retry_of: None,
            step: None,
        };
        [Event::ThreadOpened { thread, title: None, by, step_of: None, draws: vec![] }, Event::PromptQueued { prompt }]
    };
    let history = (0..130).flat_map(waiting_in);
    let given = given::<tenure_session::Session>(
        ID,
        [created(Purpose::Interactive, Limits::default())].into_iter().chain(history),
    );
    let then = given.after(Span::secs(3)).wake();
    assert_eq!(then.decision().events.len(), 100);
    let given = then.and();
    assert!(given.state.wake_at().is_some_and(|due| due <= given.now));
    assert_eq!(given.wake().and().state.turns.len(), 130);
}
