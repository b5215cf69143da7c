//! Runs are told things: cancel, pause, resume, events, what became of a step.

use serde_json::{Value, json};

use super::{GREET, WAIT, get, post, run, until};
use crate::world::World;

#[actix_web::test]
async fn an_event_ends_a_wait_or_waits_for_one() {
    let world = World::start().await;
    let id = run(&world, WAIT, json!({})).await;
    until(&world, &id, "waiting").await;
    let why = get(&world, &id, "/why").await;
    assert_eq!((&why["status"], &why["waits"][0]["what"]), (&json!("waiting"), &json!("the event `go`")), "{why}");
    let sentence = why["sentence"].as_str().expect("a sentence");
    assert!(sentence.starts_with("The step hold has waited") && sentence.contains("send the event"), "{sentence}");
    let open = get(&world, &id, "").await["open"].clone();
    assert_eq!(
        (&open[0]["path"], &open[0]["phase"], &open[0]["kind"]),
        (&json!("hold"), &json!("started"), &json!("wait"))
    );
    assert!(open[0]["seq"].as_u64().is_some_and(|seq| seq > 0), "its start was found: {open}");

    let (status, other) = post(&world, &id, "/events/other", json!({"early": true})).await;
    assert_eq!((status, other), (200, json!({"taken": false})));
    let path = format!("/api/executions/{id}/events/go");
    let go = async || world.ask_keyed(&world.bob, "POST", &path, Some(json!([1, 2])), Some("e")).await;
    assert_eq!(go().await, (200, json!({"taken": true})));
    assert_eq!(go().await, (200, json!({"taken": true})), "a repeat is answered alike");
    until(&world, &id, "completed").await;
    let outputs = get(&world, &id, "").await["outputs"].clone();
    assert_eq!((&outputs["got"]["event"], &outputs["got"]["payload"]), (&json!("go"), &json!([1, 2])));
    let (status, problem) = world.ask(&world.bob, "POST", &path, None).await;
    assert_eq!((status, &problem["code"]), (409, &json!("execution_over")));
    assert!(get(&world, &id, "/why").await["sentence"].as_str().is_some_and(|said| said.contains("completed")));
}

#[actix_web::test]
async fn a_paused_run_starts_nothing_until_it_is_resumed() {
    let world = World::start().await;
    let id = run(&world, WAIT, json!({})).await;
    until(&world, &id, "waiting").await;
    let (status, row) = post(&world, &id, "/pause", json!({})).await;
    assert_eq!((status, &row["status"]), (200, &json!("paused")));
    assert_eq!(post(&world, &id, "/pause", json!({})).await.0, 200, "it is paused already");
    post(&world, &id, "/events/go", json!(null)).await;
    let view = get(&world, &id, "").await;
    assert_eq!((&view["status"], &view["steps_started"]), (&json!("paused"), &json!(1)));
    let (_, row) = post(&world, &id, "/resume", json!({})).await;
    assert!(row["status"] != "paused", "{row}");
    until(&world, &id, "completed").await;
}

#[actix_web::test]
async fn a_cancelled_run_says_why_and_stays_cancelled() {
    let world = World::start().await;
    let id = run(&world, WAIT, json!({})).await;
    until(&world, &id, "waiting").await;
    let (status, row) = post(&world, &id, "/cancel", json!({"reason": "not needed"})).await;
    assert_eq!((status, &row["status"]), (200, &json!("cancelled")), "{row}");
    assert_eq!(get(&world, &id, "").await["reason"], "not needed");
    assert_eq!(post(&world, &id, "/cancel", json!({})).await.0, 200, "it is so already");
    for (below, body) in [("/pause", json!({})), ("/resume", json!({})), ("/events/go", json!(1))] {
        let (status, problem) = post(&world, &id, below, body).await;
        assert_eq!((status, &problem["code"]), (409, &json!("execution_over")), "{below}");
    }
    let done = run(&world, GREET, json!({"name": "x"})).await;
    until(&world, &done, "completed").await;
    assert_eq!(post(&world, &done, "/cancel", json!({})).await.1["code"], "execution_over");
}

