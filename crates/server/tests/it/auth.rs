//! Who may what: tokens, tickets, roles, origins, and rights that are lost while connected.

use serde_json::json;

use crate::world::{End, Person, World};

async fn status(world: &World, token: &str, method: &str, path: &str) -> (u16, String) {
    let who = Person { user: world.bob.user, token: token.to_owned() };
    let (status, body) = world.ask(&who, method, path, None).await;
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}

#[actix_web::test]
async fn a_role_opens_what_is_its_own() {
    let world = World::start().await;
    let (status, answer) = world.send(world.request("GET", "/api/me")).await;
    assert_eq!((status, &answer["code"]), (401, &json!("unauthorized")));
    assert_eq!(self::status(&world, "wrong", "GET", "/api/me").await, (401, "unauthorized".into()));
    assert_eq!(self::status(&world, &world.runner_token, "GET", "/api/me").await, (403, "role_insufficient".into()));
    assert_eq!(self::status(&world, &world.bob.token, "GET", "/admin/writer").await, (403, "role_insufficient".into()));
    assert_eq!(self::status(&world, &world.ann.token, "GET", "/admin/writer").await.0, 200);
    let (_, me) = world.ask(&world.bob, "GET", "/api/me", None).await;
    assert_eq!((&me["name"], &me["role"]), (&json!("bob"), &json!("user")));

    let link = |token: &str| {
        let token = token.to_owned();
        let world = &world;
        async move { world.open("/link/runner", "tenure.runner.v1", Some(&token)).await.err() }
    };
    assert_eq!(link(&world.ann.token).await, Some(403));
    assert_eq!(link("wrong").await, Some(401));
    assert_eq!(link(&world.runner_token).await, None);
    assert_eq!(world.open("/link/runner", "tenure.client.v1", Some(&world.runner_token)).await.err(), Some(400));
}

#[actix_web::test]
async fn a_ticket_opens_one_socket() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let path = format!("/api/sessions/{session}/ws");
    let (status, ticket) = world.ask(&world.bob, "POST", "/api/tickets", None).await;
    assert_eq!(status, 201);
    let offer = format!("tenure.client.v1, tenure.ticket.{}", ticket["ticket"].as_str().expect("a ticket"));
    let mut socket = world.open(&path, &offer, None).await.expect("the first use");
    assert_eq!(socket.next().await["type"], "init");
    assert_eq!(world.open(&path, &offer, None).await.err(), Some(401), "the second use");
    assert_eq!(world.open(&path, "tenure.client.v1, tenure.ticket.made-up", None).await.err(), Some(401));
    assert_eq!(world.open(&path, "tenure.client.v1", None).await.err(), Some(401));
}

#[actix_web::test]
async fn only_own_pages_open_sockets() {
    let world = World::with(|options| options.origins_allowed = vec!["https://chat.example.org".into()]).await;
    let session = world.session(&world.bob).await;
    let path = format!("/api/sessions/{session}/ws");
    let own = format!("http://{}", world.address);
    for (origin, refused) in
        [(own.as_str(), None), ("https://chat.example.org", None), ("https://evil.example.org", Some(403))]
    {
        let opened = world.open_with(&path, "tenure.client.v1", Some(&world.bob.token), &[("origin", origin)]).await;
        assert_eq!(opened.err(), refused, "{origin}");
    }
}

#[actix_web::test]
async fn sockets_of_one_user_are_counted() {
    let world = World::with(|options| options.sockets_per_user_max = 2).await;
    let session = world.session(&world.bob).await;
    let first = world.join(&world.bob, &session, None).await;
    let _second = world.join(&world.bob, &session, None).await;
    let path = format!("/api/sessions/{session}/ws");
    let third = || world.open(&path, "tenure.client.v1", Some(&world.bob.token));
    assert_eq!(third().await.err(), Some(429));
    let events = format!("/api/sessions/{session}/events");
    assert_eq!(world.ask(&world.bob, "GET", &events, None).await.1["code"], "sockets_full");
    assert!(world.open(&path, "tenure.client.v1", Some(&world.ann.token)).await.is_ok(), "others have room");
    drop(first);
    // The server notices the end of the first a moment later.
    let opened = async { while third().await.is_err() {} };
    tokio::time::timeout(crate::world::BOUND, opened).await.expect("there is room again");
}

