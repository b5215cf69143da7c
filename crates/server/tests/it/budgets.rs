//! Budgets over HTTP: set by people, drawn on by turns and runs, raised in the list of approvals.

use serde_json::{Value, json};

use crate::runner::{FakeRunner, create, delta, finalize, prompt};
use crate::world::World;

const TALKS: &str = "name: Talks\nslug: talks\nbudget: {turns: 1}\nsteps:\n  - {id: one, type: agent_prompt, prompt: first}\n  - {id: two, type: agent_prompt, prompt: second}\n";

async fn bob(world: &World, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    world.ask(&world.bob, method, path, body).await
}

/// Waits until a person is asked about a budget.
async fn asked(world: &World) -> Value {
    let mut feed = world.open("/api/feed", "tenure.feed.v1", Some(&world.bob.token)).await.expect("it opens");
    feed.until("live").await;
    loop {
        let waiting = bob(world, "GET", "/api/approvals", None).await.1["items"].clone();
        let budget = waiting.as_array().into_iter().flatten().find(|row| row["budget"].is_string());
        if let Some(budget) = budget {
            return budget.clone();
        }
        feed.until("row").await;
    }
}

#[actix_web::test]
async fn a_session_waits_for_its_budget_and_goes_on_with_one_click() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let path = format!("/api/budgets/session:{session}");
    let set = bob(&world, "PUT", &path, Some(json!({ "allowance": { "turns": 1 } }))).await;
    assert_eq!((set.0, &set.1["used"]["turns"], &set.1["by"]["name"]), (200, &json!(0), &json!("bob")));
    let mut runner = FakeRunner::connect(&world).await;
    prompt(&world, &world.bob, &session, "one").await;
    let mut work = runner.work().await;
    runner.tell(&mut work, &[create(), delta(0, 0, "done"), finalize()]).await;
    prompt(&world, &world.bob, &session, "two").await;
    let waiting = asked(&world).await;
    assert_eq!((&waiting["measure"], &waiting["waiting"]), (&json!("turns"), &json!(1)), "{waiting}");
    let approval = format!("/api/approvals/{}", waiting["id"].as_str().expect("an id"));
    let decide = |hash: &Value, decision: &str| Some(json!({ "hash": hash, "decision": decision }));
    let denied = bob(&world, "POST", &approval, decide(&waiting["hash"], "denied")).await;
    assert_eq!((denied.0, &denied.1["code"], &denied.1["field"]), (422, &json!("budget_invalid"), &json!("decision")));
    let other = bob(&world, "POST", &approval, decide(&json!("other"), "approved")).await;
    assert_eq!((other.0, &other.1["code"]), (412, &json!("approval_changed")));
    let ann = world.ask(&world.ann, "POST", &approval, decide(&waiting["hash"], "approved")).await;
    assert_eq!((ann.0, &ann.1["code"]), (404, &json!("approval_unknown")));
    for _ in 0..2 {
        let raised = bob(&world, "POST", &approval, decide(&waiting["hash"], "approved")).await;
        assert_eq!((raised.0, &raised.1["decision"]), (200, &json!("approved")), "a second click raises nothing more");
    }
    assert_eq!(runner.work().await.text, "two");
    let shown = bob(&world, "GET", &path, None).await.1;
    assert_eq!(
        (&shown["raised"]["turns"], &shown["waiting"], &shown["used"]["turns"]),
        (&json!(1), &json!(0), &json!(2))
    );
}

#[actix_web::test]
async fn a_workflow_limits_each_of_its_runs() {
    let world = World::start().await;
    let definition: Value = serde_norway::from_str(TALKS).expect("it is YAML");
    assert_eq!(bob(&world, "POST", "/api/workflows/sync", Some(definition)).await.0, 201);
    let mut runner = FakeRunner::connect(&world).await;
    let run = bob(&world, "POST", "/api/executions", Some(json!({ "workflow": "talks" }))).await.1;
    let mut work = runner.work().await;
    runner.tell(&mut work, &[create(), delta(0, 0, "done"), finalize()]).await;
    let waiting = asked(&world).await;
    let scope = format!("execution:{}", run["execution"].as_str().expect("an id"));
    assert_eq!(waiting["budget"], json!(scope));
    let run = run["execution"].as_str().expect("an id");
    let mut feed = world.open("/api/feed", "tenure.feed.v1", Some(&world.bob.token)).await.expect("it opens");
    loop {
        let why = bob(&world, "GET", &format!("/api/executions/{run}/why"), None).await.1;
        if why.to_string().contains("somebody to raise a budget: the budget of execution:") {
            break;
        }
        feed.until("row").await;
    }
    let shown = bob(&world, "GET", &format!("/api/executions/{run}"), None).await.1;
    assert_eq!((&shown["status"], &shown["waits_for"]), (&json!("waiting"), &json!("approval")), "its place is free");
    let set = bob(&world, "PUT", &format!("/api/budgets/{scope}"), Some(json!({ "allowance": { "turns": 5 } }))).await;
    assert_eq!((set.0, &set.1["allowance"]["turns"]), (200, &json!(5)));
    assert_eq!(runner.work().await.text, "second");
    let shown = bob(&world, "GET", &format!("/api/budgets/{scope}"), None).await.1;
    assert_eq!(shown["used"]["turns"], json!(2), "what was used stays counted");
    assert_eq!(bob(&world, "DELETE", &format!("/api/budgets/{scope}"), None).await.0, 204);
    let log = bob(&world, "GET", "/api/budgets/audit", None).await.1["items"].clone();
    let told: Vec<_> = log.as_array().into_iter().flatten().map(|entry| entry["what"].clone()).collect();
    assert_eq!(told, ["removed", "set", "used_up"], "{log}");
    assert_eq!(log[1]["words"], json!(format!("the budget of {scope} is 5 turns, by bob")));
    assert_eq!(bob(&world, "GET", &format!("/api/budgets/{scope}"), None).await.1["code"], "budget_unknown");
}

#[actix_web::test]
async fn a_budget_says_what_is_wrong_with_it() {
    let world = World::start().await;
    let put = async |scope: &str, body: Value| {
        let (status, told) = bob(&world, "PUT", &format!("/api/budgets/{scope}"), Some(body)).await;
        (
            status,
            told["code"].as_str().unwrap_or_default().to_owned(),
            told["field"].as_str().unwrap_or_default().to_owned(),
        )
    };
    let is = |status, code: &str, field: &str| (status, code.to_owned(), field.to_owned());
    assert_eq!(put("owner", json!({ "allowance": {} })).await, is(422, "budget_invalid", "allowance.tokens"));
    assert_eq!(
        put("owner", json!({ "allowance": { "turns": 0 } })).await,
        is(422, "budget_invalid", "allowance.turns")
    );
    assert_eq!(put("person:1", json!({ "allowance": { "turns": 1 } })).await, is(422, "budget_invalid", "scope"));
    let nobody = "session:018f2b3c-0000-7000-8000-000000000001";
    assert_eq!(put(nobody, json!({ "allowance": { "turns": 1 } })).await, is(404, "budget_unknown", "scope"));
    for wrong in
        [json!({ "allowance": { "cost_usd": -1 } }), json!({ "allowance": { "token": 1 } }), json!({ "every": "day" })]
    {
        let (status, code, _) = put("owner", wrong.clone()).await;
        assert_eq!((status, code.as_str()), (422, "json_invalid"), "{wrong}");
    }
    assert_eq!(bob(&world, "GET", "/api/budgets", None).await.1["items"], json!([]), "nothing was stored");
}
