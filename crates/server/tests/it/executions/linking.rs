//! Links decide what runs ask, without a sign-in.

use serde_json::{Value, json};
use tenure_journal::Position;
use tenure_model::{EntityKey, Kind, Span, Timestamp};
use tenure_runtime::Clock;
use uuid::Uuid;

use super::approving::{asked, decide, path};
use super::{get, until};
use crate::world::{Person, World};

const NOON: Timestamp = Timestamp(1_800_000_000_000);

async fn make(world: &World, who: &Person, place: &str, body: Option<Value>) -> (u16, Value) {
    world.ask(who, "POST", &format!("{place}/links"), body).await
}

/// Makes a link until the deadline and returns its token.
async fn token(world: &World, place: &str) -> String {
    let (status, link) = make(world, &world.bob, place, None).await;
    assert_eq!(status, 201, "{link}");
    link["token"].as_str().expect("a token").to_owned()
}

/// Sends a body without a sign-in.
async fn send(world: &World, below: &str, body: Value) -> (u16, Value) {
    let request = world.request("POST", &format!("/api/approvals/link{below}"));
    world.send(request.header("content-type", "application/json").body(body.to_string())).await
}

async fn say(world: &World, token: &str, decision: &str) -> (u16, Value) {
    send(world, "", json!({"token": token, "decision": decision, "reason": "from the message"})).await
}

#[track_caller]
fn assert_invalid((status, problem): (u16, Value)) {
    assert_eq!((status, &problem["code"]), (404, &json!("link_invalid")), "{problem}");
    assert_eq!(problem["detail"], "refused because the link is not known, was used or has expired");
}

fn last(world: &World, run: &str) -> Option<(u64, Position)> {
    let key = EntityKey::new(Kind::Execution, Uuid::parse_str(run).expect("an id"));
    world.runtime.store.last_record(key).expect("the store reads")
}

#[actix_web::test]
async fn whoever_holds_a_link_sees_what_is_asked_and_decides_once() {
    let world = World::start().await;
    let (id, approval) = asked(&world, "").await;
    let token = token(&world, &path(&id, &approval)).await;
    assert!(token.starts_with("tenure_link_"), "{token}");
    assert_eq!(send(&world, "/show", json!({"token": token})).await, (200, approval.clone()));
    assert!(!get(&world, &id, "").await.to_string().contains(&token), "it is listed nowhere");

    let (status, decided) = say(&world, &token, "approved").await;
    assert_eq!(status, 200, "{decided}");
    let author = json!({"user": world.bob.user, "name": "bob, by a link"});
    let reason = "from the message";
    assert_eq!(decided, json!({"approval": approval["id"], "decision": "approved", "by": author, "reason": reason}));
    until(&world, &id, "completed").await;

    // The same click again is told the same and changes nothing; another one is told who was first.
    let before = last(&world, &id);
    assert_eq!(say(&world, &token, "approved").await, (200, decided));
    let (status, late) = say(&world, &token, "denied").await;
    assert_eq!((status, &late["code"]), (409, &json!("approval_decided")));
    assert!(late["detail"].as_str().is_some_and(|said| said.contains("bob, by a link approved this")), "{late}");
    assert_invalid(send(&world, "/show", json!({"token": token})).await);
    assert_eq!(last(&world, &id), before);
}

#[actix_web::test]
async fn any_decision_spends_all_links() {
    let world = World::start().await;
    let (id, approval) = asked(&world, ", on_deny: continue").await;
    let place = path(&id, &approval);
    let (first, second) = (token(&world, &place).await, token(&world, &place).await);
    assert_ne!(first, second);
    assert_eq!(decide(&world, &world.bob, &place, &approval, "denied").await.0, 200);
    for token in [first, second] {
        let (status, late) = say(&world, &token, "approved").await;
        assert_eq!((status, &late["code"]), (409, &json!("approval_decided")));
        assert!(late["detail"].as_str().is_some_and(|said| said.contains("bob denied this")), "{late}");
    }
    let (status, late) = make(&world, &world.bob, &place, None).await;
    assert_eq!((status, &late["code"]), (409, &json!("approval_decided")));
    until(&world, &id, "completed").await;
}

