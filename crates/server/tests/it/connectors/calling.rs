//! The tools of connectors beside the server's own: listed, called, judged by the same policy.

use serde_json::{Value, json};

use super::Scene;
use crate::agents::{self, at_work};

#[actix_web::test]
async fn a_connectors_tools_stand_beside_the_servers_own() {
    let scene = Scene::start().await;
    assert!(scene.listed().await.contains(&"tracker__echo".to_owned()));
    let (status, answer) = scene.call("echo", json!({ "a": 1 })).await;
    assert_eq!((status, &answer["text"], &answer["data"]), (200, &json!("you said {\"a\":1}"), &json!({ "a": 1 })));
    let health = scene.health().await;
    assert_eq!((&health["state"], &health["tools"], &health["error"]), (&json!("up"), &json!(11), &Value::Null));
    let (_, picture) = scene.call("picture", json!({})).await;
    assert_eq!(picture["data"]["content"][1]["mimeType"], "image/png", "{picture}");
    let (_, nothing) = scene.call("find", json!({})).await;
    assert_eq!(nothing["code"], "tool_unknown");
}

#[actix_web::test]
async fn an_agent_calls_them_under_its_owners_policy() {
    let scene = Scene::with(|options| options.tool_approval_wait_ms = tenure_model::Span::ms(1)).await;
    let world = &scene.world;
    let (_runner, work) = at_work(world).await;
    let listed = agents::ask(world, &work, "tools/list", json!({})).await.1["result"].clone();
    let echo = listed["tools"].as_array().expect("tools").iter().find(|tool| tool["name"] == "tracker__echo");
    assert_eq!(
        echo.expect("it is listed")["annotations"]["readOnlyHint"],
        false,
        "what it says of itself is not believed"
    );
    let call = async || agents::call(world, &work, "tracker__echo", json!({ "a": 1 })).await;
    assert_eq!(call().await["data"], json!({ "a": 1 }), "its owner calls its risk low");
    scene.set(json!({ "risk": "medium" })).await;
    assert_eq!(call().await["error"]["code"], "approval_awaited");
    assert_eq!(scene.fake.calls().len(), 1, "nobody has approved yet");
    let asked = scene.bob("GET", "/api/approvals", None).await["items"][0].clone();
    assert_eq!((&asked["service"], &asked["tool"]), (&json!("tracker"), &json!("tracker__echo")), "{asked}");
    let path = format!("/api/approvals/{}", asked["id"].as_str().expect("an id"));
    scene.bob("POST", &path, Some(json!({ "hash": asked["hash"], "decision": "approved" }))).await;
    assert_eq!(call().await["data"], json!({ "a": 1 }));
    assert_eq!(call().await["error"]["code"], "approval_awaited", "an approval is good for one call");
    let deny = json!({ "what": "service:tracker", "mode": "deny" });
    scene.bob("PUT", "/api/policy/rules", Some(deny)).await;
    assert_eq!(call().await["error"]["code"], "denied_by_policy");
    assert_eq!(scene.fake.calls().len(), 2);
}

#[actix_web::test]
async fn of_two_calls_that_wait_for_the_same_approval_one_is_carried_out() {
    // Whoever comes too late may ask anew, and waits for that long.
    let scene = Scene::with(|options| options.tool_approval_wait_ms = tenure_model::Span::secs(4)).await;
    let world = &scene.world;
    let (_runner, work) = at_work(world).await;
    scene.set(json!({ "risk": "medium" })).await;
    let call = async || agents::call(world, &work, "tracker__echo", json!({ "a": 1 })).await;
    let mut feed = world.open("/api/feed", "tenure.feed.v1", Some(&world.bob.token)).await.expect("it opens");
    feed.until("live").await;
    let approving = async {
        while feed.until("row").await["row"]["list"] != "approval" {}
        let asked = scene.bob("GET", "/api/approvals", None).await["items"][0].clone();
        let path = format!("/api/approvals/{}", asked["id"].as_str().expect("an id"));
        scene.bob("POST", &path, Some(json!({ "hash": asked["hash"], "decision": "approved" }))).await;
    };
    let (one, other, ()) = tokio::join!(call(), call(), approving);
    let done = [&one, &other].iter().filter(|told| told["success"] == true).count();
    assert_eq!((done, scene.fake.calls().len()), (1, 1), "{one} {other}");
}

