//! Connectors that are commands of a runner: asked over its link, and otherwise like all others.

use serde_json::{Value, json};
use tenure_model::Span;

use super::SECRET;
use crate::runner::FakeRunner;
use crate::world::World;

const PATH: &str = "/api/connectors/files";
const CALL: &str = "/api/tools/files__read/call";

fn command() -> Value {
    json!({ "command": "mcp-files", "args": ["--root", "/srv"], "env": { "API_TOKEN": SECRET }, "runner": { "labels": { "os": "linux" } }, "risk": "low" })
}

/// A server on which bob has a connector that is a command.
async fn world() -> World {
    let world = World::with(|options| options.connector_call_ms = Span::secs(2)).await;
    let (status, told) = world.ask(&world.bob, "PUT", PATH, Some(command())).await;
    assert_eq!((status, &told["outcome"]), (201, &json!("created")), "{told}");
    world
}

/// Answers the next question about a connector, and returns it.
async fn told(runner: &mut FakeRunner, answer: Value) -> Value {
    let asked = runner.socket.until("connector").await;
    runner.socket.send(json!({ "type": "connector_told", "ref": asked["ref"], "answer": answer })).await;
    asked["order"].clone()
}

fn listed(about: &str) -> Value {
    let tool = json!({ "name": "read", "description": about, "inputSchema": { "type": "object" } });
    json!({ "told": "listed", "server": "files 1", "tools": [tool] })
}

fn called(text: &str) -> Value {
    json!({ "told": "called", "result": { "content": [{ "type": "text", "text": text }] } })
}

async fn call(world: &World) -> (u16, Value) {
    world.ask(&world.bob, "POST", CALL, Some(json!({ "params": { "a": 1 } }))).await
}

/// Calls, while the runner gives these answers, and returns what it was asked as well.
async fn call_with(world: &World, runner: &mut FakeRunner, answers: Vec<Value>) -> ((u16, Value), Vec<Value>) {
    let answering = async {
        let mut asked = vec![];
        for answer in answers {
            asked.push(told(runner, answer).await);
        }
        asked
    };
    tokio::join!(call(world), answering)
}

#[actix_web::test]
async fn a_command_is_asked_over_the_link_of_the_runner_that_may_start_it() {
    let world = world().await;
    let mut runner = FakeRunner::with_label(&world, "os=linux", true).await;
    let said = format!("your token is {SECRET}");
    let ((status, answer), asked) = call_with(&world, &mut runner, vec![listed("Reads."), called(&said)]).await;
    assert_eq!((status, &answer["text"]), (200, &json!("your token is •••")), "{answer}");
    let program = json!({ "command": "mcp-files", "args": ["--root", "/srv"], "env": { "API_TOKEN": SECRET } });
    for order in &asked {
        assert_eq!((&order["program"], &order["connector"]), (&program, &json!("files")));
        assert_eq!(order["owner"], json!(world.bob.user));
    }
    assert_eq!((&asked[0]["question"]["ask"], &asked[1]["question"]["ask"]), (&json!("list"), &json!("call")));
    assert_eq!(asked[1]["question"]["params"]["arguments"], json!({ "a": 1 }));
    let ((status, _), asked) = call_with(&world, &mut runner, vec![called("again")]).await;
    assert_eq!((status, asked.len()), (200, 1), "what it has is known");
    let (_, shown) = world.ask(&world.bob, "GET", PATH, None).await;
    assert_eq!((&shown["command"], &shown["env"]), (&json!("mcp-files"), &json!(["API_TOKEN"])), "{shown}");
    assert_eq!((&shown["url"], &shown["health"]["state"]), (&Value::Null, &json!("up")));
    let owner = world.bob.user;
    for path in [format!("/admin/entities/owner/{owner}"), format!("/admin/entities/owner/{owner}/journal")] {
        let (status, told) = world.ask(&world.ann, "GET", &path, None).await;
        assert!(status == 200 && !told.to_string().contains(SECRET), "{path}: {told}");
    }
}

#[actix_web::test]
async fn without_a_runner_that_may_it_is_said_who_is_missing() {
    let world = world().await;
    let refused = async |why: &str| {
        let (status, told) = call(&world).await;
        assert_eq!((status, &told["code"], &told["retry"]), (503, &json!("connector_runner_missing"), &json!(true)));
        let detail = told["detail"].as_str().expect("words");
        assert!(detail.contains(why) && detail.ends_with("nothing was sent"), "{detail}");
    };
    refused("no runner is connected").await;
    let step = json!({ "id": "ask", "type": "tool", "tool": "files__read", "arguments": {} });
    let definition = json!({ "name": "Asks", "slug": "asks", "steps": [step] }).to_string();
    let run = world.ask(&world.bob, "POST", "/api/executions", Some(json!({ "definition": definition }))).await.1;
    let path = format!("/api/executions/{}?wait_ms=20000", run["execution"].as_str().expect("an id"));
    let over = world.ask(&world.bob, "GET", &path, None).await.1;
    assert_eq!(over["error"]["code"], "connector_runner_missing", "nothing was carried out: {over}");
    drop(FakeRunner::with_label(&world, "os=mac", true).await);
    let other = FakeRunner::with_label(&world, "os=mac", true).await;
    refused("the label \"os=linux\"").await;
    drop(other);
    let mut old = FakeRunner::with_label(&world, "os=linux", false).await;
    refused("older than this server").await;
    old.socket.send(json!({ "type": "heartbeat", "works": [] })).await;
    assert_eq!(old.socket.next().await["type"], "heartbeat", "it was asked nothing");
    let mut runner = FakeRunner::with_label(&world, "os=linux", true).await;
    let ((status, answer), _) = call_with(&world, &mut runner, vec![listed("Reads."), called("here")]).await;
    assert_eq!(status, 200, "as soon as one is there: {answer}");
}