#[actix_web::test]
async fn a_link_ends_when_it_was_said_to() {
    let world = World::with_both(|_| {}, |inside| inside.clock = Clock::at(NOON)).await;
    let (id, approval) = asked(&world, ", timeout: 2d").await;
    let place = path(&id, &approval);
    let (status, short) = make(&world, &world.bob, &place, Some(json!({"expires_ms": 60_000}))).await;
    assert_eq!((status, &short["until"]), (201, &json!(NOON.0 + 60_000)));
    let (_, long) = make(&world, &world.bob, &place, Some(json!({"expires_ms": 864_000_000}))).await;
    assert_eq!(long["until"], approval["deadline"], "no later than the deadline");
    let (status, never) = make(&world, &world.bob, &place, Some(json!({"expires_ms": 0}))).await;
    assert_eq!((status, &never["field"]), (422, &json!("expires_ms")));
    world.runtime.clock.advance(Span::mins(1));
    let short = short["token"].as_str().expect("a token");
    assert_invalid(say(&world, short, "approved").await);
    assert_invalid(send(&world, "/show", json!({"token": short})).await);
    assert_eq!(say(&world, long["token"].as_str().expect("a token"), "approved").await.0, 200);
    until(&world, &id, "completed").await;
}

#[actix_web::test]
async fn garbage_opens_nothing_and_is_written_nowhere() {
    let world = World::start().await;
    let (id, approval) = asked(&world, "").await;
    let good = token(&world, &path(&id, &approval)).await;
    let before = last(&world, &id);
    let (head, secret) = good.split_at(good.len() - 32);
    let guessed = format!("{head}{}", "0".repeat(32));
    let nobody = Uuid::from_u128(0xe8ec);
    let elsewhere = format!("tenure_link_{}{}{secret}", nobody.simple(), nobody.simple());
    for wrong in ["", "x", "tenure_link_", &good[..good.len() - 1], &guessed, &elsewhere, &world.bob.token] {
        assert_invalid(say(&world, wrong, "approved").await);
        assert_invalid(send(&world, "/show", json!({"token": wrong})).await);
    }
    assert_eq!((last(&world, &id), last(&world, &nobody.to_string())), (before, None));
    let (status, problem) = send(&world, "", json!({"decision": "approved"})).await;
    assert_eq!((status, &problem["code"]), (422, &json!("json_invalid")));
    assert_eq!(say(&world, &good, "approved").await.0, 200, "the right one still does");
}

#[actix_web::test]
async fn only_who_may_decide_makes_links() {
    let world = World::start().await;
    let (eve, mallory) = (world.person("eve").await, world.person("mallory").await);
    let (id, approval) = asked(&world, ", approvers: [eve]").await;
    let place = path(&id, &approval);
    let (status, problem) = make(&world, &world.bob, &place, None).await;
    assert_eq!((status, &problem["code"]), (403, &json!("not_an_approver")));
    let (status, problem) = make(&world, &mallory, &place, None).await;
    assert_eq!((status, &problem["code"]), (404, &json!("execution_unknown")), "a stranger learns nothing");
    let runner = Person { user: world.bob.user, token: world.runner_token.clone() };
    assert_eq!(make(&world, &runner, &place, None).await.0, 403, "programs make none");
    let unsigned = world.send(world.request("POST", &format!("{place}/links"))).await;
    assert_eq!((unsigned.0, &unsigned.1["code"]), (401, &json!("unauthorized")));
    assert_eq!(make(&world, &eve, &place, None).await.0, 201);
}

