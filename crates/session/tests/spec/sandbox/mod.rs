//! The sandbox of a session: what its specs are written with.

mod life;
mod trouble;

use tenure_model::chat::FinishReason;
use tenure_model::id::TurnId;
use tenure_model::placement::Placement;
use tenure_model::sandbox::{Lifecycle, SandboxProvider, SandboxState};
use tenure_model::testkit::{Given, Then, given};
use tenure_model::time::Span;
use tenure_model::view::Purpose;
use tenure_session::sandbox::runner_of;
use tenure_session::sandbox::table::{Change, Place};
use tenure_session::{
    Action, Command, Decline, Effect, Event, Limits, Report, RunnerChoice, SandboxNews, SandboxPolicy, SandboxWish,
    Session,
};

use crate::support::*;

const START: Span = Span::mins(2);
const STOP: Span = Span::secs(30);
const GRACE: Span = Span::mins(1);
const IDLE: Span = Span::mins(15);

fn with_sandbox(purpose: Purpose) -> Given<Session> {
    let Event::Created { owner, owner_name, title, agent, model, purpose, mode, limits, thread, repo, .. } =
        created(purpose, Limits::default())
    else {
        unreachable!()
    };
    let policy = SandboxPolicy {
        name: "box".into(),
        provider: SandboxProvider::Process,
        idle_ms: IDLE,
        start_timeout_ms: START,
        stop_timeout_ms: STOP,
        grace_ms: GRACE,
        attempts_max: 3,
    };
    let placement = Placement { sandbox: Some("box".into()), ..Placement::default() };
    let runner = Box::new(RunnerChoice { placement, sandbox: Some(policy) });
    given(ID, [Event::Created { owner, owner_name, title, agent, model, purpose, mode, limits, thread, repo, runner }])
}

fn asleep() -> Given<Session> {
    with_sandbox(Purpose::Interactive)
}

fn news(generation: u32, news: SandboxNews) -> Command {
    Command::Runner(Report::Sandbox { generation, news })
}

fn up(generation: u32) -> Command {
    news(generation, SandboxNews::Up { runner: runner_of(ID), boot: BOOT })
}

fn wish(wish: SandboxWish) -> Command {
    want(Action::Sandbox { wish })
}

/// What a decision asks for the sandbox; the offers of waiting turns are repeated meanwhile.
fn of_sandbox(then: &Then<Session>) -> Vec<String> {
    asked(then).into_iter().filter(|name| name.ends_with("_sandbox")).collect()
}

fn place(given: &Given<Session>) -> Place {
    given.state.sandbox.as_ref().expect("it has a sandbox").place()
}

fn lifecycle(given: &Given<Session>) -> Lifecycle {
    given.state.joint_state().joint
}

/// A prompt waits and its sandbox is being started.
fn starting() -> Given<Session> {
    asleep().when(want(text("hello"))).and()
}

fn is_up() -> Given<Session> {
    starting().when(up(1)).and()
}

fn takes_on(given: Given<Session>) -> (Given<Session>, TurnId) {
    let turn = open(&given);
    let accepted = Report::Accepted {
        work: turn.into(),
        generation: 1,
        runner: runner_of(ID),
        boot: BOOT,
        agent: "scripted".into(),
        left: None,
    };
    (given.when(Command::Runner(accepted)).and(), turn)
}

/// The sandbox is up and has nothing to do any more.
fn idle() -> Given<Session> {
    let (given, turn) = takes_on(is_up());
    let ended = Report::Frames {
        work: turn.into(),
        generation: 1,
        runner: runner_of(ID),
        first: 0,
        frames: vec![ends(FinishReason::EndTurn)],
    };
    given.when(Command::Runner(ended)).and()
}

fn hibernating() -> Given<Session> {
    idle().after(IDLE).wake().and()
}

fn hibernated() -> Given<Session> {
    hibernating().when(news(1, SandboxNews::Stopped { ended: false })).and()
}

fn failed() -> Given<Session> {
    starting().when(news(1, SandboxNews::StartFailed { why: "no disk".into() })).and()
}

/// Tries until it is given up.
fn given_up(mut given: Given<Session>) -> Given<Session> {
    for generation in 1..=3 {
        given = given.when(news(generation, SandboxNews::StartFailed { why: "no disk".into() })).and();
        if generation < 3 {
            given = given.after(Span::secs(4)).wake().and();
        }
    }
    given
}

trait Sleep {
    fn wake_at_for_sleep(&self) -> Option<tenure_model::time::Timestamp>;
}

impl Sleep for Session {
    fn wake_at_for_sleep(&self) -> Option<tenure_model::time::Timestamp> {
        tenure_model::Entity::wake_at(self)
    }
}
