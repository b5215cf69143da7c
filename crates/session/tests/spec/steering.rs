//! `steer`: ends the running turn and goes first.

use tenure_model::chat::{FinishReason, PromptMode};
use tenure_model::testkit::given;
use tenure_model::view::Purpose;
use tenure_session::{Action, Event, Limits, Reply};

use crate::support::*;

fn steer(said: &str) -> Action {
    text_as(PromptMode::Steer, said)
}

#[test]
fn a_steering_prompt_ends_the_running_turn_and_goes_before_all_others() {
    let (given, turn) = running();
    let given = given.when(want(text("later"))).and();
    let then = given.when(want(steer("now")));
    assert_eq!(said(&then), ["prompt_queued", "turn_cancelling"]);
    assert_eq!(asked(&then), ["cancel"]);
    assert!(
        matches!(then.decision().reply, Reply::Prompted { ends: Some(ended), place: Some(0), .. } if ended == turn)
    );
    let given = then.and();
    assert_eq!(waiting(&given), ["now", "later"]);
    let then = given.when(frames(turn, 0, [ends(FinishReason::EndTurn)]));
    assert_eq!(finished(&then).0, FinishReason::Canceled, "a late end changes nothing");
    assert_eq!(open_text(&then.and()), "now");
}

#[test]
fn a_turn_that_no_runner_has_yet_gives_way_at_once() {
    let given = session().when(want(text("first"))).and();
    let then = given.when(want(steer("now")));
    assert_eq!(said(&then), ["prompt_queued", "turn_finished", "turn_opened"]);
    assert_eq!(asked(&then), ["recall", "offer"]);
    assert_eq!(open_text(&then.and()), "now");
}

#[test]
fn in_a_free_thread_steering_is_just_prompting() {
    let then = session().when(want(steer("now")));
    assert_eq!(said(&then), ["prompt_queued", "turn_opened"]);
    assert!(matches!(then.decision().reply, Reply::Prompted { ends: None, turn: Some(_), .. }));
}

#[test]
fn two_steering_prompts_become_one_so_that_neither_is_cut_off() {
    let (given, turn) = running();
    let given = given.when(want(steer("left"))).and().when(want(steer("no, right"))).and();
    let then = given.when(frames(turn, 0, [ends(FinishReason::Canceled)]));
    assert_eq!(open_text(&then.and()), "left\n---\nno, right");
}

#[test]
fn a_promoted_prompt_steers_and_says_which_turn_it_ends() {
    let (given, turn) = running();
    let given = given.when(want(text("one"))).and();
    let then = given.when(want(text("two")));
    let two = prompt_of(&then);
    let then = then.and().when(want(Action::PromotePrompt { prompt: two }));
    assert_eq!(said(&then), ["prompt_promoted", "turn_cancelling"]);
    assert!(matches!(then.decision().reply,
        Reply::Prompted { mode: PromptMode::Steer, ends: Some(ended), .. } if ended == turn));
    assert_eq!(waiting(&then.and()), ["two", "one"]);
}

#[test]
fn steering_while_a_question_is_open_answers_it() {
    let (given, turn) = asking();
    let then = given.when(want(steer("the red one")));
    assert_eq!(said(&then), ["question_answered"]);
    assert_eq!(asked(&then), ["answer"]);
    assert_eq!(then.decision().reply, Reply::Answered { question: question(1) });
    assert!(!then.and().state.turns[&turn].is_cancelling());
}

#[test]
fn promoting_while_a_question_is_open_answers_it_with_the_prompt() {
    let (given, _) = asking();
    let then = given.when(want(text("the red one")));
    let prompt = prompt_of(&then);
    let then = then.and().when(want(Action::PromotePrompt { prompt }));
    assert!(matches!(&then.decision().events[0],
        Event::QuestionAnswered { answer, prompt: Some(p), .. } if answer == "the red one" && *p == prompt));
    assert!(then.and().state.queue.is_empty());
}

#[test]
fn in_an_orchestrator_session_a_prompt_for_a_busy_thread_steers() {
    let given = given(ID, [created(Purpose::Orchestrator, Limits::default())]);
    let (given, turn) = take_on(given.when(want(text("hello"))).and());
    let then = given.when(want(text("and now")));
    assert!(matches!(then.decision().reply,
        Reply::Prompted { mode: PromptMode::Steer, ends: Some(ended), .. } if ended == turn));
}
