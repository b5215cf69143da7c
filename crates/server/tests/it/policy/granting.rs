//! Calls that are allowed beforehand.

use serde_json::{Value, json};
use tenure_model::{Span, Timestamp};
use tenure_runtime::Clock;

use super::Scene;

const DAY: u64 = 24 * 3_600_000;

#[actix_web::test]
async fn an_approval_may_grant_more_calls_until_that_is_taken_back_in_the_very_turn() {
    let clock = Clock::at(Timestamp(1_800_000_000_000));
    let scene = Scene::impatient(&clock).await;
    for slug in ["a", "b", "c"] {
        scene.workflow(slug).await;
    }
    assert_eq!(scene.refused("delete_workflow", json!({ "workflow_id": "a" })).await.0, "approval_awaited");
    let waiting = scene.waiting().await;
    let within = format!("session:{}", scene.work.session);
    let grant = json!({ "arguments": { "fields": [] }, "within": within, "lasts_ms": DAY });
    let yes = json!({ "decision": "approved", "grant": grant });
    assert_eq!(scene.decide(&scene.world.bob, &waiting, yes).await.0, 200);
    for slug in ["a", "b"] {
        let told = scene.call("delete_workflow", json!({ "workflow_id": slug })).await;
        assert_eq!(told["success"], true, "{told}");
    }
    let listed = scene.bob("GET", "/api/policy/grants", None).await;
    let [grant] = &listed["items"].as_array().expect("a page")[..] else { panic!("{listed}") };
    assert_eq!((&grant["tool"], &grant["within"]), (&json!("delete_workflow"), &json!(within)));
    let path = format!("/api/policy/grants/{}", grant["id"].as_str().expect("an id"));
    scene.bob("DELETE", &path, None).await;
    assert_eq!(scene.refused("delete_workflow", json!({ "workflow_id": "c" })).await.0, "approval_awaited");
    assert!(scene.has_workflow("c").await);
    assert_eq!(scene.bob("GET", "/api/policy/grants", None).await["items"], json!([]));
    assert_eq!(
        scene.audit().await,
        ["asked", "approved", "granted", "done", "allowed", "revoked", "asked"],
        "every decision is in the log"
    );
}

#[actix_web::test]
async fn a_grant_is_bound_to_its_arguments_its_uses_and_its_end() {
    let clock = Clock::at(Timestamp(1_800_000_000_000));
    let scene = Scene::impatient(&clock).await;
    let new = json!({
        "tool": "delete_workflow", "arguments": { "workflow_id": "a" }, "within": "owner", "lasts_ms": DAY, "uses": 1,
        "reason": "it comes and goes",
    });
    let granted = scene.bob("POST", "/api/policy/grants", Some(new)).await;
    assert_eq!((&granted["uses_left"], &granted["by"]["name"]), (&json!(1), &json!("bob")));
    assert_eq!(granted["until"], json!(1_800_000_000_000_u64 + DAY));
    scene.workflow("a").await;
    scene.workflow("b").await;
    assert_eq!(scene.refused("delete_workflow", json!({ "workflow_id": "b" })).await.0, "approval_awaited");
    assert_eq!(scene.call("delete_workflow", json!({ "workflow_id": "a" })).await["success"], true);
    scene.workflow("a").await;
    assert_eq!(scene.refused("delete_workflow", json!({ "workflow_id": "a" })).await.0, "approval_awaited");

    let until_noon = json!({ "tool": "rollback_workflow", "within": "owner", "lasts_ms": 60_000 });
    scene.bob("POST", "/api/policy/grants", Some(until_noon)).await;
    let roll = json!({ "workflow_id": "a", "target_workflow_hash": scene.hash_of("a").await });
    assert_eq!(scene.call("rollback_workflow", roll.clone()).await["success"], true, "it was let through");
    clock.advance(Span::mins(2));
    assert_eq!(scene.refused("rollback_workflow", roll).await.0, "approval_awaited");
}

#[actix_web::test]
async fn what_is_wrong_with_a_grant_is_told() {
    let clock = Clock::at(Timestamp(1_800_000_000_000));
    let scene = Scene::impatient(&clock).await;
    let with = |field: &str, value: Value| {
        let mut new = json!({ "tool": "delete_workflow", "within": "owner", "lasts_ms": 60_000 });
        new[field] = value;
        new
    };
    for (new, status, code) in [
        (with("tool", json!("delete_everything")), 404, "tool_unknown"),
        (with("within", json!("everywhere")), 422, "rule_invalid"),
        (with("lasts_ms", json!(0)), 422, "grant_invalid"),
        (with("lasts_ms", json!(366 * DAY)), 422, "grant_invalid"),
        (with("uses", json!(0)), 422, "grant_invalid"),
        (with("reason", json!("x".repeat(4_001))), 413, "too_large"),
        (with("forever", json!(true)), 422, "json_invalid"),
    ] {
        let (told, answer) = scene.world.ask(&scene.world.bob, "POST", "/api/policy/grants", Some(new.clone())).await;
        assert_eq!((told, &answer["code"]), (status, &json!(code)), "{new}: {answer}");
    }
    scene.workflow("a").await;
    scene.refused("delete_workflow", json!({ "workflow_id": "a" })).await;
    let waiting = scene.waiting().await;
    for (grant, code) in [
        (json!({ "arguments": { "fields": ["slug"] }, "within": "owner", "lasts_ms": 1 }), "grant_invalid"),
        (json!({ "within": "owner", "lasts_ms": 0 }), "grant_invalid"),
    ] {
        let yes = json!({ "decision": "approved", "grant": grant });
        let (status, answer) = scene.decide(&scene.world.bob, &waiting, yes).await;
        assert_eq!((status, &answer["code"]), (422, &json!(code)), "{answer}");
    }
    assert_eq!(scene.waiting().await, waiting, "nothing was decided");
    assert_eq!(scene.bob("GET", "/api/policy/grants", None).await["items"], json!([]));
}
