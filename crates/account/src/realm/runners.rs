//! Which runner a token connects: whoever holds a token cannot take another runner's place.
//!
//! A runner belongs to the token or the pool that it was first seen with. A token that names no pool belongs to the first
//! runner that it was seen with. Only an administrator issues runner tokens, so one that names a runner moves it.

use tenure_model::id::{RunnerId, TokenId};

use super::command::{Refusal, Reply};
use super::decide::Draft;
use super::event::Event;
use super::state::{Home, RunnerScope, TokenRole};

/// Runners of one server that are known by their homes.
pub const RUNNERS_KNOWN_MAX: usize = 10_000;
/// Runners of one pool that are known; beyond, the one that was bound longest ago makes room.
pub const RUNNERS_PER_POOL_MAX: usize = 1_000;

impl Draft<'_> {
    pub(super) fn bind_runner(&mut self, id: TokenId, runner: RunnerId) -> Result<Reply, Refusal> {
        let token = self.realm.tokens.get(&id).filter(|token| token.is_good(self.ctx.now));
        let Some((token, TokenRole::Runner(scope))) = token.map(|token| (token, &token.role)) else {
            return Err(Refusal::UnknownToken);
        };
        let (home, moves) = match scope {
            RunnerScope::Pool(pool) => (Home::Pool(pool.clone()), false),
            RunnerScope::Only(_) => (Home::Token(id), true),
            RunnerScope::First => (Home::Token(id), false),
        };
        if token.only_runner().is_some_and(|own| own != runner) {
            return Err(Refusal::TokenOfAnother);
        }
        match self.realm.runners.get(&runner) {
            Some(bound) if bound.home == home => return Ok(Reply::Done),
            Some(_) if !moves => return Err(Refusal::RunnerOfAnother),
            Some(_) => {}
            None => self.make_room_for_runner(&home)?,
        }
        self.emit(Event::RunnerBound { runner, home });
        Ok(Reply::Done)
    }

    pub(super) fn drain_runner(&mut self, runner: RunnerId, drain: bool) -> Result<Reply, Refusal> {
        let bound = self.realm.runners.get(&runner).ok_or(Refusal::UnknownRunner)?;
        if bound.draining != drain {
            self.emit(Event::RunnerDrained { runner, drained: drain });
        }
        Ok(Reply::Done)
    }

    fn make_room_for_runner(&mut self, home: &Home) -> Result<(), Refusal> {
        let pool = |bound: &&_| matches!(home, Home::Pool(_)) && *bound == home;
        let of_pool = self.realm.runners.values().map(|bound| &bound.home).filter(pool).count();
        if self.realm.runners.len() < RUNNERS_KNOWN_MAX && of_pool < RUNNERS_PER_POOL_MAX {
            return Ok(());
        }
        let siblings = self.realm.runners.iter().filter(|(_, bound)| pool(&&bound.home));
        let oldest = siblings.min_by_key(|(id, bound)| (bound.at, **id)).map(|(id, _)| *id);
        let runner = oldest.ok_or(Refusal::RunnersFull { max: RUNNERS_KNOWN_MAX })?;
        self.emit(Event::RunnerForgotten { runner });
        Ok(())
    }
}
