//! A connector that is a command of a runner: registered, called, cut off in mid-call, and called again; its secrets come back from nowhere.

use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};
use tenure_tests::harness::{Runner, Server, cli, in_time};

const SECRET: &str = "tok-5f2c91d7e3";
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/runner/tests/connectors/server.sh");
const LOUD: &str = "[log]\nfilter = \"debug\"\n";

/// Calls a tool of the connector; returns the status and the answer.
async fn call(server: &Server, tool: &str) -> (u16, Value) {
    let path = format!("/api/tools/small__{tool}/call");
    let (status, told) = server.api().call(Method::POST, &path, Some(json!({ "params": {} }))).await;
    (status.as_u16(), told)
}

async fn text(server: &Server, tool: &str) -> String {
    let (status, told) = call(server, tool).await;
    assert_eq!(status, 200, "{told}");
    told["text"].as_str().expect("a text").to_owned()
}

/// Waits for a runner: its command runs as soon as one is there.
async fn joined(server: &Server) {
    let run =
        json!({ "definition": "name: There\nsteps:\n  - {id: there, type: bash, command: 'true'}\n", "inputs": {} });
    assert_eq!(over(server, run).await["status"], "completed");
}

async fn over(server: &Server, run: Value) -> Value {
    let run: Value = server.api().post("/api/executions", &run).await;
    let path = format!("/api/executions/{}?wait_ms=30000", run["execution"].as_str().expect("an id"));
    server.api().get(&path).await
}

fn runs(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, fields)| !fields.trim_start().starts_with(['Z', 'X']))
}

/// Waits until a file tells of something.
async fn noted(file: &Path, what: &str) {
    while !std::fs::read_to_string(file).unwrap_or_default().contains(what) {
        tokio::task::yield_now().await;
    }
}

/// Lists the files below a folder that hold the secret.
fn holding_the_secret(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let holds = |path: &Path| {
        let bytes = std::fs::read(path).unwrap_or_default();
        bytes.windows(SECRET.len()).any(|piece| piece == SECRET.as_bytes())
    };
    entries
        .flat_map(|path| match path.is_dir() {
            true => holding_the_secret(&path),
            false => {
                if holds(&path) {
                    vec![path]
                } else {
                    vec![]
                }
            }
        })
        .collect()
}

#[tokio::test]
async fn a_command_of_a_runner_is_called_and_its_runner_may_be_killed() {
    let server = Server::start_with(&[("tenure.toml", LOUD.to_owned())]).await;
    let notes = tempfile::tempdir().expect("there is room for a folder");
    let (secret, log) = (notes.path().join("secret"), notes.path().join("log"));
    std::fs::write(&secret, SECRET).expect("the folder can be written");
    std::fs::write(notes.path().join("log-name"), log.display().to_string()).expect("the folder can be written");
    let named = |name: &str, file: &str| format!("{name}={}", notes.path().join(file).display());
    let (token, noting) = (named("FAKE_TOKEN", "secret"), named("FAKE_LOG", "log-name"));
    let set = ["connector", "set", "small", "--command", "sh", "--arg", SCRIPT, "--pool", "tests", "--risk", "low"];
    let set = [&set[..], &["--env-file", &token, "--env-file", &noting]].concat();
    assert_eq!(cli::run(&server, &set).await.expect(0).trim(), "small was registered");
    let missing = cli::run(&server, &["connector", "check", "small"]).await;
    assert!(missing.err.contains("no runner is connected"), "{missing:?}");

    let settings = format!("{LOUD}[[runner.agents]]\nkind = \"shell\"\nname = \"shell\"\n");
    let mut runner = Runner::with_settings(&server.address(), &server.runner_token().await, |_| settings);
    joined(&server).await;
    let checked = cli::run(&server, &["connector", "check", "small"]).await.expect(0);
    assert!(checked.starts_with("small 1 answers") && checked.contains("small__pid"), "{checked}");
    let shown = cli::run(&server, &["connector", "show", "small"]).await.expect(0);
    assert!(shown.contains("variables: FAKE_LOG, FAKE_TOKEN") && shown.contains("the pool tests"), "{shown}");
    let (first, child) = (text(&server, "pid").await, text(&server, "child").await);
    assert_eq!(text(&server, "pid").await, first, "it is kept");
    assert!(text(&server, "env").await.starts_with("***FAKE_TOKEN*** in "));
    let step = "name: Asks\nsteps:\n  - {id: ask, type: tool, tool: small__env, arguments: {}}\noutputs: {said: '{{ outputs.ask.text }}'}\n";
    let asked = over(&server, json!({ "definition": step, "inputs": {} })).await;
    assert_eq!(asked["status"], "completed", "{asked}");

    let cut = async {
        in_time("the call", noted(&log, "hang")).await;
        runner.kill().await;
    };
    let ((status, told), ()) = tokio::join!(call(&server, "hang"), cut);
    assert_eq!((status, &told["code"]), (504, &json!("connector_unanswered")), "{told}");
    let (status, told) = call(&server, "pid").await;
    assert_eq!((status, &told["code"]), (503, &json!("connector_runner_missing")), "{told}");
    runner.start_again();
    joined(&server).await;
    assert_ne!(text(&server, "pid").await, first);
    assert!(!runs(&first) && !runs(&child), "nothing of the runner that was killed is left");
    let calls = std::fs::read_to_string(&log).expect("calls are noted");
    assert_eq!(calls.lines().filter(|call| *call == "hang").count(), 1, "{calls}");

    let (status, told) = call(&server, "die").await;
    assert_eq!((status, &told["code"]), (504, &json!("connector_unanswered")), "{told}");
    text(&server, "pid").await;
    let logs = [server.log(), runner.log(), told.to_string(), shown, asked.to_string()];
    assert!(logs[1].contains("connector small: serving with ***FAKE_TOKEN***"), "{}", logs[1]);
    assert!(logs.iter().all(|log| !log.contains(SECRET)), "{logs:?}");
    assert_eq!(holding_the_secret(&server.file("data")), Vec::<std::path::PathBuf>::new());
    runner.kill().await;
}
