//! A budget that is used up: what would go beyond it waits, also for a server that was killed, and goes on with one word.

use serde_json::Value;
use tenure_model::chat::FinishReason;
use tenure_tests::harness::{cli, in_time};

use crate::stage::Stage;

#[tokio::test]
async fn what_would_go_beyond_a_budget_waits_for_its_owner() {
    let mut stage = Stage::set().await;
    let scope = format!("session:{}", stage.session);
    let none = cli::run(&stage.server, &["budget", "set", &scope]).await;
    assert!(none.err.contains("give at least one of --tokens"), "{}", none.err);
    let set = ["budget", "set", &scope, "--tokens", "7", "--time", "2h", "--every", "day"];
    let shown = cli::run(&stage.server, &set).await.expect(0);
    assert!(shown.contains("0 tokens of 7 tokens"), "{shown}");
    // It reads 3 tokens and writes 4.
    stage.answer("work").await;
    let (_, turn) = stage.prompt("greet me", None).await;
    let turn = turn.expect("the thread is free");
    let approval = in_time("the question", async {
        loop {
            let listed: Value = stage.api().get("/api/approvals").await;
            if let Some(id) = listed["items"][0]["id"].as_str() {
                return id.to_owned();
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    stage.server.kill().await;
    stage.server.start_again().await;

    let asked = cli::run(&stage.server, &["approval", "show", &approval]).await.expect(0);
    assert!(asked.contains("7 tokens of 7 tokens") && asked.contains("allows 7 tokens more"), "{asked}");
    let listed = cli::run(&stage.server, &["budget", "list"]).await.expect(0);
    assert!(listed.contains(&scope) && listed.contains(&approval), "{listed}");
    let denied = cli::run(&stage.server, &["approval", "deny", &approval]).await;
    assert!(denied.err.contains("raised or stays as it is"), "{}", denied.err);
    cli::run(&stage.server, &["approval", "approve", &approval]).await.expect(0);
    stage.join().await;
    assert_eq!(stage.finished(turn).await, ("Grüße 🌍".into(), Some(FinishReason::EndTurn)));
    let shown = cli::run(&stage.server, &["budget", "show", &scope]).await.expect(0);
    assert!(shown.contains("7 tokens of 14 tokens"), "{shown}");
    cli::run(&stage.server, &["budget", "remove", &scope]).await.expect(0);
    let log = cli::run(&stage.server, &["budget", "audit"]).await.expect(0);
    let told: Vec<_> = log.lines().skip(1).filter_map(|line| line.split_whitespace().nth(2)).collect();
    assert_eq!(told, ["removed", "raised", "used_up", "set"], "{log}");
    let gone = cli::run(&stage.server, &["budget", "show", &scope]).await;
    assert!(gone.err.contains("you have no budget of"), "{}", gone.err);
}
