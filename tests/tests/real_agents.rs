//! Real agents from npm against a model server that always says the same: a tool call with its permission, a workflow step
//! with a structured reply, a cancel, and SIGKILL of the server and of the agent in mid-turn.
//!
//! opencode always; Qwen Code with `TENURE_LONG=1`. The suite installs them itself, once, into the target folder.

use std::fs;
use std::path::Path;

use tenure_model::chat::{FinishReason, Part, ToolStatus};
use tenure_model::id::{SessionId, ThreadId, TurnId};
use tenure_protocol::client::{ClientCommand, ClientEvent, Reply};
use tenure_tests::harness::model_server::{self, ANSWER};
use tenure_tests::harness::view::text_of;
use tenure_tests::harness::{Runner, Server, Socket, View, agent, cli, in_time};

/// A server, a runner with a real agent, and one session that somebody watches.
struct Stage {
    server: Server,
    runner: Runner,
    session: SessionId,
    socket: Socket,
    view: View,
    requests: u32,
}

impl Stage {
    async fn with(settings: impl FnOnce(&str, &Path) -> String) -> Self {
        let model = model_server::start().await;
        let server = Server::start().await;
        let token = server.runner_token().await;
        let runner = Runner::with_settings(&server.address(), &token, |folder| settings(&model, &folder.join("home")));
        let session = server.api().open_session().await;
        let socket = Socket::open(&server.address(), server.token(), session, None).await.expect("a socket");
        Self { server, runner, session, socket, view: View::default(), requests: 0 }
    }

    async fn opencode() -> Self {
        let installed = tokio::task::spawn_blocking(agent::opencode).await.expect("the agent can be installed");
        Self::with(|model, home| installed.opencode_settings(model, home)).await
    }

    async fn until(&mut self, what: &str, is_so: impl Fn(&View) -> bool) {
        while !is_so(&self.view) {
            let event = in_time(what, self.socket.next()).await;
            let event = event.unwrap_or_else(|over| panic!("waiting for {what}: {over:?}\n{}", self.runner.log()));
            self.view.apply(event);
        }
    }

    async fn command(&mut self, command: ClientCommand) -> Reply {
        self.requests += 1;
        let id = format!("request {}", self.requests);
        self.socket.send(&id, command).await.expect("the socket is open");
        loop {
            match in_time("an answer", self.socket.next()).await.expect("the socket is open") {
                ClientEvent::Reply { request_id, reply, .. } if request_id.as_ref() == Some(&id) => return reply,
                ClientEvent::Error { problem } => panic!("{problem:?}"),
                event => self.view.apply(event),
            }
        }
    }

    async fn prompt(&mut self, text: &str) -> TurnId {
        let (thread, attachments, mode, agent, model) = (None, vec![], None, None, None);
        let prompt = ClientCommand::Prompt { thread, text: text.into(), attachments, mode, agent, model };
        match self.command(prompt).await {
            Reply::Prompted { turn: Some(turn), .. } => turn,
            other => panic!("a prompt was answered with {other:?}"),
        }
    }

    async fn finished(&mut self, turn: TurnId) -> (String, FinishReason) {
        self.until("a finished answer", |view| view.answer(turn).is_some()).await;
        let (text, reason) = self.view.answer(turn).expect("it was just seen");
        (text, reason.expect("a finished answer says how it ended"))
    }

    /// Waits until so much of a slow answer was seen, and returns it.
    async fn seen(&mut self, turn: TurnId, word: &str) -> String {
        let shown =
            |view: &View| view.turns.get(&turn).map(|parts| text_of(&parts.values().cloned().collect::<Vec<_>>()));
        self.until("the beginning of a slow answer", |view| shown(view).is_some_and(|text| text.contains(word))).await;
        shown(&self.view).expect("it was just seen")
    }

    fn first_thread(&self) -> ThreadId {
        *self.view.threads.keys().next().expect("a session has a thread")
    }

    async fn join(&mut self) {
        let joined = Socket::open(&self.server.address(), self.server.token(), self.session, self.view.cursor).await;
        self.socket = joined.expect("a socket");
    }

