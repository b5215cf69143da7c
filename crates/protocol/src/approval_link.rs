//! Links that decide an approval without a sign-in: how one is made, and what its holder sends.

use serde::{Deserialize, Serialize};
use tenure_model::{Span, Timestamp};
use utoipa::ToSchema;

use crate::execution::Verdict;

/// Makes a link that decides an approval once, in the name of whoever makes it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApprovalLink {
    /// After how long it ends; with the approval's deadline when absent, and never later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_ms: Option<Span>,
}

/// A link that was made. Its token is shown this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct ApprovalLink {
    /// Whoever holds it can see what is asked, and decide.
    pub token: String,
    pub until: Timestamp,
}

/// Asks what a link decides.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShowLinked {
    pub token: String,
}

/// Decides by a link.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideLinked {
    pub token: String,
    pub decision: Verdict,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
