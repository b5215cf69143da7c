//! The rows that are derived from a state, and which of them a decision has changed.

use std::collections::BTreeMap;

use tenure_journal::{SummaryChange, Timer, TimerChange};
use tenure_model::{Claim, Entity, Row, SummaryKey, Timestamp};
use uuid::Uuid;

/// The derived rows as they were last written.
#[derive(Default)]
pub(crate) struct Rows {
    timer: Option<Timer>,
    alarm: Option<Timestamp>,
    summaries: BTreeMap<SummaryKey, Row>,
    claims: Vec<Claim>,
}

impl Rows {
    /// Returns the rows of a state that was just loaded; `timer` is the row that the store holds.
    pub fn of<E: Entity>(state: &E, id: Uuid, timer: Option<Timer>) -> Self {
        Self { timer, alarm: state.wake_at(), summaries: state.summaries(id), claims: state.claims() }
    }

    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// Returns what becomes of the timer row, when it changes.
    pub fn changed_timer<E: Entity>(&mut self, state: &E) -> Option<TimerChange> {
        let new = Timer::of(state);
        if new == self.timer {
            return None;
        }
        self.timer = new;
        Some(new.map_or(TimerChange::Clear, TimerChange::Set))
    }

    /// Notes that the alarm has gone off: it is set again even for the same time, when more is due than one wake decides.
    pub fn alarm_rang(&mut self) {
        self.alarm = None;
    }

    /// Returns when the entity wants to be woken, when that changes.
    pub fn changed_alarm<E: Entity>(&mut self, state: &E) -> Option<Option<Timestamp>> {
        let new = state.wake_at();
        (std::mem::replace(&mut self.alarm, new) != new).then_some(new)
    }

    /// Returns the summary rows that change or go with these events.
    pub fn changed_summaries<E: Entity>(&mut self, state: &E, id: Uuid, events: &[E::Event]) -> Vec<SummaryChange> {
        if let Some(touched) = state.touched(id, events) {
            return touched.into_iter().filter_map(|(key, row)| self.change(key, row)).collect();
        }
        let old = std::mem::replace(&mut self.summaries, state.summaries(id));
        let gone = old.keys().filter(|key| !self.summaries.contains_key(key));
        let gone = gone.map(|key| SummaryChange { key: key.clone(), row: None });
        let new = self.summaries.iter().filter(|(key, row)| old.get(key) != Some(row));
        let new = new.map(|(key, row)| SummaryChange { key: key.clone(), row: Some(row.clone()) });
        gone.chain(new).collect()
    }

    /// Keeps one row as it is now, and returns the change if it is one.
    fn change(&mut self, key: SummaryKey, row: Option<Row>) -> Option<SummaryChange> {
        let old = match &row {
            Some(row) => self.summaries.insert(key.clone(), row.clone()),
            None => self.summaries.remove(&key),
        };
        (old != row).then_some(SummaryChange { key, row })
    }

    /// Returns the claims, when they have changed.
    pub fn changed_claims<E: Entity>(&mut self, state: &E) -> Option<Vec<Claim>> {
        let new = state.claims();
        if new == self.claims {
            return None;
        }
        self.claims.clone_from(&new);
        Some(new)
    }
}
