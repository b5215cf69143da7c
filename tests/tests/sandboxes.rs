//! Sandboxes on demand, with the real server: one that comes up for a prompt, sleeps, wakes with its files, is lost, ends.

use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::{Value, json};
use tenure_model::chat::{FinishReason, PromptMode};
use tenure_model::id::{SessionId, TurnId};
use tenure_model::sandbox::{Lifecycle, SandboxState, SandboxView};
use tenure_protocol::client::{ClientCommand, ClientEvent, Reply};
use tenure_tests::harness::binary::binary;
use tenure_tests::harness::view::text_of;
use tenure_tests::harness::{Runner, Server, Socket, cli, in_time};

/// The kind that all stories use, with short patience.
const KIND: &str =
    "name = \"box\"\nidle_ms = 4000\ngrace_ms = 1000\nstart_timeout_ms = 60000\nstop_timeout_ms = 45000\n";
/// Runners that a failed test leaves behind end by themselves.
const RUNNER: &str = "[runner]\nscript = \"scripts\"\npermissions = \"allow\"\norphan_timeout_ms = 20000\ncapacity = 2\n\
                      [isolation]\nmode = \"none\"\n";

struct Stage {
    server: Server,
    session: SessionId,
    socket: Socket,
    requests: u32,
}

impl Stage {
    async fn with(kind: &str) -> Self {
        let script = |word: &str, steps: &str| format!("name: {word}\nmatch: {word}\nsteps:\n{steps}");
        let files = [
            ("tenure.toml", format!("[[sandboxes]]\n{KIND}{kind}{RUNNER}")),
            ("scripts/greet.yaml", script("greet", "- say: {text: 'hello', pace_ms: 0}\n")),
            ("scripts/count.yaml", script("count", "- append: {path: counted, text: \"once\\n\"}\n- say: counted\n")),
            (
                "scripts/linger.yaml",
                script(
                    "linger",
                    "- say: {text: 'so long', pace_ms: 0}\n- shell: {command: 'sleep 600', timeout_ms: 600000}\n",
                ),
            ),
        ];
        let server = Server::start_with(&files).await;
        let opened = server.api().post("/api/sessions", &json!({ "runner": { "sandbox": "box" } })).await;
        let session = serde_json::from_value(opened["id"].clone()).expect("a session has an id");
        let socket = Socket::open(&server.address(), server.token(), session, None).await.expect("a socket");
        Self { server, session, socket, requests: 0 }
    }

    async fn process() -> Self {
        Self::with("provider = \"process\"\n").await
    }

    async fn join(&mut self) {
        let joined = Socket::open(&self.server.address(), self.server.token(), self.session, None).await;
        self.socket = joined.expect("a socket");
    }

    async fn prompt(&mut self, text: &str) -> TurnId {
        self.requests += 1;
        let id = format!("request {}", self.requests);
        let (thread, mode, attachments, agent, model) = (None, None::<PromptMode>, vec![], None, None);
        let prompt = ClientCommand::Prompt { thread, text: text.into(), attachments, mode, agent, model };
        self.socket.send(&id, prompt).await.expect("the socket is open");
        let answered = |event| match event {
            ClientEvent::Reply { reply: Reply::Prompted { turn, .. }, .. } => turn,
            _ => None,
        };
        self.socket.until("the prompt to be taken", answered).await
    }

    /// Waits for the end of a turn; returns what was said and how it ended.
    async fn finished(&mut self, turn: TurnId) -> (String, Option<FinishReason>) {
        let ended = |event| match event {
            ClientEvent::Finalize { message, .. } if message.turn == turn => {
                Some((text_of(&message.parts), message.finish))
            }
            _ => None,
        };
        self.socket.until("the end of the turn", ended).await
    }

    async fn answer(&mut self, text: &str) -> (String, Option<FinishReason>) {
        let turn = self.prompt(text).await;
        self.finished(turn).await
    }

    /// Waits until the session says that it stands so.
    async fn until_joint(&mut self, wanted: Lifecycle) {
        let told = |event| match event {
            ClientEvent::SessionUpdated { states, .. } => (states.joint == wanted).then_some(()),
            ClientEvent::Init { session, .. } => (session.states.joint == wanted).then_some(()),
            _ => None,
        };
        self.socket.until(&format!("{wanted:?}"), told).await;
    }

