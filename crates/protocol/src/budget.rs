//! Budgets, as people see them: what may be used where, and what was used.

use serde::{Deserialize, Serialize};
use tenure_model::Timestamp;
use tenure_model::budget::{Allowance, Measure, Used};
use tenure_model::id::ApprovalId;
use utoipa::ToSchema;

use crate::workflow::Author;

/// How often a budget counts from nothing again, from midnight in UTC.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    Day,
    /// From Monday on.
    Week,
    /// From the first on.
    Month,
}

/// Sets a budget.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetBudget {
    /// How much may be used; something has to be limited.
    pub allowance: Allowance,
    /// It never counts from nothing again by itself when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Period>,
    /// Counts from nothing again now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub afresh: bool,
}

/// A budget.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct BudgetView {
    /// Where it holds: `owner`, `session:ID`, `execution:ID`, `workflow:ID` or `trigger:ID`.
    pub scope: String,
    pub allowance: Allowance,
    /// What people have allowed beyond it, once.
    pub raised: Used,
    /// What was used since it began to count.
    pub used: Used,
    pub since: Timestamp,
    #[serde(default)]
    pub every: Option<Period>,
    /// When it counts from nothing again by itself.
    #[serde(default)]
    pub until: Option<Timestamp>,
    /// Who has set it; absent when a run's workflow has.
    #[serde(default)]
    pub by: Option<Author>,
    /// How many works wait for it.
    pub waiting: usize,
    /// Under which approval somebody can raise it, while something waits.
    #[serde(default)]
    pub approval: Option<ApprovalId>,
}

/// A budget that is used up while something waits for it. Approving it allows as much again, once; there is nothing to deny:
/// whoever does not want what waits ends it.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct BudgetApproval {
    pub id: ApprovalId,
    /// Where it holds: `owner`, `session:ID`, `execution:ID`, `workflow:ID` or `trigger:ID`.
    pub budget: String,
    /// What there is not enough of.
    pub measure: Measure,
    pub allowance: Allowance,
    pub raised: Used,
    pub used: Used,
    /// How many works wait.
    pub waiting: usize,
    pub asked_at: Timestamp,
    /// Names exactly what is shown.
    pub hash: String,
}
