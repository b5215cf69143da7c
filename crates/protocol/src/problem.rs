//! Errors as RFC 9457 problem documents, the same over HTTP and websockets.

use serde::{Deserialize, Serialize};
use tenure_model::Span;
use utoipa::ToSchema;

use crate::workflow::Mistake;

/// What went wrong, for programs (`code`) and for people (`detail`).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct Problem {
    /// Always `about:blank#<code>`: the code says it all.
    #[serde(rename = "type")]
    pub kind: String,
    /// Stable, `snake_case`; programs match on this.
    pub code: String,
    /// The HTTP status that goes with it.
    pub status: u16,
    /// One sentence: what, which rule, and how to mend it.
    pub detail: String,
    /// The field of the input that is at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The limit that was met, when one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// How much was given, when a limit was met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<u64>,
    /// The request that this answers, on a websocket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Everything that is wrong with a definition, when one was refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Mistake>,
    /// How long to wait before the same request may succeed, when that is known; `Retry-After` says the same in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<Span>,
    /// Whether the same request may succeed later.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retry: bool,
}

impl Problem {
    /// Describes a problem; the optional fields are set by the `with_…` methods.
    pub fn new(status: u16, code: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("about:blank#{code}"),
            code: code.to_owned(),
            status,
            detail: detail.into(),
            field: None,
            limit: None,
            actual: None,
            request_id: None,
            errors: vec![],
            retry_after_ms: None,
            retry: status == 503 || status == 429,
        }
    }

    pub fn with_field(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }

    pub fn with_limit(mut self, limit: u64, actual: u64) -> Self {
        self.limit = Some(limit);
        self.actual = Some(actual);
        self
    }

    pub fn with_errors(mut self, errors: Vec<Mistake>) -> Self {
        self.errors = errors;
        self
    }

    pub fn with_wait(mut self, wait: Span) -> Self {
        self.retry_after_ms = Some(wait);
        self
    }

    pub fn with_request(mut self, request_id: Option<String>) -> Self {
        self.request_id = request_id;
        self
    }

    /// Says it to a model, which mends what it reads: the detail, and every mistake with its place and its fix.
    pub fn to_model(&self) -> String {
        let mut text = format!("{} ({})", self.detail, self.code);
        for mistake in &self.errors {
            text += &format!("\n- {}: {}", mistake.path, mistake.message);
            text += &mistake.fix.as_ref().map(|fix| format!("; {fix}")).unwrap_or_default();
        }
        text
    }
}
