//! A prompt becomes a turn, or waits for one.

use tenure_model::chat::{Attachment, FinishReason, PromptMode};
use tenure_model::id::ThreadId;
use tenure_model::link::WorkKind;
use tenure_session::message::{QueuedPrompt, UserMessage};
use tenure_session::{Action, Effect, Event, Reply};
use uuid::Uuid;

use crate::support::*;

#[test]
fn a_prompt_in_a_free_thread_opens_a_turn_and_offers_it() {
    let given = session();
    let (ctx, now) = (given.ctx(), given.now);
    let (prompt, turn) = (ctx.fresh(0), ctx.fresh(1));
    let reply = Reply::Prompted {
        prompt,
        thread: THREAD,
        turn: Some(turn),
        mode: PromptMode::Followup,
        place: None,
        ends: None,
    };
    let command = want(text("hello"));
    let tenure_session::Command::Client { request: Some(request), action, .. } = command.clone() else {
        unreachable!()
    };
    let queued = QueuedPrompt {
        id: prompt,
        thread: THREAD,
        by: ann().author(),
        text: "hello".into(),
        attachments: vec![],
        mode: PromptMode::Followup,
        agent: None,
        model: None,
        queued_at: now,
        retry_of: None,
        step: None,
    };
    let message = UserMessage {
        prompts: vec![prompt],
        authors: vec![ann().author()],
        text: "hello".into(),
        attachments: vec![],
        mode: PromptMode::Followup,
        agent: Some("scripted".into()),
        model: None,
        restore: None,
        step: None,
    };
    let fingerprint = tenure_session::requests::fingerprint(&action);
    given
        .when(command)
        .then([
            Event::PromptQueued { prompt: queued },
            Event::TurnOpened { turn, thread: THREAD, generation: 1, message, retry_of: None },
            Event::RequestAnswered { user: ann().user, request, fingerprint, reply },
        ])
        .effects([Effect::Offer {
            offer: tenure_model::link::WorkOffer {
                session: ID,
                work: turn.into(),
                generation: 1,
                agent: Some("scripted".into()),
                kind: WorkKind::Turn,
                home: None,
                placement: Default::default(),
            },
            owner: ann().user,
            draws: vec![],
        }]);
}

#[test]
fn a_prompt_in_a_busy_thread_waits_and_says_how_long_the_line_is() {
    let (given, _) = running();
    let given = given.when(want(text("second"))).and();
    let then = given.when(want(text("third")));
    assert_eq!(said(&then), ["prompt_queued"]);
    assert!(matches!(then.decision().reply, Reply::Prompted { place: Some(1), turn: None, ends: None, .. }));
    assert_eq!(waiting(&then.and()), ["second", "third"]);
}

#[test]
fn threads_run_at_the_same_time() {
    let (given, _) = running();
    let then = given.when(want(Action::OpenThread { title: Some("aside".into()) }));
    let Reply::ThreadOpened { thread } = then.decision().reply else { panic!("a thread") };
    let then = then.and().when(want(in_thread(thread, PromptMode::Followup, "meanwhile")));
    assert_eq!(said(&then), ["prompt_queued", "turn_opened"]);
    assert_eq!(then.and().state.turns.len(), 2);
}

#[test]
fn a_prompt_for_an_unknown_thread_is_refused() {
    let nowhere = ThreadId(Uuid::from_u128(404));
    session().when(want(in_thread(nowhere, PromptMode::Followup, "hello"))).refused("there is no thread");
}

#[test]
fn an_empty_prompt_is_refused_unless_something_is_attached() {
    session().when(want(text("  \n"))).refused("the prompt is empty");
    let with_file = Action::Prompt {
        thread: None,
        text: String::new(),
        attachments: vec![Attachment { name: "a.png".into(), mime: "image/png".into(), data: "AAAA".into() }],
        mode: None,
        agent: None,
        model: None,
    };
    session().when(want(with_file)).and();
}

#[test]
fn the_next_prompt_goes_in_the_very_decision_that_ends_the_turn() {
    let (given, turn) = running();
    let given = given.when(want(text("second"))).and();
    let then = given.when(frames(turn, 0, [ends(FinishReason::EndTurn)]));
    assert_eq!(said(&then), ["turn_finished", "turn_opened"]);
    assert_eq!(asked(&then), ["offer"]);
    assert_eq!(open_text(&then.and()), "second");
}

#[test]
fn a_terminated_session_takes_no_prompt() {
    session().when(want(Action::Terminate)).and().when(want(text("hello"))).refused("terminated");
}
