//! What a prompt can choose: models and modes, what is handed along, and what is answered for always.

use tenure_model::chat::{Attachment, FinishReason, ToolStatus, Usage};
use tenure_model::link::{McpAccess, TurnFrame, WorkSpec};
use tenure_runner::{AgentConfig, PermissionPolicy};

use crate::support::*;
use crate::{fake, run_agent, run_this, take};

fn created_model(ledger: &Ledger) -> Option<String> {
    ledger.frames.iter().find_map(|frame| match frame {
        TurnFrame::MessageCreate { model, .. } => model.clone(),
        _ => None,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_preferred_model_that_the_agent_offers_answers() {
    let server = FakeServer::start().await;
    let runner = run_agent(&server, PermissionPolicy::Ask);
    let mut link = server.welcome(&Ledger::default()).await;
    let wanted = WorkSpec { models: vec!["none/such".into(), "b".into()], ..spec("fake", "which") };
    let (ledger, reason, _) = take(&mut link, &wanted, None).await;
    assert_eq!((reason, ledger.text().as_str()), (FinishReason::EndTurn, "m/b in build, tools none"));
    assert_eq!(created_model(&ledger).as_deref(), Some("m/b"));
    let models = TurnFrame::Models { models: vec!["m/a".into(), "m/b".into()], current: Some("m/b".into()) };
    assert!(ledger.frames.contains(&models));
    let title = ledger.calls()[0].title.clone().unwrap();
    assert_eq!(title, "The agent does not offer none/such; it uses m/b");
    let usage = Usage { model: Some("m/b".into()), input_tokens: 5, output_tokens: 2 };
    assert!(ledger.frames.contains(&TurnFrame::Usage { usage }));
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_model_gives_way_to_the_next_one() {
    let server = FakeServer::start().await;
    let runner = run_agent(&server, PermissionPolicy::Ask);
    let mut link = server.welcome(&Ledger::default()).await;
    let wanted = WorkSpec { models: vec!["m/a".into(), "m/b".into()], ..spec("fake", "busy") };
    let (ledger, reason, _) = take(&mut link, &wanted, None).await;
    assert_eq!((reason, ledger.text().as_str()), (FinishReason::EndTurn, "answered by m/b"));
    let switched = ledger.frames.iter().find_map(|frame| match frame {
        TurnFrame::ModelSwitched { from, to, reason } => Some((from.clone(), to.clone(), reason.contains("429"))),
        _ => None,
    });
    assert_eq!(switched, Some((Some("m/a".into()), "m/b".into(), true)));

    let alone = WorkSpec { models: vec!["m/a".into()], ..spec("fake", "busy") };
    let (_, reason, error) = take(&mut link, &alone, None).await;
    assert_eq!(reason, FinishReason::Error);
    assert!(error.unwrap().contains("429"));
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mode_is_set_and_an_unknown_one_is_told() {
    for (mode, said, calls) in [("plan", "m/a in plan, tools none", 0), ("nap", "m/a in build, tools none", 1)] {
        let server = FakeServer::start().await;
        let mut agent = fake(&[]);
        let AgentConfig::Acp { mode: wanted, .. } = &mut agent else { panic!("it speaks the protocol") };
        *wanted = Some(mode.into());
        let runner = run_this(&server, agent, PermissionPolicy::Ask);
        let mut link = server.welcome(&Ledger::default()).await;
        let (ledger, _, _) = take(&mut link, &spec("fake", "which"), None).await;
        assert_eq!((ledger.text().as_str(), ledger.calls().len()), (said, calls));
        runner.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn images_and_texts_come_along_and_so_do_the_tools_of_the_server() {
    let server = FakeServer::start().await;
    let runner = run_agent(&server, PermissionPolicy::Ask);
    let mut link = server.welcome(&Ledger::default()).await;
    let file =
        |name: &str, mime: &str, data: &str| Attachment { name: name.into(), mime: mime.into(), data: data.into() };
    let attachments = vec![file("a.png", "image/png", "aGVsbG8="), file("a.txt", "text/plain", "aGVsbG8=")];
    let (ledger, _, _) = take(&mut link, &WorkSpec { attachments, ..spec("fake", "picture") }, None).await;
    assert_eq!(ledger.text(), "seen and read");

    let mcp = Some(McpAccess { url: "http://127.0.0.1:1/mcp".into(), token: "secret".into() });
    assert!(!format!("{mcp:?}").contains("secret"));
    let (ledger, _, _) = take(&mut link, &WorkSpec { mcp, ..spec("fake", "which") }, None).await;
    assert_eq!(ledger.text(), "m/a in build, tools handed");
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_allowed_for_always_is_shown_with_its_end() {
    let server = FakeServer::start().await;
    let runner = run_agent(&server, PermissionPolicy::Ask);
    let mut link = server.welcome(&Ledger::default()).await;
    let (ledger, _, _) = take(&mut link, &spec("fake", "always"), Some("always")).await;
    assert_eq!(ledger.text(), "for ever");
    let call = &ledger.calls()[0];
    assert_eq!(call.title.as_deref(), Some("Allowed until this agent process ends: rm -rf target"));
    assert_eq!(call.status, ToolStatus::Completed);
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_run_in_terminals_of_the_runner() {
    let server = FakeServer::start().await;
    let runner = run_agent(&server, PermissionPolicy::Ask);
    let mut link = server.welcome(&Ledger::default()).await;
    let (ledger, reason, error) = take(&mut link, &spec("fake", "terminal"), None).await;
    assert_eq!((reason, error), (FinishReason::EndTurn, None));
    assert_eq!(ledger.text(), "it ended, it printed, it was killed");
    assert_eq!(ledger.output(), "it's one");
    runner.stop().await;
}
