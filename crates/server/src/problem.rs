//! Every way to say no, as problem documents (RFC 9457), for HTTP and websockets alike.
//!
//! Codes of the server itself; those of sessions, runs, triggers, the realm (`runner_not_yours` among them) and owners stand with
//! their refusals.
//!
//! | code | status | meaning |
//! |---|---|---|
//! | `unauthorized` | 401 | no token, or one that is unknown, ended or revoked |
//! | `role_insufficient` | 403 | the token's role does not open this |
//! | `origin_refused` | 403 | a browser page of another origin wants a socket |
//! | `ticket_invalid`, `code_invalid` | 401 | the ticket, or the code of a sign-in, is unknown, used or too old |
//! | `sign_ins_too_fast` | 429 | more attempts to sign in within a minute than `sign_ins_per_minute_max` |
//! | `route_unknown`, `method_not_allowed` | 404, 405 | nothing there, or not with this method |
//! | `body_unreadable` | 400 | the body broke off |
//! | `user_unknown` | 404 | nobody of that id or name |
//! | `persona_unknown` | 404 | the caller has no persona of that name |
//! | `connector_unknown`, `connector_disabled` | 404, 409 | the caller has no connector of that name, or has switched it off |
//! | `connector_invalid` | 422 | what is said of a connector does not fit; `field` names the place |
//! | `connector_tool_unusable`, `connector_tool_changed` | 409 | the tool does not fit, may not be called, or must be accepted anew |
//! | `connector_address_refused` | 502 | it leads to this machine or a private network; nothing was sent |
//! | `connector_key_lost` | 409 | what it signs in with cannot be opened; nothing was sent |
//! | `connector_runner_missing` | 503 | no connected runner may and can start its command; nothing was sent |
//! | `connector_unreachable`, `connector_refused` | 502 | nothing was sent; nothing was carried out |
//! | `connector_unanswered` | 504 | nobody knows whether the call was carried out; it is not made again by itself |
//! | `connector_answer_invalid` | 502 | the answer is too large, or cannot be read; the call may have been carried out |
//! | `connector_tool_failed` | 502 | the connector has carried the call out, and says that it failed |
//! | `kind_unknown`, `entity_unknown`, `seq_unknown` | 404 | nothing of that kind, id or number to look into |
//! | `seq_compacted` | 410 | the state at that number cannot be told, because older records were compacted away |
//! | `json_malformed`, `json_invalid` | 400, 422 | the body is no JSON, or not what is wanted; `field` names the place |
//! | `body_too_large` | 413 | more than `body_bytes_max` |
//! | `query_invalid`, `path_invalid`, `cursor_invalid` | 400 | an unreadable parameter, id or cursor |
//! | `media_type_unsupported` | 415 | a body that is not JSON |
//! | `idempotency_key_invalid` | 400 | not 1 to 100 visible characters |
//! | `if_match_invalid` | 400 | not the hash of a version, or the revision of a trigger |
//! | `webhook_unknown` | 404 | no webhook has this address, or it takes nothing now |
//! | `webhook_method`, `webhook_content_type` | 405, 415 | the webhook takes others |
//! | `webhook_unproven` | 401 | the call does not prove who makes it; which part is wrong is not told |
//! | `webhook_body_late` | 408 | the body of a call did not come within `webhook_read_ms` |
//! | `webhooks_too_fast` | 429 | more calls of one address within a minute than `webhook_calls_per_minute_max` |
//! | `webhooks_full` | 503 | calls under way hold `webhook_bytes_max` bytes already |
//! | `delivery_unknown` | 404 | no such entry in the trigger's ledger |
//! | `delivery_not_kept` | 409 | there was nothing delivered that could be shown or replayed |
//! | `proposal_failed` | 409 | it cannot be applied any more, and is closed |
//! | `definition_invalid` | 422 | a definition has mistakes; `errors` lists all of them |
//! | `inputs_invalid` | 422 | a run cannot be started with these; `errors` lists every input that is wrong |
//! | `draft_unconfigured` | 501 | no model is configured that could draft; the answer says which option to set |
//! | `draft_too_large` | 413 | a prompt or draft beyond `draft.prompt_bytes_max` or `draft.base_bytes_max` |
//! | `draft_step_unknown` | 422 | the draft has no such step |
//! | `drafts_full` | 429 | a user has `draft.at_once_max` drafts under way |
//! | `draft_failed` | 502 | the model did not answer, or not with a definition |
//! | `draft_late` | 504 | the model was not done within `draft.time_max_ms` |
//! | `hash_invalid` | 422 | not the hash of a definition |
//! | `workflow_disabled` | 409 | nothing may start it |
//! | `execution_not_over` | 409 | only a run that is over is retried |
//! | `retry_from_missing` | 422 | no step of the run has failed, so one must be named |
//! | `workspace_unknown` | 409 | nothing is known of a workspace of this session yet |
//! | `workspace_unreadable` | 409 | the runner that has the workspace cannot show it, and says why |
//! | `attachment_unknown` | 404 | no connected runner has it |
//! | `workspace_unavailable` | 503 | the runner that has the workspace is away, or does not answer |
//! | `limit_invalid` | 400 | a page size of zero or above `page_max` |
//! | `frame_malformed`, `frame_invalid`, `type_unknown` | 400, 422 | a websocket text that cannot be read |
//! | `frame_binary`, `frame_not_utf8` | 400 | frames are text |
//! | `frame_too_large` | 413 | more than `frame_bytes_max` or `runner_frame_bytes_max`; the connection ends |
//! | `request_id_missing`, `request_id_invalid` | 422, 400 | a prompt needs one; 1 to 100 bytes |
//! | `pass_ended` | 401 | an agent's pass whose time, work, session or owner's rights are over |
//! | `tool_unknown` | 404 | no tool of that name |
//! | `prompt_unknown`, `prompt_invalid` | 404, 422 | no prompt of that name; an argument that it does not take |
//! | `tool_calls_full`, `tool_calls_too_fast` | 429 | more calls of tools than one user or runner may make at once, or one user in a minute |
//! | `work_not_here` | 409 | a runner calls a tool for a turn that it does not have, or not any more |
//! | `call_repeated` | 409 | an agent makes the same call over and over; it may go on after this |
//! | `tool_result_too_large` | 413 | an answer of more than `tool_result_bytes_max` |
//! | `budget_unknown` | 404 | the caller has no such budget, or nothing of that name |
//! | `budget_invalid` | 422 | a budget limits nothing, or is not for that; `field` says what is wrong |
//! | `denied_by_policy` | 403 | a rule, or the default of the tool's risk, denies the call |
//! | `call_denied` | 403 | a person has denied this very call |
//! | `approval_awaited` | 409 | the call waits for a person; the same call made again goes on waiting |
//! | `rule_invalid` | 422 | not a way to name calls, or a place where a rule can hold |
//! | `grant_unknown` | 404 | the caller has no such grant, or it is over |
//! | `approval_spent` | 409 | another call has used the approval at the same time |
//! | `approval_decided` | 409 | somebody has decided otherwise before |
//! | `grant_invalid` | 422 | a grant of too long, too many, or about an argument that the call does not have |
//! | `grant_not_here` | 422 | only the approval of an agent's call can come with a grant |
//! | `refused_in_workflow` | 403 | a run's agent wants to change what runs are made of |
//! | `sockets_full`, `tickets_full`, `sign_in_codes_full` | 429 | a limit of the server is reached |
//! | `upgrade_invalid`, `subprotocol_missing`, `socket_unavailable` | 400, 400, 503 | no socket can be opened |
//! | `hello_expected`, `hello_late`, `protocol_version` | 400, 408, 400 | how a runner must begin |
//! | `hello_invalid`, `hello_repeated` | 422, 409 | a hello beyond its limits, or a second one |
//! | `runner_unknown` | 404 | no runner with this id has said hello since the start |
//! | `runners_full` | 429 | more runners than `runners_max` |
//! | `work_not_wanted` | 409 | the runner holds a work that nobody waits for |
//! | `sandbox_stale` | 403 | the runner of a sandbox that was stopped, or started anew; it must end |
//! | `sandbox_none` | 409 | the session has no sandbox of its own |
//! | `sandbox_unknown` | 422 | the server's configuration has no such kind of sandbox |
//! | `sandbox_backoff` | 503 | the sandbox has failed; `Retry-After` says when it is tried again |
//! | `sandbox_asleep` | 409 | the sandbox does not run, so there is no credential for it |
//! | `runner_replaced` | 409 | a newer connection of the same runner took over |
//! | `token_revoked`, `role_lost` | 401, 403 | a right was lost while connected |
//! | `store_unavailable`, `shutting_down` | 503 | try again |
//! | `damaged` | 500 | the records of this entity do not verify; it was set aside for the operator |

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use tenure_account::{owner, policy, realm};
use tenure_model::{Entity, RefusalKind, Span};
use tenure_protocol::Problem;
use tenure_protocol::workflow::Mistake;
use tenure_runtime::AskError;
use tenure_session::Refusal;
use tenure_workflow::{execution, library, scheduler};

