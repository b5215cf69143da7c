//! Notices: what runs say in the orchestrator session, once, in the thread of their automation.

use tenure_model::id::{ThreadId, UserId};
use tenure_model::testkit::{Given, given};
use tenure_model::view::Purpose;
use tenure_session::run::Notice;
use tenure_session::{Action, Command, Limits, Reply, RequestId, Session};
use uuid::Uuid;

use crate::support::*;

const NIGHTLY: ThreadId = ThreadId(Uuid::from_u128(0x7e1));

fn notice(request: &str, text: &str) -> Notice {
    Notice {
        owner: ann().user,
        owner_name: "ann".into(),
        request: RequestId::parse(request).expect("a request id"),
        thread: NIGHTLY,
        title: "Nightly report".into(),
        by: "Nightly report".into(),
        text: text.into(),
        draws: vec![],
        limits: Box::new(Limits::default()),
    }
}

fn says(request: &str, text: &str) -> Command {
    Command::Notice(notice(request, text))
}

fn told() -> Given<Session> {
    given::<Session>(ID, []).when(says("first", "All is well")).and()
}

#[test]
fn the_first_notice_makes_the_session_and_the_thread() {
    let then = given::<Session>(ID, []).when(says("first", "All is well"));
    assert!(matches!(then.decision().reply, Reply::Prompted { thread: NIGHTLY, turn: Some(_), .. }));
    let view = then.and().state.view(ID).expect("there is a session");
    assert_eq!(view.purpose, Purpose::Orchestrator);
    assert!(view.threads.iter().any(|thread| thread.title == "Nightly report"));
}

#[test]
fn a_notice_that_is_told_again_is_told_once() {
    told().when(says("first", "All is well")).silent();
}

#[test]
fn a_second_notice_waits_and_does_not_cut_the_first_one_short() {
    let then = told().when(says("second", "All is still well"));
    assert!(matches!(then.decision().reply, Reply::Prompted { turn: None, ends: None, .. }));
    let state = then.and().state;
    assert_eq!((state.turns.len(), state.queue.len()), (1, 1));
}

#[test]
fn other_sessions_take_no_notices() {
    session().when(says("first", "x")).refused("exists already");
    let stranger = Notice { owner: UserId(Uuid::from_u128(77)), ..notice("second", "x") };
    told().when(Command::Notice(stranger)).refused("exists already");
    told().when(want(Action::Terminate)).and().when(says("second", "x")).refused("is terminated");
}

#[test]
fn an_empty_notice_is_refused_and_leaves_nothing() {
    let given = given::<Session>(ID, []).when(says("first", "  ")).refused("is empty");
    assert!(given.state.about.is_none());
}
