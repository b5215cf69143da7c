//! People decide what runs ask.

use serde_json::{Value, json};
use tenure_model::{Span, Timestamp};
use tenure_runtime::Clock;

use super::{get, run, until};
use crate::world::{Person, World};

fn gate(more: &str) -> String {
    format!(
        "name: Gate
slug: gate
inputs: {{branch: {{type: string, default: main}}}}
steps:
  - {{id: gate, type: approval, prompt: 'Push {{{{ inputs.branch }}}}?', items: {{Branch: '{{{{ inputs.branch }}}}'}}{more}}}
  - {{id: push, name: Push it, type: tool, tool: echo, arguments: {{said: '{{{{ outputs.gate.decision }}}}'}}}}
outputs: {{said: '{{{{ outputs.push.said }}}}'}}
"
    )
}

/// Starts a run, waits until it asks, and returns the approval.
pub async fn asked(world: &World, more: &str) -> (String, Value) {
    let id = run(world, &gate(more), json!({})).await;
    until(world, &id, "waiting").await;
    let approval = get(world, &id, "").await["approvals"][0].clone();
    (id, approval)
}

pub async fn decide(world: &World, who: &Person, path: &str, approval: &Value, decision: &str) -> (u16, Value) {
    let body = json!({"hash": approval["hash"], "decision": decision, "reason": "looks fine"});
    world.ask(who, "POST", path, Some(body)).await
}

pub fn path(run: &str, approval: &Value) -> String {
    format!("/api/executions/{run}/approvals/{}", approval["id"].as_str().expect("an id"))
}

#[actix_web::test]
async fn an_approval_is_listed_decided_once_and_the_run_goes_on() {
    let world = World::start().await;
    let (id, approval) = asked(&world, "").await;
    assert_eq!(approval["prompt"], "Push main?");
    assert_eq!(approval["items"], json!([{"name": "Branch", "value": "main"}]));
    assert_eq!((&approval["may_decide"], &approval["next"]["name"]), (&json!(["bob"]), &json!("Push it")));
    let (_, list) = world.ask(&world.bob, "GET", "/api/approvals", None).await;
    assert_eq!(list["items"], json!([approval]));
    let (_, shown) = world.ask(&world.bob, "GET", &path(&id, &approval), None).await;
    assert_eq!(shown, approval);

    let mut other = approval.clone();
    other["hash"] = json!("sha256:0");
    let (status, problem) = decide(&world, &world.bob, &path(&id, &approval), &other, "approved").await;
    assert_eq!((status, &problem["code"]), (409, &json!("approval_changed")));
    let (status, decided) = decide(&world, &world.bob, &path(&id, &approval), &approval, "approved").await;
    assert_eq!(status, 200, "{decided}");
    let author = json!({"user": world.bob.user, "name": "bob"});
    assert_eq!(
        decided,
        json!({"approval": approval["id"], "decision": "approved", "by": author, "reason": "looks fine"})
    );
    until(&world, &id, "completed").await;
    assert_eq!(get(&world, &id, "").await["outputs"], json!({"said": "approved"}));

    // A second click is told the same, one that says something else who was first.
    assert_eq!(decide(&world, &world.bob, &path(&id, &approval), &approval, "approved").await, (200, decided));
    let (status, late) = decide(&world, &world.ann, &path(&id, &approval), &approval, "denied").await;
    assert_eq!((status, &late["code"]), (409, &json!("approval_decided")));
    assert!(late["detail"].as_str().is_some_and(|said| said.contains("bob approved this")), "{late}");
    assert_eq!(world.ask(&world.bob, "GET", "/api/approvals", None).await.1["items"], json!([]));
    assert_eq!(world.ask(&world.bob, "GET", &path(&id, &approval), None).await.1["code"], "approval_unknown");
}

#[actix_web::test]
async fn only_those_who_are_asked_decide() {
    let world = World::start().await;
    let eve = world.person("eve").await;
    let mallory = world.person("mallory").await;
    let (id, approval) = asked(&world, ", approvers: [eve]").await;
    let place = path(&id, &approval);
    let (status, problem) = decide(&world, &world.bob, &place, &approval, "approved").await;
    assert_eq!((status, &problem["code"]), (403, &json!("not_an_approver")));
    for (method, body) in [("GET", None), ("POST", Some(json!({"hash": approval["hash"], "decision": "approved"})))] {
        let (status, problem) = world.ask(&mallory, method, &place, body).await;
        assert_eq!((status, &problem["code"]), (404, &json!("execution_unknown")), "a stranger learns nothing");
    }
    let (status, seen) = world.ask(&eve, "GET", &place, None).await;
    assert_eq!((status, &seen), (200, &approval), "she sees what she is asked");
    assert_eq!(world.ask(&eve, "GET", &format!("/api/executions/{id}"), None).await.0, 404, "and no more");
    assert_eq!(decide(&world, &eve, &place, &approval, "denied").await.0, 200);
    until(&world, &id, "cancelled").await;
    let reason = get(&world, &id, "").await["reason"].clone();
    assert_eq!(reason, "approval_denied: looks fine");
}

#[actix_web::test]
async fn ones_own_approval_is_decided_by_its_id_alone() {
    let world = World::start().await;
    let (id, approval) = asked(&world, ", on_deny: continue").await;
    let place = format!("/api/approvals/{}", approval["id"].as_str().expect("an id"));
    let (status, problem) = decide(&world, &world.ann, &place, &approval, "denied").await;
    assert_eq!((status, &problem["code"]), (404, &json!("approval_unknown")), "it is none of ann's own");
    let (status, problem) = world.ask(&world.bob, "POST", &place, Some(json!({"decision": "denied"}))).await;
    assert_eq!((status, &problem["code"]), (422, &json!("json_invalid")), "{problem}");
    let (status, decided) = decide(&world, &world.bob, &place, &approval, "denied").await;
    assert_eq!((status, &decided["decision"]), (200, &json!("denied")));
    assert_eq!(decide(&world, &world.bob, &place, &approval, "denied").await, (200, decided), "a second click");
    let (status, late) = decide(&world, &world.bob, &place, &approval, "approved").await;
    assert_eq!((status, &late["code"]), (409, &json!("approval_decided")));
    until(&world, &id, "completed").await;
    assert_eq!(get(&world, &id, "").await["outputs"], json!({"said": "denied"}));
}

