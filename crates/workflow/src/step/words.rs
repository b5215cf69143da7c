//! Words that several kinds of step say.

use serde::{Deserialize, Serialize};

/// What becomes of the other branches or items when one fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// The others are cancelled and the step fails.
    #[default]
    FailFast,
    /// The others are finished, and the step gives what each came to.
    Collect,
}

/// What to do with a started step whose runner was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnUnknown {
    /// A person decides.
    #[default]
    Ask,
    Retry,
    Fail,
}
