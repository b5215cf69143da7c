//! What a realm can be told, what it answers, and why it says no.

use serde::{Deserialize, Serialize};
use tenure_model::id::{RunnerId, TokenId, UserId};
use tenure_model::time::Timestamp;

use super::state::{Role, TokenRole};
use crate::policy::{Mode, What};

/// One thing told to the realm. Every command is safe to repeat: users are known by name, tokens by hash.
#[derive(Clone, Debug)]
pub enum Command {
    /// Makes sure that a first administrator and these tokens exist. What is there already stays as it is.
    Bootstrap {
        admin: String,
        tokens: Vec<NewToken>,
    },
    AddUser {
        by: Asker,
        name: String,
        role: Role,
    },
    /// Adds a token for `user`. A user issues for themselves, an administrator for anybody.
    IssueToken {
        by: Asker,
        user: UserId,
        token: NewToken,
    },
    RevokeToken {
        by: Asker,
        token: TokenId,
    },
    /// A runner says hello with a token. The first time binds it, for good.
    BindRunner {
        token: TokenId,
        runner: RunnerId,
    },
    /// Lets a runner end what it has and gives it nothing new, or takes that back.
    DrainRunner {
        by: Asker,
        runner: RunnerId,
        drain: bool,
    },
    /// Makes, changes or takes back a rule of the organization for calls of agents.
    SetRule {
        by: Asker,
        what: What,
        mode: Option<Mode>,
    },
}

/// Who asks the realm for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// Somebody with access to the server's own machine.
    Server,
    /// A signed-in user. `admin` tells whether their token carries the administrator's rights.
    User { user: UserId, admin: bool },
}

/// A token to be added. The secret itself never comes here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewToken {
    pub name: String,
    pub role: TokenRole,
    /// The SHA-256 of the secret: 64 hexadecimal digits in lower case.
    pub hash: String,
    /// When it ends; never when absent.
    pub expires_at: Option<Timestamp>,
}

/// What the realm answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    Done,
    Bootstrapped { admin: UserId, tokens: Vec<TokenId> },
    UserAdded { user: UserId },
    TokenIssued { token: TokenId },
}

/// Why the realm says no. Each text finishes the sentence "refused because …".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("this needs an administrator")]
    Forbidden,
    #[error("there is no such user")]
    UnknownUser,
    #[error("there is no such token")]
    UnknownToken,
    #[error("there is no such runner")]
    UnknownRunner,
    #[error("the name \"{0}\" is taken")]
    NameTaken(String),
    #[error("the name must have 1 to {max} bytes and no control characters")]
    BadName { max: usize },
    #[error("a token's hash must be 64 hexadecimal digits in lower case")]
    BadHash,
    #[error("this token exists already, with other rights")]
    TokenExists,
    #[error("a token cannot carry more rights than its user")]
    RoleTooHigh,
    #[error("the token would have ended already")]
    EndsInThePast,
    #[error("the organization has {max} rules, which is the most; take some back")]
    RulesFull { max: usize },
    #[error("there are {max} users already, the limit users_max")]
    UsersFull { max: usize },
    #[error("there are {max} tokens already, the limit tokens_max")]
    TokensFull { max: usize },
    #[error("this token is another runner's; ask an administrator for one of this runner, or of a pool")]
    TokenOfAnother,
    #[error("this runner belongs to another token or pool; an administrator can issue a token that names it by its id")]
    RunnerOfAnother,
    #[error("there are {max} runners already, the limit runners_known_max")]
    RunnersFull { max: usize },
}

impl Refusal {
    /// Returns the stable code that programs match on.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Forbidden => "forbidden",
            Refusal::UnknownUser => "user_unknown",
            Refusal::UnknownToken => "token_unknown",
            Refusal::UnknownRunner => "runner_unknown",
            Refusal::NameTaken(_) => "name_taken",
            Refusal::BadName { .. } => "name_invalid",
            Refusal::BadHash => "hash_invalid",
            Refusal::TokenExists => "token_exists",
            Refusal::RoleTooHigh => "role_too_high",
            Refusal::EndsInThePast => "expiry_past",
            Refusal::TokenOfAnother | Refusal::RunnerOfAnother => "runner_not_yours",
            Refusal::UsersFull { .. }
            | Refusal::TokensFull { .. }
            | Refusal::RunnersFull { .. }
            | Refusal::RulesFull { .. } => "limit_reached",
        }
    }
}
