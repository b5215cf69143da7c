//! The demo's script against the demo's repository: what it tells is what happens.

mod support;

use std::path::Path;
use std::process::Command;

use support::*;
use tenure_model::chat::{FinishReason, ToolStatus};
use tenure_runner::AgentConfig;

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_mends_its_repository() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/demo");
    let server = FakeServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(&server, folder.path(), "name: unused\nsteps: []\n");
    let scripts = demo.join("scripts");
    config.agents = vec![AgentConfig::Scripted { name: "demo".into(), scripts, pace_percent: Some(0) }];
    let workspace = folder.path().join("workspace");
    let copied = Command::new("cp").arg("-R").arg(demo.join("repo")).arg(&workspace).status().unwrap();
    assert!(copied.success());
    let runner = run_with(folder, config);

    let (spec, mut ledger) = (spec("demo", "fix the failing test"), Ledger::default());
    let mut link = server.welcome(&ledger).await;
    link.start(&spec, &mut ledger).await;
    assert_eq!(link.hear_end(&mut ledger, &spec).await, (FinishReason::EndTurn, None));
    assert!(ledger.text().contains("exit 1: 2 of 5 tests failed"), "{}", ledger.text());
    assert!(ledger.text().contains("They pass: all 5 tests passed."), "{}", ledger.text());
    assert!(ledger.calls().iter().all(|call| call.status == ToolStatus::Completed));
    let passes = Command::new(workspace.join("test.sh")).status().unwrap().success();
    assert!(passes, "the repository is mended");
    runner.stop().await;
}
