//! The owner's feed: lists that are pushed.

use serde_json::json;

use crate::world::World;

#[actix_web::test]
async fn the_feed_tells_the_lists_and_what_changes() {
    let world = World::start().await;
    let before = world.session(&world.bob).await;
    let mut feed = world.open("/api/feed", "tenure.feed.v1", Some(&world.bob.token)).await.expect("it opens");
    let snapshot = feed.next().await;
    assert_eq!(snapshot["type"], "snapshot");
    let listed = snapshot["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .any(|row| row["list"] == "session" && row["id"] == json!(before));
    assert!(listed, "{snapshot}");
    assert_eq!(feed.next().await["type"], "live");

    let after = world.session(&world.bob).await;
    let row = feed.until("row").await;
    assert_eq!((&row["row"]["list"], &row["row"]["id"]), (&json!("session"), &json!(after)));
    let cursor = row["position"].as_u64().expect("a position");
    // Others' sessions are none of bob's business.
    world.session(&world.ann).await;
    world.ask(&world.bob, "PATCH", &format!("/api/sessions/{after}"), Some(json!({"title": "new"}))).await;
    let row = feed.until("row").await;
    assert_eq!(row["row"]["row"]["title"], "new");

    // A watcher that comes back hears what it missed.
    let path = format!("/api/feed?after={cursor}");
    let mut back = world.open(&path, "tenure.feed.v1", Some(&world.bob.token)).await.expect("it opens");
    assert_eq!(back.next().await, row);
    assert_eq!(back.next().await["type"], "live");
    // One whose cursor is not known gets the lists.
    let mut lost = world.open("/api/feed?after=1", "tenure.feed.v1", Some(&world.bob.token)).await.expect("it opens");
    assert_eq!(lost.next().await["type"], "snapshot");

    back.send(json!({"type": "prompt"})).await;
    assert_eq!(back.until("error").await["problem"]["code"], "type_unknown");
}
