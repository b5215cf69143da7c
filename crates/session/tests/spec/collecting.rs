//! `collect`: prompts wait a moment for more of their kind and become one.

use tenure_model::chat::{FinishReason, PromptMode};
use tenure_model::{Entity, Span};
use tenure_session::{Action, Reply};

use crate::support::*;

fn collect(said: &str) -> Action {
    text_as(PromptMode::Collect, said)
}

#[test]
fn a_collected_prompt_waits_for_three_seconds_of_quiet() {
    let then = session().when(want(collect("one")));
    assert!(matches!(
        then.decision().reply,
        Reply::Prompted {
            turn: None,
            place: Some(0),
            ..
        }
    ));
    let given = then.and();
    assert_eq!(given.state.wake_at(), Some(given.now + Span::secs(3)));
    let given = given.after(Span::secs(2)).when(want(collect("two"))).and();
    assert_eq!(
        given.state.wake_at(),
        Some(given.now + Span::secs(3)),
        "the second one begins the quiet anew"
    );
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
    let then = given
        .after(Span::secs(60))
        .when(frames(turn, 0, [ends(FinishReason::EndTurn)]));
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
    let given = session()
        .when(want(collect("one")))
        .and()
        .when(want(other))
        .and()
        .after(Span::secs(3))
        .wake()
        .and();
    assert_eq!(open_text(&given), "one");
}

#[test]
fn a_withdrawn_one_is_not_sent() {
    let then = session().when(want(collect("one")));
    let one = prompt_of(&then);
    let given = then.and().when(want(collect("two"))).and();
    let given = given
        .when(want(Action::WithdrawPrompt { prompt: one }))
        .and()
        .after(Span::secs(3))
        .wake()
        .and();
    assert_eq!(open_text(&given), "two");
}
