//! Users, tokens and the homes of runners, and how a token is looked up.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tenure_model::id::{RunnerId, TokenId, UserId};
use tenure_model::time::Timestamp;

use crate::policy::verdict::matching;
use crate::policy::{Made, Mode, What};

/// The state of the realm.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Realm {
    pub users: BTreeMap<UserId, User>,
    pub tokens: BTreeMap<TokenId, Token>,
    /// Which token has which hash.
    pub by_hash: BTreeMap<String, TokenId>,
    /// Which tokens open for which runner.
    #[serde(default)]
    pub runners: BTreeMap<RunnerId, Bound>,
    /// The organization's rules for calls of agents.
    #[serde(default)]
    pub rules: BTreeMap<What, Mode>,
}

/// What a user may do on this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    User,
    Admin,
}

/// Somebody who signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub id: UserId,
    pub name: String,
    pub role: Role,
    pub created_at: Timestamp,
}

/// What a token is good for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenRole {
    /// All that its user may, and the administration.
    Admin,
    /// All that its user may, apart from the administration.
    User,
    /// Connects runners, nothing else.
    Runner(RunnerScope),
}

/// Which runners a runner's token connects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunnerScope {
    /// The first one that says hello with it; from then on no other.
    First,
    /// This one, whatever it belonged to before.
    Only(RunnerId),
    /// Every runner that was first seen with a token of this pool.
    Pool(String),
}

/// What a runner belongs to: only tokens of its home connect it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Home {
    Token(TokenId),
    Pool(String),
}

/// A runner's home, since when, and whether it takes works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    pub home: Home,
    pub at: Timestamp,
    /// It is to end what it has, and gets nothing new.
    #[serde(default)]
    pub draining: bool,
}

/// One credential. Its secret is known to its bearer only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    pub id: TokenId,
    pub user: UserId,
    pub role: TokenRole,
    pub name: String,
    pub hash: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    /// The runner that it was bound to, for good: also after that one was moved to another token.
    #[serde(default)]
    pub runner: Option<RunnerId>,
}

/// Whom a valid token lets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access<'r> {
    pub user: &'r User,
    pub token: &'r Token,
}

impl Realm {
    /// Returns the organization's rule for a call.
    pub fn rule_for(&self, made: &Made) -> Option<(What, Mode)> {
        matching(&self.rules, made).map(|(what, mode)| (what.clone(), *mode))
    }

    /// Returns a user in whose name things may still be done: somebody whose every token was revoked has been shut out. A
    /// token that has merely ended shuts nobody out, because runs and triggers outlast it.
    pub fn acting(&self, user: UserId) -> Option<&User> {
        let mut tokens = self.tokens.values().filter(|token| token.user == user && token.revoked_at.is_none());
        let signs_in = tokens.any(|token| matches!(token.role, TokenRole::User | TokenRole::Admin));
        self.users.get(&user).filter(|_| signs_in)
    }

    /// Returns whom the token with this hash lets in now; none when it is unknown, revoked or has ended.
    pub fn token_by_hash(&self, hash: &str, now: Timestamp) -> Option<Access<'_>> {
        let token = self.tokens.get(self.by_hash.get(hash)?)?;
        let user = self.users.get(&token.user)?;
        token.is_good(now).then_some(Access { user, token })
    }

    /// Returns the user of this name.
    pub fn user_by_name(&self, name: &str) -> Option<&User> {
        self.users.values().find(|user| user.name == name)
    }
}

impl Token {
    /// Returns the one runner that the token connects; none when there is none yet, or when it connects a pool.
    pub fn only_runner(&self) -> Option<RunnerId> {
        match self.role {
            TokenRole::Runner(RunnerScope::Only(runner)) => Some(runner),
            _ => self.runner,
        }
    }

    /// Tells whether the token opens anything at `now`.
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}
