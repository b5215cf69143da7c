//! Addresses and secrets: shown once, replaced with an overlap, and never told again.

use serde_json::json;

use super::*;

async fn call(world: &World, path: &str, secret: &str, body: &str) -> u16 {
    deliver(world, path, body, &[("x-webhook-signature", &hmac(secret, body))]).await.0
}

#[actix_web::test]
async fn a_secret_is_shown_once_and_an_old_one_is_good_for_the_overlap() {
    let world = World::with(|options| options.public_address = Some("https://tenure.example.org/".into())).await;
    greet(&world).await;
    let text = "name: hook\ntype: webhook\nverify: hmac\nworkflow: greet\n";
    let made = sync(&world, text).await;
    let (path, secret) =
        (made["address"]["path"].as_str().expect("a path"), made["secret"].as_str().expect("a secret"));
    assert_eq!(made["address"]["url"], format!("https://tenure.example.org{path}"));
    assert_eq!(sync(&world, text).await.get("secret"), None, "it was shown");
    let view = ask(&world, "GET", "/api/triggers/hook", None).await;
    assert!(!view.to_string().contains(secret), "{view}");
    assert_eq!(call(&world, path, secret, "1").await, 202);

    let rotate = json!({ "overlap_ms": 3_600_000 });
    let keyed = |key: &'static str| {
        world.ask_keyed(&world.bob, "POST", "/api/triggers/hook/rotate", Some(rotate.clone()), Some(key))
    };
    let (status, new) = keyed("k").await;
    assert_eq!((status, &new["address"]["generation"]), (200, &json!(2)));
    assert_eq!(keyed("k").await.1, new, "the same request is told the same secret");
    let (new_path, new_secret) =
        (new["address"]["path"].as_str().expect("a path"), new["secret"].as_str().expect("a secret"));
    assert!(new_path != path && new_secret != secret);
    for (path, secret, body) in [(path, secret, "2"), (new_path, new_secret, "3"), (path, new_secret, "4")] {
        assert_eq!(call(&world, path, secret, body).await, 202, "{body}");
    }
    let view = ask(&world, "GET", "/api/triggers/hook", None).await;
    assert_eq!((&view["address"]["path"], &view["address"]["old"][0]["path"]), (&json!(new_path), &json!(path)));
    let last = ask(&world, "POST", "/api/triggers/hook/rotate", None).await;
    assert_eq!(call(&world, new_path, new_secret, "5").await, 404, "without an overlap the old one ends at once");
    assert_eq!(
        call(&world, last["address"]["path"].as_str().expect("a path"), last["secret"].as_str().expect("one"), "6")
            .await,
        202
    );
    assert_eq!(call(&world, path, secret, "7").await, 202, "its overlap lasts longer");
}

#[actix_web::test]
async fn what_cannot_be_rotated_so_is_refused() {
    let world = World::start().await;
    greet(&world).await;
    webhook(&world, "open", "none", "").await;
    webhook(&world, "hook", "hmac", "").await;
    sync(&world, "name: hand\ntype: manual\nworkflow: greet\n").await;
    for (name, body, field) in [
        ("open", json!({ "secret": "s" }), "secret"),
        ("hook", json!({ "secret": "" }), "secret"),
        ("hook", json!({ "secret": " s" }), "secret"),
        ("hook", json!({ "secret": "s".repeat(1_025) }), "secret"),
        ("hook", json!({ "keep_address": true }), "keep_address"),
        ("hook", json!({ "seecret": "s" }), "seecret"),
    ] {
        let (status, problem) =
            world.ask(&world.bob, "POST", &format!("/api/triggers/{name}/rotate"), Some(body)).await;
        assert_eq!((status, &problem["code"], &problem["field"]), (422, &json!("json_invalid"), &json!(field)));
    }
    let long = json!({ "overlap_ms": 3_000_000_000_u64 });
    assert_eq!(refused(&world, "POST", "/api/triggers/hook/rotate", Some(long)).await, (422, "overlap_invalid".into()));
    assert_eq!(refused(&world, "POST", "/api/triggers/hand/rotate", None).await, (422, "trigger_kind".into()));
    let rotated = ask(&world, "POST", "/api/triggers/open/rotate", None).await;
    assert_eq!(rotated.get("secret"), None, "nothing is signed");
}

#[actix_web::test]
async fn another_way_of_signing_tells_its_secret() {
    let world = World::start().await;
    greet(&world).await;
    let (_, none) = webhook(&world, "hook", "none", "").await;
    let (_, hex) = webhook(&world, "hook", "hmac", "").await;
    let (_, prefixed) = webhook(&world, "hook", "standard_webhooks", "").await;
    assert!(none.is_empty() && hex.len() == 64 && prefixed.starts_with("whsec_"), "{none} {hex} {prefixed}");
    let (_, again) = webhook(&world, "hook", "standard_webhooks", "enabled: false\n").await;
    assert_eq!(again, "", "it was told");
}