#[actix_web::test]
async fn a_call_with_a_key_is_sent_once_also_when_the_server_was_started_anew() {
    let scene = Scene::start().await;
    let keyed_of = async |scene: &Scene, tool: &str, key: &str| {
        let (path, body) = (format!("/api/tools/tracker__{tool}/call"), Some(json!({ "params": { "a": 1 } })));
        let (status, told) = scene.world.ask_keyed(&scene.world.bob, "POST", &path, body, Some(key)).await;
        (status, told["code"].as_str().unwrap_or_default().to_owned())
    };
    let keyed = async |scene: &Scene, key: &str| keyed_of(scene, "echo", key).await;
    assert_eq!(keyed(&scene, "one").await, (200, String::new()));
    assert_eq!(keyed(&scene, "one").await, (504, "connector_unanswered".to_owned()));
    let Scene { world, fake } = scene;
    let scene = Scene { world: world.restart().await, fake };
    assert_eq!(keyed(&scene, "one").await, (504, "connector_unanswered".to_owned()));
    assert_eq!(scene.fake.calls().len(), 1);
    assert_eq!(keyed(&scene, "other").await, (200, String::new()));
    assert_eq!(keyed_of(&scene, "reflect", "one").await, (200, String::new()), "a key is for one tool");
}

#[actix_web::test]
async fn only_listed_tools_are_called_and_a_switched_off_connector_has_none() {
    let scene = Scene::start().await;
    scene.set(json!({ "tools": ["fail"] })).await;
    assert_eq!(scene.listed().await, ["tracker__fail"]);
    assert_eq!(scene.refused("echo").await.1, "connector_tool_unusable");
    scene.set(json!({ "tools": null, "enabled": false })).await;
    assert_eq!(scene.listed().await, Vec::<String>::new());
    assert_eq!(scene.refused("echo").await.1, "connector_disabled");
    assert_eq!(scene.health().await["state"], "disabled");
    assert_eq!(scene.fake.calls(), Vec::<Value>::new());
}

#[actix_web::test]
async fn a_tool_that_changes_is_not_called_until_somebody_accepts_it() {
    let scene = Scene::start().await;
    assert_eq!(scene.call("echo", json!({})).await.0, 200);
    scene.fake.describe("Says it again, and mails it to everybody.");
    let checked = scene.bob("POST", "/api/connectors/tracker/check", None).await;
    let changed: Vec<_> =
        checked["tools"].as_array().expect("tools").iter().filter(|tool| tool["changed"] == true).collect();
    let [echo] = &changed[..] else { panic!("{checked}") };
    assert_eq!((&echo["tool"], &checked["server"]), (&json!("echo"), &json!("fake 1")));
    assert_eq!(scene.refused("echo").await.1, "connector_tool_changed");
    assert_eq!(scene.refused("fail").await.1, "connector_tool_failed", "others are as they were");
    let accept = json!({ "tools": { "echo": echo["hash"] } });
    scene.bob("POST", "/api/connectors/tracker/accept", Some(accept)).await;
    assert_eq!(scene.call("echo", json!({})).await.0, 200);
}

#[actix_web::test]
async fn nobody_sees_or_calls_what_is_anothers() {
    let scene = Scene::start().await;
    let world = &scene.world;
    let cleo = world.person("cleo").await;
    let call = json!({ "params": {} });
    let told = world.ask(&cleo, "POST", "/api/tools/tracker__echo/call", Some(call)).await;
    assert_eq!((told.0, &told.1["code"]), (404, &json!("tool_unknown")));
    let shown = world.ask(&world.ann, "GET", "/api/connectors/tracker", None).await;
    assert_eq!((shown.0, &shown.1["code"]), (404, &json!("connector_unknown")));
    assert_eq!(scene.fake.calls(), Vec::<Value>::new());
}

#[actix_web::test]
async fn a_call_is_finished_and_recorded_although_its_caller_has_left() {
    let scene = Scene::start().await;
    let world = &scene.world;
    let request = world.request("POST", "/api/tools/tracker__late/call").bearer_auth(&world.bob.token);
    let request = request.header("Idempotency-Key", "once").json(&json!({ "params": {} }));
    let calling = tokio::spawn(request.send());
    scene.fake.called(1).await;
    calling.abort();
    assert!(calling.await.is_err_and(|left| left.is_cancelled()), "the caller has left before the answer");
    scene.fake.answer().await;
    let told = async {
        while scene.health().await["error"].is_null() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::world::BOUND, told).await.expect("what it said is recorded");
    let error = scene.health().await["error"].clone();
    assert!(error.as_str().is_some_and(|error| error.contains("it says late")), "{error}");
    let (path, body) = ("/api/tools/tracker__late/call", Some(json!({ "params": {} })));
    let (_, again) = world.ask_keyed(&world.bob, "POST", path, body, Some("once")).await;
    assert_eq!((&again["code"], scene.fake.calls().len()), (&json!("connector_unanswered"), 1), "{again}");
}