#[actix_web::test]
async fn links_are_listed_without_their_tokens_and_revoked() {
    let world = World::with_both(|_| {}, |inside| inside.clock = Clock::at(NOON)).await;
    let (eve, mallory) = (world.person("eve").await, world.person("mallory").await);
    let (id, approval) = asked(&world, ", approvers: [eve]").await;
    let place = format!("{}/links", path(&id, &approval));
    let (_, first) = world.ask(&eve, "POST", &place, None).await;
    let (_, second) = world.ask(&eve, "POST", &place, Some(json!({"expires_ms": 60_000}))).await;
    let gone = format!("{place}/{}", first["id"].as_str().expect("an id"));
    let (status, problem) = world.ask(&world.bob, "DELETE", &gone, None).await;
    assert_eq!((status, &problem["code"]), (403, &json!("not_an_approver")));
    for (method, path) in [("GET", &place), ("DELETE", &gone)] {
        let (status, problem) = world.ask(&mallory, method, path, None).await;
        assert_eq!((status, &problem["code"]), (404, &json!("execution_unknown")), "a stranger learns nothing");
    }
    assert_eq!(world.ask(&eve, "DELETE", &gone, None).await.0, 204);
    assert_eq!(world.ask(&eve, "DELETE", &gone, None).await.0, 204, "again changes nothing");
    let (status, problem) = world.ask(&eve, "DELETE", &format!("{place}/{}", Uuid::nil()), None).await;
    assert_eq!((status, &problem["code"]), (404, &json!("link_unknown")));
    assert_invalid(say(&world, first["token"].as_str().expect("a token"), "approved").await);

    let row = |link: &Value, state: &str| {
        let by = json!({"user": eve.user, "name": "eve"});
        json!({"id": link["id"], "by": by, "made_at": NOON, "until": link["until"], "state": state})
    };
    let list = async |who: &Person| world.ask(who, "GET", &place, None).await.1["items"].clone();
    assert_eq!(list(&eve).await, json!([row(&first, "revoked"), row(&second, "open")]));
    assert_eq!(list(&world.bob).await, list(&eve).await, "whose run asks sees them, too");
    assert_eq!(say(&world, second["token"].as_str().expect("a token"), "approved").await.0, 200);
    until(&world, &id, "completed").await;
    assert_eq!(list(&eve).await, json!([row(&second, "used")]));
    assert_eq!(world.ask(&world.ann, "DELETE", &gone, None).await.1["code"], "approval_decided");
}

#[actix_web::test]
async fn a_link_that_is_asked_for_again_is_answered_alike() {
    let world = World::start().await;
    let (id, approval) = asked(&world, "").await;
    let place = format!("{}/links", path(&id, &approval));
    let ask = async |who: &Person, body: Value| world.ask_keyed(who, "POST", &place, Some(body), Some("k1")).await;
    let (status, link) = ask(&world.bob, json!({"expires_ms": 60_000})).await;
    assert_eq!(status, 201, "{link}");
    let before = last(&world, &id);
    assert_eq!(ask(&world.bob, json!({"expires_ms": 60_000})).await, (201, link.clone()));
    assert_eq!(last(&world, &id), before, "and nothing is written");
    let (status, problem) = ask(&world.bob, json!({})).await;
    assert_eq!((status, &problem["code"]), (409, &json!("request_reused")));
    let (_, other) = ask(&world.ann, json!({"expires_ms": 60_000})).await;
    assert_ne!(other["token"], link["token"], "another's key is another key");
    assert_eq!(say(&world, link["token"].as_str().expect("a token"), "approved").await.0, 200);
}

#[actix_web::test]
async fn links_of_one_approval_are_limited() {
    let world = World::with_both(|_| {}, |inside| inside.execution.links_max = 1).await;
    let (id, approval) = asked(&world, "").await;
    let place = path(&id, &approval);
    token(&world, &place).await;
    let (status, problem) = make(&world, &world.bob, &place, None).await;
    assert_eq!((status, &problem["code"], &problem["limit"]), (413, &json!("limit_reached"), &json!(1)));
}