#[actix_web::test]
async fn the_feed_carries_runs_and_what_they_ask() {
    let world = World::start().await;
    let mut feed = world.open("/api/feed", "tenure.feed.v1", Some(&world.bob.token)).await.expect("it opens");
    feed.until("live").await;
    let (id, approval) = asked(&world, "").await;
    let (mut run, mut question) = (None, None);
    while run.is_none() || question.is_none() {
        let row = feed.until("row").await["row"].clone();
        match row["list"].as_str().expect("a list") {
            "execution" if row["row"]["status"] == "waiting" => run = Some(row["id"].clone()),
            "approval" => question = Some(row["row"].clone()),
            _ => {}
        }
    }
    assert_eq!((run, question), (Some(json!(id)), Some(approval.clone())));
    decide(&world, &world.bob, &path(&id, &approval), &approval, "approved").await;
    let gone = feed.until("row.gone").await;
    assert_eq!((&gone["list"], &gone["id"]), (&json!("approval"), &approval["id"]));
}

#[actix_web::test]
async fn who_is_asked_by_name_has_it_in_their_list_and_feed_and_decides_by_its_id() {
    let world = World::start().await;
    let (eve, mallory) = (world.person("eve").await, world.person("mallory").await);
    let open = async |path: &str| world.open(path, "tenure.feed.v1", Some(&eve.token)).await.expect("it opens");
    let mut feed = open("/api/feed").await;
    feed.until("live").await;
    let list = async |who: &Person, rest: &str| {
        let (status, page) = world.ask(who, "GET", &format!("/api/approvals{rest}"), None).await;
        assert_eq!(status, 200, "{page}");
        page
    };

    // Two that others ask, around one of her own: one list, newest first.
    let (first_run, first) = asked(&world, ", approvers: [eve]").await;
    let told = feed.until("row").await;
    assert_eq!((&told["row"]["list"], &told["row"]["row"]), (&json!("approval"), &first), "the run itself is not hers");
    let own = json!({"definition": gate("")});
    let (status, started) = world.ask(&eve, "POST", "/api/executions", Some(own)).await;
    assert_eq!(status, 201, "{started}");
    while feed.until("row").await["row"]["list"] != "approval" {}
    let (_, last) = asked(&world, ", approvers: [eve, bob]").await;
    let page = list(&eve, "").await;
    let ids: Vec<_> = page["items"].as_array().expect("items").iter().map(|item| item["id"].clone()).collect();
    assert_eq!((&ids[0], &ids[2], ids.len()), (&last["id"], &first["id"], 3));
    let mut paged = vec![];
    let mut rest = "?limit=1".to_owned();
    loop {
        let page = list(&eve, &rest).await;
        paged.push(page["items"][0]["id"].clone());
        let Some(cursor) = page["cursor"].as_str() else { break };
        rest = format!("?limit=1&cursor={cursor}");
    }
    assert_eq!(paged, ids);
    assert_eq!(list(&mallory, "").await["items"], json!([]));
    assert_eq!(list(&world.bob, "").await["items"], json!([last, first]), "whose runs ask sees it once");

    // Who comes back to the feed goes on from there; who is new gets all of it.
    let mut back = open(&format!("/api/feed?after={}", told["position"])).await;
    while back.until("row").await["row"]["id"] != last["id"] {}
    let snapshot = open("/api/feed").await.until("snapshot").await;
    let shown = |row: &&Value| row["list"] == "approval";
    assert_eq!(snapshot["rows"].as_array().expect("rows").iter().filter(shown).count(), 3);

    // By its id alone, also when it is too late.
    let place = format!("/api/approvals/{}", first["id"].as_str().expect("an id"));
    assert_eq!(decide(&world, &mallory, &place, &first, "approved").await.0, 404);
    assert_eq!(decide(&world, &eve, &place, &first, "approved").await.0, 200);
    until(&world, &first_run, "completed").await;
    let (status, late) = decide(&world, &eve, &place, &first, "denied").await;
    assert_eq!((status, &late["code"]), (409, &json!("approval_decided")));
    let gone = back.until("row.gone").await;
    assert_eq!((&gone["list"], &gone["id"]), (&json!("approval"), &first["id"]));
}

#[actix_web::test]
async fn a_click_after_the_deadline_is_told_what_the_deadline_did() {
    let noon = Timestamp(1_800_000_000_000);
    let world = World::with_both(|_| {}, |inside| inside.clock = Clock::at(noon)).await;
    let (id, approval) = asked(&world, ", timeout: 2d").await;
    assert_eq!((&approval["deadline"], &approval["on_deadline"]), (&json!(noon.0 + 172_800_000), &json!("denied")));
    world.runtime.clock.advance(Span::hours(48));
    until(&world, &id, "cancelled").await;
    let (status, late) = decide(&world, &world.bob, &path(&id, &approval), &approval, "approved").await;
    assert_eq!((status, &late["code"]), (409, &json!("approval_decided")));
    assert!(late["detail"].as_str().is_some_and(|said| said.contains("the deadline denied this")), "{late}");
    assert_eq!(get(&world, &id, "").await["reason"], "approval_denied: nobody decided in time");
}
