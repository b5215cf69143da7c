//! Runners: a fake one for the other tests, and all the ways in which one may lie.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::world::{End, Person, Socket, World};

/// A runner that does what the test says.
pub struct FakeRunner {
    pub id: Uuid,
    pub socket: Socket,
}

/// A work that the runner holds.
#[derive(Clone, Debug)]
pub struct Work {
    pub session: String,
    pub work: String,
    pub generation: u64,
    pub next: u64,
    pub text: String,
    /// Where its agent finds the tools.
    pub mcp: Value,
}

pub fn hello(runner: Uuid) -> Value {
    json!({
        "type": "hello", "protocol": 1, "runner": runner, "boot": Uuid::from_u128(1), "name": "fake", "version": "0",
        "capacity": 100, "agents": [{"name": "fake", "kind": "scripted", "description": "a test"}], "held": [],
    })
}

impl FakeRunner {
    pub async fn connect(world: &World) -> Self {
        Self::connect_as(world, Uuid::from_u128(77)).await
    }

    pub async fn connect_as(world: &World, id: Uuid) -> Self {
        Self::greet(world, id, hello(id)).await
    }

    pub async fn with_capacity(world: &World, capacity: u32) -> Self {
        let id = Uuid::from_u128(77);
        let mut hello = hello(id);
        hello["capacity"] = json!(capacity);
        Self::greet(world, id, hello).await
    }

    /// Connects a runner that has this label, and may start the commands of connectors.
    pub async fn with_label(world: &World, label: &str, connectors: bool) -> Self {
        let id = Uuid::from_u128(77);
        let mut hello = hello(id);
        hello["labels"] = json!([label]);
        if connectors {
            hello["connectors"] = json!(true);
        }
        Self::greet(world, id, hello).await
    }

    async fn greet(world: &World, id: Uuid, hello: Value) -> Self {
        let mut socket = open(world).await;
        socket.send(hello).await;
        let welcome = socket.next().await;
        assert_eq!(welcome["type"], "welcome", "{welcome}");
        Self { id, socket }
    }

    /// Takes the next work on.
    pub async fn work(&mut self) -> Work {
        let offer = self.socket.until("offer").await;
        self.socket.send(json!({"type": "accept", "ref": offer["ref"]})).await;
        let start = self.socket.until("start").await;
        self.socket.send(json!({"type": "done", "ref": start["ref"]})).await;
        let text = |name: &str| start["spec"][name].as_str().expect(name).to_owned();
        let generation = start["spec"]["generation"].as_u64().expect("a generation");
        let mcp = start["spec"]["mcp"].clone();
        Work { session: text("session"), work: text("work"), generation, next: 0, text: text("text"), mcp }
    }

    /// Says frames without waiting.
    pub async fn say(&mut self, work: &mut Work, frames: &[Value]) {
        self.socket.send(frames_of(work, work.next, frames)).await;
        work.next += frames.len() as u64;
    }

    /// Says frames and waits until they are durable.
    pub async fn tell(&mut self, work: &mut Work, frames: &[Value]) {
        self.say(work, frames).await;
        while self.socket.until("ack").await["next"].as_u64() < Some(work.next) {}
    }
}

pub fn frames_of(work: &Work, first: u64, frames: &[Value]) -> Value {
    let Work { session, work, generation, .. } = work;
    json!({"type": "frames", "session": session, "work": work, "generation": generation, "first": first, "frames": frames})
}

pub fn delta(part: u32, offset: usize, text: &str) -> Value {
    json!({"type": "message.part.text-delta", "part": part, "kind": "text", "offset": offset, "text": text})
}

pub fn create() -> Value {
    json!({"type": "message.create", "agent": "fake"})
}

pub fn finalize() -> Value {
    json!({"type": "message.finalize", "reason": "end_turn"})
}

pub async fn open(world: &World) -> Socket {
    world.open("/link/runner", "tenure.runner.v1", Some(&world.runner_token)).await.expect("it opens")
}

/// Prompts over HTTP.
pub async fn prompt(world: &World, who: &Person, session: &str, text: &str) {
    let path = format!("/api/sessions/{session}/prompts");
    let (status, body) = world.ask(who, "POST", &path, Some(json!({ "text": text }))).await;
    assert_eq!(status, 200, "{body}");
}

#[actix_web::test]
async fn a_link_begins_with_hello_in_a_known_version() {
    let world = World::start().await;
    let mut early = open(&world).await;
    early.send(json!({"type": "heartbeat", "works": []})).await;
    assert_eq!(early.ending().await, (Some("hello_expected".into()), End::Closed(1008)));

    let mut other = open(&world).await;
    other.send(json!({"type": "hello", "protocol": 2, "dialect": "of tomorrow"})).await;
    assert_eq!(other.ending().await, (Some("protocol_version".into()), End::Closed(1008)));

    let mut binary = open(&world).await;
    binary.stream_send_binary().await;
    assert_eq!(binary.ending().await.0.as_deref(), Some("hello_expected"));

    let mut greedy = open(&world).await;
    let mut hello = hello(Uuid::from_u128(5));
    hello["capacity"] = json!(1_001);
    greedy.send(hello).await;
    assert_eq!(greedy.ending().await.0.as_deref(), Some("hello_invalid"));
}

