//! Every limit of the server at its edge: what fits, what does not, and that room is made again.

use serde_json::{Value, json};
use tenure_model::Span;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;
use tokio_tungstenite::MaybeTlsStream;
use uuid::Uuid;

use crate::runner::{self, FakeRunner, hello};
use crate::world::{BOUND, End, Socket, World};

/// Makes sure that the server goes round on this socket: the feed answers everything with a complaint.
async fn round_trip(socket: &mut Socket) {
    socket.send(json!({"type": "anything"})).await;
    assert_eq!(socket.until("error").await["problem"]["code"], "type_unknown");
}

async fn feed(world: &World) -> Result<Socket, u16> {
    world.open("/api/feed", "tenure.feed.v1", Some(&world.bob.token)).await
}

#[actix_web::test]
async fn connections_beyond_the_limit_wait_until_one_ends() {
    let world = World::with(|options| (options.connections_max, options.workers) = (2, 1)).await;
    let mut first = feed(&world).await.expect("the first connection");
    let second = feed(&world).await.expect("the second connection");
    let third = world.ask(&world.bob, "POST", "/api/sessions", Some(json!({})));
    let waits = async {
        for _ in 0..50 {
            round_trip(&mut first).await;
        }
        let store = world.runtime.store.clone();
        let opened = store.summaries(world.bob.user.into(), "session", None, 1).expect("the store is read");
        assert!(opened.is_empty(), "the third connection was served");
        drop(second);
    };
    let (answer, ()) = timeout(BOUND, async { futures_util::join!(third, waits) }).await.expect("it is served then");
    assert_eq!(answer.0, 201);
}

#[actix_web::test]
async fn tickets_are_bounded_and_a_used_one_makes_room() {
    let world = World::with(|options| options.tickets_max = 2).await;
    let ticket = || world.ask(&world.bob, "POST", "/api/tickets", None);
    let (status, first) = ticket().await;
    assert_eq!((status, ticket().await.0), (201, 201));
    let (status, problem) = ticket().await;
    assert_eq!((status, &problem["code"], &problem["limit"]), (429, &json!("tickets_full"), &json!(2)));
    let offer = format!("tenure.feed.v1, tenure.ticket.{}", first["ticket"].as_str().expect("a ticket"));
    world.open("/api/feed", &offer, None).await.expect("a ticket opens");
    assert_eq!(ticket().await.0, 201);
}

#[actix_web::test]
async fn runners_beyond_the_limit_are_sent_away_until_one_leaves() {
    let world = World::with_both(|_| {}, |options| options.roster.runners_max = 2).await;
    let first = FakeRunner::connect_as(&world, Uuid::from_u128(1)).await;
    let _second = FakeRunner::connect_as(&world, Uuid::from_u128(2)).await;
    let mut third = runner::open(&world).await;
    third.send(hello(Uuid::from_u128(3))).await;
    assert_eq!(third.ending().await.0.as_deref(), Some("runners_full"));
    // One that is known comes back; one that has left makes room.
    let first_again = FakeRunner::connect_as(&world, first.id).await;
    drop((first, first_again));
    let gone = async { while connected(&world).await != 1 {} };
    timeout(BOUND, gone).await.expect("it is noticed that it left");
    FakeRunner::connect_as(&world, Uuid::from_u128(3)).await;
}

async fn connected(world: &World) -> usize {
    let (_, runners) = world.ask(&world.bob, "GET", "/api/runners", None).await;
    runners["items"].as_array().expect("rows").iter().filter(|row| row["connected"] == true).count()
}

#[actix_web::test]
async fn a_runners_message_may_have_four_mebibytes() {
    let world = World::start().await;
    let mut runner = FakeRunner::connect(&world).await;
    let max = 4 * 1024 * 1024;
    let heartbeat = |handled: &str| json!({"type": "heartbeat", "handled": handled, "works": []}).to_string();
    let padding = "x".repeat(max - heartbeat("").len());
    runner.socket.send_text(&heartbeat(&padding)).await;
    assert_eq!(runner.socket.until("heartbeat").await["type"], "heartbeat");

    // The server reads no further than the size that the next one announces.
    let MaybeTlsStream::Plain(stream) = runner.socket.stream.get_mut() else { panic!("no TLS here") };
    let mut header = vec![0x81, 0xff];
    header.extend((max as u64 + 1).to_be_bytes());
    header.extend([1, 2, 3, 4]);
    stream.write_all(&header).await.expect("it is sent");
    let problem = runner.socket.until("problem").await["problem"].clone();
    assert_eq!((&problem["code"], &problem["limit"]), (&json!("frame_too_large"), &json!(max)));
    assert!(problem["detail"].as_str().expect("a detail").contains("runner_frame_bytes_max"), "{problem}");
    assert_eq!(runner.socket.ending().await.1, End::Closed(1009));
}

#[actix_web::test]
async fn a_user_has_a_limit_of_sockets_and_streams_together() {
    let world = World::with(|options| options.sockets_per_user_max = 2).await;
    let socket = feed(&world).await.expect("the first");
    let events = world.request("GET", "/api/feed").bearer_auth(&world.bob.token);
    let stream = events.try_clone().expect("no body").send().await.expect("the second");
    assert_eq!(stream.status(), 200);
    let (status, problem) = world.send(events.try_clone().expect("no body")).await;
    assert_eq!((status, &problem["code"], &problem["limit"]), (429, &json!("sockets_full"), &json!(2)));
    assert_eq!(feed(&world).await.err(), Some(429));
    // Another's sockets are another's.
    world.open("/api/feed", "tenure.feed.v1", Some(&world.ann.token)).await.expect("ann's first");
    drop(socket);
    let freed = async { while feed(&world).await.is_err() {} };
    timeout(BOUND, freed).await.expect("a socket that ended makes room");
}

