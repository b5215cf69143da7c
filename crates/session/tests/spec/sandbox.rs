//! The sandbox of a session: every change that it goes through, and everything that it must not.

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

#[test]
fn the_table_of_changes_is_this_one_and_no_other() {
    let told: String = Place::ALL
        .into_iter()
        .flat_map(|place| Change::ALL.into_iter().filter_map(move |change| Some((place, change, place.after(change)?))))
        .map(|(place, change, after)| format!("{place:?} {change:?} {after:?}\n"))
        .collect();
    let expected = "None Start Starting
Starting ComeUp Running
Starting Stop Hibernating
Starting Fail Failed
Running ComeUp Running
Running Leave Running
Running Stop Hibernating
Running Fail Failed
Hibernating Rest Hibernated
Hibernating Vanish None
Hibernating Fail Failed
Hibernated Start Starting
Hibernated Stop Hibernating
Failed Start Starting
Failed Stop Hibernating
";
    assert_eq!(told, expected);
}

#[test]
fn every_news_leads_from_every_place_where_the_table_says() {
    let places = [asleep(), starting(), idle(), hibernating(), hibernated(), failed()];
    let every: [(SandboxNews, Change); 4] = [
        (SandboxNews::Up { runner: runner_of(ID), boot: BOOT }, Change::ComeUp),
        (SandboxNews::Away, Change::Leave),
        (SandboxNews::StartFailed { why: "x".into() }, Change::Fail),
        (SandboxNews::Stopped { ended: false }, Change::Rest),
    ];
    for (at, from) in places.iter().zip(Place::ALL) {
        assert_eq!(place(at), from);
        let generation = at.state.sandbox.as_ref().expect("it has one").generation;
        for (told, change) in &every {
            let then = at.clone().when(news(generation, told.clone()));
            // Only a start can be said to have failed.
            let late = *change == Change::Fail && from != Place::Starting;
            match from.after(*change).filter(|_| !late) {
                Some(after) => assert_eq!(place(&then.and()), after, "{from:?} {change:?}"),
                None if *change == Change::ComeUp => drop(then.refused("not wanted")),
                None => drop(then.silent()),
            }
        }
    }
}

#[test]
fn a_prompt_starts_the_sandbox_and_says_that_it_waits_for_it() {
    let then = asleep().when(want(text("hello")));
    assert_eq!(asked(&then), ["offer", "start_sandbox"]);
    let given = then.and();
    assert_eq!(given.state.turns[&open(&given)].held_up.as_ref().expect("it waits").why, "its sandbox is starting");
    assert_eq!(lifecycle(&given), Lifecycle::Initializing);
    let given = given.when(up(1)).and();
    assert_eq!(lifecycle(&given), Lifecycle::WaitingRunner);
    let (given, _) = takes_on(given);
    assert_eq!(lifecycle(&given), Lifecycle::Running);
}

#[test]
fn a_sandbox_that_is_not_up_takes_no_work() {
    let given = starting();
    let turn = open(&given);
    given.when(accepted(turn)).refused("not wanted");
}

#[test]
fn one_that_has_nothing_to_do_sleeps_and_a_prompt_wakes_it() {
    assert_eq!(idle().state.wake_at_for_sleep(), Some(idle().now + IDLE));
    let then = idle().after(IDLE).wake();
    assert_eq!(asked(&then), ["stop_sandbox"]);
    let given = then.and().when(news(1, SandboxNews::Stopped { ended: false })).and();
    assert_eq!((place(&given), lifecycle(&given)), (Place::Hibernated, Lifecycle::Hibernated));
    assert_eq!(given.state.wake_at_for_sleep(), None, "who sleeps needs no clock");
    let then = given.when(want(text("again")));
    assert_eq!(asked(&then), ["offer", "start_sandbox"]);
    let given = then.and();
    assert_eq!((given.state.sandbox.as_ref().unwrap().generation, lifecycle(&given)), (2, Lifecycle::Restoring));
}

trait Sleep {
    fn wake_at_for_sleep(&self) -> Option<tenure_model::time::Timestamp>;
}

impl Sleep for Session {
    fn wake_at_for_sleep(&self) -> Option<tenure_model::time::Timestamp> {
        tenure_model::Entity::wake_at(self)
    }
}

#[test]
fn a_prompt_that_comes_while_it_falls_asleep_wakes_it_at_once_after() {
    let given = hibernating().when(want(text("wait!"))).and();
    assert_eq!(place(&given), Place::Hibernating);
    let then = given.when(news(1, SandboxNews::Stopped { ended: false }));
    assert_eq!(asked(&then), ["start_sandbox"]);
}

