//! Where deliveries are taken, as HTTP callers see it: addresses, secrets, and what senders are answered.

use serde::{Deserialize, Serialize};
use tenure_model::id::{ExecutionId, FiringId};
use tenure_model::{Span, Timestamp};
use utoipa::ToSchema;

/// Where deliveries are taken. Whoever knows an address may try, so it is shown to its owner only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct InletAddress {
    /// The path on this server: `/webhooks/…`.
    pub path: String,
    /// The whole address, when the server knows how it is reached from outside (`server.public_address`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Counted from 1 with every rotation.
    pub generation: u32,
    /// Addresses and secrets from before a rotation that are still good.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub old: Vec<OldAddress>,
}

/// An address from before a rotation.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct OldAddress {
    pub path: String,
    pub generation: u32,
    /// Until when it is good.
    pub until: Timestamp,
}

/// Makes another address and another secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateInlet {
    /// The secret that the sender has chosen, as Slack and Stripe do. Without it the server makes one. It is kept sealed, and
    /// never shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// How long the old address and secret stay good; not at all when absent.
    #[serde(default)]
    pub overlap_ms: Span,
    /// Whether the address stays: so unless it is said when a secret is given, since many senders tell theirs only after
    /// they know the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_address: Option<bool>,
}

/// The address and the secret that are good from now on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct RotatedInlet {
    pub address: InletAddress,
    /// The secret that the server has made: shown here, and nowhere again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// The address to which GitHub posts everything of an owner.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct GithubInlet {
    pub address: InletAddress,
    /// Whether the owner has chosen the secret; else `rotate` shows a new one.
    pub secret_given: bool,
}

/// What GitHub can tell, as filters name it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct GithubEventRow {
    /// `pull_request`
    pub event: String,
    pub about: String,
    /// `opened`, named as `pull_request.opened`; there may be others, which are taken as well.
    pub actions: Vec<String>,
}

/// What the server says to whoever calls a webhook, once it is on disk.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, Default, ToSchema)]
pub struct HookAnswer {
    /// What it leads to; the same for every repeat.
    pub firings: Vec<FiringId>,
    /// The runs that these firings start, when they do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub executions: Vec<ExecutionId>,
    /// Whether it was delivered before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub duplicate: bool,
}
