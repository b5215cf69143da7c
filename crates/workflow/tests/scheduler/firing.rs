//! What fires, what it carries, and what becomes of it.

use serde_json::json;
use tenure_model::Span;
use tenure_model::entity::Entity;
use tenure_model::id::{SessionId, ThreadId};
use tenure_model::step::RunEnd;
use tenure_workflow::scheduler::{Action, Answer, Command, Effect, Event, Firing, Reply, execution_of, firing_id};
use uuid::Uuid;

use crate::support::*;
use crate::world::World;

#[test]
fn a_planned_firing_starts_its_workflow_once() {
    let mut world = World::at(at("2026-11-23T02:00:00Z"));
    world.tell(save(&schedule("nightly", "0 3 * * *", "timezone: Europe/Berlin\ninputs: {depth: 3}\n")));
    world.run_until(at("2026-11-23T12:00:00Z"));
    assert!(world.effects.is_empty(), "03:00 in Berlin was before it was made");
    world.run_until(at("2026-11-24T02:00:00Z"));
    let trigger = id(&world.given, "nightly");
    let planned = at("2026-11-24T02:00:00Z");
    let [Effect::StartRun { firing, execution, workflow, watched, .. }] = &world.effects[..] else { panic!("one run") };
    assert_eq!((firing.id, *execution), (firing_id(trigger, planned), execution_of(firing.id)));
    assert_eq!((workflow.as_str(), *watched, &firing.inputs["depth"]), ("report", true, &json!(3)));
    assert_eq!(firing.offered.0["_trigger"]["shown"], "2026-11-24 03:00");
    assert_eq!(world.given.state.triggers[&trigger].last_run_at, Some(planned));
    world.run_until(at("2026-11-24T12:00:00Z"));
    world
        .firings()
        .iter()
        .for_each(|again| assert_eq!(again.cause.planned(), Some(planned), "it is only asked for again"));
}

#[test]
fn answers_are_taken_once_and_strangers_ignored() {
    let mut world = World::at(at("2026-11-23T02:00:00Z"));
    world.tell(save(&schedule("a", "0 3 * * *", "")));
    world.run_until(at("2026-11-23T03:00:00Z"));
    let firing = world.firings().remove(0);
    let started = || answer(&firing, Answer::Started { execution: execution_of(firing.id) });
    let given = world.given.clone();
    let given = given.when(started()).and();
    let given = given.when(started()).silent();
    let given = given.when(answer(&firing, Answer::Running)).silent();
    let given = given.when(answer(&firing, Answer::Ended { end: RunEnd::Completed })).and();
    let then = given.when(answer(&firing, Answer::Ended { end: RunEnd::Completed }));
    assert_eq!(then.decision().reply, Reply::Ignored);
    assert!(then.silent().state.triggers.values().all(|trigger| trigger.running.is_empty()));
    // The end may be heard of before the start.
    let given = world.given.clone().when(answer(&firing, Answer::Ended { end: RunEnd::Failed })).and();
    given.when(started()).silent();
}

#[test]
fn what_cannot_start_is_told_to_the_owner_once() {
    let mut world = World::at(at("2026-11-23T02:59:00Z"));
    world.tell(save(&schedule("a", "* * * * *", "")));
    let refused =
        |firing: &Firing| answer(firing, Answer::Refused { code: "workflow_deleted".into(), why: "it is gone".into() });
    for minute in 3..8 {
        world.run_until(at(&format!("2026-11-23T03:{minute:02}:00Z")));
        for firing in world.firings() {
            world.tell(refused(&firing));
        }
    }
    let notices = world.effects.iter().filter(|effect| matches!(effect, Effect::NotifyFailure { .. })).count();
    assert_eq!(notices, 1, "one notice, not one each minute");
    let trigger = id(&world.given, "a");
    let ledger = world.ledger(trigger);
    assert!(ledger.iter().all(|entry| entry.firing.is_some()), "one entry for each firing");
    assert!(ledger.iter().any(|entry| json!(entry.outcome) == "workflow_deleted" && entry.execution.is_none()));
    let quiet = schedule("b", "* * * * *", "failure_notify: none\noverlap: allow\n");
    world.tell(save(&quiet));
    let before = world.effects.len();
    world.run_until(at("2026-11-23T03:10:00Z"));
    for firing in asked(&world.effects[before..]) {
        world.tell(refused(&firing));
    }
    assert!(
        !world.effects[before..]
            .iter()
            .any(|effect| matches!(effect, Effect::NotifyFailure { name, .. } if name == "b"))
    );
}

