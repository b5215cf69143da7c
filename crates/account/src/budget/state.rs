//! What budgets remember.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tenure_model::budget::{Allowance, Measure, Scope, Used};
use tenure_model::id::WorkId;
use tenure_model::time::Timestamp;

use super::OF_RUNS_MAX;
use super::event::Event;
use super::period::Every;
use crate::policy::rule::Who;

/// The state of one owner's budgets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Budgets {
    pub kept: BTreeMap<Scope, Kept>,
    /// The works that have drawn and are not over.
    pub(super) open: BTreeMap<WorkId, Open>,
}

/// One budget.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    pub allowance: Allowance,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Every>,
    /// What people have allowed beyond it.
    #[serde(default)]
    pub raised: Used,
    /// What was shown when it was raised last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) raised_for: Option<String>,
    pub used: Used,
    /// Since when it counts.
    pub since: Timestamp,
    pub drawn_at: Timestamp,
    /// Who has set it; a run's workflow when nobody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Who>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
}

/// What waits for a budget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub measure: Measure,
    pub since: Timestamp,
    pub works: BTreeSet<WorkId>,
}

/// A work that has drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Open {
    pub scopes: Vec<Scope>,
    pub turns: u64,
}

impl Kept {
    fn new(allowance: Allowance, at: Timestamp) -> Self {
        let (used, raised) = (Used::default(), Used::default());
        let (every, raised_for, by, held) = (None, None, None, None);
        Self { allowance, every, raised, raised_for, used, since: at, drawn_at: at, by, held }
    }

    /// Returns it as it counts at this time.
    pub fn at(&self, now: Timestamp) -> Self {
        let mut kept = self.clone();
        kept.roll(now);
        kept
    }

    /// Returns how much of something is allowed, with what was added to it.
    pub fn allowed(&self, measure: Measure) -> Option<u64> {
        Some(self.allowance.of(measure)?.saturating_add(self.raised.of(measure)))
    }

    /// Begins to count from nothing when another period has begun.
    fn roll(&mut self, at: Timestamp) {
        if self.every.is_some_and(|every| every.began(at) > self.since) {
            (self.used, self.raised, self.since, self.held) = (Used::default(), Used::default(), at, None);
        }
    }

    fn let_go(&mut self, work: WorkId) {
        if let Some(held) = &mut self.held {
            held.works.remove(&work);
            self.held.take_if(|held| held.works.is_empty());
        }
    }
}

impl Budgets {
    pub(super) fn fold(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::Set { scope, allowance, every, afresh, by } => {
                let kept = self.kept.entry(*scope).or_insert_with(|| Kept::new(*allowance, at));
                if *afresh {
                    (kept.used, kept.since) = (Used::default(), at);
                }
                (kept.allowance, kept.every, kept.by) = (*allowance, *every, Some(by.clone()));
                (kept.raised, kept.raised_for, kept.held) = (Used::default(), None, None);
            }
            Event::Removed { scope, .. } => drop(self.kept.remove(scope)),
            Event::Raised { scope, measure, amount, .. } => {
                if let Some(kept) = self.kept.get_mut(scope) {
                    kept.raised_for = Some(kept.shown(*scope, *measure));
                    kept.raise(*measure, *amount);
                    kept.held = None;
                }
            }
            Event::Drawn { work, turns, scopes, made } => {
                for (scope, allowance) in made {
                    self.make_room();
                    self.kept.entry(*scope).or_insert_with(|| Kept::new(*allowance, at));
                }
                self.kept.values_mut().for_each(|kept| kept.let_go(*work));
                let turns = *turns;
                self.each(scopes, at, |kept| {
                    kept.used.turns = kept.used.turns.saturating_add(turns);
                    kept.drawn_at = at;
                });
                self.open.insert(*work, Open { scopes: scopes.clone(), turns });
            }
            Event::Held { work, scope, measure } => {
                self.each(&[*scope], at, |kept| {
                    let held =
                        kept.held.get_or_insert_with(|| Held { measure: *measure, since: at, works: BTreeSet::new() });
                    held.works.insert(*work);
                });
            }
            Event::Spent { work, used } => {
                let Some(open) = self.open.remove(work) else { return };
                self.each(&open.scopes, at, |kept| kept.used.add(used));
            }
            Event::Returned { work } => {
                self.kept.values_mut().for_each(|kept| kept.let_go(*work));
                let Some(Open { scopes, turns }) = self.open.remove(work) else { return };
                self.each(&scopes, at, |kept| kept.used.turns = kept.used.turns.saturating_sub(turns));
            }
        }
    }

    fn each(&mut self, scopes: &[Scope], at: Timestamp, mut change: impl FnMut(&mut Kept)) {
        for scope in scopes {
            if let Some(kept) = self.kept.get_mut(scope) {
                kept.roll(at);
                change(kept);
            }
        }
    }

    /// Forgets the budget of the run that was drawn on longest ago, when there are enough of them.
    fn make_room(&mut self) {
        let of_runs = || self.kept.iter().filter(|(_, kept)| kept.by.is_none());
        if of_runs().count() < OF_RUNS_MAX {
            return;
        }
        let oldest = of_runs().filter(|(_, kept)| kept.held.is_none()).min_by_key(|(_, kept)| kept.drawn_at);
        if let Some(oldest) = oldest.map(|(scope, _)| *scope) {
            self.kept.remove(&oldest);
        }
    }
}

impl Kept {
    /// Names exactly what a person is shown: a budget that was raised since, or counts anew, is another one.
    pub fn shown(&self, scope: Scope, measure: Measure) -> String {
        format!("{scope}/{}/{}/{}", measure.field(), self.allowed(measure).unwrap_or_default(), self.since.0)
    }

    fn raise(&mut self, measure: Measure, amount: u64) {
        let mut more = Used::default();
        match measure {
            Measure::Tokens => more.tokens = amount,
            Measure::Cost => more.cost_usd.0 = amount,
            Measure::Time => more.time_ms.0 = amount,
            Measure::Turns => more.turns = amount,
            Measure::ToolCalls => more.tool_calls = amount,
        }
        self.raised.add(&more);
    }
}
