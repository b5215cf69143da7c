//! Sandboxes with a provider that does what the test says: it fails, hangs, answers late, or is asked twice.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tenure_journal::engine::MemoryEngine;
use tenure_model::id::BootId;
use tenure_model::link::WorkKind;
use tenure_model::placement::Placement;
use tenure_model::sandbox::{SandboxProvider, SandboxState};
use tenure_model::{Span, Timestamp};
use tenure_runtime::sandbox::{Provider, Providing, SandboxCall, SandboxKind};
use tenure_runtime::{Clock, SandboxSeat, Sandboxes, SandboxesOptions};
use tenure_session::sandbox::runner_of;
use tenure_session::{Action, Command, Report, SandboxNews, SandboxPolicy, SandboxWish};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::house::{House, Puppet, SESSION, created, finished, hello, within};

const NOON: Timestamp = Timestamp(1_800_000_000_000);
const IDLE: Span = Span::mins(15);

/// What a start comes to.
#[derive(Clone, Copy, Default)]
enum Start {
    #[default]
    Works,
    Fails,
    Hangs,
}

/// Does as it is told, and tells what it was asked.
struct Scripted {
    start: Mutex<Start>,
    /// What is said of a sandbox that is looked for.
    lives: Mutex<bool>,
    told: mpsc::UnboundedSender<String>,
}

impl Scripted {
    fn tell(&self, what: &str, call: &SandboxCall) {
        let ends = if call.ends { " for good" } else { "" };
        self.told.send(format!("{what} {}{ends}", call.generation)).expect("the test listens");
    }
}

impl Provider for Scripted {
    fn start<'a>(&'a self, call: &'a SandboxCall) -> Providing<'a, Option<String>> {
        self.tell("start", call);
        let start = *self.start.lock().expect("a test does not panic here");
        Box::pin(async move {
            match start {
                Start::Works => Ok(Some(format!("box {}", call.generation))),
                Start::Fails => Err("there is no room".into()),
                Start::Hangs => std::future::pending().await,
            }
        })
    }

    fn stop<'a>(&'a self, call: &'a SandboxCall) -> Providing<'a, ()> {
        self.tell("stop", call);
        Box::pin(std::future::ready(Ok(())))
    }

    fn is_there<'a>(&'a self, call: &'a SandboxCall) -> Providing<'a, bool> {
        self.tell("look for", call);
        let lives = *self.lives.lock().expect("a test does not panic here");
        Box::pin(std::future::ready(Ok(lives)))
    }
}

struct Stage {
    house: House,
    provider: Arc<Scripted>,
    told: mpsc::UnboundedReceiver<String>,
    folder: tempfile::TempDir,
}

fn sandboxes(provider: Arc<Scripted>, folder: &tempfile::TempDir) -> Arc<Sandboxes> {
    let policy = SandboxPolicy {
        name: "box".into(),
        provider: SandboxProvider::Process,
        idle_ms: IDLE,
        start_timeout_ms: Span::mins(2),
        stop_timeout_ms: Span::mins(1),
        grace_ms: Span::mins(1),
        attempts_max: 3,
    };
    let kind = SandboxKind { policy, labels: vec![], server: "here".into(), running_max: 1, provider };
    let kinds = BTreeMap::from([("box".to_owned(), kind)]);
    let mint = Arc::new(|session, generation| format!("{session} {generation}"));
    Arc::new(Sandboxes::new(SandboxesOptions { kinds, folder: folder.path().to_owned(), mint }))
}

impl Stage {
    /// A session with a sandbox, in which something was said.
    async fn set(start: Start) -> Self {
        let (tell, told) = mpsc::unbounded_channel();
        let provider = Arc::new(Scripted { start: Mutex::new(start), lives: Mutex::new(true), told: tell });
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let kinds = sandboxes(provider.clone(), &folder);
        let house = House::with(Clock::at(NOON), |options| options.sandboxes = kinds.clone()).await;
        let placement = Placement { sandbox: Some("box".into()), ..Placement::default() };
        house.open_choosing(kinds.choice(placement).expect("there is one")).await;
        house.prompt("hello").await;
        Self { house, provider, told, folder }
    }