    /// One conversation: words, then a call of a tool that a person has allowed.
    async fn talks_and_calls_a_tool(&mut self) {
        let turn = self.prompt("say hello").await;
        assert_eq!(self.finished(turn).await, (ANSWER.to_owned(), FinishReason::EndTurn), "{}", self.runner.log());
        let turn = self.prompt("use a TOOL").await;
        self.until("a question", |view| !view.questions.is_empty()).await;
        let question = *self.view.questions.keys().next().expect("it was just seen");
        let view = self.server.api().session(self.session).await;
        let asked = view.questions.iter().find(|asked| asked.question == question).expect("it is open");
        let allow = asked.options.iter().find(|option| option.to_lowercase().contains("once"));
        let answer = allow.or(asked.options.first()).expect("there are options").clone();
        self.command(ClientCommand::Answer { question, answer }).await;
        let (text, reason) = self.finished(turn).await;
        assert_eq!((text.contains(ANSWER), reason), (true, FinishReason::EndTurn), "{text}");
        let messages = self.server.api().messages(self.session).await;
        let called = messages.iter().flat_map(|message| &message.parts).any(|part| match part {
            Part::ToolCall { call, .. } => {
                call.status == ToolStatus::Completed
                    && call.result.as_ref().is_some_and(|result| result.to_string().contains("from the tool"))
            }
            _ => false,
        });
        assert!(called, "{messages:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn opencode_talks_calls_a_tool_and_leaves_when_it_is_asked_to() {
    let mut stage = Stage::opencode().await;
    stage.talks_and_calls_a_tool().await;
    let turn = stage.prompt("a SLOW one").await;
    let seen = stage.seen(turn, "word3 ").await;
    let thread = stage.first_thread();
    stage.command(ClientCommand::Abort { thread: Some(thread), turn: Some(turn) }).await;
    let (text, reason) = stage.finished(turn).await;
    assert_eq!(reason, FinishReason::Canceled);
    assert!(text.starts_with(&seen), "{seen:?} was seen, and {text:?} is kept");
    assert_eq!(agents_of(&stage.runner), Vec::<i32>::new(), "a cancelled agent is gone with its turn");
}

#[tokio::test(flavor = "multi_thread")]
async fn opencode_calls_a_tool_of_the_server() {
    calls_a_tool_of_the_server(Stage::opencode().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_built_in_agent_calls_a_tool_of_the_server() {
    let settings = |model: &str, _: &Path| {
        format!(
            "[[runner.agents]]\nkind = \"model\"\nname = \"small\"\nprovider = \"openai\"\nbase_url = \"{model}\"\nmodels = [\"stub\"]\n"
        )
    };
    calls_a_tool_of_the_server(Stage::with(settings).await).await;
}

/// Two turns that call a tool: the second comes with another pass, because the first one's is over.
async fn calls_a_tool_of_the_server(mut stage: Stage) {
    let file = stage.runner.file("greeting.yaml");
    let text = "name: Greeting\nslug: greeting-of-the-day\nsteps:\n  - {id: say, type: bash, command: echo hello}\n";
    fs::write(&file, text).expect("the folder can be written");
    let saved = cli::run(&stage.server, &["workflow", "sync", &file.display().to_string()]).await;
    assert!(saved.out.contains("greeting-of-the-day"), "{}", saved.out);
    for _ in 0..2 {
        let turn = stage.prompt("which WORKFLOWS are there").await;
        let (text, reason) = stage.finished(turn).await;
        assert_eq!((text.contains(ANSWER), reason), (true, FinishReason::EndTurn), "{text}\n{}", stage.runner.log());
        let messages = stage.server.api().messages(stage.session).await;
        let mut parts = messages.iter().filter(|message| message.turn == turn).flat_map(|message| &message.parts);
        let called = parts.any(|part| match part {
            Part::ToolCall { call, .. } => {
                call.status == ToolStatus::Completed
                    && call.result.as_ref().is_some_and(|result| result.to_string().contains("greeting-of-the-day"))
            }
            _ => false,
        });
        assert!(called, "{messages:?}\n{}", stage.runner.log());
    }
    assert!(!stage.runner.log().contains("tenure_agent_"), "no log holds a pass");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_step_of_opencode_gives_a_structured_reply() {
    let stage = Stage::opencode().await;
    let file = stage.runner.file("rate.yaml");
    let steps = "name: rate\nsteps:\n  - id: rate\n    type: agent_prompt\n    prompt: RATE it\n    outputSchema:\n      rating: {type: number}\n";
    fs::write(&file, format!("{steps}outputs:\n  rating: '{{{{ outputs.rate.response.rating }}}}'\n"))
        .expect("the folder can be written");
    let done = cli::run(&stage.server, &["run", &file.display().to_string(), "--json"]).await;
    assert!(
        done.out.contains("\"rating\":4") || done.out.contains("\"rating\": 4"),
        "{}\n{}",
        done.out,
        stage.runner.log()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_word_of_opencode_is_lost_when_the_server_and_the_agent_are_killed() {
    let mut stage = Stage::opencode().await;
    let turn = stage.prompt("a SLOW one").await;
    let seen = stage.seen(turn, "word5 ").await;
    stage.server.kill().await;
    stage.server.start_again().await;
    stage.join().await;
    let more = stage.seen(turn, "word60 ").await;
    assert!(more.starts_with(&seen), "{seen:?} was seen before, {more:?} after the restart");
    let agents = agents_of(&stage.runner);
    assert!(!agents.is_empty());
    for agent in agents {
        // It may have ended with the one before it.
        let _ = std::process::Command::new("kill").args(["-KILL", &agent.to_string()]).status();
    }
    let (text, reason) = stage.finished(turn).await;
    assert_eq!(reason, FinishReason::Error);
    assert!(text.starts_with(&more), "{more:?} was seen, and {text:?} is kept");
    let next = stage.prompt("say hello").await;
    assert_eq!(stage.finished(next).await.1, FinishReason::EndTurn, "{}", stage.runner.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn qwen_code_talks_and_calls_a_tool() {
    if std::env::var("TENURE_LONG").is_err() {
        return;
    }
    let installed = tokio::task::spawn_blocking(agent::qwen).await.expect("the agent can be installed");
    let mut stage = Stage::with(|model, home| installed.qwen_settings(model, home)).await;
    stage.talks_and_calls_a_tool().await;
}

/// Lists the processes of agents that work for this runner: they carry its mark, and work in its folder.
fn agents_of(runner: &Runner) -> Vec<i32> {
    let workspace = runner.file(".").canonicalize().expect("the workspace is there");
    let is_agent = |process: &Path| {
        let environment = fs::read(process.join("environ")).unwrap_or_default();
        let marked = environment.split(|byte| *byte == 0).any(|variable| variable.starts_with(b"TENURE_WORK=agents."));
        marked && fs::read_link(process.join("cwd")).is_ok_and(|folder| folder == workspace)
    };
    let processes = fs::read_dir("/proc").expect("the system tells of its processes").flatten();
    let found = processes.filter(|entry| is_agent(&entry.path()));
    found.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}
