//! What has happened in a realm: kept for ever.

use serde::{Deserialize, Serialize};
use tenure_model::id::{RunnerId, TokenId, UserId};

use super::command::NewToken;
use super::state::{Home, Role};
use crate::policy::{Mode, What};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    UserAdded {
        user: UserId,
        name: String,
        role: Role,
    },
    TokenIssued {
        token: TokenId,
        user: UserId,
        #[serde(flatten)]
        what: NewToken,
    },
    TokenRevoked {
        token: TokenId,
    },
    /// A revoked or ended token made room for a new one.
    TokenForgotten {
        token: TokenId,
    },
    /// A runner was seen for the first time, or with a token that names it.
    RunnerBound {
        runner: RunnerId,
        home: Home,
    },
    /// A runner is to end what it has and gets nothing new; or, again, it does.
    RunnerDrained {
        runner: RunnerId,
        drained: bool,
    },
    /// A rule of the organization was made, changed, or taken back (`mode` is absent).
    RuleSet {
        what: What,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<Mode>,
    },
    /// The runner of its pool that was bound longest ago made room for a new one.
    RunnerForgotten {
        runner: RunnerId,
    },
}
