//! `tool` steps that call the tools of connectors.

use serde_json::{Value, json};

use super::Scene;

async fn run(scene: &Scene, tool: &str, more: Value) -> Value {
    let mut step = json!({ "id": "ask", "type": "tool", "tool": format!("tracker__{tool}"), "arguments": { "a": 1 } });
    step.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    let definition = json!({ "name": "Asks", "slug": "asks", "steps": [step] });
    let started = scene.bob("POST", "/api/executions", Some(json!({ "definition": definition.to_string() }))).await;
    let path = format!("/api/executions/{}?wait_ms=20000", started["execution"].as_str().expect("an id"));
    scene.bob("GET", &path, None).await
}

#[actix_web::test]
async fn a_step_calls_a_connector_and_later_steps_read_what_it_says() {
    let scene = Scene::start().await;
    let over = run(&scene, "echo", json!({})).await;
    assert_eq!(over["status"], "completed", "{over}");
    let key = scene.fake.calls()[0]["meta"]["tenure/idempotency-key"].clone();
    assert!(key.is_string(), "the connector is told under which key it is called");
}

#[actix_web::test]
async fn a_step_that_needs_a_person_fails_and_says_how_to_allow_it() {
    let scene = Scene::start().await;
    scene.set(json!({ "risk": "medium" })).await;
    let over = run(&scene, "echo", json!({})).await;
    assert_eq!(over["error"]["code"], "approval_needed", "{over}");
    assert_eq!(scene.fake.calls(), Vec::<Value>::new());
    let grant = json!({ "tool": "tracker__echo", "within": "owner", "lasts_ms": 60_000, "uses": 1 });
    scene.bob("POST", "/api/policy/grants", Some(grant)).await;
    assert_eq!(run(&scene, "echo", json!({})).await["status"], "completed");
    assert_eq!(run(&scene, "echo", json!({})).await["error"]["code"], "approval_needed", "the grant is used up");
    assert_eq!(scene.fake.calls().len(), 1);
}

#[actix_web::test]
async fn a_step_whose_outcome_nobody_knows_is_not_made_again() {
    let scene = Scene::impatient().await;
    let retry = json!({ "on_unknown": "fail", "retry": { "max_attempts": 3 } });
    let over = run(&scene, "cut", retry).await;
    assert_eq!(over["error"]["code"], "outcome_unknown", "{over}");
    assert_eq!(scene.fake.calls().len(), 1);
    let over = run(&scene, "nothing", json!({})).await;
    assert_eq!(over["error"]["code"], "tool_unknown", "{over}");
}