#[actix_web::test]
async fn what_a_runner_tells_of_a_call_is_told_as_it_is_known() {
    let world = world().await;
    let mut runner = FakeRunner::with_label(&world, "os=linux", true).await;
    let invalid = json!({ "told": "called", "result": { "content": 7 } });
    let failed = json!({ "told": "called", "result": { "isError": true, "content": [] } });
    let cases = [
        (
            json!({ "told": "not_sent", "why": format!("cannot be started, {SECRET}") }),
            502,
            "connector_unreachable",
            "nothing was sent",
        ),
        (
            json!({ "told": "error", "code": -32602, "message": "no x" }),
            502,
            "connector_refused",
            "nothing was carried out",
        ),
        (json!({ "told": "error", "code": -32603, "message": "oh" }), 504, "connector_unanswered", "is not known"),
        (json!({ "told": "unanswered", "why": "has ended" }), 504, "connector_unanswered", "is not known"),
        (
            json!({ "told": "unreadable", "why": "floods" }),
            502,
            "connector_answer_invalid",
            "may have been carried out",
        ),
        (invalid, 502, "connector_answer_invalid", "may have been carried out"),
        (listed("Reads."), 502, "connector_answer_invalid", "may have been carried out"),
        (failed, 502, "connector_tool_failed", "was carried out, and failed"),
    ];
    for (at, (answer, status, code, known)) in cases.into_iter().enumerate() {
        let answers = if at == 0 { vec![listed("Reads."), answer] } else { vec![answer] };
        let ((got, told), _) = call_with(&world, &mut runner, answers).await;
        assert_eq!((got, told["code"].as_str()), (status, Some(code)), "{told}");
        let detail = told["detail"].as_str().expect("words");
        assert!(detail.contains(known) && !detail.contains(SECRET), "{detail}");
    }
}

#[actix_web::test]
async fn a_call_whose_runner_goes_away_or_is_silent_is_not_made_again() {
    let world = world().await;
    let mut runner = FakeRunner::with_label(&world, "os=linux", true).await;
    let leaving = async {
        told(&mut runner, listed("Reads.")).await;
        runner.socket.until("connector").await;
        drop(runner);
    };
    let ((status, answer), ()) = tokio::join!(call(&world), leaving);
    assert_eq!((status, &answer["code"]), (504, &json!("connector_unanswered")), "{answer}");
    let mut runner = FakeRunner::with_label(&world, "os=linux", true).await;
    let ((status, _), asked) = call_with(&world, &mut runner, vec![listed("Reads."), called("back")]).await;
    assert_eq!((status, asked.len()), (200, 2), "nothing but the next call was asked");
    let silent = async {
        runner.socket.until("connector").await;
    };
    let ((status, answer), ()) = tokio::join!(call(&world), silent);
    assert_eq!((status, &answer["code"]), (504, &json!("connector_unanswered")), "{answer}");
    let ((status, _), _) = call_with(&world, &mut runner, vec![called("awake")]).await;
    assert_eq!(status, 200, "a slow connector is no reason to leave its runner");
}

#[actix_web::test]
async fn one_whose_tool_has_changed_is_not_called() {
    let world = world().await;
    let mut runner = FakeRunner::with_label(&world, "os=linux", true).await;
    call_with(&world, &mut runner, vec![listed("Reads."), called("here")]).await;
    let path = format!("{PATH}/check");
    let checking = world.ask(&world.bob, "POST", &path, None);
    let ((status, checked), _) = tokio::join!(checking, told(&mut runner, listed("Reads, and sends it away.")));
    assert_eq!((status, &checked["tools"][0]["changed"]), (200, &json!(true)), "{checked}");
    assert_eq!(call(&world).await.1["code"], "connector_tool_changed");
}

#[actix_web::test]
async fn what_does_not_fit_is_refused_with_its_field() {
    let world = World::start().await;
    for (body, field) in [
        (json!({}), "url"),
        (json!({ "url": "https://a.example.org/", "command": "a" }), "command"),
        (json!({ "url": "https://a.example.org/", "env": { "A": "b" } }), "env"),
        (json!({ "command": "a", "headers": { "x-key": "b" } }), "headers"),
        (json!({ "command": "a", "env": { "A": "b\u{0}" } }), "env"),
        (json!({ "command": "a", "env": { "A-B": "b" } }), "env"),
        (json!({ "command": "a", "runner": { "sandbox": "big" } }), "runner"),
    ] {
        let (status, told) = world.ask(&world.bob, "PUT", PATH, Some(body)).await;
        let got = (status, told["code"].as_str(), told["field"].as_str());
        assert_eq!(got, (422, Some("connector_invalid"), Some(field)), "{told}");
    }
    world.ask(&world.bob, "PUT", PATH, Some(command())).await;
    let (status, told) = world.ask(&world.bob, "PUT", PATH, Some(json!({ "args": ["--other"] }))).await;
    assert_eq!((status, &told["code"], &told["field"]), (409, &json!("connector_variable_misled"), &json!("env")));
}
