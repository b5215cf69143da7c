//! What happens when the last run is still under way.

use tenure_model::Timestamp;
use tenure_model::step::RunEnd;
use tenure_workflow::scheduler::{Answer, Effect, Firing, execution_of};

use crate::support::*;
use crate::world::World;

fn minutely(overlap: &str) -> World {
    let mut world = World::at(at("2026-11-23T02:59:30Z"));
    world.tell(save(&schedule("a", "* * * * *", &format!("overlap: {overlap}\n"))));
    world
}

fn minute(n: u64) -> Timestamp {
    Timestamp(at("2026-11-23T03:00:00Z").0 + n * 60_000)
}

fn begin(world: &mut World, firing: &Firing) {
    world.tell(answer(firing, Answer::Started { execution: execution_of(firing.id) }));
}

fn end(world: &mut World, firing: &Firing) {
    world.tell(answer(firing, Answer::Ended { end: RunEnd::Completed }));
}

fn said(world: &World) -> Vec<String> {
    world.records.iter().flat_map(|(_, events)| verdicts(events)).collect()
}

#[test]
fn skip_leaves_out_what_comes_too_early() {
    let mut world = minutely("skip");
    world.run_until(minute(0));
    let first = world.firings().remove(0);
    begin(&mut world, &first);
    world.run_until(minute(2));
    assert_eq!(said(&world), ["started", "skipped", "skipped"]);
    end(&mut world, &first);
    world.run_until(minute(3));
    assert_eq!(said(&world).last().unwrap(), "started");
    world.every_firing_is_asked_for_once();
}

#[test]
fn queue_starts_one_after_the_other() {
    let mut world = minutely("queue");
    world.run_until(minute(2));
    assert_eq!(said(&world), ["started", "queued", "queued"]);
    for n in 0..3 {
        let firings = world.firings();
        assert_eq!(firings.len(), n + 1, "the next one starts when the one before has ended");
        assert_eq!(firings[n].cause.planned(), Some(minute(n as u64)));
        begin(&mut world, &firings[n]);
        end(&mut world, &firings[n]);
    }
    assert_eq!(world.given.state.triggers.values().map(|trigger| trigger.waiting()).sum::<usize>(), 0);
}

#[test]
fn a_queue_is_bounded_and_says_so() {
    let mut world = minutely("queue");
    world.run_until(minute(0));
    let first = world.firings().remove(0);
    begin(&mut world, &first);
    world.run_until(minute(102));
    let said = said(&world);
    assert_eq!(said.iter().filter(|verdict| *verdict == "queued").count(), 100);
    assert_eq!(said.iter().filter(|verdict| *verdict == "failed").count(), 2);
    let notices = world.effects.iter().filter(|effect| matches!(effect, Effect::NotifyFailure { .. })).count();
    assert_eq!(notices, 1);
}

#[test]
fn cancel_running_ends_the_old_run_and_waits_for_its_end() {
    let mut world = minutely("cancel_running");
    world.run_until(minute(0));
    let first = world.firings().remove(0);
    begin(&mut world, &first);
    world.run_until(minute(2));
    assert_eq!(said(&world), ["started", "queued", "replaced", "queued"], "the newest takes the place");
    let cancels = world.effects.iter().filter(|effect| matches!(effect, Effect::CancelRun { .. })).count();
    assert_eq!((cancels, world.firings().len()), (1, 1), "it is asked to end once, and nothing starts before it has");
    end(&mut world, &first);
    assert_eq!(world.firings().last().unwrap().cause.planned(), Some(minute(2)));
}

#[test]
fn allow_lets_all_of_them_go_on() {
    let mut world = minutely("allow");
    world.run_until(minute(4));
    assert_eq!(world.firings().len(), 5);
    for firing in world.firings() {
        begin(&mut world, &firing);
    }
    assert!(world.given.state.triggers.values().all(|trigger| trigger.running.is_empty()), "no end is awaited");
}

#[test]
fn a_start_that_is_refused_lets_the_next_one_go() {
    let mut world = minutely("queue");
    world.run_until(minute(1));
    let first = world.firings().remove(0);
    world.tell(answer(&first, Answer::Refused { code: "inputs_invalid".into(), why: "no".into() }));
    assert_eq!(world.firings().len(), 2);
}