#[test]
fn somebody_can_wake_it_without_a_prompt_also_while_it_falls_asleep() {
    assert_eq!(asked(&hibernated().when(wish(SandboxWish::Wake))), ["start_sandbox"]);
    let then = hibernating().when(wish(SandboxWish::Wake)).and().when(news(1, SandboxNews::Stopped { ended: false }));
    assert_eq!(asked(&then), ["start_sandbox"]);
}

#[test]
fn it_is_put_to_sleep_on_wish_but_not_while_something_runs() {
    let (busy, _) = takes_on(is_up());
    busy.clone().when(wish(SandboxWish::Hibernate)).refused("something runs");
    assert_eq!(asked(&idle().when(wish(SandboxWish::Hibernate))), ["stop_sandbox"]);
    let then = busy.when(wish(SandboxWish::Stop));
    assert_eq!(asked(&then), ["cancel", "stop_sandbox"]);
}

#[test]
fn a_session_without_a_sandbox_has_none_to_wake() {
    session().when(wish(SandboxWish::Wake)).refused("no sandbox");
}

#[test]
fn the_runner_of_an_earlier_start_is_refused_and_its_other_news_change_nothing() {
    let given = failed().after(Span::secs(1)).wake().and();
    assert_eq!(given.state.sandbox.as_ref().unwrap().generation, 2);
    let given = given.when(up(1)).refused("generation 1 is not the current one");
    for old in [SandboxNews::Away, SandboxNews::Stopped { ended: false }, SandboxNews::StartFailed { why: "x".into() }]
    {
        given.clone().when(news(1, old)).silent();
    }
    given.when(up(3)).refused("generation 3 is not the current one");
}

#[test]
fn one_that_does_not_come_up_is_tried_again_with_a_pause_and_then_given_up() {
    let then = starting().after(START).wake();
    assert_eq!(of_sandbox(&then), ["stop_sandbox"]);
    let given = then.and();
    assert_eq!((place(&given), lifecycle(&given)), (Place::Failed, Lifecycle::Backoff));
    let then = given.after(Span::secs(1)).wake();
    assert_eq!(asked(&then), ["start_sandbox"]);
    let given = then.and();
    assert_eq!(lifecycle(&given), Lifecycle::Recovering);

    let given = given_up(starting());
    assert_eq!((given.state.turns.len(), lifecycle(&given)), (0, Lifecycle::Error));
    let last = given.state.threads[&THREAD].last.as_ref().expect("the turn is over");
    assert_eq!((last.reason, last.message.is_some()), (FinishReason::Error, true), "it can be retried");
    let then = given.when(want(text("once more")));
    assert_eq!(asked(&then), ["offer", "start_sandbox"]);
    assert_eq!(then.state().sandbox.as_ref().unwrap().attempts, 0, "it is tried anew");
}

#[test]
fn an_orchestrator_never_gives_up_but_takes_longer_and_longer() {
    let mut given = given_up(with_sandbox(Purpose::Orchestrator).when(want(text("hello"))).and());
    for minutes in [1, 5, 15, 15] {
        let due = given.state.sandbox_view().and_then(|sandbox| sandbox.until);
        assert_eq!(due, Some(given.now + Span::mins(minutes)));
        given = given.after(Span::mins(minutes)).wake().and();
        let generation = given.state.sandbox.as_ref().unwrap().generation;
        given = given.when(news(generation, SandboxNews::StartFailed { why: "no disk".into() })).and();
    }
    assert_eq!(given.state.turns.len(), 1, "what waits goes on waiting");
}

#[test]
fn a_runner_that_is_lost_and_comes_back_in_time_goes_on() {
    let (given, _) = takes_on(is_up());
    let given = given.when(news(1, SandboxNews::Away)).and();
    assert_eq!(given.state.sandbox_view().unwrap().state, SandboxState::Away);
    let given = given.after(Span::secs(30)).when(up(1)).and();
    assert_eq!((place(&given), lifecycle(&given)), (Place::Running, Lifecycle::Running));
}

#[test]
fn one_that_stays_lost_is_started_anew_while_its_turn_follows_its_lease() {
    let (given, turn) = takes_on(is_up());
    let given = given.when(news(1, SandboxNews::Away)).and().after(GRACE).wake().and();
    assert_eq!(place(&given), Place::Failed);
    let then = given.after(Span::secs(1)).wake();
    assert_eq!(asked(&then), ["start_sandbox"]);
    let given = then.and();
    assert!(given.state.turns[&turn].phase.hold().is_some(), "nothing is done twice");
    let given = given.when(up(2)).and();
    let forgotten = Report::Forgotten { work: turn.into(), generation: 1, runner: runner_of(ID), boot: BOOT };
    let then = given.when(Command::Runner(forgotten));
    assert_eq!(finished(&then).0, FinishReason::Interrupted);
}

