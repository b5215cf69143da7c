//! Tools that a runner calls for its works: many at once, each answered by itself, by the functions that serve `/mcp`.
//!
//! The link says which runner asks, the session whether it has the work. A runner that was cut off asks again under the same
//! key, so nothing is kept here for a link that has ended.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use serde_json::{Map, Value};
use tenure_model::id::RunnerId;
use tenure_model::request::RequestId;
use tenure_protocol::runner::ServerMessage;

use crate::action::{At, call, found};
use crate::api::tools;
use crate::auth::agent::{self, HeldTurn};
use crate::desk::Desk;
use crate::mcp::prompts;
use crate::problem::{Rejection, problem};

/// The longest name that a runner may give to a call.
const REFERENCE_BYTES_MAX: usize = 100;

/// What a runner asks for one of its works.
pub struct Asked {
    pub reference: String,
    pub turn: HeldTurn,
    pub what: What,
}

pub enum What {
    List,
    Prompts,
    Prompt { name: String, arguments: Map<String, Value> },
    Call { name: String, params: Map<String, Value>, key: Option<String> },
}

/// The calls of one link that are under way.
pub struct Calls {
    desk: Arc<Desk>,
    runner: RunnerId,
    /// Each with the name that the runner gave it.
    under_way: FuturesUnordered<LocalBoxFuture<'static, (String, ServerMessage)>>,
    references: BTreeSet<String>,
}

impl Calls {
    pub fn new(desk: Arc<Desk>, runner: RunnerId) -> Self {
        Self { desk, runner, under_way: FuturesUnordered::new(), references: BTreeSet::new() }
    }

    /// Takes a call in, which came in a message of so many bytes; returns what the runner hears at once when it is refused.
    /// A repeat of one that is under way waits for the same answer.
    pub fn take(&mut self, asked: Asked, bytes: usize) -> Option<ServerMessage> {
        if asked.reference.len() > REFERENCE_BYTES_MAX {
            let detail = format!("a ref has at most {REFERENCE_BYTES_MAX} bytes");
            return Some(ServerMessage::Problem { problem: problem(422, "frame_invalid", detail).field("ref").into() });
        }
        if self.references.contains(&asked.reference) {
            return None;
        }
        if let Err(rejection) = self.may(bytes) {
            return Some(refused(&self.desk, asked.reference, rejection));
        }
        self.references.insert(asked.reference.clone());
        let (desk, runner) = (self.desk.clone(), self.runner);
        self.under_way.push(
            async move {
                let reference = asked.reference.clone();
                match answered(&desk, runner, asked).await {
                    Ok(message) => (reference, message),
                    Err(rejection) => (reference.clone(), refused(&desk, reference, rejection)),
                }
            }
            .boxed_local(),
        );
        None
    }

    fn may(&self, bytes: usize) -> Result<(), Rejection> {
        let options = &self.desk.options;
        let (under_way, max) = (self.references.len(), options.runner_tool_calls_max);
        if under_way >= max {
            let detail = format!(
                "{under_way} calls of tools are under way over this link, the limit runner_tool_calls_max is {max}; \
                 wait for one to end"
            );
            return Err(problem(429, "tool_calls_full", detail).limit(max as u64, under_way as u64));
        }
        let max = options.body_bytes_max;
        if bytes > max {
            let detail = format!("the call has {bytes} bytes, the limit body_bytes_max is {max}");
            return Err(problem(413, "body_too_large", detail).limit(max as u64, bytes as u64));
        }
        Ok(())
    }

    /// Waits for the next answer. Never ends while nothing is under way.
    pub async fn answer(&mut self) -> ServerMessage {
        let Some((reference, message)) = self.under_way.next().await else {
            return std::future::pending().await;
        };
        self.references.remove(&reference);
        message
    }
}

fn refused(desk: &Desk, reference: String, rejection: Rejection) -> ServerMessage {
    desk.figures.refused(&rejection.0.code);
    ServerMessage::Refused { reference, problem: rejection.into() }
}

async fn answered(desk: &Desk, runner: RunnerId, asked: Asked) -> Result<ServerMessage, Rejection> {
    let Asked { reference, turn, what } = asked;
    let caller = agent::at_runner(desk, runner, turn).await?;
    let _place = desk.pace.enter(caller.user, desk.now())?;
    match what {
        What::List => {
            let tools = found::open_to(desk, &caller).await?.iter().map(tools::row).collect();
            Ok(ServerMessage::Tools { reference, tools })
        }
        What::Prompts => Ok(ServerMessage::Prompts { reference, prompts: prompts::rows() }),
        What::Prompt { name, arguments } => {
            let (about, text) = prompts::read(&name, &arguments)?;
            Ok(ServerMessage::Prompt { reference, about: about.to_owned(), text })
        }
        What::Call { name, params, key } => {
            let key = key
                .map(RequestId::parse)
                .transpose()
                .map_err(|bad| problem(400, "idempotency_key_invalid", bad.to_string()).field("key"))?;
            let at = At { desk, caller: &caller, key };
            let answer = call::call(&at, &name, params).await?;
            Ok(ServerMessage::Called { reference, answer: answer.into() })
        }
    }
}
