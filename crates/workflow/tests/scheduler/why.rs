//! Why something did, or did not, fire at a minute.

use tenure_model::Span;
use tenure_workflow::scheduler::why::why;
use tenure_workflow::scheduler::{Action, Answer};

use crate::support::*;
use crate::world::World;

fn said(world: &World, name: &str, minute: &str) -> String {
    let trigger = id(&world.given, name);
    why(trigger, at(minute), world.given.now, None, world.history(trigger), &world.ledger(trigger)).words()
}

#[test]
fn every_minute_has_its_reason() {
    let mut world = World::at(at("2026-11-20T12:00:00Z"));
    world.tell(save(&schedule("nightly", "0 3 * * *", "catch_up: none\n")));
    let trigger = id(&world.given, "nightly");
    world.run_until(at("2026-11-21T03:00:00Z"));
    let first = world.firings().remove(0);
    // It is still running a day later.
    world.tell(answer(&first, Answer::Started { execution: tenure_workflow::scheduler::execution_of(first.id) }));
    world.run_until(at("2026-11-22T04:00:00Z"));
    world.be_off(Span::hours(24));
    world.settle();
    world.tell(want(Action::SetEnabled { trigger, enabled: false }));
    world.run_until(at("2026-11-24T04:00:00Z"));
    world.tell(want(Action::SetEnabled { trigger, enabled: true }));
    world.tell(want(Action::Pause { trigger, until: Some(at("2026-11-25T12:00:00Z")) }));
    world.run_until(at("2026-11-25T13:00:00Z"));
    for (minute, words) in [
        ("2026-11-20T11:00:00Z", "there was no such trigger yet"),
        ("2026-11-21T03:00:59Z", "it fired, and started the run"),
        (
            "2026-11-21T03:01:00Z",
            "nothing was planned, because it runs `report` at 03:00 (UTC); the times around are 2026-11-21 03:00 and 2026-11-22 03:00",
        ),
        ("2026-11-22T03:00:00Z", "was still under way"),
        ("2026-11-23T03:00:00Z", "the server was not there in time"),
        ("2026-11-24T03:00:00Z", "ann had switched it off"),
        ("2026-11-25T03:00:00Z", "ann had paused it"),
        ("2026-11-26T03:00:00Z", "it will fire"),
    ] {
        let said = said(&world, "nightly", minute);
        assert!(said.contains(words), "{minute}: {said}");
    }
    let history = world.history(trigger).len();
    world.tell(want(Action::Delete { trigger }));
    assert_eq!(world.history(trigger).len(), history + 1);
    let words = why(trigger, at("2026-11-26T03:00:00Z"), world.given.now, None, world.history(trigger), &[]).words();
    assert!(words.contains("ann had deleted it"), "{words}");
}

#[test]
fn an_earlier_plan_is_judged_by_what_it_was() {
    let mut world = World::answering(at("2026-11-20T12:00:00Z"));
    world.tell(save(&schedule("a", "0 3 * * *", "")));
    world.run_until(at("2026-11-21T12:00:00Z"));
    world.tell(save("name: a\ncron: 0 5 * * *\n"));
    world.run_until(at("2026-11-22T12:00:00Z"));
    assert!(said(&world, "a", "2026-11-21T03:00:00Z").contains("it fired"));
    assert!(said(&world, "a", "2026-11-21T05:00:00Z").contains("nothing was planned"));
    assert!(said(&world, "a", "2026-11-22T03:00:00Z").contains("nothing was planned"));
}

#[test]
fn what_waits_for_deliveries_says_so() {
    let mut world = World::at(at("2026-11-20T12:00:00Z"));
    world.tell(save("name: hook\ntype: webhook\nverify: none\nworkflow: w\n"));
    world.be_off(Span::hours(1));
    assert!(said(&world, "hook", "2026-11-20T12:30:00Z").contains("nothing was delivered"));
}

#[test]
fn what_is_older_than_the_ledger_is_no_longer_known() {
    let mut world = World::answering(at("2026-11-20T12:00:00Z"));
    world.tell(save(&schedule("nightly", "0 3 * * *", "")));
    let trigger = id(&world.given, "nightly");
    world.run_until(at("2026-11-23T12:00:00Z"));
    let told = |minute: &str| {
        let begins_at = Some(at("2026-11-22T12:00:00Z"));
        why(trigger, at(minute), world.given.now, begins_at, world.history(trigger), &[]).words()
    };
    assert_eq!(told("2026-11-21T03:00:00Z"), "2026-11-21 03:00 was planned; what became of it is not kept any more");
    assert_eq!(told("2026-11-21T04:00:00Z"), "what was decided then is not kept any more");
    assert!(told("2026-11-20T11:00:00Z").contains("no such trigger yet"));
    assert!(told("2026-11-23T04:00:00Z").contains("nothing was planned"));
}
