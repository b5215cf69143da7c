//! The owner feed: every change of a summary row, by owner, so that lists and badges never poll.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tenure_journal::{Position, SummaryChange};
use tenure_model::id::UserId;
use tokio::sync::mpsc;

/// How many changes of one owner are kept for watchers that come back.
const RING_MAX: usize = 1_024;
/// How many owners' rings are kept; the longest unused goes first.
const OWNERS_MAX: usize = 1_000;

/// What one commit changed in one owner's lists.
#[derive(Debug, PartialEq)]
pub struct ListNews {
    pub position: Position,
    pub changes: Vec<SummaryChange>,
}

#[derive(Default)]
struct Ring {
    news: VecDeque<Arc<ListNews>>,
    watchers: Vec<(u64, mpsc::Sender<Arc<ListNews>>)>,
    used: u64,
}

/// Every owner's ring, and under which other id rows are kept for them.
#[derive(Default)]
struct Rings {
    of: HashMap<UserId, Ring>,
    aliases: HashMap<UserId, UserId>,
}

impl Rings {
    fn make(&mut self, owner: UserId, alias: Option<UserId>, used: u64) -> &mut Ring {
        if !self.of.contains_key(&owner) && self.of.len() >= OWNERS_MAX {
            let idle = self.of.iter().filter(|(_, ring)| ring.watchers.is_empty()).min_by_key(|(_, ring)| ring.used);
            if let Some(gone) = idle.map(|(owner, _)| *owner) {
                self.of.remove(&gone);
                self.aliases.retain(|_, owner| *owner != gone);
            }
        }
        self.aliases.extend(alias.map(|alias| (alias, owner)));
        let ring = self.of.entry(owner).or_default();
        ring.used = used;
        ring
    }
}

/// The watchers of all owners' lists.
#[derive(Clone, Default)]
pub struct Lists {
    rings: Arc<Mutex<Rings>>,
    next: Arc<AtomicU64>,
}

/// One watcher's end.
pub struct ListSubscription {
    /// What came after the watcher's cursor; none when that is not known any more, and the lists must be read afresh.
    pub missed: Option<Vec<Arc<ListNews>>>,
    news: mpsc::Receiver<Arc<ListNews>>,
    lists: Lists,
    owner: UserId,
    number: u64,
}

impl ListSubscription {
    /// Waits for the next change; none once changes were lost.
    pub async fn next(&mut self) -> Option<Arc<ListNews>> {
        self.news.recv().await
    }
}

impl Drop for ListSubscription {
    fn drop(&mut self) {
        let mut rings = self.lists.rings.lock().expect("watching does not panic");
        if let Some(ring) = rings.of.get_mut(&self.owner) {
            ring.watchers.retain(|(number, _)| *number != self.number);
        }
    }
}

impl Lists {
    /// Watches an owner's lists, from `after` when that is still known, with the rows that are kept for them under `alias`.
    pub fn subscribe(
        &self,
        owner: UserId,
        alias: Option<UserId>,
        after: Option<Position>,
        queue_max: usize,
    ) -> ListSubscription {
        let (queue, news) = mpsc::channel(queue_max.max(1));
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut rings = self.rings.lock().expect("watching does not panic");
        let ring = rings.make(owner, alias, number);
        ring.watchers.push((number, queue));
        // Commits of different arbiters may be told out of order, so the ring is searched, not compared.
        let missed = after.and_then(|after| {
            let seen = ring.news.iter().rposition(|news| news.position == after)?;
            Some(ring.news.iter().skip(seen + 1).cloned().collect())
        });
        drop(rings);
        ListSubscription { missed, news, lists: self.clone(), owner, number }
    }

    /// Tells the watchers of each owner what changed. Owners whom nobody has watched have no ring.
    pub(crate) fn publish(&self, position: Position, changes: &[SummaryChange]) {
        let mut rings = self.rings.lock().expect("watching does not panic");
        let Rings { of: rings, aliases } = &mut *rings;
        let owner_of = |change: &SummaryChange| *aliases.get(&change.key.owner).unwrap_or(&change.key.owner);
        let mut owners: Vec<UserId> = changes.iter().map(owner_of).collect();
        owners.sort_unstable();
        owners.dedup();
        for owner in owners {
            let Some(ring) = rings.get_mut(&owner) else { continue };
            let changes = changes.iter().filter(|change| owner_of(change) == owner).cloned().collect();
            let news = Arc::new(ListNews { position, changes });
            ring.watchers.retain(|(_, queue)| queue.try_send(news.clone()).is_ok());
            ring.news.push_back(news);
            if ring.news.len() > RING_MAX {
                ring.news.pop_front();
            }
        }
    }
}
