//! The few words in which the specs are written.

use serde_json::Value;
use tenure_model::Timestamp;
use tenure_model::chat::{FinishReason, Part, PromptMode, TextKind, ToolCall, ToolStatus};
use tenure_model::id::{BootId, PromptId, QuestionId, RunnerId, SessionId, ThreadId, TurnId, UserId};
use tenure_model::link::TurnFrame;
use tenure_model::testkit::{Given, Then, given};
use tenure_model::view::Purpose;
use tenure_session::{Action, By, Command, Effect, Event, Limits, Reply, Report, RequestId, Session};
use uuid::Uuid;

pub const ID: SessionId = SessionId(Uuid::from_u128(0x5e55));
pub const THREAD: ThreadId = ThreadId(Uuid::from_u128(0x7001));
pub const RUNNER: RunnerId = RunnerId(Uuid::from_u128(0x4001));
pub const OTHER_RUNNER: RunnerId = RunnerId(Uuid::from_u128(0x4002));
pub const BOOT: BootId = BootId(Uuid::from_u128(0xb007));

fn person(number: u128, name: &str, admin: bool) -> By {
    By { user: UserId(Uuid::from_u128(number)), name: name.into(), admin }
}

/// The session's owner.
pub fn ann() -> By {
    person(1, "ann", false)
}

/// Somebody else.
pub fn bob() -> By {
    person(2, "bob", false)
}

/// An administrator.
pub fn root() -> By {
    person(3, "root", true)
}

pub fn created(purpose: Purpose, limits: Limits) -> Event {
    Event::Created {
        owner: ann().user,
        owner_name: "ann".into(),
        title: None,
        agent: Some("scripted".into()),
        model: None,
        purpose,
        mode: PromptMode::Followup,
        limits,
        thread: THREAD,
        repo: None,
        runner: Default::default(),
    }
}

/// Ann's session, in which nothing was said yet.
pub fn session() -> Given<Session> {
    session_with(Limits::default())
}

pub fn session_with(limits: Limits) -> Given<Session> {
    given(ID, [created(Purpose::Interactive, limits)])
}

pub fn question(number: u128) -> QuestionId {
    QuestionId(Uuid::from_u128(0x9000 + number))
}

/// A command under a request id that no other of the spec has.
pub fn by(by: By, request: &str, action: Action) -> Command {
    Command::Client { by, request: Some(RequestId::parse(request).unwrap()), action }
}

