//! Runs are watched: a picture or what was missed, then live, each thing once.

use serde_json::{Value, json};
use tenure_model::Span;
use tenure_server::ServerOptions;

use super::{WAIT, get, post, run, until, watch};
use crate::cursor::events_till;
use crate::world::World;

fn is_over(event: &Value) -> bool {
    event["run"]["status"] == "completed"
}

/// Brings the events of a stream into a form that two watchers can be compared by.
fn steps(events: &[(Option<u64>, Value)]) -> Vec<String> {
    let steps = events.iter().filter(|(_, event)| event["type"] == "run.step").map(|(_, event)| &event["step"]);
    steps
        .map(|step| format!("{} {}", step["path"].as_str().expect("a path"), step["phase"].as_str().expect("a phase")))
        .collect()
}

#[actix_web::test]
async fn a_watcher_hears_every_step_and_how_the_run_stands() {
    let world = World::start().await;
    let id = run(&world, WAIT, json!({})).await;
    let opening = until(&world, &id, "waiting").await;
    assert_eq!(opening[0].1["type"], "init");

    let request = world.request("GET", &format!("/api/executions/{id}/stream")).bearer_auth(&world.bob.token);
    let live = request.send().await.expect("an answer");
    assert_eq!(live.headers()["content-type"], "text/event-stream");
    post(&world, &id, "/events/go", json!(1)).await;
    let events = events_till(live, is_over).await;
    let (cursor, init) = &events[0];
    assert_eq!((&init["type"], *cursor), (&json!("init"), init["position"].as_u64()));
    assert_eq!((&init["execution"]["id"], &init["steps"][0]["path"]), (&json!(id), &json!("hold")));
    assert_eq!(steps(&events), ["hold completed", "say started", "say completed"]);
    let cursors: Vec<_> = events.iter().filter_map(|(cursor, _)| *cursor).collect();
    assert!(cursors.is_sorted(), "{cursors:?}");
    let last = &events.last().expect("the last").1;
    let view = get(&world, &id, "").await;
    let row = last["run"].as_object().expect("a row");
    assert!(row.iter().all(|(name, value)| view[name] == *value), "it stands as it was told: {row:?}");
    assert_eq!(
        (&last["type"], &last["run"]["step"], &last["approvals"]),
        (&json!("run.updated"), &json!(2), &json!([]))
    );
}

#[actix_web::test]
async fn a_watcher_that_is_cut_anywhere_hears_the_rest_once() {
    let world = World::start().await;
    let id = run(&world, WAIT, json!({})).await;
    until(&world, &id, "waiting").await;
    let request = world.request("GET", &format!("/api/executions/{id}/stream")).bearer_auth(&world.bob.token);
    let live = request.send().await.expect("an answer");
    post(&world, &id, "/events/go", json!(1)).await;
    let whole = events_till(live, is_over).await;
    let before = whole.iter().position(|(_, event)| event["type"] == "live").expect("live");

    let (_, journal) =
        world.ask(&world.ann, "GET", &format!("/admin/entities/execution/{id}/journal?limit=200"), None).await;
    let happened_after = |cursor: u64| -> Vec<String> {
        let records = journal["items"].as_array().expect("records").iter();
        let missed = records.filter(|record| record["position"].as_u64().is_some_and(|at| at > cursor));
        let events = missed.flat_map(|record| record["events"].as_array().expect("events"));
        let phase =
            |event: &Value| event["type"].as_str().and_then(|kind| kind.strip_prefix("step_")).map(str::to_owned);
        events.filter_map(|event| Some(format!("{} {}", event["path"].as_str()?, phase(event)?))).collect()
    };
    for (cut, (cursor, _)) in whole.iter().enumerate().skip(before) {
        let cursor = cursor.expect("a cursor");
        let request = world.request("GET", &format!("/api/executions/{id}/stream")).bearer_auth(&world.bob.token);
        let again = request.header("Last-Event-ID", cursor.to_string()).send().await.expect("an answer");
        let rest = events_till(again, |event| event["type"] == "live").await;
        assert!(rest.iter().all(|(_, event)| event["type"] != "init"), "what was missed comes piece by piece");
        assert_eq!(steps(&rest), happened_after(cursor), "cut after {cut}");
        let told = rest.iter().rfind(|(_, event)| event["type"] == "run.updated");
        assert_eq!(told.is_none(), cut + 1 == whole.len(), "how it stands is told unless nothing was missed");
        assert!(told.is_none_or(|(_, event)| is_over(event)));
    }
}