    /// Waits until the sandbox is up and its start confirmed; returns it.
    async fn running(&mut self) -> SandboxView {
        let up = |sandbox: &SandboxView| sandbox.state == SandboxState::Running && sandbox.handle.is_some();
        let told = |event| match event {
            ClientEvent::SessionUpdated { sandbox, .. } => sandbox.map(|sandbox| *sandbox).filter(up),
            ClientEvent::Init { session, .. } => session.sandbox.filter(up),
            _ => None,
        };
        self.socket.until("a sandbox that runs", told).await
    }

    fn folder(&self) -> PathBuf {
        self.server.file("data/sandboxes").join(self.session.0.simple().to_string())
    }

    fn counted(&self) -> String {
        let file = self.folder().join("runner/workspaces").join(self.session.to_string()).join("counted");
        std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    }

    /// Ends the session, and waits until nothing of its sandbox is left.
    async fn end(mut self) {
        self.server.api().post(&format!("/api/sessions/{}/terminate", self.session), &json!({})).await;
        let gone = |event| match event {
            ClientEvent::SessionUpdated { sandbox, .. } => {
                sandbox.filter(|sandbox| sandbox.state == SandboxState::None).map(|_| ())
            }
            _ => None,
        };
        self.socket.until("the end of the sandbox", gone).await;
        assert!(!self.folder().exists(), "its workspace is gone with the session");
        assert!(processes(&self.folder()).is_empty(), "and so is its process");
        let list: Value = self.server.api().get("/api/sandboxes").await;
        assert_eq!(list["items"], json!([]));
    }
}

/// Lists the runners whose folder is below this one.
fn processes(folder: &Path) -> Vec<Pid> {
    let folder = folder.display().to_string();
    let runs = |pid: &Pid| {
        let line = std::fs::read(format!("/proc/{}/cmdline", pid.as_raw_pid())).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).into_owned();
        line.split('\0').nth(1) == Some("runner") && line.contains(&folder)
    };
    let entries = std::fs::read_dir("/proc").expect("processes are listed").flatten();
    let pids = entries.filter_map(|entry| Pid::from_raw(entry.file_name().to_str()?.parse().ok()?));
    pids.filter(runs).collect()
}

fn ended() -> Option<FinishReason> {
    Some(FinishReason::EndTurn)
}

#[tokio::test]
async fn a_sandbox_comes_up_for_a_prompt_sleeps_and_wakes_with_its_files() {
    let mut stage = Stage::process().await;
    assert_eq!(stage.answer("count").await, ("counted".into(), ended()));
    let running = stage.running().await;
    assert_eq!(running.generation, 1);
    let pids = processes(&stage.folder());
    assert_eq!(pids.len(), 1);
    let list = cli::run(&stage.server, &["sandbox", "list"]).await.expect(0);
    assert!(list.contains(&stage.session.to_string()) && list.contains("running"), "{list}");

    stage.until_joint(Lifecycle::Hibernated).await;
    assert!(test_kill_process(pids[0]).is_err(), "nothing runs any more");
    assert_eq!(stage.counted(), "once\n", "and its files are kept");

    assert_eq!(stage.answer("count").await, ("counted".into(), ended()));
    assert_eq!(stage.running().await.generation, 2);
    assert_eq!(stage.counted(), "once\nonce\n");
    let shown = cli::run(&stage.server, &["session", "show", &stage.session.to_string()]).await.expect(0);
    assert!(shown.contains("sandbox  box running, start 2"), "{shown}");
    stage.end().await;
}

#[tokio::test]
async fn a_server_that_is_killed_while_a_sandbox_starts_finds_it_and_starts_no_other() {
    let mut stage = Stage::process().await;
    let turn = stage.prompt("count").await;
    stage.server.kill().await;
    stage.server.start_again().await;
    stage.join().await;
    let reason = in_time("the answer", async {
        loop {
            let messages = stage.server.api().messages(stage.session).await;
            if let Some(message) = messages.iter().find(|message| message.turn == turn && message.finish.is_some()) {
                return message.finish;
            }
            let _ = stage.socket.next().await;
        }
    })
    .await;
    assert_eq!(reason, ended());
    assert_eq!(stage.counted(), "once\n");
    assert_eq!(processes(&stage.folder()).len(), 1);
    stage.end().await;
}

