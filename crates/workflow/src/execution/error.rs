//! Why a step failed, in a form that programs and people read.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::path::StepPath;
use crate::template::TemplateError;

/// A stable code and a sentence, and the step where it began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepError {
    /// What retry policies and conditions match on: `bash_exit_code:1`, `template_failed`.
    pub code: String,
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepPath>,
}

/// A failure that no policy mends: the run ends.
pub const MAX_STEPS: &str = "max_steps_exceeded";
/// A person ended the turn; trying again is not what they meant.
pub const TURN_ABORTED: &str = "turn_aborted";
/// Nobody knows whether it was done.
pub const OUTCOME_UNKNOWN: &str = "outcome_unknown";

/// A person has denied the call; asking them again is not what they meant.
pub const CALL_DENIED: &str = "call_denied";
/// Nobody has decided about the call in time.
pub const APPROVAL_EXPIRED: &str = "approval_expired";

impl StepError {
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), step: None }
    }

    /// Reads what a runner or a session said. Words like `bash_timeout:5000: …` begin with a code of their own.
    pub fn said(text: &str, code: &str) -> Self {
        let is_code = |word: &str| {
            let name = word.split(':').next().unwrap_or_default();
            name.contains('_')
                && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        };
        let word = text.split_whitespace().next().unwrap_or_default().trim_end_matches(':');
        Self::new(if is_code(word) { word } else { code }, text)
    }

    /// Notes where the failure began, unless that is known.
    pub fn at(mut self, path: &StepPath) -> Self {
        self.step.get_or_insert_with(|| path.clone());
        self
    }

    /// Tells whether another try, a catch or `continue_on_error` can be meant for it.
    pub fn is_final(&self) -> bool {
        self.code.starts_with(MAX_STEPS)
    }

    /// Returns what templates read as `error`.
    pub fn value(&self) -> Value {
        let id = self.step.as_ref().map(StepPath::id);
        json!({ "code": self.code, "message": self.message, "step": id, "path": self.step })
    }
}

impl From<TemplateError> for StepError {
    fn from(error: TemplateError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.message.starts_with(&self.code) {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.code, self.message)
        }
    }
}
