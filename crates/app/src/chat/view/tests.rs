//! What the view owes to people: every word once, in order, whatever the line does.

use serde_json::Value;
use tenure_model::chat::{AgentStatus, FinishReason, Part, PromptMode, TextKind, ToolCall, ToolStatus, Usage};
use tenure_model::id::{PromptId, QuestionId, SessionId, ThreadId, TurnId, UserId};
use tenure_model::view::{
    Message, MessageRole, Purpose, QuestionView, SessionStatus, SessionView, TurnPhase, TurnView,
};
use tenure_model::{Span, Timestamp};
use tenure_protocol::client::{ClientEvent, ClientLimits};
use uuid::Uuid;

use super::{ClientView, Gap, Shown};

fn turn() -> TurnId {
    TurnId(Uuid::from_u128(7))
}

fn delta(offset: u64, text: &str) -> ClientEvent {
    let (turn, kind) = (turn(), TextKind::Text);
    ClientEvent::TextDelta { position: 1, turn, part: 0, kind, offset, text: text.to_owned() }
}

fn tool(status: ToolStatus) -> ClientEvent {
    ClientEvent::ToolUpdate { position: 1, turn: turn(), part: 1, call: call(status) }
}

fn call(status: ToolStatus) -> ToolCall {
    ToolCall {
        call: "c".to_owned(),
        tool: "shell".to_owned(),
        title: None,
        status,
        arguments: Value::Null,
        result: None,
        error: None,
    }
}

fn created() -> ClientEvent {
    let prompts = vec![PromptId(Uuid::from_u128(3))];
    ClientEvent::MessageCreate { position: 1, turn: turn(), thread: ThreadId::default(), prompts, step: None }
}

fn answer(text: &str) -> Message {
    Message {
        seq: 5,
        at: Timestamp(0),
        role: MessageRole::Assistant,
        thread: ThreadId::default(),
        turn: turn(),
        author: "scripted".to_owned(),
        parts: vec![Part::Text { text: text.to_owned() }, Part::Finish { reason: FinishReason::EndTurn }],
        attachments: vec![],
        finish: Some(FinishReason::EndTurn),
        usage: None,
        step: None,
    }
}

fn finalize(text: &str) -> ClientEvent {
    ClientEvent::Finalize { position: 2, message: answer(text), error: None }
}

pub(super) fn picture(parts: &[(u32, Part)]) -> SessionView {
    let open = TurnView {
        turn: turn(),
        thread: ThreadId::default(),
        phase: TurnPhase::Running,
        waiting: None,
        runner: None,
        agent: None,
        started_at: Timestamp(0),
        status: AgentStatus::Streaming,
        parts: parts.iter().cloned().collect(),
        usage: Usage::default(),
        step: None,
    };
    SessionView {
        id: SessionId::default(),
        title: String::new(),
        status: SessionStatus::Working,
        purpose: Purpose::Interactive,
        owner: UserId::default(),
        participants: Default::default(),
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
        agent: None,
        model: None,
        models: vec![],
        mode: PromptMode::Followup,
        threads: vec![],
        queue: vec![],
        turns: if parts.is_empty() { vec![] } else { vec![open] },
        questions: vec![],
        usage: Usage::default(),
        runs: vec![],
        workspace: None,
        runner: Default::default(),
        states: Default::default(),
        sandbox: None,
    }
}

fn resync(parts: &[(u32, Part)]) -> ClientEvent {
    let (reason, presence) = ("lagging".to_owned(), vec![]);
    ClientEvent::Resync { position: 9, reason, session: picture(parts), runs: vec![], presence }
}

fn text(text: &str) -> (u32, Part) {
    (0, Part::Text { text: text.to_owned() })
}

/// Applies the events and returns the text that was shown; `!` stands before text that was shown anew.
fn shown(view: &mut ClientView, events: Vec<ClientEvent>) -> String {
    let mut all = String::new();
    for event in events {
        for piece in view.apply(event).expect("there is no gap") {
            match piece {
                Shown::Text { text, anew, .. } => all += &format!("{}{text}", if anew { "!" } else { "" }),
                Shown::Said { text, .. } => all += &format!("<{text}>"),
                Shown::Tool { call, .. } => all += &format!("[{:?}]", call.status),
                Shown::Ended { reason, .. } => all += &format!(" {reason:?}."),
                Shown::Asked(question) => all += &format!("?{}", question.text),
                Shown::Resolved { answer, .. } => all += &format!("={}", answer.unwrap_or_default()),
                Shown::Run(_) | Shown::Notice(_) => {}
            }
        }
    }
    all
}

#[test]
fn offsets_take_out_what_comes_again() {
    let mut view = ClientView::default();
    let events = vec![created(), delta(0, "one "), delta(0, "one "), delta(0, "one two"), delta(4, "two")];
    assert_eq!(shown(&mut view, events), "one two");
}

