//! Switching, pausing, renaming, running by hand, backfilling, deleting; and what remains of a trigger that is gone.

use serde_json::json;

use super::*;

#[actix_web::test]
async fn a_trigger_is_switched_paused_renamed_and_deleted() {
    let world = World::start().await;
    greet(&world).await;
    let id = sync(&world, &nightly("")).await["id"].as_str().expect("an id").to_owned();
    assert_eq!(ask(&world, "POST", "/api/triggers/nightly/disable", None).await["next_at"], Value::Null);
    assert!(ask(&world, "POST", "/api/triggers/nightly/enable", None).await["next_at"].is_u64());
    let paused = ask(&world, "POST", "/api/triggers/nightly/pause", Some(json!({ "for_ms": 86_400_000 }))).await;
    assert!(paused["paused_until"].is_u64(), "{paused}");
    let until = json!({ "until": "2099-01-01T00:00" });
    let paused = ask(&world, "POST", "/api/triggers/nightly/pause", Some(until)).await;
    // Midnight in Berlin, in January.
    assert_eq!(paused["paused_until"], 4_070_905_200_000_u64);
    for wrong in [
        json!({}),
        json!({ "until": 1, "for_ms": 1 }),
        json!({ "until": "soon" }),
        json!({ "until": 1 }),
        json!({ "for_ms": 0 }),
    ] {
        let refused = refused(&world, "POST", "/api/triggers/nightly/pause", Some(wrong.clone())).await;
        assert_eq!(refused, (422, "json_invalid".into()), "{wrong}");
    }
    assert_eq!(ask(&world, "POST", "/api/triggers/nightly/resume", None).await["paused_until"], Value::Null);
    let row = ask(&world, "POST", "/api/triggers/nightly/rename", Some(json!({ "name": "Daily" }))).await;
    assert_eq!((&row["name"], &row["id"]), (&json!("Daily"), &json!(id)));
    let bad = refused(&world, "POST", "/api/triggers/daily/rename", Some(json!({ "name": "a/b" }))).await;
    assert_eq!(bad, (422, "json_invalid".into()));
    assert_eq!(refused(&world, "GET", "/api/triggers/nightly", None).await, (404, "trigger_unknown".into()));
    sync(&world, &nightly("")).await;
    let taken = refused(&world, "POST", "/api/triggers/daily/rename", Some(json!({ "name": "NIGHTLY" }))).await;
    assert_eq!(taken, (409, "name_taken".into()));

    ask(&world, "DELETE", "/api/triggers/daily", None).await;
    assert_eq!(refused(&world, "DELETE", "/api/triggers/daily", None).await, (404, "trigger_unknown".into()));
    let history = all(&world, &format!("/api/triggers/{id}/history"), 3).await;
    let changes = ["deleted", "renamed", "resumed", "paused", "paused", "enabled", "disabled", "created"];
    assert_eq!(each(&history, "change"), changes.map(Value::from));
    assert_eq!((&history[0]["by"]["name"], &history[7]["definition"]["cron"]), (&json!("bob"), &json!("0 3 * * *")));
    let why = ask(&world, "GET", &format!("/api/triggers/{id}/why"), None).await;
    assert!(["deleted", "not_made"].contains(&why["code"].as_str().expect("a code")), "{why}");
    let eve = world.person("eve").await;
    assert_eq!(world.ask(&eve, "GET", &format!("/api/triggers/{id}/history"), None).await.0, 404);
}

#[actix_web::test]
async fn a_trigger_is_run_by_hand_once_for_each_key() {
    let world = World::start().await;
    greet(&world).await;
    sync(&world, "name: hand\ntype: manual\nworkflow: greet\nenabled: false\n").await;
    let run = |key: &'static str, body: Value| {
        let world = &world;
        async move { world.ask_keyed(&world.bob, "POST", "/api/triggers/hand/run", Some(body), Some(key)).await }
    };
    let body = json!({ "inputs": { "who": "ann" }, "test": true });
    let (status, first) = run("k1", body.clone()).await;
    assert!(status == 202 && first["execution"].is_string(), "{status}: {first}");
    assert_eq!(run("k1", body.clone()).await.1, first);
    assert_ne!(run("k2", body).await.1["execution"], first["execution"]);
    assert_eq!(run("k1", json!({})).await.1["code"], "request_reused");
    let (status, problem) = run("k3", json!({ "inputs": { "whom": "ann" } })).await;
    assert_eq!(
        (status, &problem["code"], &problem["errors"][0]["code"]),
        (422, &json!("inputs_invalid"), &json!("unknown_input"))
    );
    let ledger = all(&world, "/api/triggers/hand/deliveries", 50).await;
    assert_eq!(ledger.len(), 2);
    let entry = &ledger[1];
    assert_eq!((&entry["firing"], &entry["execution"]), (&first["firing"], &first["execution"]));
    assert_eq!(
        (&entry["outcome"], &entry["test"], &entry["cause"]["kind"]),
        (&json!("matched"), &json!(true), &json!("asked"))
    );

    sync(&world, "name: ask\ntype: manual\nprompt: 'how is {{ inputs.who }}?'\n").await;
    let asked = ask(&world, "POST", "/api/triggers/ask/run", Some(json!({ "inputs": { "who": "ann" } }))).await;
    assert_eq!(asked.get("execution"), None, "the orchestrator is asked: there is no run");
    let path = format!("/api/triggers/ask/deliveries/{}", asked["firing"].as_str().expect("an id"));
    assert_eq!(ask(&world, "GET", &path, None).await["prompt"], "how is ann?");
}

#[actix_web::test]
async fn a_range_that_is_over_is_listed_and_fired() {
    let world = World::start().await;
    greet(&world).await;
    sync(&world, &nightly("")).await;
    let range = |dry_run: bool| json!({ "from": "2026-03-28T00:00", "to": "2026-03-30T12:00", "dry_run": dry_run });
    let listed = ask(&world, "POST", "/api/triggers/nightly/backfill", Some(range(true))).await;
    let shown = ["2026-03-28 03:00", "2026-03-29 03:00", "2026-03-30 03:00"];
    assert_eq!(each(listed["times"].as_array().expect("times"), "shown"), shown.map(Value::from));
    let begun = ask(&world, "POST", "/api/triggers/nightly/backfill", Some(range(false))).await;
    assert_eq!((&begun["times"], &begun["dry_run"]), (&listed["times"], &json!(false)));
    ask(&world, "DELETE", "/api/triggers/nightly/backfill", None).await;
    let ahead = json!({ "from": "2026-03-28T00:00", "to": "2099-01-01T00:00" });
    assert_eq!(refused(&world, "POST", "/api/triggers/nightly/backfill", Some(ahead)).await.1, "range_invalid");
    let long = json!({ "from": "2000-01-01T00:00", "to": "2025-01-01T00:00" });
    assert_eq!(refused(&world, "POST", "/api/triggers/nightly/backfill", Some(long)).await.1, "too_many_times");
    sync(&world, "name: hand\ntype: manual\nworkflow: greet\n").await;
    assert_eq!(refused(&world, "POST", "/api/triggers/hand/backfill", Some(range(true))).await.1, "trigger_kind");
}
