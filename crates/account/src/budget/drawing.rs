//! Drawing: a work begins only where there is enough of everything in every place that it draws on.

use tenure_model::budget::{Allowance, Draw, Left, Measure, Scope, Used};
use tenure_model::entity::{Ctx, Decision};
use tenure_model::id::WorkId;
use tenure_model::time::Span;

use super::command::{Reply, Shortage};
use super::event::Event;
use super::state::{Budgets, Kept};

impl Budgets {
    pub(super) fn draw(&self, work: WorkId, turns: u64, on: &[Draw], ctx: &Ctx) -> Decision<Self> {
        if let Some(open) = self.open.get(&work) {
            return Decision::nothing(Reply::Drawn(self.left(&open.scopes, &[], ctx)));
        }
        let owner = Draw { scope: Scope::Owner, allowance: None };
        let (mut scopes, mut made): (Vec<Scope>, Vec<(Scope, Allowance)>) = (vec![], vec![]);
        for draw in on.iter().chain([&owner]).filter(|draw| !scopes.contains(&draw.scope)).collect::<Vec<_>>() {
            match (self.kept.get(&draw.scope), draw.allowance) {
                (Some(kept), _) => {
                    if let Some(shortage) = shortage(draw.scope, &kept.at(ctx.now), turns, ctx) {
                        return self.hold(work, shortage, ctx);
                    }
                }
                (None, Some(allowance)) => made.push((draw.scope, allowance)),
                (None, None) => continue,
            }
            scopes.push(draw.scope);
        }
        if scopes.is_empty() {
            return Decision::nothing(Reply::Free);
        }
        let left = self.left(&scopes, &made, ctx);
        let events = vec![Event::Drawn { work, turns, scopes, made }];
        Decision { events, ..Decision::nothing(Reply::Drawn(left)) }
    }

    /// Returns how much one more work may use: the least that is left in any place.
    fn left(&self, scopes: &[Scope], made: &[(Scope, Allowance)], ctx: &Ctx) -> Left {
        let least = |measure: Measure| {
            let kept = scopes.iter().filter_map(|scope| Some(self.kept.get(scope)?.at(ctx.now)));
            let kept = kept.filter_map(|kept| Some(kept.allowed(measure)?.saturating_sub(kept.used.of(measure))));
            kept.chain(made.iter().filter_map(|(_, allowance)| allowance.of(measure))).min()
        };
        Left { time_ms: least(Measure::Time).map(Span), tool_calls: least(Measure::ToolCalls) }
    }

    /// Has a person asked, and says so once for every work.
    fn hold(&self, work: WorkId, shortage: Shortage, ctx: &Ctx) -> Decision<Self> {
        let Shortage { scope, measure, .. } = shortage;
        let held = self.kept.get(&scope).and_then(|kept| kept.at(ctx.now).held);
        let known = held.is_some_and(|held| held.works.contains(&work));
        let events = (!known).then_some(Event::Held { work, scope, measure }).into_iter().collect();
        Decision { events, ..Decision::nothing(Reply::UsedUp(shortage)) }
    }

    pub(super) fn spend(&self, work: WorkId, used: Used) -> Decision<Self> {
        let known = self.open.contains_key(&work);
        // Turns were counted when it began.
        let used = Used { turns: 0, ..used };
        let events = known.then_some(Event::Spent { work, used }).into_iter().collect();
        Decision { events, ..Decision::nothing(Reply::Done) }
    }

    pub(super) fn give_back(&self, work: WorkId) -> Decision<Self> {
        let waits = |kept: &Kept| kept.held.as_ref().is_some_and(|held| held.works.contains(&work));
        let known = self.open.contains_key(&work) || self.kept.values().any(waits);
        let events = known.then_some(Event::Returned { work }).into_iter().collect();
        Decision { events, ..Decision::nothing(Reply::Done) }
    }
}

/// Returns what there is not enough of for a work to begin.
fn shortage(scope: Scope, kept: &Kept, turns: u64, ctx: &Ctx) -> Option<Shortage> {
    let until = kept.every.map(|every| every.next(ctx.now));
    Measure::ALL.into_iter().find_map(|measure| {
        let (allowed, used) = (kept.allowed(measure)?, kept.used.of(measure));
        let enough = match measure {
            Measure::Turns => used.saturating_add(turns) <= allowed,
            _ => used < allowed,
        };
        (!enough).then_some(Shortage { scope, measure, used, allowed, until })
    })
}
