//! Each sender's way of signing through the whole server; the official vectors stand with the rules.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use super::*;

/// The time of a signature, so many seconds from now.
fn seconds(world: &World, from_now: i64) -> i64 {
    (world.runtime.clock.now().0 / 1_000) as i64 + from_now
}

#[actix_web::test]
async fn standard_webhooks_are_taken_once_by_their_id_and_only_in_time() {
    let world = World::start().await;
    greet(&world).await;
    let (path, secret) = webhook(&world, "hook", "standard_webhooks", "").await;
    let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("the known form")).expect("base64");
    let send = |id: &str, at: i64, body: &'static str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any length");
        mac.update(format!("{id}.{at}.{body}").as_bytes());
        let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        let (world, path, id) = (&world, &path, id.to_owned());
        async move {
            let at = at.to_string();
            let headers = [("webhook-id", id.as_str()), ("webhook-timestamp", &at), ("webhook-signature", &signature)];
            deliver(world, path, body, &headers).await
        }
    };
    let (status, first) = send("m1", seconds(&world, 0), r#"{"n":1}"#).await;
    assert_eq!(status, 202, "{first}");
    let (status, again) = send("m1", seconds(&world, 1), r#"{"n":1}"#).await;
    assert_eq!((status, &again["firings"]), (200, &first["firings"]), "signed anew under the same id");
    assert_eq!(send("m2", seconds(&world, 0), r#"{"n":1}"#).await.0, 202, "the same bytes under another id");
    for off in [-400, 400] {
        let (status, problem) = send("m3", seconds(&world, off), "{}").await;
        assert_eq!((status, &problem["code"]), (401, &json!("webhook_unproven")), "{off} seconds");
    }
}

#[actix_web::test]
async fn slack_is_answered_its_challenge_once_it_has_signed() {
    let world = World::start().await;
    greet(&world).await;
    let (path, _) = webhook(&world, "hook", "slack", "").await;
    let secret = "8f742231b10e8888abcd99yyyzzz85a5";
    let rotated = ask(&world, "POST", "/api/triggers/hook/rotate", Some(json!({ "secret": secret }))).await;
    assert_eq!((&rotated["address"]["path"], rotated.get("secret")), (&json!(path), None));
    let send = |secret: &str, body: &'static str| {
        let at = seconds(&world, 0).to_string();
        let signature = format!("v0={}", hmac(secret, &format!("v0:{at}:{body}")));
        let (world, path) = (&world, &path);
        async move {
            let headers = [("x-slack-request-timestamp", at.as_str()), ("x-slack-signature", &signature)];
            deliver(world, path, body, &headers).await
        }
    };
    let challenge = r#"{"type":"url_verification","challenge":"c4","token":"t"}"#;
    assert_eq!(send(secret, challenge).await, (200, json!({ "challenge": "c4" })));
    assert_eq!(send("another", challenge).await.0, 401);
    assert_eq!(send(secret, r#"{"type":"event_callback","event_id":"E1"}"#).await.0, 202);
    assert_eq!(all(&world, "/api/triggers/hook/deliveries", 50).await.len(), 1, "a challenge is no delivery");
}

#[actix_web::test]
async fn stripe_and_secrets_that_are_not_ascii_are_understood() {
    let world = World::start().await;
    greet(&world).await;
    let (path, _) = webhook(&world, "hook", "stripe", "").await;
    let secret = "geheimnis-ß-☂";
    ask(&world, "POST", "/api/triggers/hook/rotate", Some(json!({ "secret": secret }))).await;
    let at = seconds(&world, 0);
    let body = r#"{"id":"evt_1","type":"x"}"#;
    let signature = format!("t={at},v1={}", hmac(secret, &format!("{at}.{body}")));
    let (status, first) = deliver(&world, &path, body, &[("stripe-signature", &signature)]).await;
    assert_eq!(status, 202, "{first}");
    let (status, again) = deliver(&world, &path, body, &[("stripe-signature", &signature)]).await;
    assert_eq!((status, &again["firings"]), (200, &first["firings"]));
    let view = ask(&world, "GET", "/api/triggers/hook", None).await;
    let journal = format!("/admin/entities/scheduler/{}/journal", world.bob.user);
    let (status, journal) = world.ask(&world.ann, "GET", &journal, None).await;
    assert_eq!(status, 200, "{journal}");
    assert!(!view.to_string().contains("geheimnis") && !journal.to_string().contains("geheimnis"), "it is sealed");
}

#[actix_web::test]
async fn github_is_judged_for_every_trigger_and_its_ping_is_answered() {
    let world = World::start().await;
    greet(&world).await;
    for (name, rest) in [("main", "filter: {branches: main}\n"), ("dev", "filter: {branches: dev}\n")] {
        sync(&world, &format!("name: {name}\ntype: github\nrepos: ann/site\nevents: push\nworkflow: greet\n{rest}"))
            .await;
    }
    let (path, secret) = github_secret(&world).await;
    let shown = ask(&world, "GET", "/api/triggers/main", None).await;
    assert_eq!(shown["address"]["path"], path);
    let send = |event: &'static str, body: &'static str| {
        let signature = format!("sha256={}", hmac(&secret, body));
        let (world, path) = (&world, &path);
        async move { deliver(world, path, body, &[("x-github-event", event), ("x-hub-signature-256", &signature)]).await }
    };
    assert_eq!(send("ping", r#"{"zen":"x"}"#).await.0, 200);
    let push = r#"{"ref":"refs/heads/main","repository":{"full_name":"ann/site"}}"#;
    let (status, said) = send("push", push).await;
    assert_eq!((status, said["firings"].as_array().map(Vec::len)), (202, Some(1)), "{said}");
    assert_eq!(send("push", push).await.0, 200, "a repeat");
    let unsigned = deliver(&world, &path, push, &[("x-github-event", "push")]).await;
    assert_eq!(unsigned.0, 401);
    assert_eq!(each(&all(&world, "/api/triggers/main/deliveries", 50).await, "outcome"), ["matched"]);
    let missed = all(&world, "/api/triggers/dev/deliveries", 50).await;
    assert_eq!(
        (missed.len(), &missed[0]["outcome"], &missed[0]["reason"]),
        (1, &json!("no_match"), &json!("its branch is main"))
    );
    let events = ask(&world, "GET", "/api/triggers/github/events", None).await;
    let pull = events["items"].as_array().expect("events").iter().find(|row| row["event"] == "pull_request");
    assert!(pull.is_some_and(|row| row["actions"].as_array().expect("actions").contains(&json!("merged"))));
}
