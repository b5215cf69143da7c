//! What budgets can be told, and what they answer.

use std::fmt;

use tenure_model::budget::{Allowance, Draw, Left, Measure, Scope, Used};
use tenure_model::id::{ApprovalId, WorkId};
use tenure_model::time::Timestamp;

use super::period::Every;
use crate::policy::command::By;

/// One thing told to budgets. Every command is safe to repeat.
#[derive(Clone, Debug)]
pub enum Command {
    /// A work is to be handed to a runner, and draws on these places and on the owner.
    Draw {
        work: WorkId,
        /// How many turns it is: a prompt is one, a command or a tool none.
        turns: u64,
        on: Vec<Draw>,
    },
    /// A work that has drawn is over.
    Spend {
        work: WorkId,
        used: Used,
    },
    /// A work that has drawn, or waits to, was never begun.
    Return {
        work: WorkId,
    },
    /// Sets a budget; with `afresh` it counts from nothing again.
    Set {
        by: By,
        scope: Scope,
        allowance: Allowance,
        every: Option<Every>,
        afresh: bool,
    },
    Remove {
        by: By,
        scope: Scope,
    },
    /// Allows as much again of what is used up, once.
    Raise {
        by: By,
        approval: ApprovalId,
        hash: String,
    },
}

/// What budgets answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    Done,
    /// No budget is drawn on.
    Free,
    /// The work may begin, and has so much left at most.
    Drawn(Left),
    UsedUp(Shortage),
    /// It was raised, now or before.
    Raised,
}

/// What there is not enough of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortage {
    pub scope: Scope,
    pub measure: Measure,
    pub used: u64,
    pub allowed: u64,
    /// When it counts from nothing again by itself.
    pub until: Option<Timestamp>,
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (used, allowed) = (self.measure.words(self.used), self.measure.words(self.allowed));
        write!(f, "the budget of {} is used up: {used} of {allowed}; it goes on once somebody raises it", self.scope)?;
        self.until.map_or(Ok(()), |until| write!(f, ", or by itself at {}", until.in_utc()))
    }
}
