//! Why a scheduler says no. Each text finishes the sentence "refused because …".

use tenure_model::RefusalKind;
use tenure_model::time::Span;

use super::limits::{BACKFILL_MAX, TRIGGERS_MAX};
use crate::read::Mistake;

/// Why a command was not taken. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no such trigger")]
    Unknown,
    #[error("triggers are their owner's, and the administrators'")]
    NotTheOwner,
    #[error("the trigger has {} mistake{}", .0.len(), if .0.len() == 1 { "" } else { "s" })]
    Mistakes(Vec<Mistake>),
    #[error("there is a trigger \"{0}\" already; save it under its name to change it")]
    NameTaken(String),
    #[error("the trigger is at revision {current}, not {expected}")]
    Moved { expected: u64, current: u64 },
    #[error("there are {TRIGGERS_MAX} triggers already, which is the limit triggers_max")]
    Full,
    #[error("this needs a request id, so that it is done once")]
    NeedsRequest,
    #[error("the request id was used before, for something else")]
    RequestReused,
    #[error("the trigger is switched off")]
    Disabled,
    #[error("the trigger is no {0}")]
    OtherKind(&'static str),
    #[error("the end is not after the start, or the range is not over yet")]
    BadRange,
    #[error("the range holds more than {BACKFILL_MAX} times, which is the limit backfill_max")]
    TooManyTimes,
    #[error("a backfill of this trigger is under way")]
    BackfillRuns,
    #[error("there are more than {per_minute} calls a minute, which is the trigger's rate_per_minute")]
    TooFast { per_minute: u32, wait: Span },
    #[error("{what} is too large: {size} bytes, the limit {limit} is {max}")]
    TooLarge { what: &'static str, size: usize, limit: &'static str, max: usize },
    #[error("{0}")]
    BadPayload(String),
    #[error("an overlap lasts at most {0}")]
    OverlapTooLong(Span),
}

impl Refusal {
    /// Returns the stable code that programs match on.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Unknown => "trigger_unknown",
            Refusal::NotTheOwner => "not_the_owner",
            Refusal::Mistakes(_) => "trigger_invalid",
            Refusal::NameTaken(_) => "name_taken",
            Refusal::Moved { .. } => "revision_moved",
            Refusal::Full => "limit_reached",
            Refusal::NeedsRequest => "request_needed",
            Refusal::RequestReused => "request_reused",
            Refusal::Disabled => "trigger_disabled",
            Refusal::OtherKind(_) => "trigger_kind",
            Refusal::BadRange => "range_invalid",
            Refusal::TooManyTimes => "too_many_times",
            Refusal::BackfillRuns => "backfill_runs",
            Refusal::TooFast { .. } => "rate_limited",
            Refusal::TooLarge { .. } => "too_large",
            Refusal::BadPayload(_) => "payload_invalid",
            Refusal::OverlapTooLong(_) => "overlap_invalid",
        }
    }

    /// Returns what sort of refusal this is.
    pub fn kind(&self) -> RefusalKind {
        match self {
            Refusal::Unknown | Refusal::Disabled => RefusalKind::Unknown,
            Refusal::NotTheOwner => RefusalKind::Forbidden,
            Refusal::Moved { .. } => RefusalKind::Moved,
            Refusal::NameTaken(_) | Refusal::RequestReused | Refusal::BackfillRuns => RefusalKind::Conflict,
            Refusal::Mistakes(_)
            | Refusal::NeedsRequest
            | Refusal::OtherKind(_)
            | Refusal::BadRange
            | Refusal::BadPayload(_)
            | Refusal::OverlapTooLong(_) => RefusalKind::Invalid,
            Refusal::Full | Refusal::TooManyTimes | Refusal::TooFast { .. } | Refusal::TooLarge { .. } => {
                RefusalKind::TooLarge
            }
        }
    }
}
