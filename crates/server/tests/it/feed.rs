//! The owner's feed: lists that are pushed.

use serde_json::{Value, json};

use crate::cursor::events_until;
use crate::runner::{FakeRunner, create, finalize, prompt};
use crate::world::{Socket, World};

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
    assert_eq!(feed.next().await, json!({"type": "list", "list": "runner", "rows": []}));
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
    assert_eq!(back.next().await["type"], "list");
    assert_eq!(back.next().await["type"], "live");
    // One whose cursor is not known gets the lists.
    let mut lost = world.open("/api/feed?after=1", "tenure.feed.v1", Some(&world.bob.token)).await.expect("it opens");
    assert_eq!(lost.next().await["type"], "snapshot");

    back.send(json!({"type": "prompt"})).await;
    assert_eq!(back.until("error").await["problem"]["code"], "type_unknown");
}

#[actix_web::test]
async fn the_feed_as_events_carries_the_same_and_goes_on_by_its_last_id() {
    let world = World::start().await;
    let before = world.session(&world.bob).await;
    let get = || world.request("GET", "/api/feed").bearer_auth(&world.bob.token);
    let stream = get().send().await.expect("an answer");
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let opening = events_until(stream, "live").await;
    assert_eq!(opening[0].1["type"], "snapshot");
    let listed = opening[0].1["rows"].as_array().expect("rows").iter().any(|row| row["id"] == json!(before));
    assert!(listed, "{opening:?}");

    let after = world.session(&world.bob).await;
    let live = get().send().await.expect("an answer");
    world.ask(&world.bob, "PATCH", &format!("/api/sessions/{after}"), Some(json!({"title": "new"}))).await;
    let news = events_until(live, "row").await;
    let (id, row) = news.last().expect("a row");
    assert_eq!(*id, row["position"].as_u64());
    let title = |row: &Value| row["row"]["row"]["title"].clone();
    assert_eq!(title(row), "new");

    world.ask(&world.bob, "PATCH", &format!("/api/sessions/{after}"), Some(json!({"title": "newer"}))).await;
    let last = id.expect("an id").to_string();
    let missed = events_until(get().header("Last-Event-ID", &last).send().await.expect("an answer"), "live").await;
    assert_eq!((&missed[0].1["type"], title(&missed[0].1)), (&json!("row"), json!("newer")));
    let (status, problem) = world.send(get().header("Last-Event-ID", "x")).await;
    assert_eq!((status, &problem["code"]), (400, &json!("cursor_invalid")));
}

/// Waits until the feed says that the runner is as wanted.
async fn runner_is(feed: &mut Socket, wanted: Value) -> Value {
    loop {
        let event = feed.until("row").await;
        let row = &event["row"]["row"];
        if event["row"]["list"] == "runner" && json!([row["status"], row["works"]]) == wanted {
            return event;
        }
    }
}

#[actix_web::test]
async fn the_feed_carries_the_runners() {
    let world = World::start().await;
    let mut feed = world.open("/api/feed", "tenure.feed.v1", Some(&world.bob.token)).await.expect("it opens");
    let cursor = feed.until("live").await["position"].clone();
    let mut runner = FakeRunner::with_capacity(&world, 1).await;
    let joined = runner_is(&mut feed, json!(["free", 0])).await;
    assert_eq!(joined["position"], cursor, "it is not recorded, so the cursor stays");
    assert_eq!(joined["row"]["row"]["pool"], "default");

    let session = world.session(&world.bob).await;
    prompt(&world, &world.bob, &session, "work").await;
    let mut work = runner.work().await;
    runner_is(&mut feed, json!(["busy", 1])).await;
    runner.tell(&mut work, &[create(), finalize()]).await;
    runner_is(&mut feed, json!(["free", 0])).await;
    drop(runner);
    let away = runner_is(&mut feed, json!(["away", 0])).await;

    // Whoever joins now, or comes back, is told all of them at once; ann is nobody's owner here and sees them as well.
    let path = format!("/api/feed?after={}", away["position"]);
    for (path, who) in [("/api/feed", &world.ann), (&path, &world.bob)] {
        let mut feed = world.open(path, "tenure.feed.v1", Some(&who.token)).await.expect("it opens");
        assert_eq!(feed.until("list").await["rows"], json!([away["row"]]), "{path}");
    }
}
