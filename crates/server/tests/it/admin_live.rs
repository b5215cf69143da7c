//! What operators see live.

use serde_json::{Value, json};
use tenure_model::Span;
use tenure_server::ServerOptions;

use crate::cursor::events_until;
use crate::world::{BOUND, Socket, World};

const PROTOCOL: &str = "tenure.admin.v1";

/// Operators are told soon.
fn soon(options: &mut ServerOptions) {
    options.admin_live_pause_ms = Span::ms(20);
    options.admin_live_figures_every_ms = Span::ms(50);
}

async fn listen(world: &World) -> Socket {
    let mut socket = world.open("/admin/live", PROTOCOL, Some(&world.ann.token)).await.expect("it opens");
    assert_eq!(socket.next().await["type"], "live");
    socket
}

/// Waits until it is told that an actor stands as wanted.
async fn stands(socket: &mut Socket, id: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    loop {
        let told = socket.until("actors").await;
        assert_eq!(told["more"], false, "{told}");
        let found = told["actors"].as_array().expect("actors").iter().find(|actor| actor["id"] == id && wanted(actor));
        if let Some(actor) = found {
            return actor.clone();
        }
    }
}

#[actix_web::test]
async fn an_actor_is_heard_waking_moving_on_and_going_to_sleep() {
    let world = World::with(soon).await;
    let mut live = listen(&world).await;
    let session = world.session(&world.bob).await;
    let woken = stands(&mut live, &session, |actor| actor["seq"] == 1).await;
    assert_eq!((&woken["kind"], &woken["awake"]), (&json!("session"), &json!(true)));

    world.ask(&world.bob, "PATCH", &format!("/api/sessions/{session}"), Some(json!({"title": "new"}))).await;
    let moved = stands(&mut live, &session, |actor| actor["seq"] == 2).await;
    assert_eq!(moved["awake"], true);
    assert!(moved["position"].as_u64() > woken["position"].as_u64(), "{moved} after {woken}");
    assert!(moved["at"].as_u64() >= woken["at"].as_u64(), "{moved} after {woken}");

    let entity = format!("/admin/entities/session/{session}");
    world.ask(&world.ann, "POST", &format!("{entity}/passivate?dry_run=false"), None).await;
    let asleep = stands(&mut live, &session, |actor| actor["awake"] == false).await;
    assert_eq!(asleep["seq"], 2);
    world.ask(&world.ann, "POST", &format!("{entity}/wake?dry_run=false"), None).await;
    let again = stands(&mut live, &session, |actor| actor["awake"] == true).await;
    assert_eq!(again["seq"], 2);
}

#[actix_web::test]
async fn figures_come_at_once_and_again_and_are_those_of_the_writer() {
    let world = World::with(soon).await;
    let mut live = listen(&world).await;
    let first = live.until("figures").await;
    let (_, looked) = world.ask(&world.ann, "GET", "/admin/writer", None).await;
    let names = |figures: &Value| figures.as_object().expect("figures").keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&first["figures"]), names(&looked));
    world.session(&world.bob).await;
    let commits = |told: &Value| told["figures"]["commits"].as_u64().expect("a count");
    let later = loop {
        let told = live.until("figures").await;
        if commits(&told) > commits(&first) {
            break told;
        }
    };
    assert!(later["at"].as_u64() > first["at"].as_u64(), "{later} after {first}");
}

#[actix_web::test]
async fn whoever_is_told_too_little_hears_that_there_was_more() {
    let narrow = |options: &mut ServerOptions| {
        soon(options);
        options.admin_live_actors_max = 1;
    };
    let world = World::with(narrow).await;
    let mut live = listen(&world).await;
    // Each of them wakes, and so does their owner.
    for _ in 0..5 {
        world.session(&world.bob).await;
    }
    let told = loop {
        let told = live.until("actors").await;
        if told["more"] == true {
            break told;
        }
    };
    assert_eq!(told["actors"].as_array().map(Vec::len), Some(1), "{told}");
}

#[actix_web::test]
async fn only_administrators_listen_and_nobody_is_listened_to_after_them() {
    let world = World::with(soon).await;
    assert_eq!(world.open("/admin/live", PROTOCOL, Some(&world.bob.token)).await.err(), Some(403));
    assert_eq!(world.open("/admin/live", PROTOCOL, None).await.err(), Some(401));
    assert_eq!(world.open("/admin/live", "tenure.feed.v1", Some(&world.ann.token)).await.err(), Some(400));
    let (status, problem) = world.ask(&world.bob, "GET", "/admin/live", None).await;
    assert_eq!((status, &problem["code"]), (403, &json!("role_insufficient")));
    assert_eq!(world.runtime.stirs.listeners(), 0);

    let events = world.request("GET", "/admin/live").bearer_auth(&world.ann.token).send().await.expect("an answer");
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    let opening = events_until(events, "figures").await;
    assert_eq!(opening[0].1["type"], "live");

    let mut live = listen(&world).await;
    live.send(json!({"type": "ping"})).await;
    assert_eq!(live.until("error").await["problem"]["code"], "type_unknown");
    assert!(world.runtime.stirs.listeners() > 0);
    drop(live);
    let alone = async {
        while world.runtime.stirs.listeners() > 0 {
            tokio::task::yield_now().await
        }
    };
    tokio::time::timeout(BOUND, alone).await.expect("they are let go");
}
