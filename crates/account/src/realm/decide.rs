//! The realm as an entity: who may add whom and what.

use std::collections::BTreeMap;

use serde_json::json;
use tenure_model::entity::{Ctx, Decision, Entity};
use tenure_model::id::{Kind, TokenId, UserId};
use tenure_model::time::Timestamp;
use tenure_model::{Row, SummaryKey};
use uuid::Uuid;

use super::command::{Asker, Command, NewToken, Refusal, Reply};
use super::effect::Effect;
use super::event::Event;
use super::state::{Bound, Home, Realm, Role, RunnerScope, Token, TokenRole, User};
use crate::policy::limits::RULES_MAX;
use crate::policy::{Mode, What};

/// Users of one server.
pub const USERS_MAX: usize = 10_000;
/// Tokens of one server.
pub const TOKENS_MAX: usize = 10_000;
/// The longest name of a user, a token or a pool, in bytes.
pub const NAME_BYTES_MAX: usize = 100;

impl Entity for Realm {
    const KIND: Kind = Kind::Realm;
    type Id = Uuid;
    type Command = Command;
    type Event = Event;
    type Effect = Effect;
    type Reply = Reply;
    type Refusal = Refusal;

    fn decide(&self, command: Command, ctx: &Ctx) -> Result<Decision<Self>, Refusal> {
        let mut draft = Draft { realm: self.clone(), ctx, events: vec![] };
        let reply = match command {
            Command::Bootstrap { admin, tokens } => draft.bootstrap(admin, tokens)?,
            Command::AddUser { by, name, role } => {
                draft.admin_only(by)?;
                Reply::UserAdded { user: draft.add_user(name, role)? }
            }
            Command::IssueToken { by, user, token } => draft.issue(by, user, token)?,
            Command::RevokeToken { by, token } => draft.revoke(by, token)?,
            Command::BindRunner { token, runner } => draft.bind_runner(token, runner)?,
            Command::DrainRunner { by, runner, drain } => {
                draft.admin_only(by)?;
                draft.drain_runner(runner, drain)?
            }
            Command::SetRule { by, what, mode } => {
                draft.admin_only(by)?;
                draft.set_rule(what, mode)?
            }
        };
        Ok(Decision { events: draft.events, ..Decision::nothing(reply) })
    }

    fn wake(&self, _ctx: &Ctx) -> Decision<Self> {
        Decision::nothing(Reply::Done)
    }

    fn apply(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::UserAdded { user, name, role } => {
                self.users.insert(*user, User { id: *user, name: name.clone(), role: *role, created_at: at });
            }
            Event::TokenIssued { token, user, what } => {
                let NewToken { name, role, hash, expires_at } = what.clone();
                self.by_hash.insert(hash.clone(), *token);
                let (id, user) = (*token, *user);
                let issued =
                    Token { id, user, role, name, hash, created_at: at, expires_at, revoked_at: None, runner: None };
                self.tokens.insert(id, issued);
            }
            Event::TokenRevoked { token } => {
                if let Some(token) = self.tokens.get_mut(token) {
                    token.revoked_at = Some(at);
                }
            }
            Event::TokenForgotten { token } => {
                if let Some(gone) = self.tokens.remove(token) {
                    self.by_hash.remove(&gone.hash);
                }
                self.runners.retain(|_, bound| bound.home != Home::Token(*token));
            }
            Event::RunnerBound { runner, home } => {
                if let Home::Token(token) = home
                    && let Some(token) = self.tokens.get_mut(token)
                {
                    token.runner = Some(*runner);
                }
                let draining = self.runners.get(runner).is_some_and(|bound| bound.draining);
                self.runners.insert(*runner, Bound { home: home.clone(), at, draining });
            }
            Event::RunnerDrained { runner, drained } => {
                if let Some(bound) = self.runners.get_mut(runner) {
                    bound.draining = *drained;
                }
            }
            Event::RunnerForgotten { runner } => {
                self.runners.remove(runner);
            }
            Event::RuleSet { what, mode: Some(mode) } => {
                self.rules.insert(what.clone(), *mode);
            }
            Event::RuleSet { what, mode: None } => {
                self.rules.remove(what);
            }
        }
    }

    fn wake_at(&self) -> Option<Timestamp> {
        None
    }

    /// Every user's tokens, in the list `token`. Hashes stay here.
    fn summaries(&self, _id: Uuid) -> BTreeMap<SummaryKey, Row> {
        let row = |token: &Token| {
            let key =
                SummaryKey { owner: token.user, list: "token".into(), rank: token.created_at, id: token.id.into() };
            let shown = Row::of(&json!({
                "id": token.id,
                "name": token.name,
                "role": token.role,
                "created_at": token.created_at,
                "expires_at": token.expires_at,
                "revoked_at": token.revoked_at,
            }));
            (key, shown)
        };
        self.tokens.values().map(row).collect()
    }
}

