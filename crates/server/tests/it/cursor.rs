//! The laws of cursors: what was missed comes once, in order; what cannot be told piece by piece is told whole.

use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::fold::View;
use crate::runner::{FakeRunner, create, delta, finalize, prompt};
use crate::world::{BOUND, Socket, World};

/// Plays a turn with everything in it, in commits of one or several frames.
async fn play(world: &World, runner: &mut FakeRunner, session: &str) {
    prompt(world, &world.bob, session, "first").await;
    let mut work = runner.work().await;
    prompt(world, &world.bob, session, "waits").await;
    let call = |status: &str| json!({"call": "c", "tool": "shell", "status": status});
    let tool = |status: &str| json!({"type": "message.part.tool-update", "part": 1, "call": call(status)});
    let output = json!({"type": "message.part.text-delta", "part": 1, "kind": "output", "offset": 0, "text": "ls\n"});
    let status = json!({"type": "agentStatus", "status": "streaming"});
    let models = json!({"type": "models", "models": ["a", "b"], "current": "a"});
    let title = json!({"type": "title", "title": "A better one"});
    let usage = json!({"type": "usage", "usage": {"input_tokens": 3, "output_tokens": 4}});
    runner.tell(&mut work, &[create(), status, models, delta(0, 0, "grüße ")]).await;
    runner.tell(&mut work, &[delta(0, 8, "an alle")]).await;
    runner.tell(&mut work, &[tool("running"), output]).await;
    runner.tell(&mut work, &[tool("completed"), title, delta(2, 0, "done")]).await;
    runner.tell(&mut work, &[usage, finalize()]).await;
    let mut second = runner.work().await;
    runner.tell(&mut second, &[create(), delta(0, 0, "again")]).await;
    runner.tell(&mut second, &[finalize()]).await;
}

/// Reads until the session is idle again after its second answer.
async fn watch(socket: &mut Socket, view: &mut View) -> Vec<Value> {
    let mut events = vec![];
    let mut finished = 0;
    loop {
        let event = socket.next().await;
        view.apply(&event);
        finished += usize::from(event["type"] == "message.finalize");
        let idle = event["type"] == "session.updated" && event["status"] == "idle";
        events.push(event);
        if finished == 2 && idle {
            return events;
        }
    }
}

#[actix_web::test]
async fn a_client_that_is_cut_after_any_event_sees_the_same_in_the_end() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let mut runner = FakeRunner::connect(&world).await;
    let mut socket = world.join(&world.bob, &session, None).await;
    let mut whole = View::default();
    let (events, ()) = futures_util::join!(watch(&mut socket, &mut whole), play(&world, &mut runner, &session));
    assert_eq!(whole.answer(), "again");

    for cut in 1..=events.len() {
        let mut view = View::default();
        events[..cut].iter().for_each(|event| view.apply(event));
        let mut back = world.join(&world.bob, &session, view.cursor).await;
        loop {
            let event = back.next().await;
            assert_ne!(event["type"], "resync", "after event {cut}");
            view.apply(&event);
            if event["type"] == "live" {
                break;
            }
        }
        assert_eq!(view.shown(), whole.shown(), "cut after event {cut}: {}", events[cut - 1]);
    }
}

#[actix_web::test]
async fn a_client_that_is_cut_after_every_event_while_it_happens_sees_the_same() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let mut runner = FakeRunner::connect(&world).await;
    let mut steady = world.join(&world.bob, &session, None).await;
    let mut whole = View::default();
    // Pictures hold no transcript, so both begin before the first word.
    let mut view = View::default();
    view.apply(&world.join(&world.bob, &session, None).await.until("init").await);
    let restless = async {
        let mut finals = std::collections::BTreeSet::new();
        let mut after = view.cursor;
        loop {
            let mut socket = world.join(&world.bob, &session, after).await;
            let mut live = false;
            // One live event per connection.
            loop {
                let event = socket.next().await;
                view.apply(&event);
                if event["type"] == "message.finalize" {
                    finals.insert(event["message"]["seq"].as_u64());
                }
                let idle = event["type"] == "session.updated" && event["status"] == "idle";
                if finals.len() == 2 && idle {
                    return view;
                }
                if live {
                    break;
                }
                live = event["type"] == "live";
            }
            after = view.cursor;
        }
    };
    let (_, view, ()) =
        futures_util::join!(watch(&mut steady, &mut whole), restless, play(&world, &mut runner, &session));
    assert_eq!(view.shown(), whole.shown());
}

