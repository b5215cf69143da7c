//! What is kept of a connector, and what is never shown of it.

use serde_json::json;
use tenure_server::{Keys, SecretKeys, SigningKey};

use super::{SECRET, Scene};

const OLD: &str = "an old key that is long enough to be one";
const NEW: &str = "a new key that is long enough to be one..";

fn keys(text: &str) -> Keys {
    let signing = SigningKey::from([7; 32]);
    Keys { secrets: SecretKeys::read(text, &signing).expect("they are keys"), signing }
}

async fn signed_in(scene: &Scene) {
    let signed_in = json!({ "headers": { "Authorization": format!("Bearer {SECRET}") } });
    let (status, told) = scene.set(signed_in).await;
    assert_eq!((status, &told["connector"]["headers"]), (200, &json!(["authorization"])), "{told}");
}

#[actix_web::test]
async fn what_a_connector_signs_in_with_comes_back_from_nowhere() {
    let scene = Scene::start().await;
    signed_in(&scene).await;
    assert_eq!(scene.call("echo", json!({})).await.0, 200);
    assert_eq!(scene.fake.header("authorization"), Some(format!("Bearer {SECRET}")));
    let (_, reflected) = scene.call("reflect", json!({})).await;
    assert!(reflected["text"].as_str().expect("a text").contains("•••"), "{reflected}");
    let world = &scene.world;
    let mut shown = vec![reflected.to_string()];
    let owner = world.bob.user;
    for (who, path) in [
        (&world.bob, "/api/connectors".to_owned()),
        (&world.bob, "/api/connectors/tracker".to_owned()),
        (&world.bob, "/api/tools".to_owned()),
        (&world.ann, format!("/admin/entities/owner/{owner}")),
        (&world.ann, format!("/admin/entities/owner/{owner}/journal")),
        (&world.ann, format!("/admin/entities/owner/{owner}/state?seq=2")),
    ] {
        let (status, told) = world.ask(who, "GET", &path, None).await;
        assert_eq!(status, 200, "{path}: {told}");
        shown.push(told.to_string());
    }
    let (_, wrong) = scene.set(json!({ "headers": { "x-key": format!("{SECRET}\u{7}") } })).await;
    shown.push(wrong.to_string());
    assert!(shown.iter().all(|shown| !shown.contains(SECRET)), "{shown:?}");
}

#[actix_web::test]
async fn the_same_again_is_no_change_and_another_server_does_not_get_the_headers() {
    let scene = Scene::start().await;
    signed_in(&scene).await;
    let again = json!({ "url": scene.fake.url, "headers": { "authorization": format!("Bearer {SECRET}") } });
    assert_eq!(scene.set(again).await.1["outcome"], "unchanged");
    let (status, told) = scene.set(json!({ "url": "https://elsewhere.example.org/mcp" })).await;
    assert_eq!((status, &told["code"]), (409, &json!("connector_header_misled")), "{told}");
    let cleared = json!({ "url": "https://elsewhere.example.org/mcp", "headers": { "authorization": null } });
    assert_eq!(scene.set(cleared).await.1["connector"]["headers"], json!([]));
}

#[actix_web::test]
async fn a_restart_keeps_connectors_and_a_removed_one_is_gone() {
    let scene = Scene::start().await;
    signed_in(&scene).await;
    let Scene { world, fake } = scene;
    let scene = Scene { world: world.restart().await, fake };
    assert_eq!(scene.health().await["state"], "idle");
    assert_eq!(scene.call("echo", json!({})).await.0, 200);
    assert_eq!(scene.fake.header("authorization"), Some(format!("Bearer {SECRET}")));
    let path = "/api/connectors/tracker";
    assert_eq!(scene.world.ask(&scene.world.bob, "DELETE", path, None).await.0, 204);
    assert_eq!(scene.world.ask(&scene.world.bob, "DELETE", path, None).await.0, 404);
    assert_eq!(scene.refused("echo").await.1, "tool_unknown");
}

#[actix_web::test]
async fn keys_are_rotated_and_a_lost_one_is_told() {
    let scene = Scene::start().await;
    let Scene { world, fake } = scene;
    let scene = Scene { world: world.restart_with(keys(OLD)).await, fake };
    signed_in(&scene).await;
    // Used once under both keys, it is kept under the new one, and the old one is needed no more.
    let Scene { world, fake } = scene;
    let scene = Scene { world: world.restart_with(keys(&format!("{NEW}\n{OLD}"))).await, fake };
    assert_eq!(scene.call("echo", json!({})).await.0, 200);
    let Scene { world, fake } = scene;
    let scene = Scene { world: world.restart_with(keys(NEW)).await, fake };
    assert_eq!(scene.call("echo", json!({})).await.0, 200);
    let Scene { world, fake } = scene;
    let scene = Scene { world: world.restart_with(keys(OLD)).await, fake };
    let told = scene.refused("echo").await;
    assert_eq!((told.0, told.1.as_str()), (409, "connector_key_lost"), "{told:?}");
    assert!(told.2.contains("the header authorization") || told.2.contains("a header authorization"), "{told:?}");
    assert!(told.2.contains("tracker") && told.2.contains("tenure connector set"), "{told:?}");
}
