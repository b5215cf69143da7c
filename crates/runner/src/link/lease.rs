//! Until when the runner may go on without word from the server, and what happens then.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tenure_model::time::Span;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tracing::warn;

use crate::runner::Runner;
use crate::works::Stop;

/// The part of a lease that is kept in hand, so that the works are dead before it ends.
const MARGIN_PERCENT: u64 = 20;

/// The one lease of all works: each answered heartbeat renews it from the moment in which that heartbeat was sent.
pub struct Lease {
    until: watch::Sender<Option<Instant>>,
    asked: Mutex<VecDeque<Instant>>,
    length: Mutex<Duration>,
}

impl Default for Lease {
    fn default() -> Self {
        Self { until: watch::Sender::new(None), asked: Mutex::default(), length: Mutex::default() }
    }
}

impl Lease {
    /// Begins with a welcome that answers a hello sent at `asked`.
    pub fn grant(&self, asked: Instant, length: Span) {
        let usable = Duration::from_millis(length.0 / 100 * (100 - MARGIN_PERCENT) + length.0 % 100);
        *self.length.lock().expect("no holder of this lock panics") = usable;
        self.asked.lock().expect("no holder of this lock panics").clear();
        self.until.send_replace(Some(asked + usable));
    }

    /// Notes that a heartbeat is being sent.
    pub fn ask(&self) {
        self.asked.lock().expect("no holder of this lock panics").push_back(Instant::now());
    }

    /// Renews the lease for the oldest heartbeat that had no answer.
    pub fn answered(&self) {
        let Some(asked) = self.asked.lock().expect("no holder of this lock panics").pop_front() else {
            return;
        };
        let usable = *self.length.lock().expect("no holder of this lock panics");
        self.until.send_modify(|until| *until = (*until).max(Some(asked + usable)));
    }
}

/// Ends every work when the lease runs out; goes on watching, since a welcome may come later.
pub async fn watch_lease(runner: Arc<Runner>) {
    let mut until = runner.lease.until.subscribe();
    loop {
        let deadline = *until.borrow_and_update();
        let changed = match deadline {
            Some(deadline) => tokio::select! {
                changed = until.changed() => changed,
                () = sleep_until(deadline) => {
                    warn!("the lease was not renewed; every work is ended");
                    runner.works.stop_all(&Stop::LeaseLost);
                    until.changed().await
                }
            },
            None => until.changed().await,
        };
        if changed.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_lease_runs_from_the_asking_not_from_the_answer() {
        let lease = Lease::default();
        let start = Instant::now();
        lease.grant(start, Span::secs(10));
        assert_eq!(*lease.until.borrow(), Some(start + Duration::from_secs(8)));
        lease.ask();
        tokio::time::advance(Duration::from_secs(3)).await;
        lease.ask();
        lease.answered();
        assert_eq!(*lease.until.borrow(), Some(start + Duration::from_secs(8)));
        lease.answered();
        assert_eq!(*lease.until.borrow(), Some(start + Duration::from_secs(11)));
        lease.answered();
        assert_eq!(*lease.until.borrow(), Some(start + Duration::from_secs(11)), "nobody asked");
    }
}
