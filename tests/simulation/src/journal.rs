//! The disk: what was committed and nothing else survives the end of a server process.

use std::collections::BTreeMap;
use std::rc::Rc;

use tenure_model::id::SessionId;
use tenure_model::record::Record;
use tenure_model::{Delta, Entity, Timestamp};
use tenure_session::{Effect, Session};
use uuid::Uuid;

use crate::courier::EffectId;

/// Everything that is durable.
#[derive(Default)]
pub struct Journal {
    pub position: u64,
    pub sessions: BTreeMap<SessionId, Stored>,
    /// The effects that were not struck out, as they were written.
    pub outbox: BTreeMap<EffectId, String>,
}

/// What is durable of one session.
#[derive(Default)]
pub struct Stored {
    pub records: Vec<StoredRow>,
    pub deltas: Vec<(u64, Delta)>,
    pub snapshot: Option<(u64, String)>,
    pub wake_at: Option<Timestamp>,
    pub has_claims: bool,
    pub position: u64,
}

/// One record as it was written and reads back.
pub struct StoredRow {
    pub position: u64,
    pub record: Record<Session>,
}

/// What one decision writes, at once or not at all.
pub struct Commit {
    pub session: SessionId,
    pub record: Option<Record<Session>>,
    pub deltas: Vec<Delta>,
    pub closes: Vec<Uuid>,
    pub snapshot: Option<(u64, String)>,
    pub wake_at: Option<Timestamp>,
    pub has_claims: bool,
}

/// What a commit tells those who watch a session.
#[derive(Clone, Debug)]
pub struct News {
    pub position: u64,
    pub seq: u64,
    pub at: Timestamp,
    pub events: Vec<Rc<tenure_session::Event>>,
    pub deltas: Vec<Rc<Delta>>,
}

/// A session as its journal tells it.
pub struct Loaded {
    pub state: Session,
    pub seq: u64,
    pub since_snapshot: u64,
    pub position: u64,
}

impl Journal {
    /// Makes a commit durable and returns its position.
    pub fn commit(&mut self, commit: &Commit) -> u64 {
        self.position += 1;
        let stored = self.sessions.entry(commit.session).or_default();
        stored.position = self.position;
        if let Some(record) = &commit.record {
            let body = serde_json::to_string(record).expect("a record is plain data");
            let record: Record<Session> = serde_json::from_str(&body).expect("a record can be read");
            for (n, effect) in (0..).zip(&record.effects) {
                let id = EffectId { session: commit.session, seq: record.seq, n };
                let body = serde_json::to_string(effect).expect("an effect is plain data");
                self.outbox.insert(id, body);
            }
            stored.records.push(StoredRow { position: self.position, record });
        }
        stored.deltas.extend(commit.deltas.iter().map(|delta| (self.position, delta.clone())));
        stored.deltas.retain(|(_, delta)| !commit.closes.contains(&delta.stream));
        if let Some(snapshot) = &commit.snapshot {
            stored.snapshot = Some(snapshot.clone());
        }
        stored.wake_at = commit.wake_at;
        stored.has_claims = commit.has_claims;
        self.position
    }

    /// Strikes an effect out of the outbox.
    pub fn strike(&mut self, effect: EffectId) {
        self.outbox.remove(&effect);
    }

    /// Loads a session from its snapshot, the records after it, and its open text.
    pub fn load(&self, session: SessionId) -> Loaded {
        let Some(stored) = self.sessions.get(&session) else {
            return Loaded { state: Session::default(), seq: 0, since_snapshot: 0, position: 0 };
        };
        let (from, state) = match &stored.snapshot {
            Some((seq, body)) => (*seq, serde_json::from_str(body).expect("a snapshot can be read")),
            None => (0, Session::default()),
        };
        let rest = || stored.records().filter(|record| record.seq > from);
        Loaded {
            state: stored.folded(state, rest()),
            seq: rest().last().map_or(from, |record| record.seq),
            since_snapshot: rest().count() as u64,
            position: stored.position,
        }
    }

    /// Returns what watchers of a session missed after one position, up to another.
    pub fn news(&self, session: SessionId, after: u64, up_to: u64) -> Vec<News> {
        let Some(stored) = self.sessions.get(&session) else {
            return vec![];
        };
        let wanted = |position: u64| position > after && position <= up_to;
        let mut news: BTreeMap<u64, News> = BTreeMap::new();
        for StoredRow { position, record } in stored.records.iter().filter(|row| wanted(row.position)) {
            let events = record.events.iter().cloned().map(Rc::new).collect();
            let told = News { position: *position, seq: record.seq, at: record.at, events, deltas: vec![] };
            news.insert(*position, told);
        }
        for (position, delta) in stored.deltas.iter().filter(|(position, _)| wanted(*position)) {
            let blank = News { position: *position, seq: 0, at: Timestamp::default(), events: vec![], deltas: vec![] };
            news.entry(*position).or_insert(blank).deltas.push(Rc::new(delta.clone()));
        }
        news.into_values().collect()
    }

    /// Lists the effects that were not struck out.
    pub fn outbox(&self) -> Vec<(EffectId, Effect)> {
        let read = |body: &String| serde_json::from_str(body).expect("an effect can be read");
        self.outbox.iter().map(|(id, body)| (*id, read(body))).collect()
    }
}

impl Stored {
    /// Lists every record.
    pub fn records(&self) -> impl Iterator<Item = &Record<Session>> {
        self.records.iter().map(|row| &row.record)
    }

    /// Folds records and the open text onto a state.
    pub fn folded<'r>(&self, mut state: Session, records: impl Iterator<Item = &'r Record<Session>>) -> Session {
        for record in records {
            record.events.iter().for_each(|event| state.apply(event, record.at));
        }
        self.deltas.iter().for_each(|(_, delta)| state.absorb(delta));
        state
    }
}
