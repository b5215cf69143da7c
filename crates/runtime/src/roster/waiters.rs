//! The offers that wait for a runner, and whose turn it is when a place becomes free: owner by owner, the one first who
//! was served longest ago, so that somebody with a thousand works in line keeps nobody else from their first one.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use tenure_model::id::{UserId, WorkId};
use tenure_model::link::WorkOffer;
use tokio::sync::Notify;

/// The offers that wait.
#[derive(Default)]
pub(crate) struct Waiters {
    line: Mutex<Line>,
    /// Rung when somebody may have become able to go.
    bell: Notify,
}

#[derive(Default)]
struct Line {
    next: u64,
    by_age: BTreeMap<u64, Waiter>,
    /// When each owner who waits was last served: a count of servings.
    served: BTreeMap<UserId, u64>,
    servings: u64,
}

struct Waiter {
    owner: UserId,
    offer: WorkOffer,
    turn: Arc<Notify>,
}

impl Waiters {
    /// Stands in line; the bell rings when it is this one's turn. The number is for leaving.
    pub(super) fn enter(&self, owner: UserId, offer: WorkOffer) -> (u64, Arc<Notify>) {
        let turn = Arc::new(Notify::new());
        let mut line = self.line.lock().expect("standing in line does not panic");
        line.next += 1;
        let age = line.next;
        line.by_age.insert(age, Waiter { owner, offer, turn: turn.clone() });
        drop(line);
        self.ring();
        (age, turn)
    }

    pub(super) fn leave(&self, age: u64) {
        let mut line = self.line.lock().expect("standing in line does not panic");
        if let Some(gone) = line.by_age.remove(&age)
            && !line.by_age.values().any(|waiter| waiter.owner == gone.owner)
        {
            line.served.remove(&gone.owner);
        }
        drop(line);
        self.ring();
    }

    /// Says that something has become free, or that somebody new waits.
    pub fn ring(&self) {
        self.bell.notify_one();
    }

    /// Waits until it was rung.
    pub(super) async fn rung(&self) {
        self.bell.notified().await;
    }

    /// Lets a work look whether it is still wanted.
    pub(super) fn ring_work(&self, work: WorkId) {
        let line = self.line.lock().expect("standing in line does not panic");
        line.by_age.values().filter(|waiter| waiter.offer.work == work).for_each(|waiter| waiter.turn.notify_one());
    }

    /// Calls those for whom there is one of so many places; `takes` finds and uses one up.
    pub(super) fn serve(&self, mut places: usize, mut takes: impl FnMut(&WorkOffer) -> bool) {
        let mut line = self.line.lock().expect("standing in line does not panic");
        let mut lines: BTreeMap<UserId, VecDeque<u64>> = BTreeMap::new();
        for (age, waiter) in &line.by_age {
            lines.entry(waiter.owner).or_default().push_back(*age);
        }
        while places > 0
            && let Some(owner) = first(&lines, &line.served)
        {
            let ages = lines.get_mut(&owner).expect("the first owner has a line");
            let served = std::iter::from_fn(|| ages.pop_front()).find(|age| takes(&line.by_age[age].offer));
            let Some(age) = served else {
                lines.remove(&owner);
                continue;
            };
            line.by_age[&age].turn.notify_one();
            places -= 1;
            line.servings += 1;
            let serving = line.servings;
            line.served.insert(owner, serving);
        }
    }
}

/// Returns the owner whose turn it is: who was served longest ago, and among those who never were, who has waited longest.
fn first(lines: &BTreeMap<UserId, VecDeque<u64>>, served: &BTreeMap<UserId, u64>) -> Option<UserId> {
    let rank = |(owner, ages): &(&UserId, &VecDeque<u64>)| (served.get(owner).copied(), ages.front().copied());
    lines.iter().min_by_key(rank).map(|(owner, _)| *owner)
}

#[cfg(test)]
mod tests {
    use tenure_model::link::WorkKind;
    use uuid::Uuid;

    use super::*;

    fn offer(number: u128, kind: WorkKind) -> WorkOffer {
        let work = WorkId(Uuid::from_u128(number));
        WorkOffer {
            session: Default::default(),
            work,
            generation: 1,
            agent: None,
            kind,
            home: None,
            placement: Default::default(),
        }
    }

    /// Serves so many places, one after the other, and returns the works that got them.
    fn served(waiters: &Waiters, places: usize, fits: impl Fn(&WorkOffer) -> bool) -> Vec<u128> {
        let mut got = vec![];
        for _ in 0..places {
            waiters.serve(1, |offer| {
                let takes = fits(offer) && !got.contains(&offer.work.0.as_u128());
                if takes {
                    got.push(offer.work.0.as_u128());
                }
                takes
            });
        }
        got
    }

    #[test]
    fn owners_take_turns_whoever_has_the_longer_line() {
        let (waiters, ann, bob) = (Waiters::default(), UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        for number in 1..=4 {
            waiters.enter(ann, offer(number, WorkKind::Turn));
        }
        for number in 11..=12 {
            waiters.enter(bob, offer(number, WorkKind::Turn));
        }
        assert_eq!(served(&waiters, 6, |_| true), [1, 11, 2, 12, 3, 4]);
    }

    #[test]
    fn who_cannot_go_keeps_nobody_back() {
        let (waiters, ann) = (Waiters::default(), UserId(Uuid::from_u128(1)));
        for number in 1..=20 {
            waiters.enter(ann, offer(number, WorkKind::Shell));
        }
        waiters.enter(ann, offer(21, WorkKind::Turn));
        assert_eq!(served(&waiters, 1, |offer| offer.kind == WorkKind::Turn), [21]);
    }
}