use crate::api::workflows::shown::mistake;

/// A problem on its way out.
#[derive(Clone, Debug)]
pub struct Rejection(pub Box<Problem>);

/// Describes a problem.
pub fn problem(status: u16, code: &str, detail: impl Into<String>) -> Rejection {
    Rejection(Box::new(Problem::new(status, code, detail)))
}

impl Rejection {
    /// Names the field at fault.
    pub fn field(self, field: &str) -> Self {
        Self(Box::new(self.0.with_field(field)))
    }

    /// Names the request that it answers.
    pub fn request(self, request_id: Option<String>) -> Self {
        Self(Box::new(self.0.with_request(request_id)))
    }

    /// Lists everything that is wrong with a definition.
    pub fn errors(self, errors: Vec<Mistake>) -> Self {
        Self(Box::new(self.0.with_errors(errors)))
    }

    /// Says how long to wait before the same request may succeed.
    pub fn wait(self, wait: Span) -> Self {
        Self(Box::new(self.0.with_wait(wait)))
    }

    /// Names the limit that was met.
    pub fn limit(self, limit: u64, actual: u64) -> Self {
        Self(Box::new(self.0.with_limit(limit, actual)))
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        *rejection.0
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code, self.0.detail)
    }
}

impl ResponseError for Rejection {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header(("content-type", "application/problem+json"));
        if self.0.status == 401 {
            response.insert_header((WWW_AUTHENTICATE, "Bearer"));
        }
        if self.0.retry {
            let wait = self.0.retry_after_ms.map_or(1, |wait| wait.0.div_ceil(1_000).max(1));
            response.insert_header(("retry-after", wait));
        }
        match serde_json::to_string(&self.0) {
            Ok(body) => response.body(body),
            Err(_) => response.insert_header(ContentType::plaintext()).body(self.0.detail.clone()),
        }
    }
}

