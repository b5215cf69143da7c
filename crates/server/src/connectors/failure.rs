//! What can go wrong with a connector, and what is known then: whether a call was sent, and whether it may have done something.

use std::error::Error;

use rmcp::ServiceError;
use rmcp::model::ErrorCode;
use rmcp::service::ClientInitializeError;
use rmcp::transport::DynamicTransportError;
use rmcp::transport::streamable_http_client::StreamableHttpError;
use tenure_model::connector::ConnectorTold;
use tenure_runtime::NotAnswered;
use tenure_workflow::execution::StepError;

use super::address::TooNear;
use super::veil::Veil;
use crate::problem::{Rejection, problem};

/// A failure of a connector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub kind: Kind,
    /// What is wrong, in words that go on after "the connector NAME …".
    pub why: String,
}

/// The kinds of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Its address is nearer than connectors may lead. Nothing was sent.
    TooNear,
    /// What it signs in with cannot be opened. Nothing was sent.
    KeyLost,
    /// No runner is there that may and can start its command. Nothing was sent.
    NoRunner,
    /// It was not reached. Nothing was sent.
    Unreachable,
    /// It has said no. Nothing was carried out.
    Refused,
    /// It was sent the call and has not answered: nobody knows what was done.
    Unanswered,
    /// It has answered, and nobody can read what: it may have done something.
    Invalid,
    /// It has carried the call out, and tells that it failed.
    Failed,
}

impl Failure {
    pub fn new(kind: Kind, why: impl Into<String>) -> Self {
        Self { kind, why: why.into() }
    }

    /// Tells whether nobody knows what the call has done.
    pub fn is_unknown(&self) -> bool {
        matches!(self.kind, Kind::Unanswered | Kind::Invalid)
    }

    /// Returns the failure of whoever wanted to connect: no call was sent yet, whatever has happened.
    pub fn before_any_call(self) -> Self {
        match self.kind {
            Kind::Unanswered => Self { kind: Kind::Unreachable, ..self },
            _ => self,
        }
    }

    /// Says what has happened, and what that means for the call.
    pub fn words(&self, connector: &str) -> String {
        let Self { kind, why } = self;
        let means = match kind {
            Kind::TooNear | Kind::KeyLost | Kind::NoRunner | Kind::Unreachable => "nothing was sent",
            Kind::Refused => "nothing was carried out",
            Kind::Unanswered => "whether the call was carried out is not known, and it is not made again by itself",
            Kind::Invalid => "the call may have been carried out, and it is not made again by itself",
            Kind::Failed => "the call was carried out, and failed",
        };
        format!("the connector {connector} {why}; {means}")
    }

    pub fn rejection(&self, connector: &str) -> Rejection {
        let words = self.words(connector);
        match self.kind {
            Kind::TooNear => problem(502, "connector_address_refused", words),
            Kind::KeyLost => problem(409, "connector_key_lost", words),
            Kind::NoRunner => problem(503, "connector_runner_missing", words),
            Kind::Unreachable => problem(502, "connector_unreachable", words),
            Kind::Refused => problem(502, "connector_refused", words),
            Kind::Unanswered => problem(504, "connector_unanswered", words),
            Kind::Invalid => problem(502, "connector_answer_invalid", words),
            Kind::Failed => problem(502, "connector_tool_failed", words),
        }
    }

    /// Returns the error of a step that called. Of what nobody knows the run makes what its author says.
    pub fn step_error(&self, connector: &str) -> StepError {
        let code = match self.is_unknown() {
            true => tenure_workflow::execution::error::OUTCOME_UNKNOWN.to_owned(),
            false => self.rejection(connector).0.code.clone(),
        };
        StepError::new(code, self.words(connector))
    }

    /// Reads why no connection came about.
    pub fn of_greeting(error: &ClientInitializeError, veil: &Veil) -> Self {
        let failure = match error {
            ClientInitializeError::TransportError { error, .. } => of_transport(error, veil),
            ClientInitializeError::JsonRpcError(error) => of_answer(error.code.0, &error.message, veil),
            ClientInitializeError::ConnectionClosed(why) => {
                Self::new(Kind::Unreachable, format!("ends the connection: {}", veil.said(why)))
            }
            other => Self::new(Kind::Invalid, format!("does not greet as agreed: {}", veil.said(&other.to_string()))),
        };
        failure.before_any_call()
    }

    /// Reads what a runner tells instead of an answer.
    pub fn of_told(told: ConnectorTold, veil: &Veil) -> Self {
        match told {
            ConnectorTold::Error { code, message } => of_answer(code, &message, veil),
            ConnectorTold::NotSent { why } => Self::new(Kind::Unreachable, veil.said(&why)),
            ConnectorTold::Unanswered { why } => Self::new(Kind::Unanswered, veil.said(&why)),
            ConnectorTold::Unreadable { why } => Self::new(Kind::Invalid, veil.said(&why)),
            ConnectorTold::Listed { .. } | ConnectorTold::Called { .. } => {
                Self::new(Kind::Invalid, "answers something else than what was asked for")
            }
        }
    }

