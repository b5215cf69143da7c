//! The lane of one arbiter: everything that waits for durability there, in one queue, released in order.
//!
//! ```text
//!  host ──park──▶ [commit 7][read][commit 8][read] ──▶ released when the writer has made 7, then 8, durable
//!  writer ──ack(7), ack(8)──▶ one wake-up of the lane's task
//! ```
//! Refusals and reads that saw a state which was not yet durable stand in the same queue, so nobody hears of a decision
//! before its record is on disk.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tenure_journal::Position;
use tokio::sync::Notify;

/// Why a commit did not become durable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotDurable(pub String);

/// What a parked entry does when its time has come.
type Tell = Box<dyn FnOnce(Result<Position, NotDurable>) + Send>;

/// The writer's word for one commit.
pub type Ack = (u64, Result<Position, NotDurable>);

struct Parked {
    /// The commit that it waits for; a read waits only for what stands before it.
    ticket: Option<u64>,
    tell: Tell,
}

#[derive(Default)]
struct Queue {
    next: u64,
    parked: VecDeque<Parked>,
}

/// One arbiter's queue of what waits for durability.
#[derive(Default)]
pub struct Lane {
    queue: Mutex<Queue>,
    acks: Mutex<Vec<Ack>>,
    acked: Notify,
}

impl Lane {
    /// Parks `tell` until the commit that `submit` hands to the writer is durable or has failed.
    pub fn commit(&self, submit: impl FnOnce(u64), tell: Tell) {
        let mut queue = self.queue.lock().expect("parking does not panic");
        queue.next += 1;
        let ticket = queue.next;
        queue.parked.push_back(Parked { ticket: Some(ticket), tell });
        // Submitted under the lock: tickets reach the writer in their order.
        submit(ticket);
    }

    /// Runs `tell` once everything before it is settled; at once when nothing is.
    pub fn read(&self, tell: Tell) {
        let mut queue = self.queue.lock().expect("parking does not panic");
        if queue.parked.is_empty() {
            drop(queue);
            return tell(Ok(Position::default()));
        }
        queue.parked.push_back(Parked { ticket: None, tell });
    }

    /// Takes the writer's word for a group of commits, in their order.
    pub fn acknowledge(&self, acks: impl IntoIterator<Item = Ack>) {
        self.acks.lock().expect("acknowledging does not panic").extend(acks);
        self.acked.notify_one();
    }

    /// Releases what was acknowledged, for as long as the arbiter lives.
    pub async fn run(self: Arc<Self>) {
        loop {
            self.acked.notified().await;
            let acks = std::mem::take(&mut *self.acks.lock().expect("acknowledging does not panic"));
            for (ticket, result) in acks {
                self.release(ticket, &result);
            }
        }
    }

    fn release(&self, acked: u64, result: &Result<Position, NotDurable>) {
        loop {
            let Some(parked) = self.front(acked) else { return };
            let settled = parked.ticket.is_some();
            (parked.tell)(if settled { result.clone() } else { Ok(Position::default()) });
        }
    }

    /// Takes the entry at the front when it is the acknowledged commit, or a read with nothing before it.
    fn front(&self, acked: u64) -> Option<Parked> {
        let mut queue = self.queue.lock().expect("parking does not panic");
        match queue.parked.front()?.ticket {
            Some(ticket) if ticket > acked => None,
            _ => queue.parked.pop_front(),
        }
    }

    #[cfg(test)]
    fn waiting(&self) -> usize {
        self.queue.lock().expect("parking does not panic").parked.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_told_in_order_and_not_before_their_commit() {
        let lane = Lane::default();
        let told: Arc<Mutex<Vec<String>>> = Arc::default();
        let note = |name: &'static str| -> Tell {
            let told = told.clone();
            Box::new(move |result| {
                let ok = if result.is_ok() { "ok" } else { "failed" };
                told.lock().unwrap().push(format!("{name} {ok}"));
            })
        };
        lane.read(note("early read"));
        lane.commit(|ticket| assert_eq!(ticket, 1), note("first"));
        lane.read(note("late read"));
        lane.commit(|ticket| assert_eq!(ticket, 2), note("second"));
        assert_eq!(*told.lock().unwrap(), ["early read ok"]);
        lane.release(1, &Ok(Position(5)));
        assert_eq!(*told.lock().unwrap(), ["early read ok", "first ok", "late read ok"]);
        lane.release(2, &Err(NotDurable("disk full".into())));
        assert_eq!(told.lock().unwrap().last().unwrap(), "second failed");
        assert_eq!(lane.waiting(), 0);
    }
}
