//! What has happened to budgets: the journal's words, kept for ever. New fields come with `#[serde(default)]` and a golden
//! file under `tests/golden`.

use serde::{Deserialize, Serialize};
use tenure_model::budget::{Allowance, Measure, Scope, Used};
use tenure_model::id::WorkId;

use super::period::Every;
use crate::policy::rule::Who;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    Set {
        scope: Scope,
        allowance: Allowance,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        every: Option<Every>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        afresh: bool,
        by: Who,
    },
    Removed {
        scope: Scope,
        by: Who,
    },
    /// A person has allowed so much more.
    Raised {
        scope: Scope,
        measure: Measure,
        amount: u64,
        by: Who,
    },
    /// A work may begin, and draws on these places.
    Drawn {
        work: WorkId,
        #[serde(default)]
        turns: u64,
        scopes: Vec<Scope>,
        /// The budgets that a definition sets, where nothing was drawn before.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        made: Vec<(Scope, Allowance)>,
    },
    /// A work waits, because there is not enough.
    Held {
        work: WorkId,
        scope: Scope,
        measure: Measure,
    },
    /// A work is over that had drawn.
    Spent {
        work: WorkId,
        used: Used,
    },
    /// A work was never begun.
    Returned {
        work: WorkId,
    },
}

/// Budgets ask nothing of the outside: what waits listens to their news.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effect {}
