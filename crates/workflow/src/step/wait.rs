//! `wait`: sleeps for a time, until an instant, or until an event has come.

use serde::{Deserialize, Serialize};
use tenure_model::time::Span;

use crate::template::Template;

/// One wait.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wait {
    #[serde(flatten)]
    pub until: WaitFor,
    /// What happens when the step's timeout passes before the event comes; the other waits end by themselves.
    #[serde(default)]
    pub on_timeout: OnWaitTimeout,
}

/// What ends a wait.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitFor {
    /// A length of time that the definition knows.
    DurationMs(Span),
    /// A length of time that the run knows: a text like `5m`, or milliseconds.
    Duration(Template),
    /// An instant: RFC 3339, or milliseconds since 1970.
    Until(Template),
    /// The name of an event that is sent to the run.
    Event(Template),
}

/// What happens when the awaited event has not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnWaitTimeout {
    /// The step fails with `wait_timeout`.
    #[default]
    Fail,
    /// The run goes on; later steps read `outputs.<id>.timed_out`.
    Continue,
}