#[test]
fn one_that_is_lost_while_nothing_is_to_be_done_is_put_to_sleep() {
    let then = idle().when(news(1, SandboxNews::Away)).and().after(GRACE).wake();
    assert_eq!(asked(&then), ["stop_sandbox"]);
}

#[test]
fn the_roster_missing_its_runner_is_how_a_loss_is_noticed_that_nobody_told_of() {
    let given = idle().when(want(text("are you there?"))).and();
    let turn = open(&given);
    let declined = Report::Declined { work: turn.into(), generation: 1, reason: Decline::Sandbox };
    let given = given.when(Command::Runner(declined)).and();
    assert_eq!(given.state.sandbox_view().unwrap().state, SandboxState::Away);
    assert!(given.state.turns[&turn].held_up.as_ref().unwrap().why.contains("lost its link"));
}

#[test]
fn what_waits_for_a_place_is_not_given_up_for_that() {
    let why = || SandboxNews::Queued { why: "2 of 2 run".into() };
    let given = starting().when(news(1, why())).and();
    assert!(given.state.turns[&open(&given)].held_up.as_ref().unwrap().why.contains("2 of 2 run"));
    let then = given.after(START).wake();
    assert_eq!(of_sandbox(&then), ["start_sandbox"]);
    let given = then.and().when(news(1, SandboxNews::Started { handle: None })).and();
    assert_eq!(of_sandbox(&given.after(START).wake()), ["stop_sandbox"], "from here on it can be late");
}

#[test]
fn an_end_that_nobody_confirms_is_asked_for_again_and_at_last_given_up() {
    let mut given = hibernating().when(news(1, SandboxNews::StopFailed { why: "docker is away".into() })).and();
    for doubled in [1, 2, 4, 8] {
        let then = given.after(Span(STOP.0 * doubled)).wake();
        assert_eq!(asked(&then), ["stop_sandbox"]);
        given = then.and();
        assert_eq!(place(&given), Place::Hibernating);
    }
    let given = given.after(Span(STOP.0 * 16)).wake().and();
    assert_eq!(place(&given), Place::Failed);
    assert!(given.state.sandbox_view().unwrap().why.unwrap().contains("docker is away"));
}

#[test]
fn the_end_of_the_session_is_the_end_of_its_sandbox_once_nothing_runs_there() {
    let (given, turn) = takes_on(is_up());
    let then = given.when(want(Action::Terminate));
    assert_eq!(asked(&then), ["cancel"]);
    let ended = Report::Frames {
        work: turn.into(),
        generation: 1,
        runner: runner_of(ID),
        first: 0,
        frames: vec![ends(FinishReason::Canceled)],
    };
    let then = then.and().when(Command::Runner(ended));
    let ends = |effect: &Effect| matches!(effect, Effect::StopSandbox { ends: true, .. });
    assert!(then.decision().effects.iter().any(ends), "{:?}", then.decision().effects);
    let given = then.and().when(news(1, SandboxNews::Stopped { ended: false })).silent();
    let given = given.when(news(1, SandboxNews::Stopped { ended: true })).and();
    assert_eq!((place(&given), lifecycle(&given)), (Place::None, Lifecycle::Terminated));
    assert_eq!(tenure_model::Entity::wake_at(&given.state), None);
}

#[test]
fn one_that_sleeps_or_falls_asleep_ends_with_its_session_as_well() {
    let then = hibernated().when(want(Action::Terminate));
    assert_eq!(asked(&then), ["stop_sandbox"]);
    let then = hibernating().when(want(Action::Terminate)).and().when(news(1, SandboxNews::Stopped { ended: false }));
    assert_eq!(asked(&then), ["stop_sandbox"], "this time for good");
    assert_eq!(place(&then.and().when(news(1, SandboxNews::Stopped { ended: true })).and()), Place::None);
    assert_eq!(asked(&asleep().when(want(Action::Terminate))), Vec::<String>::new(), "there was none");
}

#[test]
fn what_nobody_needs_any_more_is_not_tried_again() {
    let given = failed();
    let turn = open(&given);
    let given = given.when(want(Action::Abort { thread: None, turn: Some(turn) })).and();
    assert_eq!(tenure_model::Entity::wake_at(&given.state), None);
    assert_eq!(place(&given), Place::Failed);
}
