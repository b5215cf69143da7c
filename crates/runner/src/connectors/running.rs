//! One program of a connector that runs: greeted, asked, and ended with everything that it has started.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rmcp::model::{CallToolResponse, ClientConfig, Implementation, PaginatedRequestParams, Tool};
use rmcp::service::{RunningService, serve_client};
use rmcp::{RoleClient, ServiceError};
use serde_json::{Map, Value};
use tenure_model::connector::{ConnectorProgram, ConnectorTold};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::bounded::{Bounded, TooLong};
use crate::shell::{Groups, Process, Program};

/// The longest message of a connector, in bytes. Answers are held to what is wanted of each, too.
const MESSAGE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Pages of tools that are read.
const PAGES_MAX: usize = 50;
/// How long a program may take to leave after it was asked to; then it is killed.
const GRACE: Duration = Duration::from_secs(2);
/// The code of JSON-RPC for what is not understood: nothing comes of it.
const NOT_UNDERSTOOD: i32 = -32_600;

type Client = RunningService<RoleClient, ClientConfig>;

/// A program that has greeted. It ends with the last one who holds it.
pub struct Running {
    client: Client,
    process: Process,
    too_long: TooLong,
    /// Whether it left something unanswered: it may hang, and is asked nothing else.
    is_given_up: AtomicBool,
    /// Given back once all its processes are gone.
    place: Option<OwnedSemaphorePermit>,
}

impl Running {
    /// Starts a program where `groups` run, and greets it. An error says what goes on after "the connector NAME …".
    pub async fn start(
        name: &str,
        program: &ConnectorProgram,
        folder: &Path,
        groups: Arc<Groups>,
        (place, within): (OwnedSemaphorePermit, Duration),
    ) -> Result<Self, String> {
        let ConnectorProgram { command, args, env } = program.clone();
        let program = Program { what: format!("connector {name}"), path: command, arguments: args, env };
        let started = Process::start(&program, folder, Arc::clone(&groups));
        let (process, stdin, stdout) =
            started.map_err(|error| format!("cannot be started on the runner: `{}`: {error}", program.path))?;
        let (stdout, too_long) = Bounded::new(stdout, MESSAGE_BYTES_MAX);
        let why = match timeout(within, serve_client(about_us(), (stdout, stdin))).await {
            Ok(Ok(client)) => {
                let (is_given_up, place) = (AtomicBool::new(false), Some(place));
                return Ok(Self { client, process, too_long, is_given_up, place });
            }
            Ok(Err(error)) => process.explain(&format!("does not greet: {error}")).await,
            Err(_) => process.explain(&format!("has not greeted within {} s", within.as_secs())).await,
        };
        groups.end_for_good(Duration::ZERO).await;
        Err(groups.masker().masked(why))
    }

    /// Tells whether it cannot be asked any more.
    pub fn is_over(&self) -> bool {
        self.is_given_up.load(Ordering::Relaxed)
            || self.process.has_ended()
            || self.client.is_closed()
            || self.client.peer().is_transport_closed()
    }

    /// Has nobody ask it any more.
    pub fn give_up(&self) {
        self.is_given_up.store(true, Ordering::Relaxed);
    }

    /// Asks for all of its tools.
    pub async fn list(&self, bytes_max: usize) -> ConnectorTold {
        match self.all_tools().await {
            Ok(tools) => self.listed(tools, bytes_max),
            Err(told) => told,
        }
    }

    fn listed(&self, tools: Vec<Tool>, bytes_max: usize) -> ConnectorTold {
        let info = self.client.peer().peer_info();
        let server = info.and_then(|info| {
            let Implementation { name, version, .. } = info.server_info.as_ref()?;
            Some(format!("{name} {version}"))
        });
        let masker = self.process.groups.masker();
        match within(serde_json::to_value(tools), bytes_max) {
            Ok(Value::Array(tools)) => {
                let tools = tools.into_iter().map(|tool| masker.masked_value(tool)).collect();
                ConnectorTold::Listed { server: masker.masked(server.unwrap_or_default()), tools }
            }
            Ok(_) => unreadable("lists no tools"),
            Err(told) => told,
        }
    }

    async fn all_tools(&self) -> Result<Vec<Tool>, ConnectorTold> {
        let (mut tools, mut cursor) = (vec![], None);
        for _ in 0..PAGES_MAX {
            let page = self.client.peer().list_tools(Some(PaginatedRequestParams::default().with_cursor(cursor))).await;
            let page = match page {
                Ok(page) => page,
                Err(error) => return Err(self.failed(error).await),
            };
            tools.extend(page.tools);
            cursor = page.next_cursor;
            if cursor.is_none() {
                return Ok(tools);
            }
        }
        Err(unreadable(format!("lists its tools on more than {PAGES_MAX} pages")))
    }

    /// Calls a tool, once.
    pub async fn call(&self, params: Map<String, Value>, bytes_max: usize) -> ConnectorTold {
        let params = match serde_json::from_value(Value::Object(params)) {
            Ok(params) => params,
            Err(error) => return ConnectorTold::NotSent { why: format!("cannot be called so: {error}") },
        };
        match self.client.peer().call_tool_once(params).await {
            Ok(CallToolResponse::Complete(result)) => match within(serde_json::to_value(result), bytes_max) {
                Ok(result) => ConnectorTold::Called { result: self.process.groups.masker().masked_value(result) },
                Err(told) => told,
            },
            Ok(_) => {
                let message = "it asks back before it goes on, which is not supported".to_owned();
                ConnectorTold::Error { code: NOT_UNDERSTOOD, message }
            }
            Err(error) => self.failed(error).await,
        }
    }

    async fn failed(&self, error: ServiceError) -> ConnectorTold {
        let masker = self.process.groups.masker();
        match error {
            ServiceError::McpError(error) => {
                ConnectorTold::Error { code: error.code.0, message: masker.masked(error.message.into_owned()) }
            }
            ServiceError::UnexpectedResponse => unreadable("answers something else than what was asked for"),
            _ if self.too_long.load(Ordering::Relaxed) => {
                unreadable(format!("says more than {MESSAGE_BYTES_MAX} bytes in one message"))
            }
            error => {
                let why = self.process.explain(&format!("has not answered: {error}")).await;
                ConnectorTold::Unanswered { why: masker.masked(why) }
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.client.cancellation_token().cancel();
        let (groups, place) = (Arc::clone(&self.process.groups), self.place.take());
        // Without a runtime the runner is ending, and has ended all of them.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            groups.end_for_good(GRACE).await;
            drop(place);
        });
    }
}

fn about_us() -> ClientConfig {
    let mut about = ClientConfig::default();
    about.client_info = Implementation::new("tenure", env!("CARGO_PKG_VERSION"));
    about
}

/// Returns what is no longer than it may be.
fn within(value: serde_json::Result<Value>, bytes_max: usize) -> Result<Value, ConnectorTold> {
    let value = value.map_err(|error| unreadable(format!("answers what cannot be passed on: {error}")))?;
    match value.to_string().len() > bytes_max {
        true => {
            Err(unreadable(format!("answers with more than {bytes_max} bytes, the limit connector_answer_bytes_max")))
        }
        false => Ok(value),
    }
}

fn unreadable(why: impl Into<String>) -> ConnectorTold {
    ConnectorTold::Unreadable { why: why.into() }
}
