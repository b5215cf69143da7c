//! Calls that wait for a person.

use serde_json::json;
use tenure_model::{Span, Timestamp};
use tenure_runtime::Clock;

use super::{Scene, asked, path_of};
use crate::agents::{call, pass};
use crate::runner::{FakeRunner, create, finalize, hello, open};

#[actix_web::test]
async fn a_call_waits_for_a_person_and_is_carried_out_once() {
    let scene = Scene::start().await;
    scene.workflow("old").await;
    let mut feed = scene.feed().await;
    let calling = scene.call("delete_workflow", json!({ "workflow_id": "old" }));
    let deciding = async {
        let shown = asked(&mut feed).await;
        assert!(scene.has_workflow("old").await, "nothing is done before somebody has decided");
        let waiting = scene.waiting().await;
        assert_eq!((&waiting["tool"], &waiting["risk"]), (&json!("delete_workflow"), &json!("medium")));
        assert_eq!(waiting["arguments"], json!({ "workflow_id": "old" }));
        assert_eq!(waiting["session"], json!(scene.work.session));
        assert_eq!((&shown["id"], &shown["hash"]), (&waiting["id"], &waiting["hash"]));
        let (status, decided) =
            scene.decide(&scene.world.bob, &waiting, json!({ "decision": "approved", "reason": "it is old" })).await;
        assert_eq!((status, &decided["decision"], &decided["by"]["name"]), (200, &json!("approved"), &json!("bob")));
        waiting
    };
    let (told, waiting) = tokio::join!(calling, deciding);
    assert_eq!(told["success"], true, "{told}");
    assert!(!scene.has_workflow("old").await);
    assert_eq!(scene.audit().await, ["asked", "approved", "done"]);
    assert_eq!(scene.bob("GET", "/api/approvals", None).await["items"], json!([]));

    // A second click is told the same; one that says otherwise, who has decided what.
    let again = scene.decide(&scene.world.bob, &waiting, json!({ "decision": "approved" })).await;
    assert_eq!((again.0, &again.1["reason"]), (200, &json!("it is old")));
    let otherwise = scene.decide(&scene.world.bob, &waiting, json!({ "decision": "denied" })).await;
    assert_eq!((otherwise.0, &otherwise.1["code"]), (409, &json!("approval_decided")));
    assert!(otherwise.1["detail"].as_str().is_some_and(|detail| detail.contains("bob approved")), "{otherwise:?}");
}

#[actix_web::test]
async fn what_a_person_denies_is_refused_with_their_reason() {
    let scene = Scene::start().await;
    scene.workflow("old").await;
    let mut feed = scene.feed().await;
    let calling = scene.refused("delete_workflow", json!({ "workflow_id": "old" }));
    let denying = async {
        let shown = asked(&mut feed).await;
        let no = json!({ "decision": "denied", "reason": "it is still used" });
        assert_eq!(scene.decide(&scene.world.bob, &shown, no).await.0, 200);
    };
    let ((code, detail), ()) = tokio::join!(calling, denying);
    assert_eq!(code, "call_denied");
    assert!(detail.contains("bob") && detail.contains("it is still used"), "{detail}");
    assert!(scene.has_workflow("old").await);
    let (again, _) = scene.refused("delete_workflow", json!({ "workflow_id": "old" })).await;
    assert_eq!(again, "call_denied", "nobody is asked again at once");
    assert_eq!(scene.bob("GET", "/api/approvals", None).await["items"], json!([]));
}

