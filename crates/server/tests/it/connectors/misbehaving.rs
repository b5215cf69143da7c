//! Connectors that hang, flood, lie and go away: each time it is said what is known of the call.

use serde_json::{Value, json};

use super::Scene;

#[actix_web::test]
async fn what_is_not_known_is_said_and_nothing_is_called_twice() {
    let scene = Scene::impatient().await;
    for (tool, status, code, known) in [
        ("hang", 504, "connector_unanswered", "whether the call was carried out is not known"),
        ("cut", 504, "connector_unanswered", "whether the call was carried out is not known"),
        ("trip", 504, "connector_unanswered", "whether the call was carried out is not known"),
        ("flood", 502, "connector_answer_invalid", "may have been carried out"),
        ("garbage", 502, "connector_answer_invalid", "may have been carried out"),
        ("refuse", 502, "connector_refused", "nothing was carried out"),
        ("fail", 502, "connector_tool_failed", "was carried out, and failed"),
    ] {
        let told = scene.refused(tool).await;
        assert_eq!((told.0, told.1.as_str()), (status, code), "{tool}: {}", told.2);
        assert!(told.2.starts_with("the connector tracker ") && told.2.contains(known), "{tool}: {}", told.2);
    }
    let tools: Vec<_> = scene.fake.calls().iter().map(|call| call["tool"].clone()).collect();
    assert_eq!(json!(tools), json!(["hang", "cut", "trip", "flood", "garbage", "refuse", "fail"]));
    assert_eq!(scene.call("echo", json!({})).await.0, 200, "the next call is as good as any");
}

#[actix_web::test]
async fn one_that_went_away_is_told_and_left_out_of_lists() {
    let scene = Scene::start().await;
    assert_eq!(scene.call("echo", json!({})).await.0, 200);
    scene.fake.stop().await;
    let told = scene.refused("echo").await;
    assert!(["connector_unreachable", "connector_unanswered"].contains(&told.1.as_str()), "{told:?}");
    scene.set(json!({ "risks": { "echo": "high" } })).await;
    let told = scene.refused("echo").await;
    assert_eq!((told.0, told.1.as_str()), (502, "connector_unreachable"), "{told:?}");
    assert!(told.2.ends_with("nothing was sent"), "{told:?}");
    assert_eq!(scene.health().await["state"], "down");
    assert_eq!(scene.listed().await, Vec::<String>::new());
}

#[actix_web::test]
async fn a_caller_who_leaves_takes_nothing_along() {
    let scene = Scene::start().await;
    let path = "/api/tools/tracker__hang/call";
    let request = scene.world.request("POST", path).bearer_auth(&scene.world.bob.token);
    let request = request.header("content-type", "application/json").body("{}").send();
    {
        let mut request = Box::pin(request);
        tokio::select! {
            answer = &mut request => panic!("nobody answers: {answer:?}"),
            () = scene.fake.called(1) => {}
        }
    }
    assert_eq!(scene.call("echo", json!({})).await.0, 200);
    assert_eq!(scene.fake.calls().len(), 2);
}

#[actix_web::test]
async fn a_lie_about_tools_is_shown_and_does_no_harm() {
    let scene = Scene::with(|options| options.connector_tools_max = 14).await;
    scene.fake.add(vec![
        json!({ "name": "echo", "description": "Another.", "inputSchema": { "type": "object" } }),
        json!({ "name": "two words", "inputSchema": { "type": "object" } }),
        json!({ "name": "list", "inputSchema": { "type": "array" } }),
    ]);
    let checked = scene.bob("POST", "/api/connectors/tracker/check", None).await;
    let unusable = |tool: &&Value| tool["unusable"].is_string() && tool["name"].is_null();
    assert_eq!(checked["tools"].as_array().expect("tools").iter().filter(unusable).count(), 3, "{checked}");
    assert!(scene.listed().await.iter().all(|name| !name.contains(' ')));
    scene
        .fake
        .add((0..2).map(|at| json!({ "name": format!("more{at}"), "inputSchema": { "type": "object" } })).collect());
    let (status, told) = scene.world.ask(&scene.world.bob, "POST", "/api/connectors/tracker/check", None).await;
    assert_eq!((status, &told["code"]), (502, &json!("connector_answer_invalid")));
    assert!(told["detail"].as_str().expect("words").contains("connector_tools_max is 14"), "{told}");
}

#[actix_web::test]
async fn connectors_lead_nowhere_near_unless_the_operator_says_so() {
    let scene = Scene::with(|options| options.connector_private_addresses = true).await;
    for never in ["http://169.254.169.254/latest/meta-data", "http://[fe80::1]/", "http://0.0.0.0:80/"] {
        let told =
            scene.world.ask(&scene.world.bob, "PUT", "/api/connectors/other", Some(json!({ "url": never }))).await;
        assert_eq!(
            (told.0, &told.1["code"], &told.1["field"]),
            (422, &json!("connector_invalid"), &json!("url")),
            "{never}"
        );
    }
    let world = crate::world::World::with(|options| options.connector_private_addresses = false).await;
    for (url, code) in [("http://127.0.0.1:1/", 422), ("http://10.0.0.1/", 422), ("http://localhost:1/mcp", 201)] {
        let told = world.ask(&world.bob, "PUT", "/api/connectors/other", Some(json!({ "url": url }))).await;
        assert_eq!(told.0, code, "{url}: {}", told.1);
    }
    let (status, told) = world.ask(&world.bob, "POST", "/api/connectors/other/check", None).await;
    assert_eq!((status, &told["code"]), (502, &json!("connector_address_refused")), "a name leads there: {told}");
}
