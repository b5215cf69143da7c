//! The other side of a connection, however it is spoken to: the one place where connectors differ.

use rmcp::model::{CallToolRequestParams, CallToolResult, Tool};
use tenure_account::owner::Transport;

use super::dial::{Bounds, Dial};
use super::failure::{Failure, Kind};
use super::http::Http;
use super::program::Program;
use super::veil::Veil;

/// Pages of tools that are read.
pub const PAGES_MAX: usize = 50;

/// A connector that has greeted.
pub enum Peer {
    /// Over streamable HTTP, from here.
    Http(Box<Http>),
    /// Over the standard input and output of a command, by a runner.
    Program(Box<Program>),
}

/// What a connector has said of itself.
pub struct Greeting {
    /// What it calls itself, with its version.
    pub server: String,
    pub tools: Vec<Tool>,
}

impl Peer {
    /// Connects, and asks for the tools.
    pub async fn greet(dial: Dial<'_>, veil: &Veil) -> Result<(Self, Greeting), Failure> {
        match &dial.settings.transport {
            Transport::Http { url, .. } => {
                let (http, greeting) = Http::greet(url, &dial, veil).await?;
                Ok((Self::Http(Box::new(http)), greeting))
            }
            Transport::Command { command, args, runner, .. } => {
                let (program, greeting) = Program::greet((command, args, runner), &dial, veil).await?;
                Ok((Self::Program(Box::new(program)), greeting))
            }
        }
    }

    /// Calls a tool, once.
    pub async fn call(&self, params: CallToolRequestParams, veil: &Veil) -> Result<CallToolResult, Failure> {
        match self {
            Self::Http(http) => http.call(params, veil).await,
            Self::Program(program) => program.call(params, veil).await,
        }
    }

    /// Tells whether it cannot be called any more.
    pub fn is_over(&self) -> bool {
        match self {
            Self::Http(http) => http.is_over(),
            Self::Program(program) => program.is_over(),
        }
    }
}

/// Refuses a list of tools that is longer than is read, page after page.
pub fn check_list(bytes: usize, bounds: Bounds) -> Result<(), Failure> {
    match bytes > bounds.answer_bytes_max {
        true => Err(Failure::new(Kind::Invalid, "lists more than is read, the limit connector_answer_bytes_max")),
        false => Ok(()),
    }
}