#[actix_web::test]
async fn a_revoked_token_loses_its_sockets() {
    let world = World::start().await;
    let (status, issued) =
        world.ask(&world.bob, "POST", "/api/tokens", Some(json!({"name": "laptop", "role": "user"}))).await;
    assert_eq!(status, 201, "{issued}");
    let laptop = Person { user: world.bob.user, token: issued["secret"].as_str().expect("a secret").to_owned() };
    let session = world.session(&laptop).await;
    let mut socket = world.join(&laptop, &session, None).await;
    socket.until("live").await;
    let mut feed = world.open("/api/feed", "tenure.feed.v1", Some(&laptop.token)).await.expect("it opens");
    feed.until("live").await;
    let mut kept = world.join(&world.bob, &session, None).await;
    kept.until("live").await;

    let path = format!("/api/tokens/{}", issued["id"].as_str().expect("an id"));
    assert_eq!(world.ask(&world.bob, "DELETE", &path, None).await.0, 204);
    assert_eq!(socket.ending().await, (Some("token_revoked".into()), End::Closed(1008)));
    assert_eq!(feed.ending().await, (Some("token_revoked".into()), End::Closed(1008)));
    assert_eq!(world.ask(&laptop, "GET", "/api/me", None).await.0, 401);
    kept.send(json!({"type": "ping"})).await;
    kept.until("pong").await;
}

#[actix_web::test]
async fn tokens_are_listed_without_secrets_and_kept_apart() {
    let world = World::start().await;
    world.ask(&world.bob, "POST", "/api/tokens", Some(json!({"name": "laptop", "role": "user"}))).await;
    let (_, mine) = world.ask(&world.bob, "GET", "/api/tokens", None).await;
    assert_eq!(mine["items"].as_array().map(Vec::len), Some(2));
    assert!(!mine.to_string().contains("hash"));
    let (_, all) = world.ask(&world.ann, "GET", "/api/tokens", None).await;
    assert_eq!(all["items"].as_array().map(Vec::len), Some(4));

    let admin = json!({"name": "more", "role": "admin"});
    assert_eq!(world.ask(&world.bob, "POST", "/api/tokens", Some(admin)).await.0, 403);
    let others = json!({"name": "x", "role": "user", "user": "ann"});
    assert_eq!(world.ask(&world.bob, "POST", "/api/tokens", Some(others)).await.0, 403);
    let anns = all["items"].as_array().expect("items").iter().find(|row| row["name"] == "first").expect("ann's");
    let path = format!("/api/tokens/{}", anns["id"].as_str().expect("an id"));
    assert_eq!(world.ask(&world.bob, "DELETE", &path, None).await.0, 403);
}

#[actix_web::test]
async fn a_viewer_only_looks_and_a_stranger_does_not_even_know() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let cleo = world.person("cleo").await;
    let path = format!("/api/sessions/{session}");
    assert_eq!(world.ask(&cleo, "GET", &path, None).await.0, 404);
    assert_eq!(world.open(&format!("{path}/ws"), "tenure.client.v1", Some(&cleo.token)).await.err(), Some(404));

    let share = |role: serde_json::Value| json!({"user": cleo.user, "role": role});
    let (status, answer) = world.ask(&world.bob, "POST", &format!("{path}/share"), Some(share(json!("viewer")))).await;
    assert_eq!(status, 200, "{answer}");
    let mut socket = world.join(&cleo, &session, None).await;
    socket.until("live").await;
    for command in [
        json!({"type": "prompt", "text": "mine now"}),
        json!({"type": "abort"}),
        json!({"type": "terminate"}),
        json!({"type": "title", "title": "mine"}),
        json!({"type": "share", "user": cleo.user, "role": "owner"}),
    ] {
        let mut command = command;
        command["request_id"] = json!(command["type"]);
        socket.send(command.clone()).await;
        let error = socket.until("error").await;
        assert_eq!(error["problem"]["code"], "forbidden", "{command}");
        assert_eq!(error["problem"]["request_id"], command["type"]);
    }
    let (status, _) = world.ask(&cleo, "POST", &format!("{path}/prompts"), Some(json!({"text": "mine"}))).await;
    assert_eq!(status, 403);

    // The role is taken away: the open socket ends.
    world.ask(&world.bob, "POST", &format!("{path}/share"), Some(share(json!(null)))).await;
    assert_eq!(socket.ending().await, (Some("role_lost".into()), End::Closed(1008)));
    assert_eq!(world.ask(&cleo, "GET", &path, None).await.0, 404);
}