#[tokio::test]
async fn a_sandbox_that_is_killed_is_started_anew_and_its_turn_is_not_done_twice() {
    let mut stage = Stage::process().await;
    let turn = stage.prompt("linger").await;
    stage.until_joint(Lifecycle::Running).await;
    let pids = processes(&stage.folder());
    assert_eq!(pids.len(), 1);
    kill_process(pids[0], Signal::KILL).expect("it runs");
    let (_, reason) = stage.finished(turn).await;
    assert_eq!(reason, Some(FinishReason::Interrupted));
    assert_eq!(stage.answer("greet").await, ("hello".into(), ended()));
    let session = stage.server.api().session(stage.session).await;
    assert_eq!(session.sandbox.expect("it has one").generation, 2);
    stage.end().await;
}

#[tokio::test]
async fn the_operators_own_programs_start_and_stop_a_sandbox() {
    let tenure = binary();
    let start = format!(
        "echo start $TENURE_GENERATION >> log; setsid {} runner --data \"$TENURE_FOLDER/runner\" --name operated >/dev/null \
         2>>runner.log </dev/null & echo $! > pid; echo \"operated $TENURE_SANDBOX $TENURE_GENERATION\"",
        tenure.display()
    );
    let stop = "echo stop $TENURE_GENERATION \"$TENURE_HANDLE\" keep=$TENURE_KEEP >> log; kill $(cat pid) 2>/dev/null; \
                while kill -0 $(cat pid) 2>/dev/null; do sleep 0.05; done; true";
    let kind =
        format!("provider = \"command\"\nstart = ['sh', '-c', '''{start}''']\nstop = ['sh', '-c', '''{stop}''']\n");
    let mut stage = Stage::with(&kind).await;
    assert_eq!(stage.answer("count").await, ("counted".into(), ended()));
    assert_eq!(stage.running().await.handle.as_deref(), Some("operated box 1"));
    let hibernate = format!("/api/sessions/{}/sandbox/hibernate", stage.session);
    let answer = stage.server.api().post(&hibernate, &json!({})).await;
    assert_eq!(answer["sandbox"]["state"], "hibernating");
    stage.until_joint(Lifecycle::Hibernated).await;
    assert!(processes(&stage.folder()).is_empty());
    assert_eq!(stage.answer("count").await, ("counted".into(), ended()));
    assert_eq!(stage.counted(), "once\nonce\n");
    let log = stage.server.file("log");
    stage.running().await;
    let told = std::fs::read_to_string(&log).expect("the programs ran");
    assert_eq!(told, "start 1\nstop 1 operated box 1 keep=1\nstart 2\n");
    stage.end().await;
}

#[tokio::test]
async fn somebody_else_starts_a_sandbox_that_is_wanted_and_its_runner_ends_when_it_is_not() {
    let mut stage = Stage::with("provider = \"external\"\n").await;
    let turn = stage.prompt("greet").await;
    let api = stage.server.api();
    let wanted: Value = api.get("/api/sandboxes?state=wanted").await;
    assert_eq!(wanted["items"][0]["session"], json!(stage.session));
    let made = api.post(&format!("/api/sandboxes/{}/credential", stage.session), &json!({})).await;
    assert_eq!(made["generation"], 1);
    let token = made["token"].as_str().expect("a credential");
    let script = "name: greet\nsteps:\n- say: {text: 'hello', pace_ms: 0}\n".to_owned();
    let mut runner = Runner::start(&stage.server.address(), token, &[("greet".to_owned(), script)]);
    assert_eq!(stage.finished(turn).await, ("hello".into(), ended()));
    stage.until_joint(Lifecycle::Hibernated).await;
    runner.ended().await;
    assert!(runner.log().contains("refused because this sandbox was stopped"), "{}", runner.log());
    stage.end().await;
}

#[tokio::test]
async fn a_start_that_fails_is_told_and_tried_no_more_than_stated() {
    let kind =
        "provider = \"command\"\nattempts_max = 2\nstart = ['sh', '-c', 'echo no room >&2; exit 3']\nstop = ['true']\n";
    let mut stage = Stage::with(kind).await;
    let turn = stage.prompt("greet").await;
    let why = |event| match event {
        ClientEvent::Finalize { message, error, .. } if message.turn == turn => error,
        _ => None,
    };
    let why = stage.socket.until("the end of the turn", why).await;
    assert!(why.starts_with("recovery_exhausted") && why.contains("it ended with 3: no room"), "{why}");
    let session = stage.server.api().session(stage.session).await;
    assert_eq!(session.states.joint, Lifecycle::Error);
    stage.end().await;
}