#[actix_web::test]
async fn a_page_has_as_many_rows_as_its_limit() {
    let world = World::with(|options| (options.page_max, options.page_default) = (3, 2)).await;
    for _ in 0..4 {
        world.session(&world.bob).await;
    }
    let page = async |query: &str| world.ask(&world.bob, "GET", &format!("/api/sessions{query}"), None).await;
    let rows = |page: &Value| page["items"].as_array().expect("rows").len();
    for bad in ["?limit=0", "?limit=4"] {
        let (status, problem) = page(bad).await;
        assert_eq!((status, &problem["code"], &problem["limit"]), (400, &json!("limit_invalid"), &json!(3)), "{bad}");
    }
    assert_eq!(rows(&page("").await.1), 2);
    let (status, full) = page("?limit=3").await;
    assert_eq!((status, rows(&full)), (200, 3));
    let (_, rest) = page(&format!("?limit=3&cursor={}", full["cursor"].as_str().expect("more"))).await;
    assert_eq!((rows(&rest), rest.get("cursor")), (1, None));
}

#[actix_web::test]
async fn a_full_disk_refuses_what_would_be_written_and_goes_on_when_there_is_room() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let path = format!("/api/sessions/{session}");
    world.engine.set_full(true);
    let title = Some(json!({"title": "not kept"}));
    let (status, problem) = world.ask(&world.bob, "PATCH", &path, title.clone()).await;
    assert_eq!((status, &problem["code"], &problem["retry"]), (503, &json!("store_unavailable"), &json!(true)));
    let (status, problem) = world.send(world.request("GET", "/readyz")).await;
    assert_eq!((status, &problem["code"]), (503, &json!("store_unavailable")));
    assert_eq!(world.send(world.request("GET", "/healthz")).await.0, 200);
    let (status, kept) = world.ask(&world.bob, "GET", &path, None).await;
    assert_eq!(status, 200);
    assert_ne!(kept["title"], "not kept");

    world.engine.set_full(false);
    let ready = async { while world.send(world.request("GET", "/readyz")).await.0 != 200 {} };
    timeout(BOUND, ready).await.expect("it goes on without a restart");
    // What was awake meanwhile begins a new life with its next command, and says "try again" to that one.
    let taken = async {
        loop {
            match world.ask(&world.bob, "PATCH", &path, title.clone()).await {
                (503, problem) => assert_eq!(problem["retry"], true, "{problem}"),
                answer => return answer,
            }
        }
    };
    let (status, kept) = timeout(BOUND, taken).await.expect("it is taken");
    assert_eq!((status, &kept["title"]), (200, &json!("not kept")));
}

#[actix_web::test]
async fn sessions_are_created_with_the_limits_of_the_configuration() {
    let configure = |options: &mut tenure_runtime::Options| {
        options.session.prompt_bytes_max = 5;
        options.session.lease_ms = Span::secs(40);
    };
    let world = World::with_both(|_| {}, configure).await;
    let session = world.session(&world.bob).await;
    let path = format!("/api/sessions/{session}/prompts");
    let (status, problem) = world.ask(&world.bob, "POST", &path, Some(json!({"text": "123456"}))).await;
    assert_eq!((status, &problem["code"], &problem["limit"]), (413, &json!("too_large"), &json!(5)));
    assert_eq!(world.ask(&world.bob, "POST", &path, Some(json!({"text": "12345"}))).await.0, 200);
    // What runners are told of leases is what the session counts by.
    let mut runner = runner::open(&world).await;
    runner.send(hello(Uuid::from_u128(7))).await;
    assert_eq!(runner.next().await["lease_ms"], 40_000);
    let look = world.runtime.sessions.look(session.parse().expect("an id")).await.expect("it is there");
    assert_eq!(look.state.limits.lease_ms, Span::secs(40));
}

#[actix_web::test]
async fn whoever_fills_a_limit_is_warned_at_four_fifths() {
    let world = World::with_both(|_| {}, |options| options.session.queue_max = 5).await;
    let session = world.session(&world.bob).await;
    let path = format!("/api/sessions/{session}/prompts");
    // The first one is taken at once; the others wait.
    for _ in 0..4 {
        let (_, answer) = world.ask(&world.bob, "POST", &path, Some(json!({"text": "more"}))).await;
        assert_eq!((&answer["outcome"], answer.get("warnings")), (&json!("prompted"), None), "{answer}");
    }
    let warnings = json!([{"limit": "queue_max", "used": 4, "max": 5}]);
    let (_, answer) = world.ask(&world.bob, "POST", &path, Some(json!({"text": "more"}))).await;
    assert_eq!((&answer["outcome"], &answer["warnings"]), (&json!("prompted"), &warnings));

    let mut socket = world.join(&world.bob, &session, None).await;
    socket.until("live").await;
    socket.send(json!({"type": "prompt", "request_id": "5", "text": "more"})).await;
    assert_eq!(socket.until("reply").await["warnings"][0]["used"], 5);
    socket.send(json!({"type": "title", "request_id": "6", "title": "adds nothing"})).await;
    assert_eq!(socket.until("reply").await.get("warnings"), None);
}
