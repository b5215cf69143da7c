//! The works of workflow steps: commands and tools, as the server sees them.

mod support;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use support::*;
use tenure_model::chat::{FinishReason, ToolStatus};
use tenure_model::id::ExecutionId;
use tenure_model::link::{ShellWork, ToolWork, WorkKind, WorkSpec};
use tenure_model::step::{RepoContext, StepRef};
use tenure_model::time::Span;
use tenure_model::workspace::{WorkspaceAsk, WorkspaceTold};
use tenure_protocol::runner::{RunnerMessage, ServerMessage};

const SCRIPT: &str = "name: idle\nsteps: []\n";

type Ended = (FinishReason, Option<String>);

/// Has a fresh runner do one work, and returns how it ended.
async fn done(spec: &WorkSpec) -> (Ended, Ledger) {
    let server = FakeServer::start().await;
    let runner = run_script(&server, SCRIPT);
    let mut ledger = Ledger::default();
    let mut link = server.welcome(&ledger).await;
    link.start(spec, &mut ledger).await;
    let end = link.hear_end(&mut ledger, spec).await;
    runner.stop().await;
    (end, ledger)
}

fn field<'l>(ledger: &'l Ledger, name: &str) -> &'l Value {
    &ledger.result().expect("there is a result")[name]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runner_says_what_it_does() {
    let server = FakeServer::start().await;
    let runner = run_script(&server, SCRIPT);
    let (link, hello) = server.next_link().await;
    assert_eq!(hello.kinds, [WorkKind::Turn, WorkKind::Shell, WorkKind::Tool, WorkKind::Restore]);
    let mut old = serde_json::to_value(&hello).unwrap();
    old.as_object_mut().unwrap().shift_remove("kinds");
    assert_eq!(serde_json::from_value::<tenure_protocol::runner::Hello>(old).unwrap().kinds, hello.kinds);
    drop(link);
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commands_lines_are_seen_while_it_runs() {
    let server = FakeServer::start().await;
    let runner = run_script(&server, SCRIPT);
    let mut ledger = Ledger::default();
    let mut link = server.welcome(&ledger).await;
    // It goes on only after the test has seen its first line.
    let spec = shell_spec("mkfifo gate; echo first; read line < gate; echo $line; exit 3");
    link.start(&spec, &mut ledger).await;
    link.hear_until(&mut ledger, &spec, |ledger| ledger.output().contains("first\n")).await;
    let gate = runner.folder.path().join("workspace/gate");
    let opened = tokio::task::spawn_blocking(move || std::fs::write(gate, "second\n"));
    bounded(opened).await.unwrap().unwrap();
    assert_eq!(link.hear_end(&mut ledger, &spec).await, (FinishReason::EndTurn, None));
    assert_eq!(ledger.output(), "first\nsecond\n");
    assert_eq!((field(&ledger, "exitCode"), field(&ledger, "stdout")), (&json!(3), &json!("first\nsecond\n")));
    assert_eq!(ledger.calls()[0].status, ToolStatus::Completed);
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_gets_its_variables_and_its_repository_and_tells_its_outputs_apart() {
    let env = BTreeMap::from([("VALUE".to_owned(), "it's; $(whoami)".to_owned())]);
    let command = "mkdir -p sub && cd sub && echo \"$VALUE from $TENURE_REPO_URL\" && echo bad >&2".to_owned();
    let repo = RepoContext { url: "https://example.org/a.git".into(), branch: None, reference: None };
    let shell = Some(ShellWork { command, env, cwd: None });
    let (end, ledger) = done(&WorkSpec { shell, repo: Some(repo), ..shell_spec("x") }).await;
    assert_eq!(end, (FinishReason::EndTurn, None));
    assert_eq!(field(&ledger, "stdout"), "it's; $(whoami) from https://example.org/a.git\n");
    assert_eq!(field(&ledger, "stderr"), "bad\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_out_of_time_ends_with_its_whole_group_and_what_it_said() {
    let command = "echo before; sleep 600 & echo $!; wait";
    let spec = WorkSpec { timeout_ms: Span(1_500), ..shell_spec(command) };
    let (end, ledger) = done(&spec).await;
    assert_eq!(end, (FinishReason::Error, Some("bash_timeout:1500".into())));
    assert!(!runs(printed_numbers(&ledger)[0]));
    assert_eq!(field(&ledger, "timedOut"), &json!(true));
    assert!(field(&ledger, "stdout").as_str().unwrap().starts_with("before\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_does_not_leave_the_workspace() {
    let in_folder = |cwd: &str| {
        let shell = ShellWork { command: "touch here".into(), cwd: Some(cwd.into()), ..ShellWork::default() };
        WorkSpec { shell: Some(shell), ..shell_spec("x") }
    };
    for (cwd, why) in
        [("../..", "outside the workspace"), ("/tmp", "outside the workspace"), ("nowhere", "there is no folder")]
    {
        let ((reason, error), ledger) = done(&in_folder(cwd)).await;
        assert_eq!(reason, FinishReason::Error);
        assert!(error.unwrap().contains(why), "{cwd}");
        assert_eq!(ledger.result(), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_of_a_long_output_can_be_read() {
    let server = FakeServer::start().await;
    let runner = run_script(&server, SCRIPT);
    let mut ledger = Ledger::default();
    let mut link = server.welcome(&ledger).await;
    let spec = shell_spec("seq 1 20000; printf '\\377'; echo few >&2");
    link.start(&spec, &mut ledger).await;
    link.hear_end(&mut ledger, &spec).await;
    let id = field(&ledger, "stdoutAttachment")["id"].as_str().unwrap().to_owned();
    assert_eq!(field(&ledger, "stderrAttachment"), &Value::Null);
    let mut read = String::new();
    let (mut next, reference) = (Some(0), "ask".to_owned());
    while let Some(offset) = next {
        let question = WorkspaceAsk::Attachment { id: id.clone(), offset };
        link.say(&ServerMessage::Ask { reference: reference.clone(), session: spec.session, question }).await;
        let RunnerMessage::Told { answer: WorkspaceTold::Attachment(piece), .. } = link.hear().await else {
            panic!("expected a piece")
        };
        read.push_str(&piece.text);
        next = piece.next;
    }
    let whole: String = (1..=20_000).map(|number| format!("{number}\n")).collect();
    assert!(read == format!("{whole}\u{FFFD}"), "{} bytes", read.len());
    let elsewhere = WorkspaceAsk::Attachment { id: "../../runner.json".into(), offset: 0 };
    link.say(&ServerMessage::Ask { reference, session: spec.session, question: elsewhere }).await;
    let told = link.hear().await;
    assert!(matches!(told, RunnerMessage::Told { answer: WorkspaceTold::Unable { .. }, .. }), "{told:?}");
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_output_is_cut_and_its_size_told() {
    let (end, ledger) = done(&shell_spec("yes | head -c 70000; echo short >&2")).await;
    assert_eq!(end, (FinishReason::EndTurn, None));
    assert_eq!(field(&ledger, "stdout").as_str().unwrap().chars().count(), 64_000);
    assert_eq!((field(&ledger, "stdoutCut"), field(&ledger, "stdoutChars")), (&json!(true), &json!(70_000)));
    assert_eq!((field(&ledger, "stderrCut"), field(&ledger, "stderr")), (&json!(false), &json!("short\n")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_variable_is_refused() {
    let env = BTreeMap::from([("A=B".to_owned(), "1".to_owned())]);
    let shell = Some(ShellWork { command: "true".into(), env, cwd: None });
    let ((reason, error), _) = done(&WorkSpec { shell, ..shell_spec("x") }).await;
    assert_eq!(reason, FinishReason::Error);
    assert!(error.unwrap().contains("no name of a variable"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canceled_command_is_gone() {
    let server = FakeServer::start().await;
    let runner = run_script(&server, SCRIPT);
    let (spec, mut ledger) = (shell_spec("sleep 600 & echo $!; wait"), Ledger::default());
    let mut link = server.welcome(&ledger).await;
    link.start(&spec, &mut ledger).await;
    link.hear_until(&mut ledger, &spec, |ledger| ledger.output().ends_with('\n')).await;
    let (work, generation, reason) = (spec.work, spec.generation, FinishReason::Canceled);
    link.say(&ServerMessage::Cancel { reference: "c".into(), work, generation, reason }).await;
    link.hear_done("c", &mut ledger).await;
    assert_eq!(link.hear_end(&mut ledger, &spec).await, (FinishReason::Canceled, None));
    assert!(!runs(printed_numbers(&ledger)[0]));
    assert_eq!(ledger.calls()[0].status, ToolStatus::Interrupted);
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tool_bash_runs_and_an_unknown_tool_is_an_error() {
    let tool = |tool: &str, arguments: Value| {
        let tool = ToolWork { tool: tool.into(), arguments };
        WorkSpec { tool: Some(tool), agent: None, ..spec("shell", "tool") }
    };
    let (end, ledger) = done(&tool("bash", json!({ "command": "echo hi" }))).await;
    assert_eq!((end, field(&ledger, "stdout")), ((FinishReason::EndTurn, None), &json!("hi\n")));
    let ((reason, error), _) = done(&tool("bash", json!({}))).await;
    assert_eq!((reason, error.as_deref()), (FinishReason::Error, Some("workflow_tool_bash_missing_command")));
    let ((reason, error), _) = done(&tool("sing", json!({ "song": 1 }))).await;
    assert_eq!(reason, FinishReason::Error);
    assert!(error.unwrap().contains("no tool \"sing\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_plays_an_invalid_reply_first_and_a_valid_one_in_the_repair_round() {
    let server = FakeServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(&server, folder.path(), SCRIPT);
    let scripts = folder.path().join("scripts");
    std::fs::create_dir(&scripts).unwrap();
    std::fs::write(scripts.join("1.yaml"), "name: rating\nmatch: rate\nround: 0\nsteps:\n- say: not JSON\n").unwrap();
    let repaired = "name: repaired\nround: 1\nsteps:\n- say: '{\"rating\": {\"of\": 3}}'\n";
    std::fs::write(scripts.join("2.yaml"), repaired).unwrap();
    config.agents =
        vec![tenure_runner::AgentConfig::Scripted { name: "script".into(), scripts, pace_percent: Some(0) }];
    let runner = run_with(folder, config);
    let mut link = server.welcome(&Ledger::default()).await;
    for (round, reply) in [(0, "not JSON"), (1, "{\"rating\": {\"of\": 3}}")] {
        let step = StepRef { execution: ExecutionId::default(), path: "rate".into(), attempt: 1, round };
        let (spec, mut ledger) = (WorkSpec { step: Some(step), ..spec("script", "rate it") }, Ledger::default());
        link.start(&spec, &mut ledger).await;
        link.hear_end(&mut ledger, &spec).await;
        assert_eq!(ledger.text(), reply);
    }
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_needs_no_agent() {
    let server = FakeServer::start().await;
    let runner = run_script(&server, SCRIPT);
    let mut link = server.welcome(&Ledger::default()).await;
    let spec = shell_spec("true");
    let (session, work, generation) = (spec.session, spec.work, spec.generation);
    let agent = Some("nobody".to_owned());
    let offer = tenure_model::link::WorkOffer {
        session,
        work,
        generation,
        agent,
        kind: WorkKind::Shell,
        home: None,
        placement: Default::default(),
    };
    link.say(&ServerMessage::Offer { reference: "o".into(), offer }).await;
    assert!(matches!(link.hear().await, RunnerMessage::Accept { .. }));
    runner.stop().await;
}
