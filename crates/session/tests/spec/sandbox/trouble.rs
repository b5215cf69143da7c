//! What goes wrong with a sandbox, and its end with the session.

use super::*;

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
