//! What becomes of times at which nobody was there: after a stop, a switch, a pause, or a step of the clock.

use tenure_model::Span;
use tenure_model::entity::Entity;
use tenure_workflow::scheduler::limits::WAKE_MAX;
use tenure_workflow::scheduler::{Action, Event};

use crate::support::*;
use crate::world::World;

/// A trigger that fires every ten minutes, and a server that was off from 03:05 until 05:05.
fn after_two_hours(rest: &str) -> World {
    let mut world = World::answering(at("2026-11-23T02:55:00Z"));
    world.tell(save(&schedule("a", "*/10 * * * *", &format!("overlap: allow\n{rest}"))));
    world.run_until(at("2026-11-23T03:05:00Z"));
    world.be_off(Span::hours(2));
    world.restart();
    world.settle();
    world.run_until(at("2026-11-23T05:15:00Z"));
    world.every_firing_is_asked_for_once();
    world
}

fn times(world: &World) -> Vec<String> {
    world.shown("UTC").iter().map(|time| time[11..].to_owned()).collect()
}

fn missed(world: &World) -> Vec<String> {
    let said = world.records.iter().flat_map(|(_, events)| verdicts(events));
    said.filter(|verdict| verdict.starts_with("missed")).collect()
}

#[test]
fn none_leaves_out_what_was_missed_and_writes_one_row() {
    let world = after_two_hours("catch_up: none\n");
    assert_eq!(times(&world), ["03:00", "05:10"]);
    assert_eq!(missed(&world), ["missed 12"]);
}

#[test]
fn last_makes_up_for_the_last_one() {
    let world = after_two_hours("catch_up: last\n");
    assert_eq!(times(&world), ["03:00", "05:00", "05:10"]);
    assert_eq!(missed(&world), ["missed 11"]);
    let late = world.firings()[1].cause.clone();
    assert!(matches!(late, tenure_workflow::scheduler::Cause::Schedule { late_ms: Some(Span(300_000)), .. }));
    let world = after_two_hours("catch_up: {policy: last, max_lateness: 1m}\n");
    assert_eq!(times(&world), ["03:00", "05:10"], "five minutes are too late");
}

#[test]
fn all_makes_up_for_all_of_them_oldest_first() {
    let world = after_two_hours("catch_up: all\n");
    let expected = [
        "03:00", "03:10", "03:20", "03:30", "03:40", "03:50", "04:00", "04:10", "04:20", "04:30", "04:40", "04:50",
        "05:00", "05:10",
    ];
    assert_eq!(times(&world), expected);
    assert!(missed(&world).is_empty());
    let world = after_two_hours("catch_up: {policy: all, max: 3}\n");
    assert_eq!(times(&world), ["03:00", "04:40", "04:50", "05:00", "05:10"]);
    assert_eq!(missed(&world), ["missed 9"]);
    let world = after_two_hours("catch_up: {policy: all, max_lateness: 30m}\n");
    assert_eq!(times(&world), ["03:00", "04:40", "04:50", "05:00", "05:10"]);
}

#[test]
fn a_long_absence_floods_nobody() {
    let mut world = World::answering(at("2020-01-01T00:00:30Z"));
    for (name, policy) in [("none", "none"), ("last", "last"), ("all", "{policy: all, max: 250, max_lateness: 365d}")] {
        world.tell(save(&schedule(name, "* * * * *", &format!("overlap: allow\ncatch_up: {policy}\n"))));
    }
    world.be_off(Span::hours(24 * 365 * 5));
    world.settle();
    let of = |name: &str| {
        let trigger = id(&world.given, name);
        world.firings().iter().filter(|firing| firing.trigger == trigger).count()
    };
    assert_eq!((of("none"), of("last"), of("all")), (1, 1, 251), "the one that is due now, and what the policy says");
    assert_eq!(missed(&world).len(), 3, "one row for each");
    world.every_firing_is_asked_for_once();
}

#[test]
fn what_is_due_now_comes_before_what_is_made_up_for() {
    let mut world = World::answering(at("2026-11-23T00:00:30Z"));
    world.tell(save(&schedule(
        "old",
        "* * * * *",
        "overlap: allow\ncatch_up: {policy: all, max: 900, max_lateness: 365d}\n",
    )));
    world.be_off(Span::hours(29));
    world.tell(save(&schedule("now", "1 5 * * *", "")));
    world.be_off(Span::secs(30));
    let ctx = world.given.ctx();
    let decision = world.given.state.wake(&ctx);
    let first = asked(&decision.effects).remove(0);
    assert_eq!(first.trigger, id(&world.given, "now"));
    assert_eq!(asked(&decision.effects).len(), WAKE_MAX);
}

#[test]
fn nothing_fires_for_the_time_that_was_spent_switched_off() {
    let mut world = World::answering(at("2026-11-23T02:55:00Z"));
    world.tell(save(&schedule("a", "*/10 * * * *", "overlap: allow\ncatch_up: all\n")));
    let trigger = id(&world.given, "a");
    world.tell(want(Action::SetEnabled { trigger, enabled: false }));
    world.run_until(at("2026-11-23T04:05:00Z"));
    world.tell(want(Action::SetEnabled { trigger, enabled: true }));
    world.run_until(at("2026-11-23T04:15:00Z"));
    assert_eq!(times(&world), ["04:10"]);
    assert!(missed(&world).is_empty());
}

