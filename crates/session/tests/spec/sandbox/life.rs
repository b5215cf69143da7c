//! Every change that a sandbox goes through: started, up, asleep, awake, stopped on wish.

use super::*;

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
