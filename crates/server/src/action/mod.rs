//! The tools of the server: one list, from which HTTP, `/mcp` and the command line are served alike.
//!
//! A tool calls the same function as its HTTP route, so that everybody meets the same rules and refusals.

pub mod list;
pub mod found;
pub mod admit;
pub mod call;
pub mod loops;
pub mod pace;

mod answer;
mod input;

mod workflows;
mod saving;
mod versions;
mod proposals;
mod running;
mod runs;
mod debugging;
mod deciding;
mod triggers;

use std::future::Future;
use std::pin::Pin;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tenure_model::request::RequestId;
use tenure_protocol::tool::{Does, Risk};

pub use answer::{Answer, count};

use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::Rejection;

/// Who calls a tool, and where.
pub struct At<'a> {
    pub desk: &'a Desk,
    pub caller: &'a Caller,
    /// Under the same key a call is carried out once.
    pub key: Option<RequestId>,
}

/// A tool, as it is written.
pub trait Tool {
    /// What it takes; the doc comments of its fields are what models are told.
    type Params: DeserializeOwned + JsonSchema + Send;
    const NAME: &'static str;
    /// What it is good for, in the words of whoever calls it.
    const ABOUT: &'static str;
    const RISK: Risk;
    const DOES: Does;
    /// Parameters of a call that makes sense, as JSON.
    const EXAMPLE: &'static str;

    /// Refuses what cannot be done because what it names is not there: before a person is asked, who would decide for nothing.
    fn look(_: &At<'_>, _: Self::Params) -> impl Future<Output = Result<(), Rejection>> + Send {
        std::future::ready(Ok(()))
    }

    fn call(at: &At<'_>, params: Self::Params) -> impl Future<Output = Result<Answer, Rejection>> + Send;
}

/// A tool, as it is listed and called.
pub struct Action {
    pub name: &'static str,
    pub about: &'static str,
    pub risk: Risk,
    pub does: Does,
    pub schema: fn() -> Map<String, Value>,
    example: &'static str,
    run: Run,
    look: Look,
}

type Look = for<'a> fn(&'a At<'a>, Map<String, Value>) -> Looking<'a>;
type Looking<'a> = Pin<Box<dyn Future<Output = Result<(), Rejection>> + Send + 'a>>;
type Run = for<'a> fn(&'a At<'a>, Map<String, Value>) -> Running<'a>;
type Running<'a> = Pin<Box<dyn Future<Output = Result<Answer, Rejection>> + Send + 'a>>;

impl Action {
    /// Lists a tool.
    pub const fn of<T: Tool>() -> Self {
        Self {
            name: T::NAME,
            about: T::ABOUT,
            risk: T::RISK,
            does: T::DOES,
            schema: input::schema::<T::Params>,
            example: T::EXAMPLE,
            run: run::<T>,
            look: look::<T>,
        }
    }

    /// Returns parameters of a call that makes sense.
    pub fn example(&self) -> Value {
        serde_json::from_str(self.example).expect("a test reads every example")
    }

    /// Tells whether it changes what runs are made of: where a run is at work that is refused.
    pub fn is_self_changing(&self) -> bool {
        matches!(self.does, Does::Authors | Does::Reviews)
    }

    /// Tells whether it takes a person to decide.
    pub fn needs_person(&self) -> bool {
        matches!(self.does, Does::Reviews | Does::Decides)
    }
}

fn look<'a, T: Tool>(at: &'a At<'a>, params: Map<String, Value>) -> Looking<'a> {
    Box::pin(async move { T::look(at, input::read(params)?).await })
}

fn run<'a, T: Tool>(at: &'a At<'a>, params: Map<String, Value>) -> Running<'a> {
    Box::pin(async move { T::call(at, input::read(params)?).await })
}
