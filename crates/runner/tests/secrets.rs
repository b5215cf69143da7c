//! Secrets, as the server sees what a runner tells: by name only.

mod support;

use std::fs;

use support::*;
use tenure_model::chat::FinishReason;
use tenure_model::link::{ShellWork, WorkSpec};
use tenure_runner::{AgentConfig, Config, SecretConfig};

const VALUE: &str = "s3cret/value+with=more";

/// Returns settings with one secret, for everybody.
fn with_secret(server: &FakeServer, folder: &std::path::Path) -> Config {
    let mut config = config(server, folder, "name: unused\nsteps: []\n");
    let file = folder.join("value");
    fs::write(&file, VALUE).unwrap();
    let value_file = Some(file.to_string_lossy().into_owned());
    config.secrets =
        vec![SecretConfig { name: "KEY".into(), value_env: None, value_file, recipients: vec!["all".into()] }];
    config
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_gets_its_secret_and_nobody_sees_it() {
    let server = FakeServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let config = with_secret(&server, folder.path());
    let runner = run_with(folder, config);
    let mut ledger = Ledger::default();
    let mut link = server.welcome(&ledger).await;
    // The second one is printed in two pieces, long apart; the third one encoded.
    let command = "echo $KEY; printf %s ${KEY%more}; read line < gate; echo more; printf %s \"user:$KEY\" | base64; \
                   [ ${#KEY} = 22 ] && echo \"$KEY\" >&2 && exit 3";
    let spec = shell_spec(&format!("mkfifo gate; {command}"));
    link.start(&spec, &mut ledger).await;
    link.hear_until(&mut ledger, &spec, |ledger| ledger.output().contains("***KEY***\n")).await;
    let gate = runner.folder.path().join("workspace/gate");
    bounded(tokio::task::spawn_blocking(move || fs::write(gate, "go\n"))).await.unwrap().unwrap();
    assert_eq!(link.hear_end(&mut ledger, &spec).await, (FinishReason::EndTurn, None));
    let result = ledger.result().unwrap();
    assert_eq!((result["exitCode"].as_i64(), result["stderr"].as_str()), (Some(3), Some("***KEY***\n")));
    let stdout = result["stdout"].as_str().unwrap();
    assert!(stdout.starts_with("***KEY***\n***KEY***\ndXNlcj") && stdout.contains("***KEY***"), "{stdout}");
    let told = serde_json::to_string(&ledger.frames).unwrap();
    assert!(!told.contains("s3cret") && !told.contains("czNjcmV0"), "{told}");
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_prompt_or_a_variable_says_is_masked_too() {
    let server = FakeServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let config = with_secret(&server, folder.path());
    let runner = run_with(folder, config);
    let mut link = server.welcome(&Ledger::default()).await;
    let command = format!("echo {VALUE}; exit 1");
    let shell = Some(ShellWork { command: command.clone(), cwd: Some(format!("no/{VALUE}")), ..ShellWork::default() });
    for spec in [shell_spec(&command), WorkSpec { shell, ..shell_spec(&command) }, spec("shell", &command)] {
        let mut ledger = Ledger::default();
        link.start(&spec, &mut ledger).await;
        link.hear_end(&mut ledger, &spec).await;
        let told = serde_json::to_string(&ledger.frames).unwrap();
        assert!(told.contains("***KEY***") && !told.contains(VALUE), "{told}");
    }
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_agent_says_in_pieces_is_masked_and_its_last_words_too() {
    let server = FakeServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = with_secret(&server, folder.path());
    let script = folder.path().join("said.yaml");
    fs::write(&script, format!("name: said\nsteps:\n- say: 'it is {VALUE}, s3cre'\n")).unwrap();
    let command = ["sh", "-c", "echo \"cannot use $KEY\" >&2; exit 7"].map(str::to_owned).to_vec();
    config.agents = vec![
        AgentConfig::Scripted { name: "said".into(), scripts: script, pace_percent: Some(0) },
        AgentConfig::acp("broken", command, Default::default()),
    ];
    let runner = run_with(folder, config);
    let mut link = server.welcome(&Ledger::default()).await;
    let (said, mut ledger) = (spec("said", "x"), Ledger::default());
    link.start(&said, &mut ledger).await;
    link.hear_end(&mut ledger, &said).await;
    assert_eq!(ledger.text(), "it is ***KEY***, s3cre");
    let (broken, mut ledger) = (spec("broken", "x"), Ledger::default());
    link.start(&broken, &mut ledger).await;
    let (reason, error) = link.hear_end(&mut ledger, &broken).await;
    let error = error.unwrap();
    assert!(reason == FinishReason::Error && error.contains("cannot use ***KEY***"), "{error}");
    runner.stop().await;
}