    /// Reads why a runner has told nothing of a call.
    pub fn of_lost(lost: NotAnswered) -> Self {
        let (kind, what) = match lost {
            NotAnswered::NotSent => (Kind::Unreachable, "cannot be asked"),
            NotAnswered::Lost => (Kind::Unanswered, "has not answered"),
        };
        Self::new(kind, format!("{what}: {lost}"))
    }

    /// Reads why a request has failed.
    pub fn of_request(error: &ServiceError, veil: &Veil) -> Self {
        match error {
            ServiceError::McpError(error) => of_answer(error.code.0, &error.message, veil),
            ServiceError::TransportSend(error) => of_transport(error, veil),
            ServiceError::Timeout { .. } => Self::new(Kind::Unanswered, "has not answered in time"),
            ServiceError::UnexpectedResponse => {
                Self::new(Kind::Invalid, "answers something else than what was asked for")
            }
            other => Self::new(Kind::Unanswered, format!("has not answered: {}", veil.said(&other.to_string()))),
        }
    }
}

/// Reads an error that came as an answer. Only what was wrong with the request itself was surely not carried out.
fn of_answer(code: i32, message: &str, veil: &Veil) -> Failure {
    let not_done =
        [ErrorCode::INVALID_REQUEST, ErrorCode::METHOD_NOT_FOUND, ErrorCode::INVALID_PARAMS, ErrorCode::PARSE_ERROR];
    let kind = if not_done.contains(&ErrorCode(code)) { Kind::Refused } else { Kind::Unanswered };
    Failure::new(kind, format!("answers with the error {code}: {}", veil.said(message)))
}

fn of_transport(error: &DynamicTransportError, veil: &Veil) -> Failure {
    match error.error.downcast_ref::<StreamableHttpError<reqwest::Error>>() {
        Some(error) => of_http(error, veil),
        None => Failure::new(Kind::Unanswered, format!("has not answered: {}", veil.said(&error.error.to_string()))),
    }
}

fn of_http(error: &StreamableHttpError<reqwest::Error>, veil: &Veil) -> Failure {
    use StreamableHttpError as Http;
    match error {
        Http::Client(error) if error.is_connect() => match cause::<TooNear>(error) {
            Some(near) => Failure::new(Kind::TooNear, format!("is not reached: {near}")),
            None => Failure::new(Kind::Unreachable, format!("cannot be reached: {}", veil.said(&root(error)))),
        },
        Http::Client(error) => Failure::new(Kind::Unanswered, format!("has not answered: {}", veil.said(&root(error)))),
        Http::AuthRequired(_) => Failure::new(Kind::Refused, "does not take the credentials (HTTP 401)"),
        Http::InsufficientScope(_) => {
            Failure::new(Kind::Refused, "wants other rights than the credentials have (HTTP 403)")
        }
        Http::SessionExpired => Failure::new(Kind::Unreachable, "has ended its session"),
        Http::ReinitializationFailed(error) => {
            Failure::new(Kind::Unreachable, format!("begins no new session: {}", veil.said(&error.message)))
        }
        Http::HttpStatus(status) if status.status == 429 => {
            Failure::new(Kind::Refused, "is asked too often (HTTP 429)")
        }
        Http::HttpStatus(status) => Failure::new(Kind::Unanswered, format!("fails with HTTP {}", status.status)),
        Http::UnexpectedServerResponse(text) if text.starts_with("HTTP 3") => {
            Failure::new(Kind::Refused, "leads elsewhere, which is not followed; set the address that it leads to")
        }
        Http::UnexpectedServerResponse(text) if text.starts_with("HTTP 4") => {
            Failure::new(Kind::Refused, format!("answers {}", veil.said(text)))
        }
        Http::ResponseBodyTooLarge { max_size } => Failure::new(
            Kind::Invalid,
            format!("answers with more than {max_size} bytes, the limit connector_answer_bytes_max"),
        ),
        Http::UnexpectedServerResponse(text) => {
            Failure::new(Kind::Invalid, format!("answers what cannot be read: {}", veil.said(text)))
        }
        Http::UnexpectedContentType(_) | Http::Deserialize(_) => {
            Failure::new(Kind::Invalid, format!("answers what cannot be read: {}", veil.said(&error.to_string())))
        }
        other => Failure::new(Kind::Unanswered, format!("has not answered: {}", veil.said(&other.to_string()))),
    }
}

fn cause<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    error.downcast_ref().or_else(|| cause(error.source()?))
}

/// Returns what stands at the end of the chain; what stands before it names the address, or says less.
fn root(error: &(dyn Error + 'static)) -> String {
    error.source().map_or_else(|| error.to_string(), root)
}