#[actix_web::test]
async fn what_has_changed_while_a_call_waited_counts_when_it_goes_on() {
    let scene = Scene::start().await;
    scene.workflow("old").await;
    let mut feed = scene.feed().await;
    let approve = async |asked: serde_json::Value| {
        assert_eq!(scene.decide(&scene.world.bob, &asked, json!({ "decision": "approved" })).await.0, 200);
    };
    let forbidding = async {
        let shown = asked(&mut feed).await;
        let all = json!({ "what": "tool:delete_workflow", "mode": "deny" });
        let path = "/api/policy/organization";
        assert_eq!(scene.world.ask(&scene.world.ann, "PUT", path, Some(all)).await.0, 200);
        approve(shown).await;
    };
    let ((code, _), ()) = tokio::join!(scene.refused("delete_workflow", json!({ "workflow_id": "old" })), forbidding);
    assert_eq!(code, "denied_by_policy", "the organization's rule is newer than the question");

    let hash = scene.hash_of("old").await;
    let ending = async {
        let shown = asked(&mut feed).await;
        let end = format!("/api/sessions/{}/terminate", scene.work.session);
        scene.bob("POST", &end, None).await;
        approve(shown).await;
    };
    let roll = json!({ "workflow_id": "old", "target_workflow_hash": hash });
    let ((code, _), ()) = tokio::join!(scene.refused("rollback_workflow", roll), ending);
    assert_eq!(code, "pass_ended", "nothing is done for a session that is over");
    assert!(scene.has_workflow("old").await);
}

#[actix_web::test]
async fn a_decision_is_about_what_was_shown_and_is_its_owners() {
    let clock = Clock::at(Timestamp(1_800_000_000_000));
    let scene = Scene::impatient(&clock).await;
    scene.workflow("old").await;
    scene.workflow("other").await;
    let (code, detail) = scene.refused("delete_workflow", json!({ "workflow_id": "old" })).await;
    assert_eq!(code, "approval_awaited");
    let waiting = scene.waiting().await;
    assert!(detail.contains(waiting["id"].as_str().expect("an id")), "{detail}");
    let other = json!({ "decision": "approved", "hash": "sha256:00" });
    let wrong = scene.decide(&scene.world.bob, &waiting, other).await;
    assert_eq!((wrong.0, &wrong.1["code"], &wrong.1["field"]), (412, &json!("approval_changed"), &json!("hash")));
    let ann = scene.decide(&scene.world.ann, &waiting, json!({ "decision": "approved" })).await;
    assert_eq!((ann.0, &ann.1["code"]), (404, &json!("approval_unknown")));
    let agent = crate::world::Person { token: pass(&scene.work).to_owned(), ..scene.world.bob.clone() };
    assert_eq!(scene.decide(&agent, &waiting, json!({ "decision": "approved" })).await.0, 401);
    // Other arguments are another call.
    scene.refused("delete_workflow", json!({ "workflow_id": "other" })).await;
    let listed = scene.bob("GET", "/api/approvals", None).await;
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(2));
}

#[actix_web::test]
async fn a_late_decision_is_told_to_the_session_and_the_same_call_is_carried_out_then() {
    let clock = Clock::at(Timestamp(1_800_000_000_000));
    let mut scene = Scene::impatient(&clock).await;
    scene.workflow("old").await;
    assert_eq!(scene.refused("delete_workflow", json!({ "workflow_id": "old" })).await.0, "approval_awaited");
    scene.runner.tell(&mut scene.work, &[finalize()]).await;
    let waiting = scene.waiting().await;
    assert_eq!(scene.decide(&scene.world.bob, &waiting, json!({ "decision": "approved" })).await.0, 200);
    clock.advance(Span::mins(2));
    let mut work = scene.runner.work().await;
    assert!(work.text.contains("bob has approved it"), "{}", work.text);
    scene.runner.tell(&mut work, &[create()]).await;
    let told = call(&scene.world, &work, "delete_workflow", json!({ "workflow_id": "old" })).await;
    assert_eq!(told["success"], true, "{told}");
    assert!(!scene.has_workflow("old").await);
    scene.workflow("old").await;
    let again = call(&scene.world, &work, "delete_workflow", json!({ "workflow_id": "old" })).await;
    assert_eq!(again["error"]["code"], "approval_awaited", "one approval is good for one call");
}

