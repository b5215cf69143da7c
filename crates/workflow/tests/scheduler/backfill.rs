//! Firing for times that are over.

use tenure_model::step::RunEnd;
use tenure_workflow::scheduler::{Action, Answer, Event, Reply, execution_of};

use crate::support::*;
use crate::world::World;

fn daily() -> World {
    let mut world = World::at(at("2026-11-01T12:00:00Z"));
    world.tell(save(&schedule("a", "30 2 * * *", "timezone: Europe/Berlin\n")));
    world
}

fn range(world: &World, from: &str, to: &str, dry_run: bool) -> Action {
    let trigger = id(&world.given, "a");
    Action::Backfill { trigger, from: at(from), to: at(to), dry_run }
}

#[test]
fn a_dry_run_only_lists_the_times() {
    let world = daily();
    let action = range(&world, "2026-10-23T00:00:00Z", "2026-10-27T00:00:00Z", true);
    let then = world.given.clone().when(want(action));
    let Reply::Times { times, more } = &then.decision().reply else { panic!("times") };
    let shown: Vec<&str> = times.iter().map(|time| time.shown.as_str()).collect();
    assert_eq!(shown, ["2026-10-23 02:30", "2026-10-24 02:30", "2026-10-25 02:30", "2026-10-26 02:30"]);
    assert!(!more && times[2].mark.is_some(), "the fold is marked");
    then.silent();
}

#[test]
fn a_backfill_starts_ten_at_a_time_until_all_have_run() {
    let mut world = daily();
    let action = range(&world, "2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z", false);
    world.tell(once("b", action.clone()));
    world.settle();
    assert_eq!(world.firings().len(), 10);
    world.given.clone().when(once("other", action)).refused("under way");
    let mut done = 0;
    while done < world.firings().len() {
        let firing = world.firings()[done].clone();
        world.tell(answer(&firing, Answer::Started { execution: execution_of(firing.id) }));
        world.tell(answer(&firing, Answer::Ended { end: RunEnd::Completed }));
        world.settle();
        done += 1;
        assert!(world.firings().len() - done <= 10, "no more than ten are under way");
    }
    assert_eq!(done, 30);
    world.every_firing_is_asked_for_once();
    let trigger = id(&world.given, "a");
    assert!(world.given.state.triggers[&trigger].backfill.is_none());
    assert_eq!(world.given.state.triggers[&trigger].last_run_at, None, "it ran for nothing that was new");
}

#[test]
fn what_fired_already_is_the_same_firing() {
    let mut world = daily();
    world.run_until(at("2026-11-02T12:00:00Z"));
    let planned = world.firings()[0].clone();
    world.tell(once("b", range(&world, "2026-11-02T00:00:00Z", "2026-11-02T12:00:00Z", false)));
    world.tell(answer(&planned, Answer::Started { execution: execution_of(planned.id) }));
    world.tell(answer(&planned, Answer::Ended { end: RunEnd::Completed }));
    world.settle();
    assert!(world.firings().iter().all(|firing| firing.id == planned.id), "its run is there already");
}

#[test]
fn a_range_is_over_and_not_too_large() {
    let world = daily();
    let given = world.given.clone();
    let given =
        given.when(once("b", range(&world, "2026-10-02T00:00:00Z", "2026-10-01T00:00:00Z", false))).refused("range");
    let given =
        given.when(once("b", range(&world, "2026-10-02T00:00:00Z", "2026-12-01T00:00:00Z", false))).refused("range");
    let given = given
        .when(once("b", range(&world, "2020-01-01T00:00:00Z", "2026-01-01T00:00:00Z", false)))
        .refused("backfill_max");
    let given =
        given.when(want(range(&world, "2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z", false))).refused("request id");
    let given = given.when(save("name: m\ntype: manual\nworkflow: w\n")).and();
    let trigger = id(&given, "m");
    let of_manual =
        Action::Backfill { trigger, from: at("2026-10-01T00:00:00Z"), to: at("2026-10-02T00:00:00Z"), dry_run: true };
    given.when(want(of_manual)).refused("no schedule");
}

#[test]
fn a_backfill_can_be_stopped_and_ends_with_its_schedule() {
    let mut world = daily();
    world.tell(once("b", range(&world, "2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z", false)));
    let trigger = id(&world.given, "a");
    let given =
        world.given.clone().when(want(Action::StopBackfill { trigger })).then([Event::BackfillEnded { trigger }]).and();
    given.when(want(Action::StopBackfill { trigger })).silent();
    world.tell(save("name: a\ntype: manual\n"));
    world.settle();
    assert!(world.firings().is_empty());
}
