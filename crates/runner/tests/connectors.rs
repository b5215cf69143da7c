//! Connectors that are commands: started when they are asked something, kept, and ended with everything that they have started.

mod support;

use std::path::Path;

use serde_json::{Value, json};
use support::*;
use tempfile::TempDir;
use tenure_model::connector::{ConnectorAsk, ConnectorOrder, ConnectorProgram, ConnectorTold};
use tenure_model::id::UserId;
use tenure_model::time::Span;
use tenure_protocol::runner::{RunnerMessage, ServerMessage};
use tenure_runner::{Config, IsolationMode, IsolationPolicy};
use uuid::Uuid;

const SECRET: &str = "tok-5f2c91d7e3";
const SCRIPT: &str = include_str!("connectors/server.sh");

/// A runner, and the server's end of its link.
struct Scene {
    link: Link,
    runner: Running,
    asked: u32,
}

impl Scene {
    async fn start() -> Self {
        Self::with(|_, _| {}).await
    }

    async fn with(change: impl FnOnce(&mut Config, &Path)) -> Self {
        let (server, folder) = (FakeServer::start().await, folder());
        let mut config = config(&server, folder.path(), "name: idle\nsteps: []\n");
        change(&mut config, folder.path());
        let runner = run_with(folder, config);
        Self { link: server.welcome(&Ledger::default()).await, runner, asked: 0 }
    }

    /// Asks without waiting; returns how the answer is called.
    async fn ask(&mut self, order: ConnectorOrder) -> String {
        self.asked += 1;
        let reference = format!("connector-{}", self.asked);
        self.link.say(&ServerMessage::Connector { reference: reference.clone(), order: Box::new(order) }).await;
        reference
    }

    async fn told(&mut self, reference: &str) -> ConnectorTold {
        match self.link.hear().await {
            RunnerMessage::ConnectorTold { reference: told, answer } if told == reference => answer,
            other => panic!("expected the answer {reference}, not {other:?}"),
        }
    }

    async fn answer(&mut self, order: ConnectorOrder) -> ConnectorTold {
        let reference = self.ask(order).await;
        self.told(&reference).await
    }

    /// Calls a tool of the small server.
    async fn call(&mut self, tool: &str) -> ConnectorTold {
        let order = self.order("small", call(tool));
        self.answer(order).await
    }

    /// Calls a tool that answers with a text.
    async fn text(&mut self, tool: &str) -> String {
        text(self.call(tool).await)
    }

    async fn pid(&mut self, tool: &str) -> i32 {
        self.text(tool).await.parse().expect("it is the number of a process")
    }

    fn order(&self, connector: &str, question: ConnectorAsk) -> ConnectorOrder {
        let script = self.runner.folder.path().join("server.sh");
        ConnectorOrder {
            owner: UserId(Uuid::from_u128(7)),
            connector: connector.to_owned(),
            program: ConnectorProgram {
                command: "sh".to_owned(),
                args: vec![script.to_str().expect("a plain path").to_owned()],
                env: [("FAKE_TOKEN".to_owned(), SECRET.to_owned())].into(),
            },
            question,
            within_ms: Span::secs(30),
            answer_bytes_max: 256 * 1024,
        }
    }
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("server.sh"), SCRIPT).unwrap();
    std::fs::create_dir(folder.path().join("workspace")).unwrap();
    folder
}

fn call(tool: &str) -> ConnectorAsk {
    let Value::Object(params) = json!({ "name": tool, "arguments": {} }) else { unreachable!("it is written so") };
    ConnectorAsk::Call { params }
}

