//! Links that decide an approval without a sign-in: how one is made, listed and revoked, and what its holder
//! sends.

use serde::{Deserialize, Serialize};
use tenure_model::id::LinkId;
use tenure_model::{Span, Timestamp};
use utoipa::ToSchema;

use crate::approval::Verdict;
use crate::workflow::Author;

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
    /// Names it when it is listed or revoked; it opens nothing.
    pub id: LinkId,
    /// Whoever holds it can see what is asked, and decide.
    pub token: String,
    pub until: Timestamp,
}

/// A link as it is listed, without its token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct ApprovalLinkRow {
    pub id: LinkId,
    /// In whose name it decides.
    pub by: Author,
    pub made_at: Timestamp,
    pub until: Timestamp,
    pub state: LinkState,
}

/// How a link stands.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    Open,
    /// It has decided.
    Used,
    /// Something else has decided first.
    Spent,
    Expired,
    Revoked,
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
