//! The tools of triggers do what the routes do, and are refused where those are.

use serde_json::json;

use super::*;

async fn call(world: &World, tool: &str, params: Value) -> Value {
    let path = format!("/api/tools/{tool}/call");
    let answer = ask(world, "POST", &path, Some(json!({ "params": params }))).await;
    answer["data"].clone()
}

async fn wrong(world: &World, tool: &str, params: Value) -> (u16, String) {
    refused(world, "POST", &format!("/api/tools/{tool}/call"), Some(json!({ "params": params }))).await
}

#[actix_web::test]
async fn a_trigger_is_made_listed_run_and_deleted() {
    let world = World::start().await;
    greet(&world).await;
    let params = json!({
        "name": "nightly", "type": "schedule", "schedule_cron": "0 3 * * *", "schedule_timezone": "Europe/Berlin",
        "workflow_id": "greet",
    });
    let first = call(&world, "sync_trigger", params.clone()).await;
    assert_eq!(first["outcome"], "created");
    assert_eq!(call(&world, "sync_trigger", params).await["outcome"], "unchanged");
    let renamed = json!({ "trigger_id": first["id"], "name": "Daily", "enabled": false });
    assert_eq!(call(&world, "sync_trigger", renamed).await["id"], first["id"]);
    let asks = json!({ "name": "daily", "clear_workflow_link": true, "schedule_target": "orchestrator", "schedule_prompt": "good morning" });
    assert_eq!(call(&world, "sync_trigger", asks).await["outcome"], "updated");
    let view = ask(&world, "GET", "/api/triggers/daily", None).await;
    assert_eq!(
        (&view["definition"]["prompt"], view["definition"].get("workflow"), &view["enabled"]),
        (&json!("good morning"), None, &json!(false))
    );
    let back = json!({ "name": "daily", "schedule_target": "workflow", "workflow_id": "greet" });
    assert_eq!(call(&world, "sync_trigger", back).await["outcome"], "updated");
    assert_eq!(wrong(&world, "sync_trigger", json!({ "name": "daily", "schedule_target": "nobody" })).await.0, 422);
    assert_eq!(wrong(&world, "sync_trigger", json!({ "name": "x", "type": "manual" })).await.1, "trigger_invalid");
    assert_eq!(wrong(&world, "sync_trigger", json!({ "webhook_path": "x" })).await, (422, "json_invalid".into()));

    let listed = call(&world, "list_triggers", json!({ "type": "schedule", "workflow_id": "greet" })).await;
    assert_eq!(listed["items"][0]["name"], "daily");
    assert_eq!(wrong(&world, "list_triggers", json!({ "type": "odd" })).await, (422, "json_invalid".into()));
    let fired =
        call(&world, "run_trigger", json!({ "trigger_id": "daily", "variables_json": "{\"who\":\"ann\"}" })).await;
    assert!(fired["execution"].is_string(), "{fired}");
    let odd = json!({ "trigger_id": "daily", "variables_json": "{\"whom\":\"ann\"}" });
    assert_eq!(wrong(&world, "run_trigger", odd).await.1, "inputs_invalid");
    assert_eq!(call(&world, "delete_trigger", json!({ "trigger_id": "DAILY" })).await["deleted"], true);
    assert_eq!(
        wrong(&world, "delete_trigger", json!({ "trigger_id": "daily" })).await,
        (404, "trigger_unknown".into())
    );
}

#[actix_web::test]
async fn a_webhook_takes_the_senders_secret_and_keeps_its_address() {
    let world = World::start().await;
    greet(&world).await;
    let params = |secret: &str| {
        json!({
            "name": "hook", "type": "webhook", "workflow_id": "greet", "webhook_method": "post", "webhook_secret": secret,
            "variable_mapping_json": "{\"who\": \"$.user.name\"}",
        })
    };
    let made = call(&world, "sync_trigger", params("first secret")).await;
    assert_eq!((&made["outcome"], made.get("secret")), (&json!("created"), None), "{made}");
    let path = made["address"]["path"].as_str().expect("a path").to_owned();
    let (one, other) = (r#"{"user":{"name":"ann"}}"#, r#"{"user":{"name":"bob"}}"#);
    assert_eq!(deliver(&world, &path, one, &[("x-webhook-signature", &hmac("first secret", one))]).await.0, 202);
    let same = call(&world, "sync_trigger", params("first secret")).await;
    assert_eq!((&same["outcome"], &same["address"]["path"]), (&json!("unchanged"), &json!(path)));
    let history = all(&world, "/api/triggers/hook/history", 50).await;
    assert_eq!(each(&history, "change"), ["rotated", "created"].map(Value::from), "the same secret changes nothing");
    assert_eq!(call(&world, "sync_trigger", params("second")).await["address"]["path"], json!(path));
    assert_eq!(deliver(&world, &path, other, &[("x-webhook-signature", &hmac("first secret", other))]).await.0, 401);
    assert_eq!(deliver(&world, &path, other, &[("x-webhook-signature", &hmac("second", other))]).await.0, 202);
    let github = "name: hub\ntype: github\nrepos: ann/site\nevents: push\nworkflow: greet\n";
    assert_eq!(call(&world, "sync_trigger", json!({ "definition": github })).await["outcome"], "created");
}
