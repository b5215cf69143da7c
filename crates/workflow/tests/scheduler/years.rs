//! Years of schedules in seconds: each planned time once, whatever the zone, and never more than 100 things at once.

use tenure_model::Span;
use tenure_model::entity::Entity;
use tenure_workflow::scheduler::preview;

use crate::support::*;
use crate::world::World;

const ZONES: &[&str] =
    &["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Santiago"];
const CRONS: &[&str] = &["30 2 * * *", "0 */6 * * *", "15 9 * * mon-fri", "@monthly", "0 12 29 2 *", "0 0 13 * fri"];

#[test]
fn years_in_many_zones_fire_what_the_preview_says() {
    let begin = at("2023-06-01T00:00:00Z");
    let mut world = World::answering(begin);
    for zone in ZONES {
        for (n, cron) in CRONS.iter().enumerate() {
            let rest = format!("timezone: {zone}\noverlap: allow\n");
            world.tell(save(&schedule(&format!("{zone} {n}").replace('/', "-"), cron, &rest)));
        }
    }
    let end = at("2026-06-01T00:00:00Z");
    world.run_until(end);
    world.every_firing_is_asked_for_once();
    let firings = world.firings();
    let mut leap_days = 0;
    for (id, trigger) in &world.given.state.triggers {
        let mut fired: Vec<_> =
            firings.iter().filter(|one| one.trigger == *id).filter_map(|one| one.cause.planned()).collect();
        fired.sort();
        let mut planned = Vec::new();
        let mut after = begin;
        while let Some(next) =
            preview::next(&trigger.definition, after, 1).first().map(|time| time.at).filter(|at| *at <= end)
        {
            planned.push(next);
            after = next;
        }
        assert_eq!(fired, planned, "{}", trigger.definition.name);
        leap_days += usize::from(trigger.definition.name.as_str().ends_with(" 4")) * fired.len();
    }
    assert_eq!(leap_days, ZONES.len(), "one leap day in each zone");
}

#[test]
fn a_thousand_due_in_one_minute_all_fire_by_hundreds() {
    let mut world = World::answering(at("2026-11-23T02:30:00Z"));
    for n in 0..1_000 {
        world.tell(save(&schedule(&format!("t{n}"), "0 3 * * *", "overlap: allow\ncatch_up: none\n")));
    }
    // The server is slow today: it wakes half a minute late, and half a minute passes between its wakes.
    world.given.now = at("2026-11-23T03:00:30Z");
    while world.given.state.wake_at().is_some_and(|due| due <= world.given.now) {
        let ctx = world.given.ctx();
        let decision = world.given.state.wake(&ctx);
        decision.events.iter().for_each(|event| world.given.state.apply(event, ctx.now));
        world.effects.extend(decision.effects);
        world.given.seq += 1;
        world.be_off(Span::secs(30));
    }
    assert_eq!(world.firings().len(), 1_000, "what was due in time stays in time while it is worked off");
}

#[test]
fn ten_thousand_triggers_of_one_owner() {
    let mut world = World::answering(at("2026-11-23T02:30:00Z"));
    for n in 0..10_000 {
        world.tell(save(&schedule(&format!("t{n}"), &format!("{} 3 * * *", n % 2), "overlap: allow\n")));
    }
    world.run_until(at("2026-11-23T03:05:00Z"));
    assert_eq!(world.firings().len(), 10_000);
    assert!(world.wakes <= 110, "a hundred at a time: {}", world.wakes);
    world.every_firing_is_asked_for_once();
}