#[actix_web::test]
async fn bad_requests_are_refused_by_their_field() {
    let world = World::start().await;
    let id = run(&world, WAIT, json!({})).await;
    until(&world, &id, "waiting").await;
    let long = "x".repeat(5_000);
    for (below, body, status, code) in [
        ("/cancel", json!({"why": "x"}), 422, "json_invalid"),
        ("/cancel", json!({"reason": long}), 413, "too_large"),
        ("/resolve", json!({"path": "hold", "answer": "retry"}), 409, "step_not_unknown"),
        ("/resolve", json!({"path": "hold", "answer": "succeed", "output": 1}), 409, "step_not_unknown"),
        ("/resolve", json!({"path": "a b", "answer": "fail"}), 422, "json_invalid"),
        ("/resolve", json!({"path": "hold", "answer": "fail", "output": 1}), 422, "json_invalid"),
        ("/resolve", json!({"path": "hold", "answer": "fail", "why": 1}), 422, "json_invalid"),
        ("/resolve", json!({"path": "hold", "answer": "maybe"}), 422, "json_invalid"),
        ("/events/%20", json!(1), 422, "event_nameless"),
        ("/retry", json!({"form": "x"}), 422, "json_invalid"),
        ("/retry", json!({}), 409, "execution_not_over"),
    ] {
        let (found, problem) = post(&world, &id, below, body.clone()).await;
        assert_eq!((found, &problem["code"]), (status, &json!(code)), "{below} {body}: {problem}");
    }
    for path in ["/steps?cursor=x", "/steps?limit=0", "/stream?after=x"] {
        let (status, _) = world.ask(&world.bob, "GET", &format!("/api/executions/{id}{path}"), None).await;
        assert_eq!(status, 400, "{path}");
    }
    assert_eq!(get(&world, &id, "").await["status"], "waiting");
}

#[actix_web::test]
async fn steps_are_paged_in_the_order_of_their_starts() {
    let world = World::start().await;
    let text = "name: Loop
slug: loop
steps:
  - id: each
    type: loop
    over: [1, 2, 3]
    steps:
      - {id: odd, type: set, if: 'loop.item != 2', variables: {n: '{{ loop.item }}'}}
      - {id: say, type: tool, tool: echo, arguments: {n: '{{ loop.item }}'}}
  - {id: bad, type: tool, tool: nothing, retry: {max_attempts: 2, backoff: 1ms}, continue_on_error: true}
";
    let id = run(&world, text, json!({})).await;
    until(&world, &id, "completed").await;
    let whole = get(&world, &id, "/steps").await;
    let rows = whole["items"].as_array().expect("steps");
    let brief = |row: &Value| {
        format!(
            "{} {} {}",
            row["path"].as_str().expect("a path"),
            row["attempt"],
            row["phase"].as_str().expect("a phase")
        )
    };
    let told: Vec<_> = rows.iter().map(brief).collect();
    assert_eq!(
        told,
        [
            "each 1 completed",
            "each:i0/odd 1 completed",
            "each:i0/say 1 completed",
            "each:i1/odd 0 skipped",
            "each:i1/say 1 completed",
            "each:i2/odd 1 completed",
            "each:i2/say 1 completed",
            "bad 1 failed",
            "bad 2 failed",
        ]
    );
    assert_eq!((&rows[7]["then"], &rows[8]["then"]), (&json!("retry"), &json!("continue")));
    assert_eq!(rows[8]["error"]["code"], "tool_unknown");
    for limit in 1..=9 {
        let (mut seen, mut query) = (vec![], format!("?limit={limit}"));
        loop {
            let page = get(&world, &id, &format!("/steps{query}")).await;
            let items = page["items"].as_array().expect("items");
            assert!(items.len() <= limit);
            seen.extend(items.clone());
            let Some(cursor) = page["cursor"].as_str() else { break };
            query = format!("?limit={limit}&cursor={cursor}");
        }
        assert_eq!(&seen, rows, "in pages of {limit}");
    }
}
