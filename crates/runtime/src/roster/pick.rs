//! Which runner takes a work on: one that the session may use, does such works, has the agent and a free place; the session's
//! home before all others, because its workspace is there. A sandbox takes the works of its own session only.

use std::collections::{BTreeMap, HashMap};

use tenure_model::id::{BootId, RunnerId};
use tenure_model::link::{AgentInfo, WorkKind, WorkOffer};
use tenure_model::placement::Placement;
use tenure_model::{Span, Timestamp};
use tenure_session::Decline;

use super::{Roster, Runner};

/// What a choice is made from.
struct Field<'r> {
    runners: &'r BTreeMap<RunnerId, Runner>,
    /// How many places of each runner are taken.
    used: HashMap<RunnerId, usize>,
    now: Timestamp,
    started_at: Timestamp,
    home_wait: Span,
}

impl Roster {
    /// Chooses a runner for a work, and reserves a place there.
    pub(super) fn pick(&self, offer: &WorkOffer, declined: &[RunnerId]) -> Result<(RunnerId, BootId, String), Decline> {
        let used = self.0.core.claims.counts();
        let mut runners = self.runners();
        let id = self.field(&runners, used).choose(offer, declined)?;
        let runner = runners.get_mut(&id).expect("a runner of the field was chosen");
        runner.reserved += 1;
        let agent = match offer.kind {
            WorkKind::Turn => offer.agent.clone().unwrap_or_else(|| runner.hello.agents[0].name.clone()),
            other => other.word().to_owned(),
        };
        Ok((id, runner.hello.boot, agent))
    }

    /// Says why nobody can take a work on now; nothing when somebody can.
    pub(super) fn obstacle(&self, offer: &WorkOffer) -> Option<Decline> {
        let used = self.0.core.claims.counts();
        self.field(&self.runners(), used).choose(offer, &[]).err()
    }

    /// Calls those who wait, for as long as the server lives, whenever a place may have become free.
    pub(crate) async fn usher(self) {
        loop {
            self.0.core.waiters.rung().await;
            let used = self.0.core.claims.counts();
            let runners = self.runners();
            let mut field = self.field(&runners, used);
            self.0.core.waiters.serve(field.free(), |offer| {
                let chosen = field.choose(offer, &[]);
                chosen.is_ok_and(|id| {
                    *field.used.entry(id).or_default() += 1;
                    true
                })
            });
        }
    }

    fn field<'r>(&self, runners: &'r BTreeMap<RunnerId, Runner>, mut used: HashMap<RunnerId, usize>) -> Field<'r> {
        for (id, runner) in runners.iter().filter(|(_, runner)| runner.reserved > 0) {
            *used.entry(*id).or_default() += runner.reserved;
        }
        let home_wait = self.0.options.home_wait;
        Field { runners, used, now: self.0.core.clock.now(), started_at: self.0.started_at, home_wait }
    }
}

impl Field<'_> {
    /// Returns the home when it is there, else the least busy of those who can; `declined` have said no already.
    fn choose(&self, offer: &WorkOffer, declined: &[RunnerId]) -> Result<RunnerId, Decline> {
        let mut able: Vec<_> = self.runners.iter().filter(|(_, runner)| runner.line.is_some()).collect();
        let some = |able: &[_], why| if able.is_empty() { Err(why) } else { Ok(()) };
        if offer.placement.sandbox.is_some() {
            // One that is being stopped is as good as gone.
            able.retain(|(_, runner)| is_seat_of(runner, offer) && !runner.hello.draining);
            some(&able, Decline::Sandbox)?;
        }
        able.retain(|(_, runner)| runner.hello.sandbox.is_none() || is_seat_of(runner, offer));
        some(&able, Decline::NoRunner)?;
        keep_placed(&mut able, &offer.placement)?;
        able.retain(|(_, runner)| runner.hello.kinds.contains(&offer.kind));
        some(&able, Decline::NoKind { kind: offer.kind })?;
        if offer.kind == WorkKind::Turn {
            able.retain(|(_, runner)| has_agent(&runner.hello.agents, offer.agent.as_deref()));
            some(&able, Decline::NoAgent { agent: offer.agent.clone().unwrap_or_else(|| "any".into()) })?;
        }
        if offer.kind == WorkKind::Restore {
            able.retain(|(id, _)| offer.home == Some(**id));
            some(&able, Decline::NoHome)?;
        }
        able.retain(|(_, runner)| !runner.hello.draining);
        some(&able, Decline::Draining)?;
        if let Some(home) = offer.home {
            if able.iter().any(|(id, _)| **id == home) {
                able.retain(|(id, _)| **id == home);
            } else if self.may_come_back(home) {
                return Err(Decline::HomeAway);
            }
        }
        able.retain(|(id, _)| !declined.contains(id));
        let load = |(id, runner): (&RunnerId, &Runner)| {
            let used = self.used.get(id).copied().unwrap_or_default();
            let capacity = usize::try_from(runner.hello.capacity).unwrap_or(usize::MAX);
            (used < capacity).then(|| (used * 1_000 / capacity, *id))
        };
        able.into_iter().filter_map(load).min().map(|(_, id)| id).ok_or(Decline::Busy)
    }

    /// Counts the free places of all who are there.
    fn free(&self) -> usize {
        let there = self.runners.iter().filter(|(_, runner)| runner.line.is_some() && !runner.hello.draining);
        let free = |(id, runner): (&RunnerId, &Runner)| {
            let capacity = usize::try_from(runner.hello.capacity).unwrap_or(usize::MAX);
            capacity.saturating_sub(self.used.get(id).copied().unwrap_or_default())
        };
        there.map(free).sum()
    }

    /// Tells whether a runner is away, and not for so long that nobody waits for it any more.
    fn may_come_back(&self, home: RunnerId) -> bool {
        let seen = match self.runners.get(&home) {
            Some(runner) if runner.line.is_some() || runner.hello.draining => return false,
            Some(runner) => runner.seen_at,
            None => self.started_at,
        };
        self.now < seen + self.home_wait
    }
}

/// Keeps those who are of the pool that is asked for, and have the labels.
pub(super) fn keep_placed(able: &mut Vec<(&RunnerId, &Runner)>, placement: &Placement) -> Result<(), Decline> {
    if let Some(pool) = &placement.pool {
        able.retain(|(_, runner)| runner.hello.pool.as_ref() == Some(pool));
        if able.is_empty() {
            return Err(Decline::NoPool { pool: pool.clone() });
        }
    }
    for label in placement.words() {
        able.retain(|(_, runner)| runner.hello.labels.contains(&label));
        if able.is_empty() {
            return Err(Decline::NoLabel { label });
        }
    }
    Ok(())
}

/// Tells whether a runner was started for the very session whose work is offered.
fn is_seat_of(runner: &Runner, offer: &WorkOffer) -> bool {
    runner.hello.sandbox.is_some_and(|seat| seat.session == offer.session)
}

fn has_agent(agents: &[AgentInfo], wanted: Option<&str>) -> bool {
    wanted.map_or(!agents.is_empty(), |wanted| agents.iter().any(|known| known.name == wanted))
}
