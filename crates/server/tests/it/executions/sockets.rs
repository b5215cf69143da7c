//! Runs are watched over websockets: the same news as in an event stream, to the same people.

use serde_json::{Value, json};

use super::streaming::{large, stir};
use super::{WAIT, post, run, until, watch};
use crate::world::{End, Socket, World};

const PROTOCOL: &str = "tenure.run.v1";

async fn open(world: &World, id: &str, query: &str) -> Socket {
    let path = format!("/api/executions/{id}/stream{query}");
    world.open(&path, PROTOCOL, Some(&world.bob.token)).await.expect("it opens")
}

/// Reads events up to the one that is wanted.
async fn heard(socket: &mut Socket, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
    let mut events = vec![];
    loop {
        events.push(socket.next().await);
        if events.last().is_some_and(&wanted) {
            return events;
        }
    }
}

fn is_over(event: &Value) -> bool {
    event["run"]["status"] == "completed"
}

fn is_live(event: &Value) -> bool {
    event["type"] == "live"
}

#[actix_web::test]
async fn a_socket_tells_what_an_event_stream_tells_and_goes_on_after_a_cursor() {
    let world = World::start().await;
    let id = run(&world, WAIT, json!({})).await;
    until(&world, &id, "waiting").await;
    let mut socket = open(&world, &id, "").await;
    let opening = heard(&mut socket, is_live).await;
    assert_eq!((&opening[0]["type"], &opening[0]["execution"]["id"]), (&json!("init"), &json!(id)));
    post(&world, &id, "/events/go", json!(1)).await;
    let live = heard(&mut socket, is_over).await;
    assert!(live.iter().any(|event| event["step"]["path"] == "say"), "{live:?}");

    for event in opening.iter().chain(&live) {
        let query = format!("?after={}", event["position"]);
        let events = watch(&world, &world.bob, &id, &query, is_live).await;
        let told: Vec<Value> = events.into_iter().map(|(_, event)| event).collect();
        assert_eq!(heard(&mut open(&world, &id, &query).await, is_live).await, told, "after {query}");
    }
}

#[actix_web::test]
async fn a_socket_opens_to_those_who_may_read_the_run() {
    let world = World::start().await;
    let id = run(&world, WAIT, json!({})).await;
    let cleo = world.person("cleo").await;
    let path = format!("/api/executions/{id}/stream");
    let refused = async |protocol: &str, token: Option<&str>| world.open(&path, protocol, token).await.err();
    assert_eq!(refused(PROTOCOL, None).await, Some(401));
    assert_eq!(refused(PROTOCOL, Some("wrong")).await, Some(401));
    assert_eq!(refused(PROTOCOL, Some(&world.runner_token)).await, Some(403));
    assert_eq!(refused(PROTOCOL, Some(&cleo.token)).await, Some(404));
    assert_eq!(refused("tenure.feed.v1", Some(&world.bob.token)).await, Some(400));
    let elsewhere = [("origin", "https://evil.example.org")];
    assert_eq!(world.open_with(&path, PROTOCOL, Some(&world.bob.token), &elsewhere).await.err(), Some(403));

    let (_, ticket) = world.ask(&world.bob, "POST", "/api/tickets", None).await;
    let offer = format!("{PROTOCOL}, tenure.ticket.{}", ticket["ticket"].as_str().expect("a ticket"));
    let mut socket = world.open(&path, &offer, None).await.expect("a ticket opens it");
    assert_eq!(socket.next().await["type"], "init");
    assert_eq!(refused(&offer, None).await, Some(401), "once");
}

#[actix_web::test]
async fn whoever_speaks_is_told_where_and_hears_on() {
    let world = World::start().await;
    let id = run(&world, WAIT, json!({})).await;
    until(&world, &id, "waiting").await;
    let mut socket = open(&world, &id, "").await;
    heard(&mut socket, is_live).await;
    socket.send(json!({"type": "prompt", "text": "hi"})).await;
    assert_eq!(socket.until("error").await["problem"]["code"], "type_unknown");
    post(&world, &id, "/events/go", json!(1)).await;
    heard(&mut socket, is_over).await;
}

#[actix_web::test]
async fn a_revoked_token_loses_its_socket() {
    let world = World::start().await;
    let id = run(&world, WAIT, json!({})).await;
    let mut socket = open(&world, &id, "").await;
    heard(&mut socket, is_live).await;
    assert_eq!(world.ask(&world.bob, "POST", "/api/sign-out", None).await.0, 204);
    assert_eq!(socket.ending().await, (Some("token_revoked".into()), End::Closed(1008)));
}

#[actix_web::test]
async fn a_socket_that_is_too_slow_gets_a_picture_again() {
    let (world, id) = large().await;
    let mut socket = open(&world, &id, "").await;
    stir(&world, &id).await;
    let events = heard(&mut socket, |event| is_over(event) || event["execution"]["status"] == "completed").await;
    let pictures = events.iter().filter(|event| event["type"] == "init").count();
    assert!(pictures >= 2, "{pictures} pictures among {} events", events.len());
}

#[actix_web::test]
async fn sockets_of_runs_are_counted_like_all_others() {
    let world = World::with(|options| options.sockets_per_user_max = 1).await;
    let id = run(&world, WAIT, json!({})).await;
    let _first = open(&world, &id, "").await;
    let path = format!("/api/executions/{id}/stream");
    assert_eq!(world.open(&path, PROTOCOL, Some(&world.bob.token)).await.err(), Some(429));
}