#[actix_web::test]
async fn a_runner_that_says_nothing_is_sent_away() {
    let world = World::with(|options| options.hello_deadline_ms = tenure_model::Span::ms(50)).await;
    let mut silent = open(&world).await;
    assert_eq!(silent.ending().await, (Some("hello_late".into()), End::Closed(1008)));
}

#[actix_web::test]
async fn a_newer_link_of_the_same_runner_takes_over() {
    let world = World::start().await;
    let mut old = FakeRunner::connect(&world).await;
    let mut new = FakeRunner::connect(&world).await;
    assert_eq!(old.socket.ending().await, (Some("runner_replaced".into()), End::Closed(1008)));
    new.socket.send(json!({"type": "heartbeat", "works": []})).await;
    assert_eq!(new.socket.next().await["type"], "heartbeat");
}

#[actix_web::test]
async fn what_cannot_be_read_is_answered_and_the_link_stays() {
    let world = World::start().await;
    let mut runner = FakeRunner::connect(&world).await;
    for (text, code) in [
        ("{", "frame_malformed"),
        (r#"{"type":"dance"}"#, "type_unknown"),
        (r#"{"type":"frames"}"#, "frame_invalid"),
        (&hello(runner.id).to_string(), "hello_repeated"),
    ] {
        runner.socket.send_text(text).await;
        assert_eq!(runner.socket.until("problem").await["problem"]["code"], code);
    }
    runner.socket.stream_send_binary().await;
    assert_eq!(runner.socket.until("problem").await["problem"]["code"], "frame_binary");
    runner.socket.send(json!({"type": "heartbeat", "works": []})).await;
    assert_eq!(runner.socket.next().await["type"], "heartbeat");
}

#[actix_web::test]
async fn a_lying_runner_harms_nothing() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let mut honest = FakeRunner::connect(&world).await;
    prompt(&world, &world.bob, &session, "hi").await;
    let mut work = honest.work().await;
    honest.tell(&mut work, &[create(), delta(0, 0, "true ")]).await;

    // Another runner says frames of the honest one's work.
    let mut liar = FakeRunner::connect_as(&world, Uuid::from_u128(78)).await;
    liar.socket.send(frames_of(&work, work.next, &[delta(0, 5, "lies")])).await;
    let dropped = liar.socket.until("drop").await;
    assert_eq!(dropped["problem"]["code"], "work_taken", "{dropped}");
    // Of a work that never was, and of a session that never was.
    let nowhere = Work { work: Uuid::from_u128(1).to_string(), ..work.clone() };
    liar.socket.send(frames_of(&nowhere, 0, &[create()])).await;
    assert_eq!(liar.socket.until("drop").await["problem"]["code"], "work_unknown");
    let nobody = Work { session: Uuid::from_u128(1).to_string(), ..nowhere.clone() };
    liar.socket.send(frames_of(&nobody, 0, &[create()])).await;
    liar.socket.until("drop").await;

    // The honest one skips a number, and is asked for the rest.
    honest.socket.send(frames_of(&work, work.next + 3, &[delta(0, 99, "late")])).await;
    assert_eq!(honest.socket.until("ack").await["next"], work.next);
    // An old generation, or one that never was, is not wanted.
    let other = Work { generation: work.generation + 1, ..work.clone() };
    honest.socket.send(frames_of(&other, work.next, &[delta(0, 5, "x")])).await;
    assert_eq!(honest.socket.until("drop").await["problem"]["code"], "generation_stale");
    // Numbers beyond all bounds.
    honest.socket.send(frames_of(&work, u64::MAX, &[delta(0, 5, "x")])).await;
    assert_eq!(honest.socket.until("problem").await["problem"]["code"], "frame_invalid");
    // What was said before is skipped, what is new counts.
    honest.socket.send(frames_of(&work, 1, &[delta(0, 0, "true "), delta(0, 5, "words")])).await;
    work.next += 1;
    while honest.socket.until("ack").await["next"].as_u64() < Some(work.next) {}
    honest.tell(&mut work, &[finalize()]).await;

    let path = format!("/api/sessions/{session}/messages");
    let (_, page) = world.ask(&world.bob, "GET", &path, None).await;
    assert_eq!(page["items"][0]["parts"][0]["text"], "true words", "{page}");
    // After the end nothing changes any more.
    liar.socket.send(frames_of(&work, work.next, &[delta(0, 10, "more")])).await;
    liar.socket.until("drop").await;
    assert_eq!(world.ask(&world.bob, "GET", &path, None).await.1, page);
}