/// A refusal that has a code and a status.
pub trait Explained: fmt::Display {
    fn rejection(&self) -> Rejection;
}

pub fn status(kind: RefusalKind) -> u16 {
    match kind {
        RefusalKind::Unknown => 404,
        RefusalKind::Forbidden => 403,
        RefusalKind::Conflict => 409,
        RefusalKind::Moved => 412,
        RefusalKind::Invalid => 422,
        RefusalKind::TooLarge => 413,
    }
}

impl Explained for Refusal {
    fn rejection(&self) -> Rejection {
        let rejection = problem(status(self.kind()), self.code(), format!("refused because {self}"));
        match self {
            Refusal::TooLarge { what, size, max, .. } => rejection.field(what).limit(*max, *size),
            Refusal::Full { max, .. } => rejection.limit(*max, *max),
            Refusal::Empty { what } => rejection.field(what),
            _ => rejection,
        }
    }
}

impl Explained for realm::Refusal {
    fn rejection(&self) -> Rejection {
        use realm::Refusal;
        let status = match self {
            Refusal::Forbidden | Refusal::RoleTooHigh => 403,
            Refusal::TokenOfAnother | Refusal::RunnerOfAnother => 403,
            Refusal::UnknownUser | Refusal::UnknownToken | Refusal::UnknownRunner => 404,
            Refusal::NameTaken(_) | Refusal::TokenExists => 409,
            Refusal::BadName { .. } | Refusal::BadHash | Refusal::EndsInThePast => 422,
            Refusal::UsersFull { .. } | Refusal::TokensFull { .. } | Refusal::RunnersFull { .. } => 409,
            Refusal::RulesFull { .. } => 409,
        };
        problem(status, self.code(), format!("refused because {self}"))
    }
}