#[actix_web::test]
async fn a_cursor_of_another_stream_gets_a_picture() {
    let world = World::start().await;
    let id = run(&world, WAIT, json!({})).await;
    until(&world, &id, "waiting").await;
    let events = watch(&world, &world.ann, &id, "?after=999999", |event| event["type"] == "live").await;
    assert_eq!(events[0].1["type"], "init", "an administrator may watch, and is told all of it");
}

/// A server that waits for slow watchers, and a run that tells much.
pub async fn large() -> (World, String) {
    let patient = |options: &mut ServerOptions| {
        (options.socket_queue_max, options.lagging_ms_max) = (1, Span::mins(5));
    };
    let world = World::with(patient).await;
    let text = "name: Large
slug: large
inputs: {text: {type: string, required: true}}
steps:
  - {id: gate, type: approval, prompt: 'Go?', items: {Text: '{{ inputs.text }}'}}
";
    let id = run(&world, text, json!({"text": "x".repeat(8_000)})).await;
    until(&world, &id, "waiting").await;
    (world, id)
}

/// Has the run tell so much that it cannot wait for a watcher who does not read, then ends it.
pub async fn stir(world: &World, id: &str) {
    // Each of these tells the watcher the large approval anew.
    for act in ["/pause", "/resume"].iter().cycle().take(600) {
        assert_eq!(post(world, id, act, json!({})).await.0, 200);
    }
    let approval = get(world, id, "").await["approvals"][0].clone();
    let path = format!("/approvals/{}", approval["id"].as_str().expect("an id"));
    let decide = json!({"hash": approval["hash"], "decision": "approved"});
    assert_eq!(post(world, id, &path, decide).await.0, 200);
}

#[actix_web::test]
async fn a_watcher_that_is_too_slow_gets_a_picture_again() {
    let (world, id) = large().await;
    let request = world.request("GET", &format!("/api/executions/{id}/stream")).bearer_auth(&world.bob.token);
    let live = request.send().await.expect("an answer");
    assert_eq!(live.status(), 200);
    stir(&world, &id).await;
    let events = events_till(live, |event| is_over(event) || event["execution"]["status"] == "completed").await;
    let pictures = events.iter().filter(|(_, event)| event["type"] == "init").count();
    assert!(pictures >= 2, "{pictures} pictures among {} events", events.len());
}

#[actix_web::test]
async fn a_restart_in_the_middle_changes_nothing_for_a_run() {
    let world = World::start().await;
    let id = run(&world, WAIT, json!({})).await;
    let before = until(&world, &id, "waiting").await;
    let cursor = before.last().and_then(|(cursor, _)| *cursor).expect("a cursor");
    let view = get(&world, &id, "").await;

    let world = world.restart().await;
    assert_eq!(get(&world, &id, "").await, view);
    let (status, taken) = post(&world, &id, "/events/go", json!({"after": "the restart"})).await;
    assert_eq!((status, &taken["taken"]), (200, &json!(true)));
    let events = watch(&world, &world.bob, &id, &format!("?after={cursor}"), is_over).await;
    assert_eq!(steps(&events), ["hold completed", "say started", "say completed"], "exactly what was missed");
    let rows = get(&world, &id, "/steps").await;
    let attempts: Vec<_> = rows["items"].as_array().expect("steps").iter().map(|row| &row["attempt"]).collect();
    assert_eq!(attempts, [1, 1], "no step ran again");
}