#[actix_web::test]
async fn an_approval_is_not_lost_with_the_server() {
    let clock = Clock::at(Timestamp(1_800_000_000_000));
    let scene = Scene::impatient(&clock).await;
    scene.workflow("old").await;
    assert_eq!(scene.refused("delete_workflow", json!({ "workflow_id": "old" })).await.0, "approval_awaited");
    let before = scene.waiting().await;
    let Scene { world, runner, work } = scene;
    drop(runner);
    let world = world.restart().await;
    let held = json!({
        "session": work.session, "work": work.work, "generation": work.generation, "phase": "running", "next_frame": 1,
    });
    let mut runner = FakeRunner { id: uuid::Uuid::from_u128(77), socket: open(&world).await };
    let mut greeting = hello(runner.id);
    greeting["held"] = json!([held]);
    runner.socket.send(greeting).await;
    runner.socket.until("welcome").await;
    let scene = Scene { world, runner, work };
    assert_eq!(scene.waiting().await, before, "{}", path_of(&before));
    assert_eq!(scene.decide(&scene.world.bob, &before, json!({ "decision": "approved" })).await.0, 200);
    let told = scene.call("delete_workflow", json!({ "workflow_id": "old" })).await;
    assert_eq!(told["success"], true, "{told}");
    assert_eq!(scene.audit().await, ["asked", "approved", "done"]);
}

#[actix_web::test]
async fn nobody_is_asked_about_what_is_not_there_or_cannot_be_read() {
    let clock = Clock::at(Timestamp(1_800_000_000_000));
    let scene = Scene::impatient(&clock).await;
    let (code, _) = scene.refused("delete_workflow", json!({ "workflow_id": "nonesuch" })).await;
    assert_eq!(code, "workflow_unknown");
    let (code, _) = scene.refused("delete_workflow", json!({ "workflow": "nonesuch" })).await;
    assert_eq!(code, "json_invalid");
    scene.workflow("old").await;
    let version = json!({ "workflow_id": "old", "target_workflow_hash": "sha256:00000000" });
    let (code, _) = scene.refused("rollback_workflow", version).await;
    assert_eq!(code, "version_unknown");
    let (code, _) = scene.refused("delete_trigger", json!({ "trigger_id": "nonesuch" })).await;
    assert_eq!(code, "trigger_unknown");
    assert_eq!(scene.bob("GET", "/api/approvals", None).await["items"], json!([]));
    let (code, _) = scene.refused("delete_workflow", json!({ "workflow_id": "old" })).await;
    assert_eq!(code, "approval_awaited", "what is there is asked about");
}

#[actix_web::test]
async fn what_is_secret_among_the_arguments_is_not_shown_to_whoever_decides() {
    let clock = Clock::at(Timestamp(1_800_000_000_000));
    let scene = Scene::impatient(&clock).await;
    scene.bob("PUT", "/api/policy/rules", Some(json!({ "what": "tool:run_workflow", "mode": "ask" }))).await;
    scene.workflow("old").await;
    let inputs = json!({ "day": "monday", "password": "s3cr3t-7f" }).to_string();
    let call = json!({ "workflow_id": "old", "variables_json": inputs });
    let (code, _) = scene.refused("run_workflow", call).await;
    assert_eq!(code, "approval_awaited");
    let asked = scene.waiting().await;
    let audit = scene.bob("GET", "/api/policy/audit", None).await;
    assert!(!asked.to_string().contains("s3cr3t-7f") && !audit.to_string().contains("s3cr3t-7f"), "{asked}");
    assert!(asked["arguments"]["variables_json"].as_str().is_some_and(|text| text.contains("monday")), "{asked}");
    let grant = json!({ "arguments": { "fields": ["variables_json"] }, "within": "owner", "lasts_ms": 60_000 });
    let told = scene.decide(&scene.world.bob, &asked, json!({ "decision": "approved", "grant": grant })).await;
    assert_eq!(told.0, 200, "the hash that is shown is that of the true arguments");
    let grants = scene.bob("GET", "/api/policy/grants", None).await;
    assert!(!grants.to_string().contains("s3cr3t-7f"), "{grants}");
}