impl Explained for owner::Refusal {
    fn rejection(&self) -> Rejection {
        use owner::Refusal;
        let status = match self {
            Refusal::SessionsFull { .. } | Refusal::PersonasFull { .. } => 409,
            Refusal::ConnectorsFull { .. } | Refusal::ToolsFull { .. } => 409,
            Refusal::HeaderMisled { .. } | Refusal::VariableMisled { .. } => 409,
            Refusal::BadPersonaName | Refusal::EmptyPersona => 422,
            Refusal::BadConnectorName | Refusal::BadConnector { .. } => 422,
            Refusal::UnknownConnector => 404,
            Refusal::PersonaTooLarge { .. } => 413,
        };
        let rejection = problem(status, self.code(), format!("refused because {self}"));
        match self {
            Refusal::SessionsFull { active: there, max }
            | Refusal::PersonasFull { there, max }
            | Refusal::ConnectorsFull { there, max } => rejection.limit(*max, *there),
            Refusal::PersonaTooLarge { size, max } => rejection.field("instructions").limit(*max, *size),
            Refusal::EmptyPersona => rejection.field("instructions"),
            Refusal::ToolsFull { max } => rejection.limit(*max, max + 1),
            Refusal::BadConnector { field, .. } => rejection.field(field),
            Refusal::HeaderMisled { .. } => rejection.field("headers"),
            Refusal::VariableMisled { .. } => rejection.field("env"),
            Refusal::UnknownConnector => rejection,
            Refusal::BadPersonaName | Refusal::BadConnectorName => rejection.field("name"),
        }
    }
}

impl Explained for policy::Refusal {
    fn rejection(&self) -> Rejection {
        use policy::Refusal;
        let rejection = problem(status(self.kind()), self.code(), format!("refused because {self}"));
        match self {
            Refusal::BadGrantTime => rejection.field("lasts_ms"),
            Refusal::BadGrantUses => rejection.field("uses"),
            Refusal::ReasonTooLong => rejection.field("reason"),
            Refusal::GrantOfDenied | Refusal::OtherTool { .. } => rejection.field("grant"),
            Refusal::OtherContent => rejection.field("hash"),
            Refusal::TooLargeToShow { size } => {
                rejection.field("arguments").limit(policy::limits::ARGUMENTS_BYTES_MAX as u64, *size as u64)
            }
            _ => rejection,
        }
    }
}

impl Explained for library::Refusal {
    fn rejection(&self) -> Rejection {
        let rejection = problem(status(self.kind()), self.code(), format!("refused because {self}"));
        match self {
            library::Refusal::Mistakes(mistakes) => rejection.errors(mistakes.iter().map(mistake).collect()),
            library::Refusal::NoteTooLarge { size, max } => rejection.field("note").limit(*max as u64, *size as u64),
            library::Refusal::ProposalsFull { max } => rejection.limit(*max as u64, *max as u64),
            _ => rejection,
        }
    }
}

