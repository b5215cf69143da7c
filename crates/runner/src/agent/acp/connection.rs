//! The conversation with one process of an agent, from its start over any number of turns to its end.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use agent_client_protocol::schema::ProtocolVersion;
use agent_client_protocol::v1::ConnectionTo;
use agent_client_protocol::v1::schema::{
    AgentCapabilities, ClientCapabilities, CreateTerminalRequest, FileSystemCapabilities, Implementation,
    InitializeRequest, InitializeResponse, KillTerminalRequest, ReadTextFileRequest, ReleaseTerminalRequest,
    RequestPermissionRequest, SessionNotification, TerminalOutputRequest, WaitForTerminalExitRequest,
    WriteTextFileRequest,
};
use agent_client_protocol::{
    Agent, Client, Error, JsonRpcNotification, JsonRpcRequest, Lines, is_connection_terminated,
    is_incoming_transport_closed, on_receive_notification, on_receive_request,
};
use tokio::process::{ChildStdin, ChildStdout};
use tokio::sync::oneshot;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use super::stage::Stage;
use super::{files, lines, permission};
use crate::shell::{Groups, Process, Program};

/// How long an agent may take to introduce itself, and to open a conversation.
pub const READY_WITHIN: Duration = Duration::from_secs(60);
/// How long the last messages of an ended process are waited for, when a child of it keeps its pipe open.
const LAST_WORDS_WITHIN: Duration = Duration::from_millis(300);

/// A process that has introduced itself.
pub struct Connection {
    pub process: Process,
    pub stage: Arc<Stage>,
    pub agent: InitializeResponse,
    to: ConnectionTo<Agent>,
    _driver: Driver,
}

/// Why an agent gave no good answer.
#[derive(Debug)]
pub enum Failure {
    /// It answered with an error; the process lives.
    Refused(String),
    /// The process ended, broke the protocol, or does not answer any more.
    Gone(String),
}

impl Failure {
    pub fn in_words(&self) -> &str {
        match self {
            Self::Refused(why) | Self::Gone(why) => why,
        }
    }
}

impl Connection {
    /// Starts the program and hears its introduction.
    pub async fn start(program: &Program, folder: &Path, groups: Arc<Groups>) -> Result<Self, StartError> {
        let started = Process::start(program, folder, groups);
        let (process, stdin, stdout) = started.map_err(|error| StartError::NotStarted(error.to_string()))?;
        let stage = Arc::new(Stage::default());
        let (driver, to) = drive(stdin, stdout, &process, &stage);
        let Ok(to) = to.await else {
            return Err(StartError::Broken { error: "the connection could not be made".to_owned(), process });
        };
        let mut connection =
            Self { process, stage, agent: InitializeResponse::new(ProtocolVersion::V1), to, _driver: driver };
        match connection.ask_within(READY_WITHIN, introduction()).await {
            Ok(agent) => {
                connection.agent = agent;
                Ok(connection)
            }
            Err(Failure::Refused(error)) => Err(StartError::Refused { error, process: connection.process }),
            Err(Failure::Gone(error)) => Err(StartError::Broken { error, process: connection.process }),
        }
    }

    pub fn able(&self) -> &AgentCapabilities {
        &self.agent.agent_capabilities
    }

    pub fn is_alive(&self) -> bool {
        !self.process.has_ended() && !self.to.is_incoming_closed() && self.to.termination().is_none()
    }

    /// Waits until nothing can come from the agent any more.
    pub fn over(&self) -> impl Future<Output = ()> + use<> {
        let (ended, to) = (self.process.ended(), self.to.clone());
        async move {
            tokio::select! {
                () = ended => {}
                _ = to.terminated() => {}
            }
        }
    }

    /// Asks the agent and waits for its answer, or for the end of the process.
    pub async fn ask<Request: JsonRpcRequest>(&self, request: Request) -> Result<Request::Response, Failure> {
        let answer = self.to.send_request(request).block_task();
        let gone = async {
            self.process.ended().await;
            tokio::time::sleep(LAST_WORDS_WITHIN).await;
        };
        tokio::select! {
            biased;
            answer = answer => answer.map_err(|error| self.failure(&error)),
            () = gone => Err(Failure::Gone("the agent ended in the middle of the turn".to_owned())),
        }
    }

    /// Asks like [`Connection::ask`], and gives the agent up when it takes too long.
    pub async fn ask_within<Request: JsonRpcRequest>(
        &self,
        limit: Duration,
        request: Request,
    ) -> Result<Request::Response, Failure> {
        let late = || Failure::Gone(format!("the agent did not answer within {} s", limit.as_secs()));
        timeout(limit, self.ask(request)).await.unwrap_or_else(|_| Err(late()))
    }

    /// Tells the agent something; one that is gone hears nothing.
    pub fn tell(&self, notification: impl JsonRpcNotification) {
        // Whoever waits for an answer of this agent hears of its end.
        let _ = self.to.send_notification(notification);
    }

