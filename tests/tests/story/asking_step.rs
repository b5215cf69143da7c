//! A step whose call needs a person: the server is killed while it waits and again once it was decided, the question is answered
//! in a chat, and the call is made once.

use std::process::Stdio;

use serde_json::{Value, json};
use tenure_tests::harness::{Server, cli, in_time};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::ChildStdout;

const CONFIGURATION: &str = "[server]\nconnector_private_addresses = true\n";
const CALLS: &str = "name: Tidy\nslug: tidy\nsteps:\n  \
                     - {id: make, name: Make it, type: tool, tool: other__sync_workflow, arguments: {definition: 'DEFINITION'}}\n";
const MADE: &str = "{\"name\": \"Made\", \"slug\": \"made\", \"steps\": [{\"id\": \"say\", \"type\": \"tool\", \"tool\": \"echo\", \
                    \"arguments\": {\"text\": \"hi\"}}]}";

/// A server, and another one whose tools it has as those of its connector `other`.
async fn two() -> (Server, Server) {
    let server = Server::start_with(&[("tenure.toml", CONFIGURATION.to_owned())]).await;
    let other = Server::start().await;
    let url = format!("http://{}/mcp", other.address());
    let set =
        cli::command(&server, &["connector", "set", "other", "--url", &url, "--header-env", "Authorization=OTHER"])
            .env("OTHER", format!("Bearer {}", other.token()))
            .output();
    let set = in_time("the connector", set).await.expect("the binary starts");
    assert!(set.status.success(), "{}", String::from_utf8_lossy(&set.stderr));
    (server, other)
}

/// Waits until a run's step waits for a person.
async fn asked(server: &Server) -> Value {
    loop {
        let listed: Value = server.api().get("/api/approvals").await;
        if listed["items"][0].is_object() {
            return listed["items"][0].clone();
        }
        tokio::task::yield_now().await;
    }
}

async fn line_with(lines: &mut Lines<BufReader<ChildStdout>>, words: &str) {
    let found = async {
        let mut seen = vec![];
        while let Some(line) = lines.next_line().await.expect("it is text") {
            seen.push(line);
            if seen.last().is_some_and(|line| line.contains(words)) {
                return;
            }
        }
        panic!("the chat has ended without {words}: {seen:#?}");
    };
    in_time(words, found).await;
}

#[tokio::test]
async fn a_step_that_waits_for_a_person_outlives_the_server_and_is_decided_in_the_chat() {
    let (mut server, other) = two().await;
    let session = server.api().open_session().await;
    let definition = CALLS.replace("DEFINITION", MADE);
    let start = json!({ "definition": definition, "session": session });
    let started = server.api().post("/api/executions", &start).await;
    let run = started["execution"].as_str().expect("an id").to_owned();
    let question = in_time("the question", asked(&server)).await;
    assert_eq!((&question["run"], &question["step"]), (&json!("Tidy"), &json!("Make it")), "{question}");
    server.kill().await;
    server.start_again().await;

    let why: Value = server.api().get(&format!("/api/executions/{run}/why")).await;
    let sentence = why["sentence"].as_str().expect("a sentence");
    assert!(sentence.contains("to let its call of other__sync_workflow go on"), "{sentence}");
    let mut chat = cli::command(&server, &["chat", "--session", &session.to_string()]);
    let mut chat = chat.stdin(Stdio::piped()).kill_on_drop(true).spawn().expect("the binary starts");
    let mut lines = BufReader::new(chat.stdout.take().expect("it was asked for")).lines();
    line_with(&mut lines, "! approval 1: the step Make it of Tidy wants to call other__sync_workflow").await;
    let mut typed = chat.stdin.take().expect("it was asked for");
    typed.write_all(b"/approve 1 it is fine\n").await.expect("it is read");
    line_with(&mut lines, "approval 1 was approved by").await;
    server.kill().await;
    server.start_again().await;

    let over: Value = server.api().get(&format!("/api/executions/{run}?wait_ms=20000")).await;
    // The server may have ended while the call was on its way: then nobody knows, and it is not made again.
    let doubt = over["waits_for"] == "answer";
    assert!(over["status"] == "completed" || doubt, "{over}");
    let history: Value = other.api().get("/api/workflows").await;
    let made = history["items"].as_array().expect("a page").len();
    assert!(made == 1 || (doubt && made == 0), "{history}");
    chat.kill().await.expect("a process of ours can be killed");
}
