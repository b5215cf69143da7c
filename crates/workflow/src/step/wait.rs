//! `wait`: sleeps for a time, until an instant, or until an event has come.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenure_model::time::Span;

use crate::definition::instant_of;
use crate::read::draft::Draft;
use crate::read::form::{Field, Form, Shape};
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

pub(crate) const FORM: Form = Form {
    word: "wait",
    description: "Sleeps for a time, until an instant, or until an event is sent to the run. It holds no slot and no runner \
        meanwhile. An event gives `event` and its `payload`, or `timed_out`.",
    fields: &[
        Field::new("duration_ms", Shape::Delay, "How long.").or(&["durationMs"]),
        Field::new(
            "until",
            Shape::Template,
            "Until when: RFC 3339 like `2026-05-01T09:30:00Z`, or milliseconds since 1970.",
        ),
        Field::new("event", Shape::Template, "The name of the event that is awaited."),
        Field::new(
            "on_timeout",
            Shape::OneOf(&["fail", "continue"]),
            "What happens when the event has not come within the timeout.",
        )
        .default("\"fail\""),
    ],
    check,
};

fn check(draft: &mut Draft<'_, '_>) {
    draft.exactly_one(&["duration_ms", "duration", "until", "event"]);
    let until = draft.text("until").filter(|until| !until.contains("{{")).map(|until| Value::from(until.to_owned()));
    if until.is_some_and(|until| instant_of(&until).is_none()) {
        draft.wrong("until", "bad_instant", "this is no instant", "write it like `2026-05-01T09:30:00Z`");
    }
    if !draft.has("event") && draft.has("timeout_ms") {
        draft.wrong(
            "timeout",
            "never_used",
            "this wait ends by itself",
            "leave the timeout out, or wait for an `event`",
        );
    }
}