    fn failure(&self, error: &Error) -> Failure {
        if is_incoming_transport_closed(error) {
            return Failure::Gone("the agent closed its output in the middle of the turn".to_owned());
        }
        if !is_connection_terminated(error) {
            return Failure::Refused(in_words(error));
        }
        let termination = self.to.termination();
        let cause = termination.as_ref().and_then(|termination| termination.error());
        Failure::Gone(cause.map_or_else(|| "the connection to the agent ended".to_owned(), in_words))
    }
}

/// Why an agent did not come up.
pub enum StartError {
    NotStarted(String),
    /// It says itself that it cannot; trying again would not help.
    Refused {
        error: String,
        process: Process,
    },
    /// It ended, or said nothing that can be understood.
    Broken {
        error: String,
        process: Process,
    },
}

fn introduction() -> InitializeRequest {
    let files = FileSystemCapabilities::new().read_text_file(true).write_text_file(true);
    InitializeRequest::new(ProtocolVersion::V1)
        .client_capabilities(ClientCapabilities::new().fs(files).terminal(true))
        .client_info(Implementation::new("tenure", env!("CARGO_PKG_VERSION")))
}

type Driver = AbortOnDropHandle<Result<(), Error>>;

/// Drives the protocol in a task of its own: hears the agent, and answers what it asks.
fn drive(
    stdin: ChildStdin,
    stdout: ChildStdout,
    process: &Process,
    stage: &Arc<Stage>,
) -> (Driver, oneshot::Receiver<ConnectionTo<Agent>>) {
    let transport = Lines::new(lines::outgoing(stdin), lines::incoming(stdout, Arc::clone(&process.complaints)));
    let on = || Arc::clone(stage);
    let (hears, permits, reads, writes) = (on(), on(), on(), on());
    let (creates, outputs, waits, kills, releases) = (on(), on(), on(), on(), on());
    let (tell, made) = oneshot::channel();
    let talk = Client
        .v1()
        .name("tenure")
        .on_receive_notification(
            async move |report: SessionNotification, _| {
                hears.hear(report);
                Ok(())
            },
            on_receive_notification!(),
        )
        .on_receive_request(
            async move |request: RequestPermissionRequest, responder, connection: ConnectionTo<Agent>| {
                let act = permits.act(&request.session_id);
                // People may take long; what else the agent says must go on meanwhile.
                connection.spawn(async move {
                    match act {
                        Ok(act) => responder.respond(permission::decide(&act, request).await),
                        Err(error) => responder.respond_with_error(error),
                    }
                })
            },
            on_receive_request!(),
        )
        .on_receive_request(
            async move |request: ReadTextFileRequest, responder, _| {
                let act = reads.act(&request.session_id);
                responder.respond_with_result(act.and_then(|act| files::read(&act.files, &request)))
            },
            on_receive_request!(),
        )
        .on_receive_request(
            async move |request: WriteTextFileRequest, responder, _| {
                let act = writes.act(&request.session_id);
                responder.respond_with_result(act.and_then(|act| files::write(&act.files, &request)))
            },
            on_receive_request!(),
        )
        .on_receive_request(
            async move |request: CreateTerminalRequest, responder, _| {
                let act = creates.act(&request.session_id);
                responder.respond_with_result(act.and_then(|act| act.terminals.create(&act, &request)))
            },
            on_receive_request!(),
        )
        .on_receive_request(
            async move |request: TerminalOutputRequest, responder, _| {
                let act = outputs.act(&request.session_id);
                responder.respond_with_result(act.and_then(|act| act.terminals.output(&request)))
            },
            on_receive_request!(),
        )
        .on_receive_request(
            async move |request: WaitForTerminalExitRequest, responder, connection: ConnectionTo<Agent>| {
                let act = waits.act(&request.session_id);
                connection.spawn(async move {
                    match act {
                        Ok(act) => responder.respond_with_result(act.terminals.wait(&request).await),
                        Err(error) => responder.respond_with_error(error),
                    }
                })
            },
            on_receive_request!(),
        )
        .on_receive_request(
            async move |request: KillTerminalRequest, responder, connection: ConnectionTo<Agent>| {
                let act = kills.act(&request.session_id);
                connection.spawn(async move {
                    match act {
                        Ok(act) => responder.respond_with_result(act.terminals.kill(&request).await),
                        Err(error) => responder.respond_with_error(error),
                    }
                })
            },
            on_receive_request!(),
        )
        .on_receive_request(
            async move |request: ReleaseTerminalRequest, responder, connection: ConnectionTo<Agent>| {
                let act = releases.act(&request.session_id);
                connection.spawn(async move {
                    match act {
                        Ok(act) => responder.respond_with_result(act.terminals.release(&request).await),
                        Err(error) => responder.respond_with_error(error),
                    }
                })
            },
            on_receive_request!(),
        )
        .connect_with(transport, async move |connection: ConnectionTo<Agent>| {
            // The connection stays open until the agent closes it; whoever started it is waiting for its handle.
            let _ = tell.send(connection.clone());
            connection.incoming_closed().await;
            Ok(())
        });
    (AbortOnDropHandle::new(tokio::spawn(talk)), made)
}

/// Returns the error's sentence, and its data when there is some.
pub fn in_words(error: &Error) -> String {
    match &error.data {
        Some(data) => format!("{} ({data})", error.message),
        None => error.message.clone(),
    }
}
