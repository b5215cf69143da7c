//! What a story needs: a real server, a real runner whose agent plays by words, and a client that watches.

use tenure_model::chat::{FinishReason, PromptMode};
use tenure_model::id::{PromptId, SessionId, TurnId};
use tenure_protocol::client::{ClientCommand, ClientEvent, Reply};
use tenure_tests::harness::{Api, Runner, Server, Socket, View};

/// A server, a runner, and one session that somebody watches.
pub struct Stage {
    pub server: Server,
    pub runner: Runner,
    pub session: SessionId,
    pub socket: Socket,
    pub view: View,
    requests: u32,
}

/// What the scripted agent does, by a word of the prompt.
fn scripts() -> Vec<(String, String)> {
    let script = |word: &str, steps: &str| (word.to_owned(), format!("name: {word}\nmatch: {word}\nsteps:\n{steps}"));
    vec![
        script("greet", "- think: {text: 'a greeting', pace_ms: 0}\n- say: {text: 'Grüße 🌍', chunk: 1, pace_ms: 1}\n"),
        script("count", "- append: {path: counted, text: \"once\\n\"}\n- emit: {bytes: 4000, seed: 7, chunk: 50}\n"),
        script("linger", "- say: {text: 'so long', pace_ms: 0}\n- shell: {command: 'sleep 600', timeout_ms: 600000}\n"),
        script("flood", "- emit: {bytes: 4000000, seed: 3, chunk: 20000, pace_ms: 0}\n"),
        script(
            "ask",
            "- ask: {question: 'which colour?', options: [red, blue], save: it}\n- say: '{{answer.it}} it is'\n",
        ),
        script(
            "work",
            "- shell: {command: 'echo out; exit 3', expect: fail}\n- usage: {input_tokens: 3, output_tokens: 4}\n",
        ),
    ]
}

impl Stage {
    pub async fn set() -> Self {
        let server = Server::start().await;
        let runner = Runner::start(&server.address(), &server.runner_token().await, &scripts());
        Self::with(server, runner).await
    }

    /// Sets the stage with a runner that has no more than so many bytes for its own data.
    pub async fn on_a_disk_of(bytes: u64) -> Self {
        let server = Server::start().await;
        let token = server.runner_token().await;
        let runner = Runner::start_on_a_disk_of(bytes, &server.address(), &token, &scripts());
        Self::with(server, runner).await
    }

    /// Sets the stage with this server and this runner.
    pub async fn with(server: Server, runner: Runner) -> Self {
        let session = server.api().open_session().await;
        let socket = Socket::open(&server.address(), server.token(), session, None).await.expect("a socket");
        Self { server, runner, session, socket, view: View::default(), requests: 0 }
    }

    pub fn api(&self) -> Api {
        self.server.api()
    }

    /// Joins anew, where this client left off.
    pub async fn join(&mut self) {
        let after = self.view.cursor;
        let joined = Socket::open(&self.server.address(), self.server.token(), self.session, after).await;
        self.socket = joined.expect("a socket");
    }

    /// Watches until something is so.
    pub async fn until(&mut self, what: &str, is_so: impl Fn(&View) -> bool) {
        if is_so(&self.view) {
            return;
        }
        let view = &mut self.view;
        self.socket
            .until(what, |event| {
                view.apply(event);
                is_so(view).then_some(())
            })
            .await;
    }

    /// Sends a command and returns what the server answers.
    pub async fn command(&mut self, command: ClientCommand) -> Result<Reply, String> {
        self.requests += 1;
        let id = format!("request {}", self.requests);
        self.socket.send(&id, command).await.expect("the socket is open");
        let view = &mut self.view;
        self.socket
            .until("an answer", |event| match event {
                ClientEvent::Reply { request_id, reply, .. } if request_id.as_ref() == Some(&id) => Some(Ok(reply)),
                ClientEvent::Error { problem } => Some(Err(problem.code)),
                other => {
                    view.apply(other);
                    None
                }
            })
            .await
    }

    pub async fn prompt(&mut self, text: &str, mode: Option<PromptMode>) -> (PromptId, Option<TurnId>) {
        let (thread, attachments, agent, model) = (None, vec![], None, None);
        let prompt = ClientCommand::Prompt { thread, text: text.into(), attachments, mode, agent, model };
        match self.command(prompt).await {
            Ok(Reply::Prompted { prompt, turn, .. }) => (prompt, turn),
            other => panic!("a prompt was answered with {other:?}"),
        }
    }

    /// Prompts, and watches until the answer is finished.
    pub async fn answer(&mut self, text: &str) -> (String, Option<FinishReason>) {
        let (_, turn) = self.prompt(text, None).await;
        self.finished(turn.expect("the thread is free")).await
    }

    pub async fn finished(&mut self, turn: TurnId) -> (String, Option<FinishReason>) {
        self.until("a finished answer", |view| view.answer(turn).is_some()).await;
        self.view.answer(turn).expect("it was just seen")
    }

    /// Expects this client to see what the server knows.
    pub async fn sees_what_the_server_knows(&mut self) {
        let messages = self.api().messages(self.session).await;
        assert_eq!(self.view.messages.values().cloned().collect::<Vec<_>>(), messages);
        let session = self.api().session(self.session).await;
        assert_eq!(self.view.queue, session.queue);
        assert_eq!(self.view.title, session.title);
        assert_eq!(self.view.turns.len(), session.turns.len());
    }
}
