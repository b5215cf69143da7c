//! The alarms: which entity wants to be woken when. A hint in memory; the timer rows of the store are the truth.

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;

use tenure_model::{EntityKey, Timestamp};
use tokio::sync::Notify;

/// Every alarm that is set, by time.
#[derive(Debug, Default)]
pub struct Alarms {
    set: Mutex<Set>,
    /// Rung when an alarm was set that comes before all others.
    earlier: Notify,
}

#[derive(Debug, Default)]
struct Set {
    by_time: BTreeSet<(Timestamp, EntityKey)>,
    by_key: HashMap<EntityKey, Timestamp>,
}

impl Alarms {
    /// Sets, moves or clears the alarm of an entity.
    pub fn set(&self, key: EntityKey, due: Option<Timestamp>) {
        let mut set = self.set.lock().expect("no holder of this lock panics");
        let first = set.by_time.first().copied();
        if let Some(old) = set.by_key.remove(&key) {
            set.by_time.remove(&(old, key));
        }
        if let Some(due) = due {
            set.by_key.insert(key, due);
            set.by_time.insert((due, key));
        }
        if set.by_time.first().copied() < first || first.is_none() {
            self.earlier.notify_one();
        }
    }

    /// Returns when the next alarm goes off.
    pub fn next(&self) -> Option<Timestamp> {
        self.set.lock().expect("no holder of this lock panics").by_time.first().map(|(due, _)| *due)
    }

    /// Takes the alarms that are due, at most `limit` of them.
    pub fn due(&self, now: Timestamp, limit: usize) -> Vec<EntityKey> {
        let mut set = self.set.lock().expect("no holder of this lock panics");
        let mut keys = vec![];
        while keys.len() < limit {
            let Some((due, key)) = set.by_time.first().copied() else {
                break;
            };
            if due > now {
                break;
            }
            set.by_time.pop_first();
            set.by_key.remove(&key);
            keys.push(key);
        }
        keys
    }

    /// Returns how many alarms are set.
    pub fn count(&self) -> usize {
        self.set.lock().expect("no holder of this lock panics").by_key.len()
    }

    /// Waits until an alarm was set that comes before all others.
    pub async fn earlier(&self) {
        self.earlier.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tenure_model::Kind;
    use uuid::Uuid;

    fn key(n: u128) -> EntityKey {
        EntityKey::new(Kind::Session, Uuid::from_u128(n))
    }

    #[test]
    fn an_alarm_goes_off_once_at_its_last_time() {
        let alarms = Alarms::default();
        alarms.set(key(1), Some(Timestamp(10)));
        alarms.set(key(2), Some(Timestamp(20)));
        alarms.set(key(1), Some(Timestamp(30)));
        assert_eq!(alarms.next(), Some(Timestamp(20)));
        assert_eq!(alarms.due(Timestamp(25), 10), [key(2)]);
        assert_eq!(alarms.due(Timestamp(30), 10), [key(1)]);
        assert_eq!(alarms.due(Timestamp(99), 10), []);
    }

    #[test]
    fn a_cleared_alarm_stays_silent() {
        let alarms = Alarms::default();
        alarms.set(key(1), Some(Timestamp(10)));
        alarms.set(key(1), None);
        assert_eq!(alarms.due(Timestamp(99), 10), []);
        assert_eq!(alarms.count(), 0);
    }
}
