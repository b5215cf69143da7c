//! Clients of a chat that come and go: what they have missed of its runs comes once, in order.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tenure_model::id::SessionId;
use tenure_session::StepCommand;
use tenure_session::run::NewRun;
use tenure_workflow::execution::{Action, Command};
use tenure_workflow::people::By;

use crate::runs_in_chat::{Ear, GATE, of_run, play, start, start_another, told};
use crate::world::World;

#[actix_web::test]
async fn a_client_that_is_cut_after_any_frame_misses_nothing_of_a_run_and_hears_nothing_twice() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let mut ear = Ear::join(&world, &world.bob, &session, None).await;
    ear.until("live").await;
    play(&world, &session, &mut ear).await;
    let heard = ear.heard;
    let first = heard.iter().position(|event| event["type"] == "live").expect("live");
    for cut in first..heard.len() {
        let known = &heard[..=cut];
        let after = known.iter().filter_map(|event| event["position"].as_u64()).max().expect("a position");
        let mut back = Ear::join(&world, &world.bob, &session, Some(after)).await;
        back.until("live").await;
        let again = told(&back.heard);
        let set: BTreeSet<_> = again.iter().cloned().collect();
        assert_eq!(set.len(), again.len(), "twice, after {after}: {again:?}");
        let rest = told(&heard[cut + 1..]);
        assert!(rest.iter().all(|told| set.contains(told)), "cut after {}: {rest:?}, {again:?}", heard[cut]);
        // Of a commit that was heard in part all is told again; of those before it nothing.
        let settled = known.iter().filter(|event| event["position"].as_u64() < Some(after)).cloned();
        let settled = told(&settled.collect::<Vec<_>>());
        assert!(settled.iter().all(|told| !set.contains(told)), "cut after {}: {settled:?}, {again:?}", heard[cut]);
    }
}

#[actix_web::test]
async fn a_client_that_comes_and_goes_while_runs_work_misses_nothing_of_them() {
    const WAITS: usize = 40;
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let wait = |n| format!("  - {{id: w{n}, type: wait, event: go}}\n");
    let definition = format!("name: Waits\nsteps:\n{}", (0..WAITS).map(wait).collect::<String>());
    let mut steady = Ear::join(&world, &world.bob, &session, None).await;
    let mut after = steady.until("live").await["position"].as_u64();
    let runs = [1, 2].map(|number| start_another(&world, &world.bob, &session, &definition, number));
    let runs = futures_util::future::join_all(runs).await;
    // The session and its runs all move, so that their news are mixed.
    let go = |run| {
        let (world, session) = (&world, &session);
        async move {
            for n in 0..WAITS {
                let by = By { user: world.bob.user, name: "bob".into(), admin: false, agent: false };
                let action = Action::Event { name: "go".into(), payload: json!(n) };
                let command = Command::Client { by, request: None, action };
                world.runtime.executions.ask(run, command).await.expect("it is told");
                let path = format!("/api/sessions/{session}");
                world.ask(&world.bob, "PATCH", &path, Some(json!({ "title": n.to_string() }))).await;
            }
        }
    };
    let play = async {
        futures_util::join!(go(runs[0]), go(runs[1]));
        steady.until("run.ended").await;
        steady.until("run.ended").await;
    };
    let restless = async {
        let (mut known, mut ended) = (BTreeSet::new(), BTreeSet::new());
        loop {
            let mut ear = Ear::join(&world, &world.bob, &session, after).await;
            ear.until("live").await;
            ended.extend(ends(&ear.heard));
            if ended.len() < 2 {
                // One live frame per connection.
                ear.hear(|event| event["position"].is_u64()).await;
            }
            assert!(ear.heard.iter().all(|event| event["type"] != "resync"));
            let positions: Vec<_> = ear.heard.iter().filter_map(|event| event["position"].as_u64()).collect();
            assert!(positions.is_sorted() && positions.first().copied() >= after, "{after:?}: {positions:?}");
            after = positions.last().copied();
            known.extend(told_of(&ear.heard));
            ended.extend(ends(&ear.heard));
            if ended.len() == 2 {
                return known;
            }
        }
    };
    let ((), known) = futures_util::join!(play, restless);
    let all = told_of(&steady.heard);
    assert_eq!(all.len(), 4 * WAITS, "{all:?}");
    assert_eq!(known, all.into_iter().collect());
}

fn ends(events: &[Value]) -> Vec<String> {
    let ends = events.iter().filter(|event| event["type"] == "run.ended");
    ends.map(|event| event["execution"].to_string()).collect()
}

/// Names what frames tell of which run.
fn told_of(events: &[Value]) -> Vec<(String, String)> {
    events.iter().filter_map(|event| Some((event["execution"].to_string(), of_run(event)?))).collect()
}

#[actix_web::test]
async fn what_a_run_did_before_it_was_attached_is_told_with_it_and_moves_the_cursor_at_its_end() {
    let world = World::start().await;
    let (first, session) = (world.session(&world.bob).await, world.session(&world.bob).await);
    let mut there = Ear::join(&world, &world.bob, &first, None).await;
    there.until("live").await;
    let run = start(&world, &world.bob, &first, GATE).await;
    there.until("approval").await;

    // Another session learns of the run long after it has begun.
    world.ask(&world.bob, "PATCH", &format!("/api/sessions/{session}"), Some(json!({"title": "late"}))).await;
    let mut ear = Ear::join(&world, &world.bob, &session, None).await;
    let before = ear.until("live").await["position"].as_u64().expect("a position");
    let (workflow, title) = ("gate".to_owned(), "Gate".to_owned());
    let attach = StepCommand::Attach {
        owner: world.bob.user,
        run: NewRun { execution: run, workflow, title, repo: None, draws: vec![] },
    };
    let id: SessionId = session.parse().expect("an id");
    world.runtime.sessions.ask(id, tenure_session::Command::Step(attach)).await.expect("it is attached");
    ear.heard.clear();
    ear.until("run.updated").await;

    let mut back = Ear::join(&world, &world.bob, &session, Some(before)).await;
    back.until("run.updated").await;
    for ear in [&ear, &back] {
        let heard: Vec<_> = ear.heard.iter().filter(|event| event["position"].is_u64()).collect();
        let types: Vec<_> = heard.iter().map(|event| event["type"].as_str().expect("a type")).collect();
        assert_eq!(types, ["run.attached", "run.step", "approval", "run.updated"]);
        let positions: Vec<_> = heard.iter().filter_map(|event| event["position"].as_u64()).collect();
        let attached = positions[3];
        // Whoever is cut off before the last of them gets all of them again.
        assert!(attached > before && positions[..3].iter().all(|position| *position < attached), "{positions:?}");
    }
}