#[test]
fn a_hole_in_the_text_is_a_gap() {
    let mut view = ClientView::default();
    shown(&mut view, vec![created(), delta(0, "one")]);
    assert_eq!(view.apply(delta(4, "x")), Err(Gap));
}

#[test]
fn text_of_a_turn_that_was_never_seen_is_a_gap() {
    assert_eq!(ClientView::default().apply(delta(0, "x")), Err(Gap));
}

#[test]
fn an_overlap_inside_a_character_is_a_gap() {
    let mut view = ClientView::default();
    shown(&mut view, vec![created(), delta(0, "ab")]);
    assert_eq!(view.apply(delta(1, "üx")), Err(Gap));
}

#[test]
fn finalizing_shows_only_what_was_not_streamed() {
    let mut view = ClientView::default();
    let events = vec![created(), delta(0, "one "), finalize("one two"), finalize("one two")];
    assert_eq!(shown(&mut view, events), "one two EndTurn.");
    assert_eq!(view.finish_of(turn()), Some(FinishReason::EndTurn));
    assert_eq!(view.turn_of(PromptId(Uuid::from_u128(3))), Some(turn()));
}

#[test]
fn finalizing_replaces_what_was_streamed_differently() {
    let mut view = ClientView::default();
    assert_eq!(shown(&mut view, vec![created(), delta(0, "one"), finalize("two")]), "one!two EndTurn.");
}

#[test]
fn a_late_word_of_a_turn_that_is_over_changes_nothing() {
    let mut view = ClientView::default();
    shown(&mut view, vec![created(), finalize("done")]);
    assert_eq!(shown(&mut view, vec![created(), delta(0, "done"), tool(ToolStatus::Running)]), "");
    assert!(view.turns.is_empty());
}

#[test]
fn a_new_picture_goes_on_where_the_old_one_stood() {
    let mut view = ClientView::default();
    let events =
        vec![created(), delta(0, "one "), resync(&[text("one two ")]), delta(8, "three"), finalize("one two three")];
    assert_eq!(shown(&mut view, events), "one two three EndTurn.");
}

#[test]
fn a_turn_that_ended_while_the_line_was_lost_is_told_by_the_transcript() {
    let mut view = ClientView::default();
    shown(&mut view, vec![created(), delta(0, "one ")]);
    let told = view.catch_up(vec![answer("one two")]);
    assert!(matches!(&told[0], Shown::Text { text, anew: false, .. } if text == "two"));
    assert_eq!(shown(&mut view, vec![resync(&[]), finalize("one two")]), "");
    assert_eq!(view.finish_of(turn()), Some(FinishReason::EndTurn));
}

#[test]
fn output_stands_between_the_begin_and_the_end_of_its_call() {
    let done = Part::ToolCall { call: call(ToolStatus::Completed), output: "out".to_owned() };
    let mut view = ClientView::default();
    assert_eq!(shown(&mut view, vec![resync(&[(1, done)])]), "[Running]out[Completed]");
    assert_eq!(shown(&mut view, vec![tool(ToolStatus::Completed)]), "");
}

#[test]
fn questions_are_asked_and_resolved_once() {
    let asked = QuestionView {
        question: QuestionId::default(),
        turn: turn(),
        thread: ThreadId::default(),
        text: "which?".to_owned(),
        options: vec![],
        asked_at: Timestamp(0),
        expires_at: Timestamp(1),
    };
    let question = asked.question;
    let ask = ClientEvent::Question { position: 1, question: asked };
    let answer = Some("this".to_owned());
    let resolve = ClientEvent::QuestionResolved { position: 1, question, answer, by: None };
    let mut view = ClientView::default();
    let events = vec![ask.clone(), ask.clone(), resolve.clone(), resolve, ask];
    assert_eq!(shown(&mut view, events), "?which?=this?which?");
    // A picture without the question closes it.
    assert_eq!(shown(&mut view, vec![resync(&[])]), "=");
}

#[test]
fn the_first_picture_shows_what_is_open() {
    let limits = ClientLimits { frame_bytes_max: 1, prompt_bytes_max: 1, queue_max: 1, idle_ms_max: Span::ZERO };
    let init =
        ClientEvent::Init { position: 4, session: picture(&[text("so far")]), runs: vec![], presence: vec![], limits };
    assert_eq!(shown(&mut ClientView::default(), vec![init, delta(6, ", so good")]), "so far, so good");
}

#[test]
fn the_end_of_a_turn_and_the_next_prompt_may_share_a_number() {
    let next = Message {
        role: MessageRole::User,
        turn: TurnId(Uuid::from_u128(8)),
        parts: vec![Part::Text { text: "next".to_owned() }],
        finish: None,
        ..answer("")
    };
    let said = ClientEvent::Message { position: 2, message: next };
    let mut view = ClientView::default();
    let events = vec![created(), finalize("one"), said.clone(), finalize("one"), said];
    assert_eq!(shown(&mut view, events), "one EndTurn.<next>");
}
