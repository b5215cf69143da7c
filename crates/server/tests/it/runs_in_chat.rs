//! A hosted run in the chat of its session: one stream of both, by position, and what people say to the run.

use std::sync::Arc;

use serde_json::{Value, json};
use tenure_model::id::{ExecutionId, SessionId, beside};
use tenure_workflow::execution::command::{Trigger, TriggerKind};
use tenure_workflow::execution::{Command, Start};
use tenure_workflow::people::Author;
use tenure_workflow::read;
use uuid::Uuid;

use crate::cursor::events_until;
use crate::runner::{FakeRunner, create, delta, finalize};
use crate::world::{Person, Socket, World};

const RELEASE: &str = "\
name: Release
steps:
  - {id: note, type: set, variables: {x: 1}}
  - {id: rate, name: Rate it, type: agent_prompt, prompt: Rate it}
  - {id: gate, type: approval, prompt: Ship it?, items: {Version: '1.2'}}
  - {id: built, type: wait, event: built}
  - {id: last, type: set, variables: {y: 2}}
";
pub const GATE: &str = "name: Gate\nsteps:\n  - {id: gate, type: approval, prompt: Ship it?}\n";

/// Starts a run that works in this session.
pub async fn start(world: &World, who: &Person, session: &str, definition: &str) -> ExecutionId {
    start_another(world, who, session, definition, 1).await
}

pub async fn start_another(world: &World, who: &Person, session: &str, definition: &str, number: u128) -> ExecutionId {
    let session: SessionId = session.parse().expect("an id");
    let id = ExecutionId(beside(Uuid::from_u128(number << 64), session.0));
    let definition = Arc::new(read::text(definition).expect("a definition"));
    let start = Start {
        owner: who.user,
        owner_name: "bob".into(),
        by: Author { user: who.user, name: "bob".into() },
        workflow: None,
        hash: definition.hash(),
        definition,
        inputs: Default::default(),
        trigger: Trigger { kind: TriggerKind::Manual, name: None, fired: None },
        session: Some(session),
        repo: None,
        personas: Default::default(),
        parent: None,
        above: vec![],
        retrying: None,
        test: false,
        limits: world.runtime.execution_limits.clone(),
    };
    world.runtime.executions.ask(id, Command::Start(Box::new(start))).await.expect("it starts");
    id
}

/// A socket, and everything that it has heard.
pub struct Ear {
    socket: Socket,
    pub heard: Vec<Value>,
}

impl Ear {
    pub async fn join(world: &World, who: &Person, session: &str, after: Option<u64>) -> Self {
        Self { socket: world.join(who, session, after).await, heard: vec![] }
    }

    pub async fn hear(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let event = self.socket.next().await;
            self.heard.push(event.clone());
            if wanted(&event) {
                return event;
            }
        }
    }

    pub async fn until(&mut self, kind: &str) -> Value {
        self.hear(|event| event["type"] == kind).await
    }

    async fn step(&mut self, path: &str, phase: &str) -> Value {
        self.hear(|event| event["step"]["path"] == path && event["step"]["phase"] == phase).await
    }

    /// Returns where the first of these was heard.
    fn at(&self, wanted: impl Fn(&Value) -> bool) -> usize {
        self.heard.iter().position(wanted).expect("it was heard")
    }
}

/// Names what a frame tells of a run, if it does.
pub fn of_run(event: &Value) -> Option<String> {
    match event["type"].as_str()? {
        "run.step" => Some(format!("{} {}", event["step"]["path"].as_str()?, event["step"]["phase"].as_str()?)),
        "approval.decided" => Some("decided".into()),
        _ => None,
    }
}

pub fn told(events: &[Value]) -> Vec<String> {
    events.iter().filter_map(of_run).collect()
}

fn decide(execution: ExecutionId, approval: &Value, decision: &str) -> Value {
    json!({
        "type": "decide", "request_id": "d", "execution": execution, "approval": approval["id"],
        "hash": approval["hash"], "decision": decision, "reason": "green",
    })
}

/// Plays the whole of [`RELEASE`] before this listener.
pub async fn play(world: &World, session: &str, ear: &mut Ear) -> ExecutionId {
    let mut runner = FakeRunner::connect(world).await;
    let run = start(world, &world.bob, session, RELEASE).await;
    ear.step("rate", "started").await;
    let mut work = runner.work().await;
    runner.tell(&mut work, &[create(), delta(0, 0, "sev")]).await;
    ear.until("message.part.text-delta").await;
    runner.tell(&mut work, &[delta(0, 3, "en"), finalize()]).await;
    let approval = ear.until("approval").await["approval"].clone();
    assert_eq!((&approval["prompt"], &approval["items"][0]["value"]), (&json!("Ship it?"), &json!("1.2")));
    ear.socket.send(decide(run, &approval, "approved")).await;
    ear.step("built", "started").await;
    let event =
        json!({"type": "run.event", "request_id": "e", "execution": run, "name": "built", "payload": {"id": 7}});
    ear.socket.send(event).await;
    ear.until("run.ended").await;
    run
}