#[test]
fn what_was_due_before_a_change_is_decided_by_what_held_then() {
    let mut world = World::answering(at("2026-11-23T02:55:00Z"));
    world.tell(save(&schedule("a", "0 3 * * *", "overlap: allow\n")));
    world.be_off(Span::mins(5));
    // Nobody has woken it yet.
    world.tell(save("name: a\ncron: 30 3 * * *\n"));
    world.run_until(at("2026-11-23T04:00:00Z"));
    assert_eq!(times(&world), ["03:00", "03:30"]);
    // And nothing new is planned for what is over.
    world.tell(save("name: a\ncron: 15 3 * * *\n"));
    world.run_until(at("2026-11-23T05:00:00Z"));
    assert_eq!(times(&world).len(), 2);
}

#[test]
fn a_pause_plans_nothing_until_it_ends() {
    let mut world = World::answering(at("2026-11-23T02:55:00Z"));
    world.tell(save(&schedule("a", "0 * * * *", "overlap: allow\ncatch_up: all\n")));
    let trigger = id(&world.given, "a");
    world.tell(want(Action::Pause { trigger, until: Some(at("2026-11-23T05:00:00Z")) }));
    world.run_until(at("2026-11-23T05:30:00Z"));
    assert_eq!(times(&world), ["05:00"], "its end is no longer paused");
    world.tell(want(Action::Pause { trigger, until: Some(at("2026-11-24T00:00:00Z")) }));
    world.run_until(at("2026-11-23T07:30:00Z"));
    world.tell(want(Action::Pause { trigger, until: None }));
    world.run_until(at("2026-11-23T08:30:00Z"));
    assert_eq!(times(&world), ["05:00", "08:00"], "nothing is made up for");
    let pause = want(Action::Pause { trigger, until: Some(at("2026-11-24T00:00:00Z")) });
    world.given.clone().when(pause.clone()).and().when(pause).silent();
}

#[test]
fn nothing_is_planned_before_a_start_or_after_an_end() {
    let mut world = World::answering(at("2026-11-23T02:55:00Z"));
    let range = "start: 2026-11-23T04:00:00Z\nend: 2026-11-23T06:00:00Z\noverlap: allow\n";
    world.tell(save(&schedule("a", "0 * * * *", range)));
    world.run_until(at("2026-11-24T00:00:00Z"));
    assert_eq!(times(&world), ["04:00", "05:00", "06:00"]);
    assert!(world.given.state.triggers.values().all(|trigger| trigger.plan.next.is_none()));
}

#[test]
fn steps_of_the_clock_neither_lose_nor_double() {
    // At 03:00 in time, then what is made up for of 04:00 to 08:00 (all: within four hours), and 09:00 and 10:00 in time again.
    for (policy, firings) in [("none", 3), ("last", 4), ("all", 7)] {
        let mut world = World::answering(at("2026-11-23T02:55:00Z"));
        world.tell(save(&schedule("a", "0 * * * *", &format!("overlap: allow\ncatch_up: {policy}\n"))));
        world.run_until(at("2026-11-23T03:00:00Z"));
        // Forward by five hours; what lies between was missed.
        world.be_off(Span::mins(305));
        world.settle();
        let ran = |world: &World| world.given.state.triggers.values().filter_map(|trigger| trigger.last_run_at).max();
        let last = ran(&world);
        // Back by five hours: everything up to then was decided.
        world.given.now = world.given.now - Span::hours(5);
        world.settle();
        world.run_until(at("2026-11-23T08:30:00Z"));
        assert!(ran(&world) >= last, "it never moves backwards");
        world.run_until(at("2026-11-23T10:30:00Z"));
        assert_eq!(world.firings().len(), firings, "{policy}: {:?}", times(&world));
        world.every_firing_is_asked_for_once();
        assert_eq!(times(&world).last().unwrap(), "10:00");
    }
}

#[test]
fn other_rules_of_zones_plan_anew_and_decide_nothing_twice() {
    let mut world = World::answering(at("2026-11-23T02:55:00Z"));
    world.tell(save(&schedule("a", "0 * * * *", "overlap: allow\n")));
    world.run_until(at("2026-11-23T03:00:00Z"));
    // What an older edition of the rules had planned: an hour too early, and decided half.
    let trigger = id(&world.given, "a");
    let mut plan = world.given.state.triggers[&trigger].plan;
    plan.next = Some(at("2026-11-23T03:30:00Z"));
    let now = world.given.now;
    world.given.state.apply(&Event::Planned { trigger, plan }, now);
    world.run_until(at("2026-11-23T03:45:00Z"));
    assert_eq!(times(&world), ["03:00"], "nothing is planned for half past by the rules of now");
    world.run_until(at("2026-11-23T04:00:00Z"));
    assert_eq!(times(&world), ["03:00", "04:00"]);
    let given = world.given.clone();
    given.when(tenure_workflow::scheduler::Command::Replan).silent();
}
