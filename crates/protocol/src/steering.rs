//! What people and programs ask of a run that was started: end it, take it up again, say what became of a step.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Ends a run.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelExecution {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Takes a run up again, as a new run that keeps what was done before a step.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetryExecution {
    /// The path of the first step that runs again; the step that the run has failed in when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Inputs that are to be different.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub inputs: Map<String, Value>,
}

/// Says what became of a step whose outcome nobody knows.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(try_from = "PlainAnswer")]
pub struct ResolveStep {
    pub path: String,
    #[serde(flatten)]
    pub answer: ResolveAnswer,
}

/// The same as it is read: a flattened enum cannot refuse unknown fields by itself.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlainAnswer {
    path: String,
    answer: AnswerWord,
    #[serde(default)]
    output: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum AnswerWord {
    Retry,
    Succeed,
    Fail,
}

impl TryFrom<PlainAnswer> for ResolveStep {
    type Error = &'static str;

    fn try_from(plain: PlainAnswer) -> Result<Self, Self::Error> {
        let PlainAnswer { path, answer, output } = plain;
        let answer = match (answer, output) {
            (AnswerWord::Succeed, output) => ResolveAnswer::Succeed { output: output.unwrap_or_default() },
            (_, Some(_)) => return Err("only `succeed` takes an `output`"),
            (AnswerWord::Retry, None) => ResolveAnswer::Retry,
            (AnswerWord::Fail, None) => ResolveAnswer::Fail,
        };
        Ok(Self { path, answer })
    }
}

/// What became of it.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum ResolveAnswer {
    /// It was not done: it is started again.
    Retry,
    /// It was done, and gave this.
    Succeed {
        #[serde(default)]
        output: Value,
    },
    Fail,
}

/// Whether an event has ended a wait, or waits for one.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct EventTaken {
    pub taken: bool,
}
