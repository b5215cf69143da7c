//! The smallest entity with every index.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use tenure_journal::{Commit, SummaryChange, Timer, TimerChange};
use tenure_model::{Claim, Ctx, Decision, Delta, Entity, Kind, Row, SummaryKey, Timestamp};
use uuid::Uuid;

use crate::kit::id;

/// A list of notes, each of which asks somebody something.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Notes {
    pub notes: Vec<String>,
    streamed: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Noted(pub String);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ask(pub usize);

impl Notes {
    /// Adds to a commit what a host derives from the state after it.
    pub fn index(&self, commit: &mut Commit) {
        commit.timer = Some(Timer::of(self).map_or(TimerChange::Clear, TimerChange::Set));
        let changed = |(key, row)| SummaryChange { key, row: Some(row) };
        commit.summaries = self.summaries(commit.key.id).into_iter().map(changed).collect();
    }
}

impl Entity for Notes {
    const KIND: Kind = Kind::Session;
    type Id = tenure_model::id::SessionId;
    type Command = ();
    type Event = Noted;
    type Effect = Ask;
    type Reply = ();
    type Refusal = String;

    fn decide(&self, (): (), _: &Ctx) -> Result<Decision<Self>, String> {
        Ok(Decision::nothing(()))
    }
    fn wake(&self, _: &Ctx) -> Decision<Self> {
        Decision::nothing(())
    }
    fn apply(&mut self, Noted(note): &Noted, _: Timestamp) {
        self.notes.push(note.clone());
    }
    fn absorb(&mut self, delta: &Delta) {
        self.streamed.push_str(&delta.body);
    }
    fn wake_at(&self) -> Option<Timestamp> {
        (!self.notes.len().is_multiple_of(3)).then_some(Timestamp(1_000 + self.notes.len() as u64))
    }
    fn summaries(&self, id: Uuid) -> BTreeMap<SummaryKey, Row> {
        let key = SummaryKey { owner: Uuid::from_u128(1).into(), list: "notes".into(), rank: Timestamp(5), id };
        BTreeMap::from([(key, Row::of(&json!({ "notes": self.notes.len(), "streamed": self.streamed })))])
    }
    fn wants(&self, Ask(n): &Ask) -> bool {
        *n > 2
    }
    fn claims(&self) -> Vec<Claim> {
        let claim = |n| Claim { runner: id(n).into(), boot: id(n).into(), work: id(n).into(), generation: 1 };
        (self.notes.len() % 2 == 1).then(|| claim(1)).into_iter().collect()
    }
    fn keeps(Noted(note): &Noted) -> bool {
        note == "for good"
    }
    fn pages(Noted(note): &Noted) -> Vec<Uuid> {
        (!note.is_empty()).then(|| id(note.len() as u128 % 2)).into_iter().collect()
    }
}
