//! Runs are taken up again.

use serde_json::{Value, json};

use super::{get, post, run, until};
use crate::world::World;

/// Fails unless it may.
const MAYBE: &str = "name: Maybe
slug: maybe
inputs: {may: {type: boolean, default: false}}
steps:
  - {id: first, type: tool, tool: echo, arguments: {n: 1}}
  - id: check
    type: conditional
    condition: 'inputs.may'
    then: [{id: fine, type: set, variables: {x: 1}}]
    else: [{id: bad, type: stop, status: failed, reason: it may not}]
  - {id: last, type: tool, tool: echo, arguments: {n: '{{ outputs.first.n }}'}}
outputs: {n: '{{ outputs.last.n }}'}
";

fn paths(steps: &Value) -> Vec<String> {
    let rows = steps["items"].as_array().expect("steps").iter();
    rows.map(|row| format!("{} {}", row["path"].as_str().expect("a path"), row["phase"].as_str().expect("a phase")))
        .collect()
}

#[actix_web::test]
async fn a_failed_run_is_taken_up_with_other_inputs() {
    let world = World::start().await;
    let id = run(&world, MAYBE, json!({})).await;
    until(&world, &id, "failed").await;
    let path = format!("/api/executions/{id}/retry");
    let retry = async |body: Value, key: &str| world.ask_keyed(&world.bob, "POST", &path, Some(body), Some(key)).await;
    let body = json!({"from": "check", "inputs": {"may": true}});
    let first = retry(body.clone(), "k").await;
    assert_eq!(first.0, 201, "{}", first.1);
    let new = first.1["execution"].as_str().expect("an id").to_owned();
    assert_ne!(new, id);
    until(&world, &new, "completed").await;
    let view = get(&world, &new, "").await;
    assert_eq!((&view["retry_of"], &view["outputs"]), (&json!(id), &json!({"n": 1})));
    assert_eq!((&view["trigger"]["kind"], &view["inputs"]["may"]), (&json!("retry"), &json!(true)));
    let steps = get(&world, &new, "/steps").await;
    assert_eq!(paths(&steps), ["first reused", "check completed", "check:then/fine completed", "last completed"]);

    assert_eq!(retry(body, "k").await, first, "the same key is the same run");
    let other = retry(json!({"from": "first", "inputs": {"may": true}}), "k").await;
    assert_eq!((other.0, &other.1["code"]), (409, &json!("execution_exists")));
    let wrong = retry(json!({"from": "check", "inputs": {"may": "yes"}}), "l").await;
    assert_eq!((wrong.0, &wrong.1["errors"][0]["path"]), (422, &json!("inputs.may")));
    for from in ["last", "nothing"] {
        let (status, problem) = retry(json!({"from": from}), "m").await;
        assert_eq!((status, &problem["code"]), (422, &json!("step_not_retryable")), "{from}: {problem}");
    }
}

#[actix_web::test]
async fn a_retry_begins_where_the_run_failed_or_was_cancelled() {
    let world = World::start().await;
    let id = run(
        &world,
        &MAYBE.replace("type: stop, status: failed, reason: it may not", "type: tool, tool: nothing"),
        json!({}),
    )
    .await;
    until(&world, &id, "failed").await;
    let (status, retried) = post(&world, &id, "/retry", json!({})).await;
    assert_eq!(status, 201, "{retried}");
    let new = retried["execution"].as_str().expect("an id");
    until(&world, new, "failed").await;
    let steps = get(&world, new, "/steps").await;
    assert_eq!(paths(&steps), ["first reused", "check failed", "check:else/bad failed"]);

    let id = run(&world, super::WAIT, json!({})).await;
    until(&world, &id, "waiting").await;
    post(&world, &id, "/cancel", json!({})).await;
    let (status, retried) = post(&world, &id, "/retry", json!({})).await;
    assert_eq!(status, 201, "{retried}");
    let new = retried["execution"].as_str().expect("an id");
    until(&world, new, "waiting").await;
    post(&world, new, "/events/go", json!(1)).await;
    until(&world, new, "completed").await;
    let (status, problem) = post(&world, new, "/retry", json!({"from": "hold"})).await;
    assert_eq!((status, &problem["code"]), (422, &json!("step_not_retryable")), "it has completed");
}
