//! The one place that knows what time it is: the machine's clock, or one that a test moves by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use tenure_model::{Span, Timestamp};
use tokio::sync::Notify;

/// Tells the time and waits for it.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    Real,
    /// A clock that stands still until it is moved.
    Virtual(Arc<VirtualClock>),
}

/// The state of a clock that is moved by hand.
#[derive(Debug)]
pub struct VirtualClock {
    now: AtomicU64,
    moved: Notify,
}

impl Clock {
    /// Returns a clock that stands at `start` until [`Clock::advance`] moves it.
    pub fn at(start: Timestamp) -> Self {
        Self::Virtual(Arc::new(VirtualClock { now: AtomicU64::new(start.0), moved: Notify::new() }))
    }

    pub fn now(&self) -> Timestamp {
        match self {
            Clock::Real => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
            }
            Clock::Virtual(clock) => Timestamp(clock.now.load(Ordering::SeqCst)),
        }
    }

    /// Moves a virtual clock; the machine's clock cannot be moved and stays as it is.
    pub fn advance(&self, span: Span) {
        if let Clock::Virtual(clock) = self {
            clock.now.fetch_add(span.0, Ordering::SeqCst);
            clock.moved.notify_waiters();
        }
    }

    /// Waits until `due` has come.
    pub async fn sleep_until(&self, due: Timestamp) {
        match self {
            Clock::Real => tokio::time::sleep(due.since(self.now()).duration()).await,
            Clock::Virtual(clock) => loop {
                let moved = clock.moved.notified();
                if self.now() >= due {
                    return;
                }
                moved.await;
            },
        }
    }

    /// Waits for `span` from now.
    pub async fn sleep(&self, span: Span) {
        self.sleep_until(self.now() + span).await;
    }
}
