//! The ledger read from the journal: newest first, each firing once and as it stands now, at the place where it was first decided.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use std::str::FromStr;

use tenure_journal::{Store, StoreError, StoredRecord};
use tenure_model::id::{FiringId, UserId};
use tenure_model::{EntityKey, Kind, Record, Timestamp};
use tenure_workflow::scheduler::ledger::{self, Entry};
use tenure_workflow::scheduler::{Event, Firing, Scheduler};
use uuid::Uuid;

/// Records that are read at once.
const RECORDS_AT_ONCE: usize = 100;
/// Records that one page looks through for entries that fit; the next page goes on there.
const RECORDS_MAX: usize = 2_000;
/// Records that one firing may stand in: decided, perhaps twice, started, ended.
const OF_FIRING_MAX: usize = 20;

/// The place of an entry: its record, and its number in there, the newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    seq: u64,
    number: usize,
}

/// A page of entries, and where the next one begins.
pub struct LedgerPage {
    pub entries: Vec<Entry>,
    pub next: Option<Place>,
}

/// One scheduler's records, each read once.
pub struct Records<'s> {
    store: &'s Store,
    key: EntityKey,
    read: BTreeMap<u64, Rc<Noted>>,
}

/// What one record holds, and when it was written.
pub struct Noted {
    pub at: Timestamp,
    pub events: Vec<Event>,
}

impl<'s> Records<'s> {
    pub fn of(store: &'s Store, owner: UserId) -> Self {
        Self { store, key: EntityKey::new(Kind::Scheduler, owner), read: BTreeMap::new() }
    }

    /// Returns one page of a list: of a trigger's id, or of everything.
    pub fn page(
        &mut self,
        list: Uuid,
        after: Option<Place>,
        limit: usize,
        fits: impl Fn(&Entry) -> bool,
    ) -> Result<LedgerPage, StoreError> {
        let (mut entries, mut seen, mut looked) = (vec![], after, 0);
        // The record of the last entry is read again: there may be more in it.
        let mut before = after.map(|place| place.seq.saturating_add(1));
        while looked < RECORDS_MAX {
            let seqs = self.list(list, before, RECORDS_AT_ONCE)?;
            for seq in &seqs {
                let skipped = after.filter(|place| place.seq == *seq).map_or(0, |place| place.number + 1);
                for (number, entry) in self.begun_in(*seq, list).into_iter().enumerate().skip(skipped) {
                    if let Some(entry) = self.settled(*seq, entry)?.filter(&fits) {
                        if entries.len() == limit {
                            return Ok(LedgerPage { entries, next: seen });
                        }
                        entries.push(entry);
                    }
                    seen = Some(Place { seq: *seq, number });
                }
            }
            let Some(last) = seqs.last() else { return Ok(LedgerPage { entries, next: None }) };
            (before, looked) = (Some(*last), looked + seqs.len());
        }
        // Nothing of the last record is left, however many entries it has.
        Ok(LedgerPage { entries, next: before.map(|seq| Place { seq, number: Place::LAST }) })
    }

    /// Returns a firing as it stands, when there is one.
    pub fn firing(&mut self, id: FiringId) -> Result<Option<(Entry, Firing)>, StoreError> {
        let seqs = self.list(id.0, None, OF_FIRING_MAX)?;
        let decided = |event: &Event| match event {
            Event::Decided { firing, .. } if firing.id == id => Some((**firing).clone()),
            _ => None,
        };
        let firing = seqs.iter().find_map(|seq| self.read[seq].events.iter().rev().find_map(decided));
        Ok(self.merged(&seqs, id).zip(firing))
    }

    /// Lists the entries that fit in the first so many records from an instant on, the oldest first.
    pub fn since(
        &mut self,
        list: Uuid,
        from: Timestamp,
        records_max: u64,
        fits: impl Fn(&Entry) -> bool,
    ) -> Result<Vec<Entry>, StoreError> {
        let first = self.store.first_since(self.key, from)?;
        let seqs = self.list(list, Some(first.saturating_add(records_max)), records_max as usize)?;
        let mut entries = vec![];
        for seq in seqs.into_iter().rev().filter(|seq| *seq >= first) {
            for entry in self.begun_in(seq, list).into_iter().rev().filter(&fits) {
                entries.extend(self.settled(seq, entry)?);
            }
        }
        Ok(entries)
    }

    /// Reads the newest records of a list, and returns their numbers, the newest first.
    pub fn list(&mut self, list: Uuid, before: Option<u64>, limit: usize) -> Result<Vec<u64>, StoreError> {
        let stored = self.store.page(self.key, list, before, limit)?;
        for record in &stored {
            self.note(record)?;
        }
        Ok(stored.into_iter().map(|record| record.seq).collect())
    }

    /// Returns a record that was listed.
    pub fn noted(&self, seq: u64) -> Rc<Noted> {
        self.read[&seq].clone()
    }

    /// Returns when the oldest record was written that is still there, when older ones are gone.
    pub fn begins_at(&self) -> Result<Option<Timestamp>, StoreError> {
        match self.store.floor(self.key)? {
            0 => Ok(None),
            floor => Ok(self.store.records(self.key, floor + 1, 1)?.first().map(|stored| stored.at)),
        }
    }

    /// Returns the entries that begin in a record and belong to a list, the newest first.
    fn begun_in(&self, seq: u64, list: Uuid) -> Vec<Entry> {
        let noted = &self.read[&seq];
        let mut entries = ledger::entries([(noted.at, noted.events.as_slice())]);
        // What concerns several triggers stands in the lists of all of them.
        entries.retain(|entry| list == ledger::EVERYTHING || entry.trigger.0 == list);
        entries.reverse();
        entries
    }

    /// Returns an entry as it stands now; nothing when it has a place of its own in an earlier record.
    fn settled(&mut self, seq: u64, entry: Entry) -> Result<Option<Entry>, StoreError> {
        let Some(id) = entry.firing else { return Ok(Some(entry)) };
        let seqs = self.list(id.0, None, OF_FIRING_MAX)?;
        match seqs.last() {
            Some(first) if *first != seq => Ok(None),
            _ => Ok(Some(self.merged(&seqs, id).unwrap_or(entry))),
        }
    }

    /// Puts together what the records of one firing say of it.
    fn merged(&self, seqs: &[u64], id: FiringId) -> Option<Entry> {
        let records: Vec<_> = seqs.iter().rev().map(|seq| self.noted(*seq)).collect();
        let entries = ledger::entries(records.iter().map(|noted| (noted.at, noted.events.as_slice())));
        entries.into_iter().find(|entry| entry.firing == Some(id))
    }

    fn note(&mut self, stored: &StoredRecord) -> Result<Rc<Noted>, StoreError> {
        if let Some(known) = self.read.get(&stored.seq) {
            return Ok(known.clone());
        }
        let key = self.key;
        let record: Record<Scheduler> = serde_json::from_slice(&stored.body)
            .map_err(|error| StoreError::Damaged { key, what: format!("record {}: {error}", stored.seq) })?;
        let noted = Rc::new(Noted { at: stored.at, events: record.events });
        self.read.insert(stored.seq, noted.clone());
        Ok(noted)
    }
}

impl Place {
    /// No record has so many entries.
    const LAST: usize = usize::MAX - 1;
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.seq, self.number)
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (seq, number) = text.split_once('.').ok_or(())?;
        let number: usize = number.parse().map_err(|_| ())?;
        Ok(Self { seq: seq.parse().map_err(|_| ())?, number: number.min(Self::LAST) })
    }
}
