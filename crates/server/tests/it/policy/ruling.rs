//! Rules, and why a call is allowed, asked about or denied.

use serde_json::{Value, json};
use tenure_model::Timestamp;
use tenure_runtime::Clock;

use super::Scene;

async fn explained(scene: &Scene, rest: &str) -> Value {
    scene.bob("GET", &format!("/api/policy/explain?tool=delete_workflow{rest}"), None).await
}

#[actix_web::test]
async fn rules_go_from_the_organization_to_the_session_and_every_one_is_told() {
    let clock = Clock::at(Timestamp(1_800_000_000_000));
    let scene = Scene::impatient(&clock).await;
    scene.workflow("a").await;
    let own = |within: &str, mode: &str| json!({ "within": within, "what": "tool:delete_workflow", "mode": mode });
    assert_eq!(explained(&scene, "").await["mode"], "ask", "which is the default of its risk");

    scene.bob("PUT", "/api/policy/rules", Some(own("owner", "deny"))).await;
    assert_eq!(scene.refused("delete_workflow", json!({ "workflow_id": "a" })).await.0, "denied_by_policy");
    let by_hand = json!({ "params": { "workflow_id": "a" } });
    let (status, told) =
        scene.world.ask(&scene.world.bob, "POST", "/api/tools/delete_workflow/call", Some(by_hand)).await;
    assert_eq!((status, &told["code"]), (403, &json!("denied_by_policy")), "what is denied is denied to all");

    let session = format!("session:{}", scene.work.session);
    scene.bob("PUT", "/api/policy/rules", Some(own(&session, "allow"))).await;
    let there = explained(&scene, &format!("&session={}", scene.work.session)).await;
    assert_eq!((&there["mode"], explained(&scene, "").await["mode"].clone()), (&json!("allow"), json!("deny")));
    let scopes: Vec<_> = there["considered"].as_array().expect("a list").iter().map(|rule| &rule["scope"]).collect();
    assert_eq!(scopes, [&json!("owner"), &json!(session)]);

    let all = json!({ "what": "risk:medium", "mode": "deny" });
    let (status, view) = scene.world.ask(&scene.world.ann, "PUT", "/api/policy/organization", Some(all)).await;
    assert_eq!((status, &view["organization"][0]["what"]), (200, &json!("risk:medium")));
    let (code, detail) = scene.refused("delete_workflow", json!({ "workflow_id": "a" })).await;
    assert_eq!(code, "denied_by_policy");
    assert!(detail.contains("organization"), "{detail}");
    assert!(scene.has_workflow("a").await);
    let gone = "/api/policy/organization?what=risk:medium";
    assert_eq!(scene.world.ask(&scene.world.ann, "DELETE", gone, None).await.0, 204);
    assert_eq!(scene.call("delete_workflow", json!({ "workflow_id": "a" })).await["success"], true);
    assert_eq!(scene.audit().await, ["rule", "denied", "rule", "denied", "allowed"]);
    let of_session = format!("/api/policy/audit?session={}&limit=1", scene.work.session);
    let page = scene.bob("GET", &of_session, None).await;
    assert_eq!((&page["items"][0]["what"], page["cursor"].is_string()), (&json!("allowed"), true));
}

#[actix_web::test]
async fn what_reads_is_asked_about_when_a_rule_says_so() {
    let clock = Clock::at(Timestamp(1_800_000_000_000));
    let scene = Scene::impatient(&clock).await;
    assert_eq!(scene.call("list_workflows", json!({})).await["success"], true);
    assert_eq!(scene.audit().await, [""; 0], "what reads and is allowed leaves no trace");
    let ask = json!({ "what": "service:tenure", "mode": "ask" });
    let view = scene.bob("PUT", "/api/policy/rules", Some(ask)).await;
    assert_eq!((&view["rules"][0]["by"]["name"], &view["defaults"]["critical"]), (&json!("bob"), &json!("deny")));
    assert_eq!(scene.refused("list_workflows", json!({})).await.0, "approval_awaited");
    scene.bob("DELETE", "/api/policy/rules?what=service:tenure", None).await;
    assert_eq!(scene.call("list_workflows", json!({})).await["success"], true);
}

#[actix_web::test]
async fn an_agent_that_goes_round_in_circles_is_told_so_and_others_are_not() {
    let scene = Scene::start().await;
    for _ in 0..20 {
        assert_eq!(scene.call("list_workflows", json!({})).await["success"], true);
    }
    let (code, detail) = scene.refused("list_workflows", json!({})).await;
    assert_eq!(code, "call_repeated");
    assert!(detail.contains("20 times in a row"), "{detail}");
    assert_eq!(scene.call("list_triggers", json!({})).await["success"], true);
    assert_eq!(scene.call("list_workflows", json!({})).await["success"], true);
    let by_hand = json!({ "params": {} });
    for _ in 0..30 {
        scene.bob("POST", "/api/tools/list_workflows/call", Some(by_hand.clone())).await;
    }
}

#[actix_web::test]
async fn what_is_wrong_with_a_rule_is_told() {
    let scene = Scene::start().await;
    for (rule, status, code, field) in [
        (json!({ "what": "delete_workflow", "mode": "deny" }), 422, "rule_invalid", "what"),
        (json!({ "what": "risk:grave", "mode": "deny" }), 422, "rule_invalid", "what"),
        (json!({ "within": "session:1", "what": "risk:low", "mode": "deny" }), 422, "rule_invalid", "within"),
        (json!({ "what": "risk:low", "mode": "maybe" }), 422, "json_invalid", "mode"),
    ] {
        let (told, answer) = scene.world.ask(&scene.world.bob, "PUT", "/api/policy/rules", Some(rule.clone())).await;
        assert_eq!((told, &answer["code"]), (status, &json!(code)), "{rule}: {answer}");
        assert_eq!(answer["field"], field, "{answer}");
    }
    let bob = &scene.world.bob;
    let unknown = scene.world.ask(bob, "GET", "/api/policy/explain?tool=delete_workflows", None).await;
    assert_eq!((unknown.0, &unknown.1["code"]), (404, &json!("tool_unknown")));
    assert!(unknown.1["detail"].as_str().is_some_and(|detail| detail.contains("delete_workflow?")), "{unknown:?}");
    let arguments = scene.world.ask(bob, "GET", "/api/policy/explain?tool=list_workflows&arguments=[]", None).await;
    assert_eq!((arguments.0, &arguments.1["field"]), (400, &json!("arguments")));
    let view = scene.bob("GET", "/api/policy", None).await;
    assert_eq!((&view["rules"], &view["organization"]), (&json!([]), &json!([])), "nothing was kept");
}
