//! A workflow run in a chat: what its clients see of it.

use serde_json::{Value, json};
use tenure_model::id::{ExecutionId, SessionId, ThreadId, TurnId};
use tenure_model::step::{RunEnd, StepRef, StepWork};
use tenure_session::run::{NewRun, StepTask, StepThread};
use tenure_session::{Author, Command, StepCommand};
use uuid::Uuid;

use crate::runner::{FakeRunner, create, delta, finalize};
use crate::world::World;

const RUN: ExecutionId = ExecutionId(Uuid::from_u128(0xe0));
const THREAD: ThreadId = ThreadId(Uuid::from_u128(0x72));

async fn run_says(world: &World, session: &str, command: StepCommand) {
    let session: SessionId = session.parse().expect("an id");
    world.runtime.sessions.ask(session, Command::Step(command)).await.expect("the session does it");
}

fn turn(number: u128) -> TurnId {
    TurnId(Uuid::from_u128(0x7100 + number))
}

fn prompt(world: &World, number: u128, text: &str) -> StepCommand {
    let (persona, agent, models, interrupt) = (None, None, vec![], false);
    StepCommand::Do(StepTask {
        turn: turn(number),
        thread: StepThread { id: THREAD, title: Some("Steps".into()), single_use: false },
        step: StepRef { execution: RUN, path: "rate".into(), attempt: 1, round: 0 },
        work: StepWork::Prompt { text: text.into(), persona, agent, models, interrupt },
        timeout_ms: None,
        by: Author { user: world.bob.user, name: "bob".into() },
    })
}

async fn finishes(world: &World, session: &str) -> Vec<Value> {
    let (status, page) = world.ask(&world.bob, "GET", &format!("/api/sessions/{session}/messages"), None).await;
    assert_eq!(status, 200, "{page}");
    page["items"].as_array().expect("messages").iter().map(|message| message["finish"].clone()).collect()
}

#[actix_web::test]
async fn a_run_is_seen_in_the_chat_that_it_works_in() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let mut runner = FakeRunner::connect(&world).await;
    let mut socket = world.join(&world.bob, &session, None).await;
    socket.until("live").await;
    let (workflow, title) = ("release-check".to_owned(), "Release check".to_owned());
    let run = NewRun { execution: RUN, workflow, title, repo: None, draws: vec![] };
    run_says(&world, &session, StepCommand::Attach { owner: world.bob.user, run }).await;
    assert_eq!(socket.until("run.attached").await["run"]["workflow"], "release-check");

    run_says(&world, &session, prompt(&world, 1, "Rate it")).await;
    run_says(&world, &session, prompt(&world, 2, "Then this")).await;
    let pointer = json!({"execution": RUN, "path": "rate", "attempt": 1, "round": 0});
    assert_eq!(socket.until("message").await["message"]["step"], pointer);
    assert_eq!(socket.until("message.create").await["step"], pointer);
    let queue = loop {
        let queue = socket.until("queue.state").await["queue"].clone();
        if queue != json!([]) {
            break queue;
        }
    };
    assert_eq!(queue[0]["step"], pointer);
    let withdraw = json!({"type": "queue.withdraw", "request_id": "w", "prompt": queue[0]["prompt"]});
    socket.send(withdraw).await;
    let problem = socket.until("error").await["problem"].clone();
    assert_eq!(problem["code"], "prompt_of_run");
    assert!(problem["detail"].as_str().expect("a detail").contains("\"Release check\""), "{problem}");

    let mut work = runner.work().await;
    runner.tell(&mut work, &[create(), delta(0, 0, "no JSON"), finalize()]).await;
    let end = socket.until("message.finalize").await;
    assert_eq!((&end["message"]["step"], &end["message"]["finish"]), (&pointer, &json!("end_turn")));
    assert!(finishes(&world, &session).await.contains(&json!("end_turn")));
    run_says(&world, &session, StepCommand::Supersede { turn: turn(1) }).await;
    assert_eq!(socket.until("message.superseded").await["turn"], json!(turn(1)));
    let seen = finishes(&world, &session).await;
    assert!(seen.contains(&json!("canceled")) && !seen.contains(&json!("end_turn")), "{seen:?}");

    run_says(&world, &session, StepCommand::Close { execution: RUN, end: RunEnd::Cancelled }).await;
    assert_eq!(socket.until("run.ended").await["end"], "cancelled");
    let (_, view) = world.ask(&world.bob, "GET", &format!("/api/sessions/{session}"), None).await;
    assert_eq!(view["runs"][0]["ended"], "cancelled");
}
