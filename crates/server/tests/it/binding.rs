//! Runners and their tokens: nobody takes the place of another's runner.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::runner::hello;
use crate::world::{End, Socket, World};

/// Issues a token for runners and returns its secret.
async fn issue(world: &World, scope: Value) -> String {
    let mut token = json!({ "name": "builder", "role": "runner" });
    token.as_object_mut().expect("an object").extend(scope.as_object().expect("an object").clone());
    let (status, issued) = world.ask(&world.ann, "POST", "/api/tokens", Some(token)).await;
    assert_eq!(status, 201, "{issued}");
    issued["secret"].as_str().expect("a secret").to_owned()
}

/// Says hello as runner `number`; what the server answers decides the test.
async fn greet(world: &World, token: &str, number: u128) -> Socket {
    let mut socket = world.open("/link/runner", "tenure.runner.v1", Some(token)).await.expect("it opens");
    socket.send(hello(Uuid::from_u128(number))).await;
    socket
}

async fn welcomed(world: &World, token: &str, number: u128) -> Socket {
    let mut socket = greet(world, token, number).await;
    let answer = socket.next().await;
    assert_eq!(answer["type"], "welcome", "{answer}");
    socket
}

async fn refused(world: &World, token: &str, number: u128) {
    let ending = greet(world, token, number).await.ending().await;
    assert_eq!(ending, (Some("runner_not_yours".into()), End::Closed(1008)));
}

#[actix_web::test]
async fn another_token_does_not_take_a_link_over() {
    let world = World::start().await;
    let (mine, other) = (issue(&world, json!({})).await, issue(&world, json!({})).await);
    let mut link = welcomed(&world, &mine, 7).await;
    refused(&world, &other, 7).await;
    refused(&world, &world.runner_token, 7).await;
    refused(&world, &mine, 8).await;
    link.send(json!({"type": "heartbeat", "works": []})).await;
    assert_eq!(link.next().await["type"], "heartbeat", "the link stands");

    // Its own token brings it back, and the lists say what belongs to what.
    welcomed(&world, &mine, 7).await;
    let (_, tokens) = world.ask(&world.ann, "GET", "/api/tokens", None).await;
    let bound: Vec<&Value> = tokens["items"].as_array().expect("rows").iter().map(|row| &row["runner"]).collect();
    assert_eq!(bound.iter().filter(|bound| ***bound == json!(Uuid::from_u128(7))).count(), 1, "{tokens}");
}

#[actix_web::test]
async fn a_pool_shares_its_tokens_and_keeps_its_runners() {
    let world = World::start().await;
    let gpu = json!({ "pool": "gpu" });
    let (old, new) = (issue(&world, gpu.clone()).await, issue(&world, gpu).await);
    let cpu = issue(&world, json!({ "pool": "cpu" })).await;
    welcomed(&world, &old, 1).await;
    welcomed(&world, &old, 2).await;
    welcomed(&world, &new, 1).await;
    refused(&world, &cpu, 1).await;
    welcomed(&world, &cpu, 3).await;
    let (_, runners) = world.ask(&world.bob, "GET", "/api/runners", None).await;
    let pools: Vec<&Value> = runners["items"].as_array().expect("rows").iter().map(|row| &row["pool"]).collect();
    assert_eq!(pools, ["gpu", "gpu", "cpu"], "{runners}");
}

#[actix_web::test]
async fn a_token_that_names_a_runner_takes_it_over() {
    let world = World::start().await;
    let lost = issue(&world, json!({})).await;
    let mut old = welcomed(&world, &lost, 7).await;
    let named = issue(&world, json!({ "runner": Uuid::from_u128(7) })).await;
    refused(&world, &named, 8).await;
    welcomed(&world, &named, 7).await;
    assert_eq!(old.ending().await, (Some("runner_replaced".into()), End::Closed(1008)));
    refused(&world, &lost, 7).await;
}

#[actix_web::test]
async fn a_scope_is_for_runners_and_is_one_thing() {
    let world = World::start().await;
    let runner = Uuid::from_u128(7);
    for (token, field) in [
        (json!({ "name": "x", "role": "user", "pool": "gpu" }), "pool"),
        (json!({ "name": "x", "role": "admin", "runner": runner }), "runner"),
        (json!({ "name": "x", "role": "runner", "runner": runner, "pool": "gpu" }), "pool"),
    ] {
        let (status, answer) = world.ask(&world.ann, "POST", "/api/tokens", Some(token)).await;
        assert_eq!((status, &answer["field"]), (422, &json!(field)), "{answer}");
    }
    let nameless = json!({ "name": "x", "role": "runner", "pool": "" });
    assert_eq!(world.ask(&world.ann, "POST", "/api/tokens", Some(nameless)).await.1["code"], "name_invalid");
}

#[actix_web::test]
async fn a_drained_runner_is_remembered_over_its_connections() {
    let world = World::start().await;
    let token = issue(&world, json!({})).await;
    let path = format!("/api/runners/{}", Uuid::from_u128(7));
    let drain = format!("{path}/drain");
    let (status, _) = world.ask(&world.ann, "POST", &drain, None).await;
    assert_eq!(status, 404, "nobody has seen it");
    let link = welcomed(&world, &token, 7).await;
    let (status, refused) = world.ask(&world.bob, "POST", &drain, None).await;
    assert_eq!((status, &refused["code"]), (403, &json!("forbidden")));
    let (status, row) = world.ask(&world.ann, "POST", &drain, None).await;
    assert_eq!((status, &row["draining"]), (200, &json!(true)), "{row}");
    drop(link);
    welcomed(&world, &token, 7).await;
    let (_, row) = world.ask(&world.bob, "GET", &path, None).await;
    assert_eq!(row["draining"], true, "{row}");
    let (_, row) = world.ask(&world.ann, "POST", &format!("{path}/resume"), None).await;
    assert_eq!(row["draining"], false, "{row}");
}