#[test]
fn silence_is_asked_after_and_given_up_in_the_end() {
    let mut world = World::at(at("2026-11-23T02:59:00Z"));
    world.tell(save(&schedule("a", "0 3 23 11 *", "")));
    world.run_until(at("2026-11-23T06:00:00Z"));
    let asks = world.firings().len();
    assert_eq!(asks, 5, "it is asked for five times");
    let failed = world.records.iter().flat_map(|(_, events)| events);
    assert_eq!(failed.filter(|event| matches!(event, Event::Failed { code, .. } if code == "no_answer")).count(), 1);
    assert!(matches!(world.effects.last(), Some(Effect::NotifyFailure { .. })));
}

#[test]
fn a_run_that_is_long_under_way_is_asked_how_it_stands() {
    let mut world = World::at(at("2026-11-23T02:59:00Z"));
    world.tell(save(&schedule("a", "0 3 23 11 *", "")));
    world.run_until(at("2026-11-23T03:00:00Z"));
    let firing = world.firings().remove(0);
    world.tell(answer(&firing, Answer::Started { execution: execution_of(firing.id) }));
    world.run_until(at("2026-11-23T06:30:00Z"));
    let asks = world.effects.iter().filter(|effect| matches!(effect, Effect::AskRun { .. })).count();
    assert_eq!(asks, 3);
    world.tell(answer(&firing, Answer::Refused { code: "unknown".into(), why: "no such run".into() }));
    assert!(world.given.state.triggers.values().all(|trigger| trigger.running.is_empty()));
}

#[test]
fn the_orchestrator_is_asked_with_the_date_of_the_triggers_zone() {
    let mut world = World::at(at("2026-11-22T00:00:00Z"));
    let text = "name: brief\ntype: schedule\ncron: 0 7 * * *\ntimezone: Pacific/Auckland\nprompt: 'Plan {{ inputs.what }}'\n\
                inputs: {what: the day}\n";
    world.tell(save(text));
    world.run_until(at("2026-11-22T18:00:00Z"));
    let [Effect::Prompt { firing, content, .. }] = &world.effects[..] else { panic!("{:?}", world.effects) };
    assert_eq!(content, "[Today is Monday, November 23, 2026]\n\nPlan the day");
    let prompted = Answer::Prompted { session: SessionId(Uuid::nil()), thread: ThreadId(Uuid::nil()) };
    let told = Command::Answer { firing: *firing, answer: prompted };
    world.given.clone().when(told.clone()).and().when(told).silent();
}

#[test]
fn somebody_may_fire_a_trigger_by_hand() {
    let given = nothing().when(save("name: a\ntype: manual\nworkflow: w\ninputs: {x: 1, y: 2}\n")).and();
    let trigger = id(&given, "a");
    let inputs = json!({ "y": 3 }).as_object().unwrap().clone();
    let run = Action::Run { trigger, inputs, test: true };
    let given = given.when(want(run.clone())).refused("needs a request id");
    let then = given.when(once("k", run.clone()));
    let firing = asked(&then.decision().effects).remove(0);
    assert_eq!((json!(firing.inputs), firing.test), (json!({ "x": 1, "y": 3 }), true));
    let given = then.and().when(once("k", run.clone())).silent();
    let then = given.when(once("another", run));
    assert_ne!(asked(&then.decision().effects)[0].id, firing.id);
}

#[test]
fn jitter_puts_each_trigger_off_by_its_own_time_always_the_same() {
    let mut world = World::at(at("2026-11-23T00:00:00Z"));
    for n in 0..50 {
        world.tell(save(&schedule(&format!("t{n}"), "0 3 * * *", "jitter: 10m\n")));
    }
    world.run_until(at("2026-11-25T12:00:00Z"));
    let delays: std::collections::BTreeSet<Span> =
        world.given.state.triggers.iter().map(|(id, one)| one.definition.delay(*id)).collect();
    assert!(delays.len() > 30 && delays.iter().all(|delay| *delay < Span::mins(10)));
    let decided = |day: &str| -> Vec<(Span, _)> {
        let planned = at(&format!("{day}T03:00:00Z"));
        let records = world.records.iter().flat_map(|(at, events)| events.iter().map(move |event| (*at, event)));
        let mut all: Vec<_> = records
            .filter_map(|(when, event)| match event {
                Event::Decided { firing, .. } if firing.cause.planned() == Some(planned) => {
                    Some((when.since(planned), firing.trigger))
                }
                _ => None,
            })
            .collect();
        all.sort();
        all
    };
    assert_eq!(decided("2026-11-24"), decided("2026-11-25"));
    assert_eq!(decided("2026-11-24").len(), 50);
}

#[test]
fn wakes_repeat_nothing() {
    let given = on("2026-11-23T02:59:30Z").when(save(&schedule("a", "* * * * *", "overlap: allow\n"))).and();
    let then = given.after(Span::secs(30)).wake();
    assert_eq!(asked(&then.decision().effects).len(), 1);
    let given = then.and();
    assert!(given.state.wake_at().is_some_and(|next| next > given.now));
}