fn text(told: ConnectorTold) -> String {
    let ConnectorTold::Called { result } = told else { panic!("expected a result, not {told:?}") };
    result["content"][0]["text"].as_str().expect("a text").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_lists_its_tools_and_is_kept_for_the_next_call() {
    let mut scene = Scene::start().await;
    let list = scene.order("small", ConnectorAsk::List);
    let ConnectorTold::Listed { server, tools } = scene.answer(list).await else { panic!("it lists its tools") };
    assert_eq!((server.as_str(), tools.len()), ("small 1", 9));
    let first = scene.pid("pid").await;
    assert_eq!(scene.pid("pid").await, first);
    let other = scene.order("another", call("pid"));
    assert_ne!(text(scene.answer(other).await), first.to_string(), "each connector has its own");
    let told = scene.call("refuse").await;
    assert_eq!(told, ConnectorTold::Error { code: -32_602, message: "the field x is missing".into() });
    let ConnectorTold::Called { result } = scene.call("fail").await else { panic!("it was carried out") };
    assert_eq!(result["isError"], true);
    scene.runner.stop().await;
    until(|| !runs(first)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_gets_is_said_by_nobody() {
    let mut scene = Scene::start().await;
    let said = scene.text("env").await;
    assert!(said.starts_with("***FAKE_TOKEN*** in ") && said.ends_with(" with nothing"), "{said}");
    let ConnectorTold::Unanswered { why } = scene.call("die").await else { panic!("it has ended") };
    assert!(why.contains("exit status: 3") && why.contains("oh no, ***FAKE_TOKEN***"), "{why}");
    assert!(!why.contains(SECRET), "{why}");
    scene.runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_ends_or_hangs_is_started_anew_for_the_next_call() {
    let mut scene = Scene::start().await;
    let (first, child) = (scene.pid("pid").await, scene.pid("child").await);
    assert!(matches!(scene.call("die").await, ConnectorTold::Unanswered { .. }));
    let second = scene.pid("pid").await;
    assert_ne!(second, first);
    until(|| !runs(child)).await;
    let hang = ConnectorOrder { within_ms: Span::ms(300), ..scene.order("small", call("hang")) };
    let told = scene.answer(hang).await;
    assert!(matches!(&told, ConnectorTold::Unanswered { why } if why.contains("within 300 ms")), "{told:?}");
    assert_ne!(scene.pid("pid").await, second);
    until(|| !runs(second)).await;
    scene.runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_cut_off_and_large_answers_are_not_passed_on() {
    let mut scene = Scene::start().await;
    let first = scene.pid("pid").await;
    let told = scene.call("flood").await;
    assert!(matches!(&told, ConnectorTold::Unreadable { why } if why.contains("in one message")), "{told:?}");
    assert_ne!(scene.pid("pid").await, first);
    let small = ConnectorOrder { answer_bytes_max: 20, ..scene.order("small", call("pid")) };
    let told = scene.answer(small).await;
    assert!(matches!(&told, ConnectorTold::Unreadable { why } if why.contains("more than 20 bytes")), "{told:?}");
    scene.runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_does_not_start_or_greet_is_asked_nothing() {
    let mut scene =
        Scene::with(|config, _| config.connectors.start_within = std::time::Duration::from_millis(300)).await;
    let mut missing = scene.order("missing", ConnectorAsk::List);
    missing.program.command = "no-such-program".into();
    let ConnectorTold::NotSent { why } = scene.answer(missing).await else { panic!("nothing was sent") };
    assert!(why.contains("`no-such-program`"), "{why}");
    let mut ends = scene.order("ends", call("pid"));
    ends.program.args = vec!["-c".into(), "echo no licence >&2; exit 7".into()];
    let ConnectorTold::NotSent { why } = scene.answer(ends).await else { panic!("nothing was sent") };
    assert!(why.contains("exit status: 7") && why.contains("no licence"), "{why}");
    let mut silent = scene.order("silent", call("pid"));
    silent.program.env.insert("FAKE_GREETS".into(), "false".into());
    let ConnectorTold::NotSent { why } = scene.answer(silent).await else { panic!("nothing was sent") };
    assert!(why.contains("has not greeted"), "{why}");
    scene.runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_ones_are_ended_and_another_program_takes_the_place_of_the_one_before() {
    let mut scene = Scene::with(|config, _| config.connectors.idle = std::time::Duration::from_secs(1)).await;
    let (first, child) = (scene.pid("pid").await, scene.pid("child").await);
    let mut changed = scene.order("small", call("pid"));
    changed.program.env.insert("FAKE_TOKEN".into(), "another one".into());
    let second: i32 = text(scene.answer(changed).await).parse().expect("a process");
    assert_ne!(second, first);
    until(|| !runs(first) && !runs(child)).await;
    until(|| !runs(second)).await;
    scene.runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_run_than_there_are_places() {
    let mut scene = Scene::with(|config, _| config.connectors.programs_max = 1).await;
    let first = scene.pid("pid").await;
    let log = scene.runner.folder.path().join("log");
    let other = |scene: &Scene, tool: &str| {
        let mut order = scene.order("other", call(tool));
        order.program.env.insert("FAKE_LOG".into(), log.display().to_string());
        order
    };
    let pid = other(&scene, "pid");
    let second: i32 = text(scene.answer(pid).await).parse().expect("a process");
    until(|| !runs(first)).await;
    let hang = other(&scene, "hang");
    scene.ask(hang).await;
    until(|| std::fs::read_to_string(&log).is_ok_and(|calls| calls.contains("hang"))).await;
    let full = scene.call("pid").await;
    assert!(matches!(&full, ConnectorTold::NotSent { why } if why.contains("runner.connectors_max")), "{full:?}");
    assert!(runs(second), "nobody's call is cut off");
    scene.runner.stop().await;
    until(|| !runs(second)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runner_that_starts_none_says_so_in_its_hello() {
    for (programs_max, offered) in [(0, false), (8, true)] {
        let (server, folder) = (FakeServer::start().await, folder());
        let mut config = config(&server, folder.path(), "name: idle\nsteps: []\n");
        config.connectors.programs_max = programs_max;
        let runner = run_with(folder, config);
        let (mut link, hello) = server.next_link().await;
        assert_eq!(hello.connectors, offered);
        link.say(&welcome_with(Span::secs(60), Span::secs(5), vec![])).await;
        runner.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_runs_under_the_isolation_of_works() {
    let (server, folder) = (FakeServer::start().await, folder());
    let mut config = config(&server, folder.path(), "name: idle\nsteps: []\n");
    let show = vec![folder.path().join("server.sh").display().to_string()];
    let mode = Some(IsolationMode::Bubblewrap);
    config.isolation = IsolationPolicy { mode, show, ..IsolationPolicy::default() };
    let data = config.data.clone();
    let mut runner = run_with(folder, config);
    let known = Ledger::default();
    let link = tokio::select! {
        link = server.welcome(&known) => link,
        ended = bounded(&mut runner.task) => {
            eprintln!("SKIPPED, because this machine has no such isolation: {ended:?}");
            return;
        }
    };
    let mut scene = Scene { link, runner, asked: 0 };
    let look = |scene: &Scene, at: &Path| {
        let mut order = scene.order("small", call("look"));
        order.program.env.insert("FAKE_LOOK".into(), at.display().to_string());
        order
    };
    let hidden = look(&scene, &data);
    let hidden = text(scene.answer(hidden).await);
    assert!(!hidden.contains("runner.json"), "{hidden}");
    let own = look(&scene, Path::new("/proc"));
    let processes = text(scene.answer(own).await);
    assert!(processes.contains("self") && !processes.contains(&std::process::id().to_string()), "{processes}");
    let child = scene.text("child").await;
    assert!(child.parse::<i32>().is_ok(), "{child}");
    scene.runner.stop().await;
}
