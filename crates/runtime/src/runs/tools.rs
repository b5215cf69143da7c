//! The tools that the server itself calls for a run.

use std::future::Future;
use std::pin::Pin;

use serde_json::Value;
use tenure_model::id::ExecutionId;
use tenure_model::step::StepRef;
use tenure_model::time::Span;
use tenure_workflow::execution::StepError;
use tenure_workflow::execution::running::Question;
use uuid::Uuid;

/// One call of a tool.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolCall {
    pub execution: ExecutionId,
    pub step: StepRef,
    /// The same key is the same call, told again after a crash.
    pub key: Uuid,
    pub tool: String,
    pub arguments: Value,
}

/// An answer that is on its way.
pub type Calling = Pin<Box<dyn Future<Output = Result<Value, StepError>> + Send>>;

/// Leave for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    Given,
    /// A person is to give it, and may take so long.
    Wanted {
        open_for: Span,
    },
}

/// Leave that is on its way, or why there is none.
pub type Leaving = Pin<Box<dyn Future<Output = Result<Leave, StepError>> + Send>>;

/// Where tools are found and called.
pub trait Tools: Send + Sync + 'static {
    fn call(&self, call: ToolCall) -> Calling;

    /// Asks whether a call may be made now, or takes a person.
    fn leave(&self, _call: ToolCall) -> Leaving {
        Box::pin(std::future::ready(Ok(Leave::Given)))
    }

    /// Puts a call before the person whom it takes, whose answer is told to the run. Asking again under the same id is asking once.
    fn ask(&self, call: ToolCall, _question: Question) -> Leaving {
        self.leave(call)
    }

    /// Tells whether a call must not be made again when a crash has cut it off, because nobody knows what it has done.
    fn is_once(&self, _tool: &str) -> bool {
        false
    }
}

/// The tools that every server has: `echo`, which gives back what it was given.
#[derive(Clone, Copy, Debug, Default)]
pub struct Builtin;

impl Tools for Builtin {
    fn call(&self, call: ToolCall) -> Calling {
        let result = match call.tool.as_str() {
            "echo" => Ok(call.arguments),
            other => Err(StepError::new(
                "tool_unknown",
                format!(
                    "there is no tool \"{other}\"; this server has \"echo\", and runners do \"bash\" and \"runner.<name>\""
                ),
            )),
        };
        Box::pin(std::future::ready(result))
    }
}