impl Explained for execution::Refusal {
    fn rejection(&self) -> Rejection {
        use execution::Refusal;
        let rejection = problem(status(self.kind()), self.code(), format!("refused because {self}"));
        match self {
            Refusal::TooLarge { size, max, .. } => rejection.limit(*max, *size),
            Refusal::TooDeep { depth, max } => rejection.limit((*max).into(), (*depth).into()),
            Refusal::Full { max, .. } => rejection.limit(*max, *max),
            Refusal::BadInputs { mistakes } => rejection.errors(mistakes.iter().map(|said| input(said)).collect()),
            _ => rejection,
        }
    }
}

impl Explained for scheduler::Refusal {
    fn rejection(&self) -> Rejection {
        use scheduler::Refusal;
        use scheduler::limits::{BACKFILL_MAX, TRIGGERS_MAX};
        let status = match self {
            Refusal::TooFast { .. } => 429,
            Refusal::Full => 409,
            other => status(other.kind()),
        };
        let rejection = problem(status, self.code(), format!("refused because {self}"));
        match self {
            Refusal::Mistakes(mistakes) => rejection.errors(mistakes.iter().map(mistake).collect()),
            Refusal::TooFast { per_minute, wait } => {
                rejection.limit((*per_minute).into(), u64::from(*per_minute) + 1).wait(*wait)
            }
            Refusal::TooLarge { size, max, .. } => rejection.limit(*max as u64, *size as u64),
            Refusal::Full => rejection.limit(TRIGGERS_MAX as u64, TRIGGERS_MAX as u64),
            Refusal::TooManyTimes => rejection.limit(BACKFILL_MAX as u64, BACKFILL_MAX as u64 + 1),
            Refusal::OverlapTooLong(_) => rejection.field("overlap_ms"),
            Refusal::NameTaken(_) => rejection.field("name"),
            _ => rejection,
        }
    }
}

/// Reads what a run says of one input: its place, and what is wrong.
fn input(said: &str) -> Mistake {
    let (path, message) = said.split_once(": ").unwrap_or(("inputs", said));
    let (path, message, code) = (path.trim_matches('`').to_owned(), message.to_owned(), "input_invalid".to_owned());
    Mistake { file: None, path, line: None, column: None, code, message, fix: None }
}

/// Turns a failed ask into what the caller hears.
pub fn of_ask<E: Entity>(error: AskError<E>) -> Rejection
where
    E::Refusal: Explained,
{
    match error {
        AskError::Refused(refusal) => refusal.rejection(),
        AskError::Unavailable(why) => unavailable(&why),
        AskError::Damaged(what) => {
            problem(500, "damaged", format!("its records do not verify and were set aside; ask the operator ({what})"))
        }
    }
}

/// The server cannot do it now.
pub fn unavailable(why: &str) -> Rejection {
    problem(503, "store_unavailable", format!("not now: {why}; nothing was changed, try again"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// Collects the codes that a folder's sources name where they describe a problem.
    fn codes(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("the sources are there") {
            let path = entry.expect("the sources are there").path();
            if path.is_dir() {
                codes(&path, found);
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("sources are text");
            for start in ["problem(", "Problem::new("] {
                let calls = text.split(start).skip(1).filter_map(|call| call.split_once('"'));
                let with_status =
                    calls.filter(|(status, _)| status.trim().trim_end_matches(',').parse::<u16>().is_ok());
                found.extend(with_status.filter_map(|(_, code)| code.split('"').next()).map(str::to_owned));
            }
        }
    }

    #[test]
    fn every_code_of_the_server_is_documented() {
        let mut found = vec![];
        codes(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        assert!(found.len() > 40, "found {}", found.len());
        let documentation = include_str!("problem.rs").split("use std::fmt").next().expect("it begins with the table");
        for code in found {
            // The limits of entities stand with their refusals.
            assert!(
                code == "limit_reached" || documentation.contains(&format!("`{code}`")),
                "{code} is not in the table"
            );
        }
    }
}
