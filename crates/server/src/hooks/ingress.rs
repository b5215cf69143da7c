//! What calls of webhooks may take of the server: so many of one address a minute, so many bytes of all at once.
//!
//! Only addresses that the server has made are counted, so no stranger can make this grow.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tenure_model::{Span, Timestamp};
use tenure_workflow::trigger::webhook::Address;

use crate::bucket::Bucket;
use crate::options::ServerOptions;
use crate::problem::{Rejection, problem};

const TIDY_EVERY: Span = Span::mins(1);

/// The calls of all addresses.
pub struct Ingress {
    counted: Mutex<Counted>,
    bytes: Arc<AtomicUsize>,
    per_minute_max: u32,
    bytes_max: usize,
}

#[derive(Default)]
struct Counted {
    addresses: HashMap<(uuid::Uuid, uuid::Uuid), Bucket>,
    tidied_at: Timestamp,
}

/// A body's share of what all bodies may hold, until it is dropped.
pub struct Room {
    taken: usize,
    bytes: Arc<AtomicUsize>,
    bytes_max: usize,
}

impl Ingress {
    pub fn new(options: &ServerOptions) -> Self {
        Self {
            counted: Mutex::default(),
            bytes: Arc::default(),
            per_minute_max: options.webhook_calls_per_minute_max,
            bytes_max: options.webhook_bytes_max,
        }
    }

    /// Counts one more call of an address, whoever it comes from, or refuses it.
    pub fn pace(&self, address: Address, now: Timestamp) -> Result<(), Rejection> {
        let max = self.per_minute_max;
        let mut counted = self.counted.lock().expect("counting does not panic");
        counted.tidy(max, now);
        // All generations of an address are one: rotating gives nobody more.
        let key = (address.owner.0, address.trigger.unwrap_or_default().0);
        let bucket = counted.addresses.entry(key).or_insert_with(|| Bucket::full(max, now));
        bucket.take(max, now).map_err(|wait| {
            let detail = format!(
                "the address was called more than {max} times within a minute, the limit webhook_calls_per_minute_max"
            );
            problem(429, "webhooks_too_fast", detail).limit(max.into(), u64::from(max) + 1).wait(wait)
        })
    }

    /// Returns what a body takes its room from.
    pub fn room(&self) -> Room {
        Room { taken: 0, bytes: self.bytes.clone(), bytes_max: self.bytes_max }
    }

    /// Returns what all bodies hold now.
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }
}

impl Counted {
    /// Forgets, once a minute, who may call as much as if they had never called.
    fn tidy(&mut self, per_minute_max: u32, now: Timestamp) {
        if now < self.tidied_at + TIDY_EVERY {
            return;
        }
        self.tidied_at = now;
        self.addresses.retain(|_, bucket| !bucket.is_full(per_minute_max, now));
    }
}

impl Room {
    /// Takes room for so many bytes more, or refuses when there is none.
    pub fn take(&mut self, size: usize) -> Result<(), Rejection> {
        let (taken, max) = (self.bytes.fetch_add(size, Ordering::Relaxed) + size, self.bytes_max);
        self.taken += size;
        if taken <= max {
            return Ok(());
        }
        let detail = format!("calls of webhooks hold {max} bytes, the limit webhook_bytes_max; try again");
        Err(problem(503, "webhooks_full", detail).limit(max as u64, taken as u64))
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.bytes.fetch_sub(self.taken, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use tenure_model::id::{TriggerId, UserId};
    use uuid::Uuid;

    use super::*;

    fn ingress(per_minute: u32, bytes: usize) -> Ingress {
        let options = ServerOptions::default();
        Ingress::new(&ServerOptions { webhook_calls_per_minute_max: per_minute, webhook_bytes_max: bytes, ..options })
    }

    fn address(trigger: u128, generation: u32) -> Address {
        Address { owner: UserId(Uuid::from_u128(1)), trigger: Some(TriggerId(Uuid::from_u128(trigger))), generation }
    }

    #[test]
    fn one_address_leaves_room_for_another() {
        let (ingress, now) = (ingress(2, 0), Timestamp(1_000_000));
        ingress.pace(address(1, 1), now).expect("the first");
        ingress.pace(address(1, 2), now).expect("the second");
        let refused = ingress.pace(address(1, 1), now).expect_err("the third").0;
        assert_eq!((refused.code.as_str(), refused.retry_after_ms), ("webhooks_too_fast", Some(Span::secs(30))));
        ingress.pace(address(2, 1), now).expect("another address");
        ingress.pace(address(1, 1), now + Span::secs(30)).expect("half a minute brings one back");
        ingress.pace(address(3, 1), now + Span::mins(5)).expect("a new one");
        assert_eq!(ingress.counted.lock().expect("nobody panicked").addresses.len(), 1, "who has rested is forgotten");
    }

    #[test]
    fn what_all_bodies_hold_is_bounded_and_given_back() {
        let ingress = ingress(1, 10);
        let (mut one, mut other) = (ingress.room(), ingress.room());
        one.take(6).expect("there is room");
        other.take(4).expect("there is room");
        assert_eq!(one.take(1).expect_err("it is full").0.code, "webhooks_full");
        drop(one);
        other.take(6).expect("there is room again");
        drop(other);
        assert_eq!(ingress.bytes(), 0);
    }
}