    /// Ends the server without a word, and starts another over what was written.
    async fn crash(self) -> Self {
        let Self { house, provider, told, folder } = self;
        house.runtime.stop(Span::ZERO).await;
        let (engine, clock): (MemoryEngine, Clock) = (house.engine.clone(), house.clock.clone());
        let kinds = sandboxes(provider.clone(), &folder);
        let house = House::over(engine, clock, |options| options.sandboxes = kinds).await;
        Self { house, provider, told, folder }
    }

    async fn told(&mut self) -> String {
        within("the provider to be asked", self.told.recv()).await.expect("the provider lives")
    }

    async fn until(&self, state: SandboxState) {
        self.house
            .until(&format!("{state:?}"), |session| session.sandbox.as_ref().is_some_and(|is| is.state() == state))
            .await;
    }

    /// The runner of a generation says hello.
    async fn comes_up(&self, generation: u32) -> Result<Puppet, String> {
        let boot = BootId(Uuid::from_u128(generation.into()));
        let news = SandboxNews::Up { runner: runner_of(SESSION), boot };
        let report = Command::Runner(Report::Sandbox { generation, news });
        let known = within("an answer", self.house.runtime.sessions.ask(SESSION, report)).await;
        known.map_err(|error| error.to_string())?;
        let mut hello = hello(runner_of(SESSION), generation.into(), vec![], WorkKind::all());
        hello.sandbox = Some(SandboxSeat { session: SESSION, generation });
        let runner = Puppet::join_with(&self.house, hello).await;
        self.house.runtime.roster.sandbox_is_up(SESSION).await;
        Ok(runner)
    }

    async fn does_a_turn(&self, runner: &mut Puppet) {
        let spec = runner.take_work().await;
        runner.frames(&spec, 0, vec![created(), finished()]).await.expect("taken");
        self.house.until("the end of the turn", |session| session.turns.is_empty()).await;
    }
}

#[actix_rt::test]
async fn a_prompt_starts_it_its_runner_does_the_turn_and_idleness_ends_it() {
    let mut stage = Stage::set(Start::Works).await;
    assert_eq!(stage.told().await, "start 1");
    let mut runner = stage.comes_up(1).await.expect("it is wanted");
    stage.does_a_turn(&mut runner).await;
    stage.house.clock.advance(IDLE);
    assert_eq!(stage.told().await, "stop 1");
    stage.until(SandboxState::Hibernated).await;
    runner.roster.left(runner.link);
    stage.house.prompt("again").await;
    assert_eq!(stage.told().await, "start 2");
    assert!(stage.comes_up(1).await.err().expect("it is the past").contains("generation 1"));
    let mut runner = stage.comes_up(2).await.expect("it is wanted");
    stage.does_a_turn(&mut runner).await;
}

#[actix_rt::test]
async fn its_works_wait_for_it_though_another_runner_is_free() {
    let mut stage = Stage::set(Start::Works).await;
    let _other = Puppet::join(&stage.house, 9, vec![]).await;
    assert_eq!(stage.told().await, "start 1");
    let mut runner = stage.comes_up(1).await.expect("it is wanted");
    stage.does_a_turn(&mut runner).await;
    assert_eq!(stage.house.look().await.state.home, Some(runner_of(SESSION)));
}

#[actix_rt::test]
async fn a_start_that_fails_is_tried_three_times_and_what_waits_is_told() {
    let mut stage = Stage::set(Start::Fails).await;
    for generation in 1..=3 {
        assert_eq!(stage.told().await, format!("start {generation}"));
        assert_eq!(stage.told().await, format!("stop {generation}"));
        stage.house.clock.advance(Span::secs(5));
    }
    stage.until(SandboxState::Failed).await;
    assert!(stage.house.look().await.state.turns.is_empty());
}

#[actix_rt::test]
async fn a_start_that_hangs_is_given_up_at_its_deadline_and_its_late_hello_is_refused() {
    let mut stage = Stage::set(Start::Hangs).await;
    assert_eq!(stage.told().await, "start 1");
    *stage.provider.start.lock().expect("a test does not panic here") = Start::Works;
    stage.house.clock.advance(Span::mins(2));
    stage.until(SandboxState::Backoff).await;
    stage.house.clock.advance(Span::secs(5));
    assert_eq!(stage.told().await, "stop 1");
    assert_eq!(stage.told().await, "start 2");
    assert!(stage.comes_up(1).await.is_err());
    let mut runner = stage.comes_up(2).await.expect("it is wanted");
    stage.does_a_turn(&mut runner).await;
}

