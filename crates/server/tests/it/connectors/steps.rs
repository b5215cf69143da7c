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

/// Starts a run whose call takes a person, and waits until somebody is asked.
async fn asked(scene: &Scene) -> (String, Value) {
    let world = &scene.world;
    let mut feed = world.open("/api/feed", "tenure.feed.v1", Some(&world.bob.token)).await.expect("it opens");
    feed.until("live").await;
    let step =
        json!({ "id": "ask", "name": "Ask it", "type": "tool", "tool": "tracker__echo", "arguments": { "a": 1 } });
    let definition = json!({ "name": "Asks", "slug": "asks", "steps": [step] });
    let started = scene.bob("POST", "/api/executions", Some(json!({ "definition": definition.to_string() }))).await;
    let id = started["execution"].as_str().expect("an id").to_owned();
    loop {
        let news = feed.until("row").await["row"].clone();
        if news["list"] == "approval" && news["row"]["execution"] == json!(id) {
            return (id, news["row"].clone());
        }
    }
}

async fn decide(scene: &Scene, asked: &Value, decision: &str) -> (u16, Value) {
    let path = format!("/api/approvals/{}", asked["id"].as_str().expect("an id"));
    let body = json!({ "hash": asked["hash"], "decision": decision, "reason": "so it is" });
    scene.world.ask(&scene.world.bob, "POST", &path, Some(body)).await
}

async fn over(scene: &Scene, id: &str) -> Value {
    scene.bob("GET", &format!("/api/executions/{id}?wait_ms=20000"), None).await
}

#[actix_web::test]
async fn a_step_waits_for_the_person_whom_its_call_takes_and_is_sent_once() {
    let scene = Scene::start().await;
    scene.set(json!({ "risk": "medium" })).await;
    let (id, question) = asked(&scene).await;
    assert_eq!(
        (&question["run"], &question["step"], &question["path"]),
        (&json!("Asks"), &json!("Ask it"), &json!("ask"))
    );
    let listed = scene.bob("GET", "/api/approvals", None).await;
    assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["run"]), (&question["id"], &json!("Asks")), "{listed}");
    let why = scene.bob("GET", &format!("/api/executions/{id}/why"), None).await;
    let sentence = why["sentence"].as_str().expect("a sentence");
    assert!(sentence.contains(question["id"].as_str().expect("an id")) && sentence.contains("bob to let"), "{why}");
    assert_eq!((&why["status"], &why["waits"][0]["until"]), (&json!("waiting"), &question["deadline"]));

    let Scene { world, fake } = scene;
    let scene = Scene { world: world.restart().await, fake };
    assert_eq!(scene.fake.calls(), Vec::<Value>::new());
    assert_eq!(decide(&scene, &question, "approved").await.0, 200);
    let told = over(&scene, &id).await;
    assert_eq!(told["status"], "completed", "{told}");
    assert_eq!(scene.fake.calls().len(), 1);
    let audit = scene.bob("GET", "/api/policy/audit", None).await;
    let said: Vec<_> = audit["items"].as_array().expect("a page").iter().rev().map(|entry| &entry["what"]).collect();
    assert_eq!(said, ["asked", "approved", "done"]);
    assert_eq!(decide(&scene, &question, "denied").await.1["code"], "approval_decided");
}

#[actix_web::test]
async fn a_step_whose_call_is_denied_or_not_decided_fails_and_says_so() {
    let scene = Scene::with(|options| options.tool_approval_open_ms = tenure_model::Span::secs(3)).await;
    scene.set(json!({ "risk": "medium" })).await;
    let (denied, question) = asked(&scene).await;
    assert_eq!(decide(&scene, &question, "denied").await.0, 200);
    let told = over(&scene, &denied).await;
    assert_eq!(told["error"]["code"], "call_denied", "{told}");
    let message = told["error"]["message"].as_str().expect("a message");
    assert!(message.contains("bob") && message.contains("so it is"), "{message}");
    let (late, _) = asked(&scene).await;
    assert_eq!(over(&scene, &late).await["error"]["code"], "approval_expired");
    assert_eq!(scene.fake.calls(), Vec::<Value>::new());
}

#[actix_web::test]
async fn a_cancelled_run_takes_back_what_it_asked() {
    let scene = Scene::start().await;
    scene.set(json!({ "risk": "medium" })).await;
    let mut feed =
        scene.world.open("/api/feed", "tenure.feed.v1", Some(&scene.world.bob.token)).await.expect("it opens");
    feed.until("live").await;
    let (id, question) = asked(&scene).await;
    scene.bob("POST", &format!("/api/executions/{id}/cancel"), Some(json!({}))).await;
    let told = over(&scene, &id).await;
    assert_eq!(told["status"], "cancelled", "{told}");
    let gone = |news: &Value| news["list"] == "approval" && news["id"] == question["id"];
    while !gone(&feed.until("row.gone").await) {}
    let (status, late) = decide(&scene, &question, "approved").await;
    assert_eq!((status, &late["code"]), (409, &json!("approval_decided")));
    assert!(late["detail"].as_str().is_some_and(|detail| detail.contains("taken back")), "{late}");
    assert_eq!(scene.fake.calls(), Vec::<Value>::new());
}

#[actix_web::test]
async fn a_step_whose_call_is_granted_asks_nobody() {
    let scene = Scene::start().await;
    scene.set(json!({ "risk": "medium" })).await;
    let grant = json!({ "tool": "tracker__echo", "within": "owner", "lasts_ms": 60_000, "uses": 1 });
    scene.bob("POST", "/api/policy/grants", Some(grant)).await;
    assert_eq!(run(&scene, "echo", json!({})).await["status"], "completed");
    let (_, question) = asked(&scene).await;
    assert_eq!(question["tool"], "tracker__echo", "the grant is used up");
    assert_eq!(scene.fake.calls().len(), 1);
    scene.bob("PUT", "/api/policy/rules", Some(json!({ "what": "service:tracker", "mode": "deny" }))).await;
    assert_eq!(run(&scene, "echo", json!({})).await["error"]["code"], "denied_by_policy");
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