#[actix_web::test]
async fn what_was_missed_comes_once_and_nothing_before_it() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let mut socket = world.join(&world.bob, &session, None).await;
    let live = socket.until("live").await["position"].as_u64();
    let titles = ["a", "b", "c"];
    for title in titles {
        world.ask(&world.bob, "PATCH", &format!("/api/sessions/{session}"), Some(json!({ "title": title }))).await;
        assert_eq!(socket.until("title").await["title"], title);
    }
    let mut back = world.join(&world.bob, &session, live).await;
    let missed = back.until("title").await;
    assert_eq!(missed["title"], "c");
    let now = back.until("live").await["position"].as_u64();
    assert_eq!(missed["position"].as_u64(), now);

    // Nothing was missed: nothing is told.
    let mut again = world.join(&world.bob, &session, now).await;
    assert_eq!(again.next().await["type"], "live");
}

#[actix_web::test]
async fn a_cursor_from_the_future_and_one_too_old_get_a_picture() {
    let world = World::with(|options| options.catch_up_max = 3).await;
    let session = world.session(&world.bob).await;
    let mut future = world.join(&world.bob, &session, Some(1_000_000)).await;
    let resync = future.next().await;
    assert_eq!((&resync["type"], &resync["session"]["id"]), (&json!("resync"), &json!(session)));
    let position = future.until("live").await["position"].as_u64().expect("a position");
    for n in 0..4 {
        world
            .ask(&world.bob, "PATCH", &format!("/api/sessions/{session}"), Some(json!({ "title": n.to_string() })))
            .await;
        future.until("title").await;
    }
    let mut old = world.join(&world.bob, &session, Some(position)).await;
    let resync = old.next().await;
    assert_eq!((&resync["type"], &resync["session"]["title"]), (&json!("resync"), &json!("3")));
    // At the edge all is told piece by piece.
    let mut edge = world.join(&world.bob, &session, Some(position + 1)).await;
    assert_ne!(edge.next().await["type"], "resync");
}

/// Reads events of a stream until one of a type comes; returns ids and objects.
pub async fn events_until(response: reqwest::Response, kind: &str) -> Vec<(Option<u64>, Value)> {
    events_till(response, |event| event["type"] == kind).await
}

/// Reads events of a stream until one that is wanted comes; returns ids and objects.
pub async fn events_till(response: reqwest::Response, wanted: impl Fn(&Value) -> bool) -> Vec<(Option<u64>, Value)> {
    let mut stream = response.bytes_stream();
    let (mut text, mut events) = (String::new(), vec![]);
    loop {
        let bytes = tokio::time::timeout(BOUND, stream.next()).await.expect("in time");
        let Some(bytes) = bytes else { panic!("the stream ended after {:?}", events.last()) };
        let bytes = bytes.expect("bytes");
        text.push_str(std::str::from_utf8(&bytes).expect("UTF-8, whole"));
        while let Some((event, rest)) = text.clone().split_once("\n\n") {
            text = rest.to_owned();
            let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
            let Some(data) = field("data: ") else { continue };
            let data: Value = serde_json::from_str(&data).expect("JSON");
            let ends = wanted(&data);
            events.push((field("id: ").map(|id| id.parse().expect("a number")), data));
            if ends {
                return events;
            }
        }
    }
}

#[actix_web::test]
async fn an_event_stream_carries_the_same_objects_and_goes_on_by_its_last_id() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let path = format!("/api/sessions/{session}/events");
    let get = |query: &str| world.request("GET", &format!("{path}{query}")).bearer_auth(&world.bob.token);
    let first = get("").send().await.expect("an answer");
    assert_eq!(first.headers()["content-type"], "text/event-stream");
    let opening = events_until(first, "live").await;
    assert_eq!(opening[0].1["type"], "init");
    let (id, live) = opening.last().expect("live");
    assert_eq!(*id, live["position"].as_u64());

    world.ask(&world.bob, "PATCH", &format!("/api/sessions/{session}"), Some(json!({"title": "new"}))).await;
    let last = id.expect("an id").to_string();
    let missed = events_until(get("").header("Last-Event-ID", &last).send().await.expect("an answer"), "live").await;
    assert_eq!(missed[0].1["title"], "new");
    let by_query = events_until(get(&format!("?after={last}")).send().await.expect("an answer"), "live").await;
    assert_eq!(by_query, missed);
    let (status, problem) = world.send(get("").header("Last-Event-ID", "yesterday")).await;
    assert_eq!((status, &problem["code"]), (400, &json!("cursor_invalid")));
}