#[actix_rt::test]
async fn a_server_that_dies_after_a_start_finds_it_and_does_not_start_it_twice() {
    let mut stage = Stage::set(Start::Works).await;
    assert_eq!(stage.told().await, "start 1");
    let mut stage = stage.crash().await;
    let mut runner = stage.comes_up(1).await.expect("it is wanted");
    stage.does_a_turn(&mut runner).await;
    stage.house.clock.advance(IDLE);
    loop {
        match stage.told().await.as_str() {
            "look for 1" => {}
            "stop 1" => break,
            other => panic!("the provider was asked to {other}"),
        }
    }
}

#[actix_rt::test]
async fn a_server_that_dies_in_the_middle_of_a_start_clears_up_before_it_starts_again() {
    let mut stage = Stage::set(Start::Hangs).await;
    assert_eq!(stage.told().await, "start 1");
    *stage.provider.start.lock().expect("a test does not panic here") = Start::Works;
    *stage.provider.lives.lock().expect("a test does not panic here") = false;
    let mut stage = stage.crash().await;
    for asked in ["look for 1", "stop 1", "start 1"] {
        assert_eq!(stage.told().await, asked);
    }
    let mut runner = stage.comes_up(1).await.expect("it is wanted");
    stage.does_a_turn(&mut runner).await;
}

#[actix_rt::test]
async fn one_whose_runner_is_lost_for_good_is_stopped_and_another_is_started_for_what_waits() {
    let mut stage = Stage::set(Start::Works).await;
    assert_eq!(stage.told().await, "start 1");
    let mut runner = stage.comes_up(1).await.expect("it is wanted");
    stage.does_a_turn(&mut runner).await;
    runner.roster.left(runner.link);
    stage.until(SandboxState::Away).await;
    stage.house.prompt("are you there?").await;
    stage.house.clock.advance(Span::mins(1));
    assert_eq!(stage.told().await, "stop 1");
    stage.house.clock.advance(Span::secs(5));
    assert_eq!(stage.told().await, "start 2");
    let mut runner = stage.comes_up(2).await.expect("it is wanted");
    stage.does_a_turn(&mut runner).await;
}

#[actix_rt::test]
async fn the_end_of_the_session_removes_all_that_was_kept() {
    let mut stage = Stage::set(Start::Works).await;
    assert_eq!(stage.told().await, "start 1");
    let mut runner = stage.comes_up(1).await.expect("it is wanted");
    stage.does_a_turn(&mut runner).await;
    let kept = stage.folder.path().join(SESSION.0.simple().to_string());
    let token = std::fs::read_to_string(kept.join("token")).expect("its runner reads it");
    assert_eq!(token, format!("{SESSION} 1"));
    stage.house.say(Action::Terminate).await.expect("it ends");
    assert_eq!(stage.told().await, "stop 1 for good");
    stage.until(SandboxState::None).await;
    assert!(!kept.exists());
}

#[actix_rt::test]
async fn what_nobody_wants_any_more_is_stopped_when_the_server_starts() {
    let mut stage = Stage::set(Start::Works).await;
    assert_eq!(stage.told().await, "start 1");
    stage.until(SandboxState::Starting).await;
    // Another server's note: of a session that is not known here.
    let stranger = Uuid::from_u128(0xdead);
    let folder = stage.folder.path().join(stranger.simple().to_string());
    std::fs::create_dir(&folder).expect("the folder can be written");
    let note = format!("{{\"session\":\"{stranger}\",\"sandbox\":\"box\",\"generation\":7,\"started\":true}}");
    std::fs::write(folder.join("sandbox.json"), note).expect("the folder can be written");
    let mut stage = stage.crash().await;
    while stage.told().await != "stop 7 for good" {}
}

#[actix_rt::test]
async fn a_sandbox_is_woken_and_stopped_on_wish() {
    let mut stage = Stage::set(Start::Works).await;
    assert_eq!(stage.told().await, "start 1");
    let mut runner = stage.comes_up(1).await.expect("it is wanted");
    stage.does_a_turn(&mut runner).await;
    let wish = |wish| Action::Sandbox { wish };
    stage.house.say(wish(SandboxWish::Stop)).await.expect("it stops");
    assert_eq!(stage.told().await, "stop 1");
    stage.until(SandboxState::Hibernated).await;
    stage.house.say(wish(SandboxWish::Wake)).await.expect("it wakes");
    assert_eq!(stage.told().await, "start 2");
}