/// A command of Ann; its request id is made of what it asks for.
pub fn want(action: Action) -> Command {
    let text = format!("{action:?}");
    let hash = text.bytes().fold(7u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
    by(ann(), &format!("{hash:x}"), action)
}

pub fn text(text: &str) -> Action {
    Action::Prompt { thread: None, text: text.into(), attachments: vec![], mode: None, agent: None, model: None }
}

pub fn text_as(mode: PromptMode, said: &str) -> Action {
    in_thread(THREAD, mode, said)
}

pub fn in_thread(thread: ThreadId, mode: PromptMode, said: &str) -> Action {
    Action::Prompt {
        thread: Some(thread),
        text: said.into(),
        attachments: vec![],
        mode: Some(mode),
        agent: None,
        model: None,
    }
}

pub fn accepted(turn: TurnId) -> Command {
    Command::Runner(Report::Accepted {
        work: turn.into(),
        generation: 1,
        runner: RUNNER,
        boot: BOOT,
        agent: "scripted".into(),
        left: None,
    })
}

pub fn confirmed(turn: TurnId) -> Command {
    Command::Runner(Report::StartConfirmed { work: turn.into(), generation: 1, runner: RUNNER })
}

pub fn lost(turn: TurnId) -> Command {
    Command::Runner(Report::Lost { work: turn.into(), generation: 1, runner: RUNNER })
}

pub fn alive(turn: TurnId, seen: Timestamp) -> Command {
    Command::Runner(Report::Alive { work: turn.into(), generation: 1, runner: RUNNER, seen })
}

pub fn frames(turn: TurnId, first: u64, frames: impl IntoIterator<Item = TurnFrame>) -> Command {
    let frames = frames.into_iter().collect();
    Command::Runner(Report::Frames { work: turn.into(), generation: 1, runner: RUNNER, first, frames })
}

pub fn delta(part: u32, offset: u64, text: &str) -> TurnFrame {
    TurnFrame::TextDelta { part, kind: TextKind::Text, offset, text: text.into() }
}

pub fn output(part: u32, offset: u64, text: &str) -> TurnFrame {
    TurnFrame::TextDelta { part, kind: TextKind::Output, offset, text: text.into() }
}

pub fn call(id: &str, status: ToolStatus) -> ToolCall {
    ToolCall {
        call: id.into(),
        tool: "shell".into(),
        title: None,
        status,
        arguments: Value::Null,
        result: None,
        error: None,
    }
}

pub fn tool(part: u32, id: &str, status: ToolStatus) -> TurnFrame {
    TurnFrame::ToolUpdate { part, call: call(id, status) }
}

pub fn asks(id: QuestionId) -> TurnFrame {
    TurnFrame::Question { question: id, text: "Which one?".into(), options: vec![], timeout_ms: None }
}

pub fn ends(reason: FinishReason) -> TurnFrame {
    TurnFrame::Finalize { reason, error: None, result: None }
}

/// The open turn of the first thread.
#[track_caller]
pub fn open(given: &Given<Session>) -> TurnId {
    given.state.open_turn_of(THREAD).expect("a turn is open")
}

/// Ann's session with one turn that a runner has taken on.
pub fn taken() -> (Given<Session>, TurnId) {
    take_on(session().when(want(text("hello"))).and())
}

/// Lets a runner take on the open turn.
pub fn take_on(given: Given<Session>) -> (Given<Session>, TurnId) {
    let turn = open(&given);
    (given.when(accepted(turn)).and(), turn)
}

/// Ann's session with one turn that runs.
pub fn running() -> (Given<Session>, TurnId) {
    let (given, turn) = taken();
    (given.when(confirmed(turn)).and(), turn)
}

/// Ann's session with a turn that waits for the answer to a question.
pub fn asking() -> (Given<Session>, TurnId) {
    let (given, turn) = running();
    (given.when(frames(turn, 0, [asks(question(1))])).and(), turn)
}

/// The names of the events of a decision, apart from the answer that is kept for repeats.
pub fn said(then: &Then<Session>) -> Vec<String> {
    let name = |event: &Event| serde_json::to_value(event).unwrap()["type"].as_str().unwrap().to_owned();
    then.decision().events.iter().map(name).filter(|name| name != "request_answered").collect()
}

/// The names of the effects of a decision.
pub fn asked(then: &Then<Session>) -> Vec<String> {
    let name = |effect: &Effect| serde_json::to_value(effect).unwrap()["type"].as_str().unwrap().to_owned();
    then.decision().effects.iter().map(name).collect()
}

/// The message that a decision has finished.
#[track_caller]
pub fn finished(then: &Then<Session>) -> (FinishReason, Vec<Part>) {
    let finish = |event: &Event| match event {
        Event::TurnFinished { reason, parts, .. } => Some((*reason, parts.clone())),
        _ => None,
    };
    then.decision().events.iter().find_map(finish).expect("a turn was finished")
}

#[track_caller]
pub fn prompt_of(then: &Then<Session>) -> PromptId {
    match then.decision().reply {
        Reply::Prompted { prompt, .. } => prompt,
        ref other => panic!("expected a prompt, got {other:?}"),
    }
}

/// The texts that wait, in order.
pub fn waiting(given: &Given<Session>) -> Vec<&str> {
    given.state.queue.iter().map(|queued| queued.text.as_str()).collect()
}

/// What the user said in the open turn.
#[track_caller]
pub fn open_text(given: &Given<Session>) -> &str {
    &given.state.turns[&open(given)].message.text
}
