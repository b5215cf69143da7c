//! A runner that is killed in mid-turn: what its agent said is kept, its processes die, and nothing runs twice.

mod support;

use std::process::Stdio;

use support::*;
use tenure_model::chat::FinishReason;
use tenure_model::link::{WorkPhase, WorkSpec};
use tenure_protocol::runner::ServerMessage;
use tenure_runner::{AgentConfig, Config, Workspaces};
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

/// Tells the test below that it is the runner, and where its folder is.
const FOLDER: &str = "TENURE_TEST_RUNNER_FOLDER";
const SERVER: &str = "TENURE_TEST_RUNNER_SERVER";

/// The runner in a process of its own; nothing at all when it is run as a test.
#[tokio::test(flavor = "multi_thread")]
async fn runner_process() {
    let (Ok(folder), Ok(server)) = (std::env::var(FOLDER), std::env::var(SERVER)) else {
        return;
    };
    let folder = std::path::PathBuf::from(folder);
    let mut config = Config::new(server, TOKEN, folder.join("data"));
    config.workspaces = Workspaces::Shared(folder.join("workspace"));
    config.agents = vec![AgentConfig::Shell { name: "shell".into() }];
    tenure_runner::run(config, CancellationToken::new()).await.unwrap();
}

fn spawn_runner(server: &FakeServer, folder: &std::path::Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "runner_process", "--nocapture"])
        .env(FOLDER, folder)
        .env(SERVER, server.url())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_runner_tells_its_turn_as_interrupted_with_every_word() {
    told_as_interrupted(|command| spec("shell", command)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_runner_tells_its_command_as_interrupted_with_every_line() {
    told_as_interrupted(shell_spec).await;
}

async fn told_as_interrupted(spec_of: impl Fn(&str) -> WorkSpec) {
    let server = FakeServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut runner = spawn_runner(&server, folder.path());
    let command = "echo ran >> count; sleep 600 & echo $!; echo last words; wait";
    let (spec, mut ledger) = (spec_of(command), Ledger::default());
    let mut link = server.welcome(&ledger).await;
    link.start(&spec, &mut ledger).await;
    link.hear_until(&mut ledger, &spec, |ledger| ledger.output().contains("last words\n")).await;
    let pid = printed_numbers(&ledger)[0];
    runner.kill().await.unwrap();
    assert!(runs(pid), "a killed runner cannot end its processes");

    // The server kept only the beginning; the rest must come from the runner's disk.
    ledger.forget_from(1);
    let _runner = spawn_runner(&server, folder.path());
    let (mut link, hello) = server.next_link().await;
    assert!(!runs(pid), "what it left running is dead before the work is told as ended");
    let held = hello.held[0];
    assert_eq!((held.work, held.generation, held.phase), (spec.work, spec.generation, WorkPhase::Ended));
    let keep = tenure_protocol::runner::WorkVerdict::Keep {
        work: held.work,
        generation: held.generation,
        next: ledger.next(),
    };
    link.say(&welcome_with(tenure_model::Span::secs(60), tenure_model::Span::secs(1), vec![keep])).await;
    let (reason, error) = link.hear_end(&mut ledger, &spec).await;
    assert_eq!(reason, FinishReason::Interrupted);
    assert!(error.unwrap().contains("restarted"));
    assert_eq!(ledger.output(), format!("{pid}\nlast words\n"));

    link.say(&ServerMessage::Start { reference: "late".into(), spec: Box::new(spec.clone()) }).await;
    link.hear_done("late", &mut ledger).await;
    let count = std::fs::read_to_string(folder.path().join("workspace/count")).unwrap();
    assert_eq!(count, "ran\n");
}
