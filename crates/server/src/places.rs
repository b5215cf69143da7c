//! How many of something each user has at once: open sockets, drafts under way.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tenure_model::id::UserId;

/// The places that are taken, by user.
#[derive(Clone, Default)]
pub struct Places(Arc<Mutex<HashMap<UserId, usize>>>);

/// A user's place, until it is dropped.
pub struct Place {
    user: UserId,
    places: Places,
}

impl Places {
    /// Gives a user one more of `max` places; when all are taken, returns how many those are.
    pub fn take(&self, user: UserId, max: usize) -> Result<Place, usize> {
        let mut places = self.0.lock().expect("counting does not panic");
        let taken = places.get(&user).copied().unwrap_or(0);
        if taken >= max {
            return Err(taken);
        }
        places.insert(user, taken + 1);
        Ok(Place { user, places: self.clone() })
    }

    /// Returns how many places are taken, of all users.
    pub fn taken(&self) -> usize {
        self.0.lock().expect("counting does not panic").values().sum()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut places = self.places.0.lock().expect("counting does not panic");
        if let Some(taken) = places.get_mut(&self.user) {
            *taken -= 1;
            if *taken == 0 {
                places.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_left_is_free_and_others_are_not_counted() {
        let (places, ann, bob) = (Places::default(), UserId(uuid::Uuid::from_u128(1)), UserId::default());
        let first = places.take(ann, 1).expect("there is room");
        assert_eq!(places.take(ann, 1).err(), Some(1));
        let _other = places.take(bob, 1).expect("another has room");
        assert_eq!(places.taken(), 2);
        drop(first);
        assert!(places.take(ann, 1).is_ok());
        assert_eq!(places.take(ann, 0).err(), Some(0));
    }
}