#[actix_web::test]
async fn a_session_and_its_run_are_one_stream_by_position() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let mut ear = Ear::join(&world, &world.bob, &session, None).await;
    let start = ear.until("live").await["position"].as_u64();
    play(&world, &session, &mut ear).await;

    let steps = [
        "note started",
        "note completed",
        "rate started",
        "rate taken",
        "rate completed",
        "gate started",
        "decided",
        "gate completed",
        "built started",
        "built completed",
        "last started",
        "last completed",
    ];
    assert_eq!(told(&ear.heard), steps);
    let positions: Vec<_> = ear.heard.iter().filter_map(|event| event["position"].as_u64()).collect();
    assert!(positions.is_sorted(), "{positions:?}");
    let step = |path: &'static str, phase: &'static str| {
        move |event: &Value| event["step"]["path"] == path && event["step"]["phase"] == phase
    };
    let kind = |kind: &'static str| move |event: &Value| event["type"] == kind;
    let places = [
        ear.at(kind("run.attached")),
        ear.at(step("rate", "started")),
        ear.at(kind("message.create")),
        ear.at(kind("message.part.text-delta")),
        ear.at(kind("message.finalize")),
        ear.at(step("rate", "completed")),
        ear.at(kind("approval")),
        ear.at(kind("approval.decided")),
        ear.at(kind("run.ended")),
    ];
    assert!(places.is_sorted(), "{places:?}");
    let turn = &ear.heard[ear.at(kind("message.create"))]["turn"];
    assert_eq!(ear.heard[places[1]]["step"]["turn"], *turn, "the card of a step names its turn");
    let rows: Vec<_> = ear.heard.iter().filter(|event| event["type"] == "run.updated").collect();
    assert_eq!(rows.last().expect("rows")["run"]["status"], "completed");
    assert!(rows.iter().any(|row| row["run"]["waits_for"] == "approval" && row["approvals"] != json!([])));

    // The same for a reader of server-sent events who was away for all of it.
    let path = format!("/api/sessions/{session}/events?after={}", start.expect("a position"));
    let stream = world.request("GET", &path).bearer_auth(&world.bob.token).send().await.expect("an answer");
    let events: Vec<_> = events_until(stream, "live").await.into_iter().map(|(_, event)| event).collect();
    assert_eq!(told(&events), steps);
}

#[actix_web::test]
async fn a_picture_shows_what_a_run_asks() {
    let world = World::with(|options| options.catch_up_max = 1).await;
    let session = world.session(&world.bob).await;
    let mut ear = Ear::join(&world, &world.bob, &session, None).await;
    let start_at = ear.until("live").await["position"].as_u64();
    let run = start(&world, &world.bob, &session, GATE).await;
    let asked = ear.hear(|event| event["run"]["waits_for"] == "approval").await;

    for after in [None, start_at] {
        let mut late = Ear::join(&world, &world.bob, &session, after).await;
        let picture = late.socket.next().await;
        assert_eq!(picture["type"], if after.is_some() { "resync" } else { "init" });
        assert_eq!(picture["runs"][0]["run"]["id"], json!(run));
        assert_eq!(picture["runs"][0]["open"][0]["path"], "gate");
        assert_eq!(picture["runs"][0]["approvals"][0]["id"], asked["approvals"][0]);
        assert_eq!(picture["session"]["runs"][0]["execution"], json!(run));
    }
    // Who joined with a picture hears what follows, like the others.
    let mut late = Ear::join(&world, &world.bob, &session, None).await;
    let picture = late.until("init").await;
    late.socket.send(decide(run, &picture["runs"][0]["approvals"][0], "denied")).await;
    for ear in [&mut late, &mut ear] {
        let decided = ear.until("approval.decided").await;
        assert_eq!(
            (&decided["decided"]["decision"], &decided["decided"]["by"]["name"]),
            (&json!("denied"), &json!("bob"))
        );
        assert_eq!(ear.hear(|event| event["run"]["status"] == "cancelled").await["approvals"], json!([]));
        assert_eq!(ear.until("run.ended").await["end"], "cancelled");
    }
}

#[actix_web::test]
async fn a_run_hears_only_those_who_may_and_only_from_its_session() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let mut bob = Ear::join(&world, &world.bob, &session, None).await;
    bob.until("live").await;
    let run = start(&world, &world.bob, &session, GATE).await;
    let approval = bob.until("approval").await["approval"].clone();
    let carol = world.person("carol").await;
    bob.socket.send(json!({"type": "share", "request_id": "s", "user": carol.user, "role": "collaborator"})).await;
    bob.until("reply").await;

    let mut other = Ear::join(&world, &carol, &session, None).await;
    other.socket.send(decide(run, &approval, "approved")).await;
    assert_eq!(other.until("error").await["problem"]["code"], "not_an_approver");
    other.socket.send(json!({"type": "run.event", "execution": run, "name": "built"})).await;
    assert_eq!(other.until("error").await["problem"]["code"], "not_the_owner");

    let elsewhere = world.session(&world.bob).await;
    let mut away = Ear::join(&world, &world.bob, &elsewhere, None).await;
    away.socket.send(decide(run, &approval, "approved")).await;
    assert_eq!(away.until("error").await["problem"]["code"], "run_unknown");

    let mut stale = approval.clone();
    stale["hash"] = json!("sha256:0");
    bob.socket.send(decide(run, &stale, "approved")).await;
    let problem = bob.until("error").await["problem"].clone();
    assert_eq!((&problem["code"], &problem["request_id"]), (&json!("approval_changed"), &json!("d")));
    bob.socket.send(decide(run, &approval, "approved")).await;
    let reply = bob.until("reply").await["reply"].clone();
    assert_eq!((&reply["outcome"], &reply["decision"]), (&json!("decided"), &json!("approved")));
}