/// A decision in the making: each event is folded at once, so that what follows sees it.
pub(super) struct Draft<'a> {
    pub(super) realm: Realm,
    pub(super) ctx: &'a Ctx,
    events: Vec<Event>,
}

impl Draft<'_> {
    fn set_rule(&mut self, what: What, mode: Option<Mode>) -> Result<Reply, Refusal> {
        let known = self.realm.rules.get(&what).copied();
        if known == mode {
            return Ok(Reply::Done);
        }
        if known.is_none() && self.realm.rules.len() >= RULES_MAX {
            return Err(Refusal::RulesFull { max: RULES_MAX });
        }
        self.emit(Event::RuleSet { what, mode });
        Ok(Reply::Done)
    }

    fn bootstrap(&mut self, admin: String, tokens: Vec<NewToken>) -> Result<Reply, Refusal> {
        let admin = self.add_user(admin, Role::Admin)?;
        let tokens = tokens.into_iter().map(|token| self.add_token(admin, token)).collect::<Result<_, _>>()?;
        Ok(Reply::Bootstrapped { admin, tokens })
    }

    fn issue(&mut self, by: Asker, user: UserId, token: NewToken) -> Result<Reply, Refusal> {
        let for_themselves = matches!(by, Asker::User { user: asker, .. } if asker == user);
        if !for_themselves || token.role != TokenRole::User {
            self.admin_only(by)?;
        }
        Ok(Reply::TokenIssued { token: self.add_token(user, token)? })
    }

    fn revoke(&mut self, by: Asker, id: TokenId) -> Result<Reply, Refusal> {
        let token = self.realm.tokens.get(&id);
        let own = matches!((by, token), (Asker::User { user, .. }, Some(token)) if token.user == user);
        if !own {
            self.admin_only(by)?;
        }
        let token = token.ok_or(Refusal::UnknownToken)?;
        if token.revoked_at.is_none() {
            self.emit(Event::TokenRevoked { token: id });
        }
        Ok(Reply::Done)
    }

    fn add_user(&mut self, name: String, role: Role) -> Result<UserId, Refusal> {
        check_name(&name)?;
        if let Some(there) = self.realm.user_by_name(&name) {
            return if there.role == role { Ok(there.id) } else { Err(Refusal::NameTaken(name)) };
        }
        if self.realm.users.len() >= USERS_MAX {
            return Err(Refusal::UsersFull { max: USERS_MAX });
        }
        let user = self.fresh();
        self.emit(Event::UserAdded { user, name, role });
        Ok(user)
    }

    fn add_token(&mut self, user: UserId, what: NewToken) -> Result<TokenId, Refusal> {
        check_name(&what.name)?;
        if let TokenRole::Runner(RunnerScope::Pool(pool)) = &what.role {
            check_name(pool)?;
        }
        if what.hash.len() != 64 || !what.hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(Refusal::BadHash);
        }
        let of_user = self.realm.users.get(&user).ok_or(Refusal::UnknownUser)?;
        if let Some(there) = self.realm.by_hash.get(&what.hash).and_then(|id| self.realm.tokens.get(id)) {
            let same = there.user == user && there.role == what.role && there.expires_at == what.expires_at;
            return if same { Ok(there.id) } else { Err(Refusal::TokenExists) };
        }
        if what.role == TokenRole::Admin && of_user.role != Role::Admin {
            return Err(Refusal::RoleTooHigh);
        }
        if what.expires_at.is_some_and(|end| end <= self.ctx.now) {
            return Err(Refusal::EndsInThePast);
        }
        self.make_room()?;
        let token = self.fresh();
        self.emit(Event::TokenIssued { token, user, what });
        Ok(token)
    }

    fn make_room(&mut self) -> Result<(), Refusal> {
        if self.realm.tokens.len() < TOKENS_MAX {
            return Ok(());
        }
        let useless = self.realm.tokens.values().filter(|token| !token.is_good(self.ctx.now));
        let oldest = useless.min_by_key(|token| (token.created_at, token.id)).map(|token| token.id);
        let token = oldest.ok_or(Refusal::TokensFull { max: TOKENS_MAX })?;
        self.emit(Event::TokenForgotten { token });
        Ok(())
    }

    fn admin_only(&self, by: Asker) -> Result<(), Refusal> {
        match by {
            Asker::Server => Ok(()),
            Asker::User { user, admin: true } if self.realm.users.get(&user).is_some_and(|u| u.role == Role::Admin) => {
                Ok(())
            }
            Asker::User { .. } => Err(Refusal::Forbidden),
        }
    }

    fn fresh<I: From<Uuid>>(&self) -> I {
        self.ctx.fresh(self.events.len() as u32)
    }

    pub(super) fn emit(&mut self, event: Event) {
        self.realm.apply(&event, self.ctx.now);
        self.events.push(event);
    }
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let good = !name.trim().is_empty() && name.len() <= NAME_BYTES_MAX && !name.chars().any(char::is_control);
    if good { Ok(()) } else { Err(Refusal::BadName { max: NAME_BYTES_MAX }) }
}
