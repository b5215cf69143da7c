//! Single-use tickets: what a browser shows instead of its token when it opens a websocket.

use std::collections::HashMap;
use std::sync::Mutex;

use tenure_model::{Span, Timestamp};

use super::secret;
use crate::problem::{Rejection, problem};

/// Tickets that were not used yet. They live in memory: after a restart the browser asks for a new one.
pub struct Tickets {
    open: Mutex<HashMap<String, Open>>,
    life: Span,
    count_max: usize,
}

struct Open {
    /// The hash of the token that the ticket stands for.
    token: String,
    expires_at: Timestamp,
}

impl Tickets {
    pub fn new(life: Span, count_max: usize) -> Self {
        Self { open: Mutex::default(), life, count_max }
    }

    /// Issues a ticket that stands for the token with this hash, and tells when it ends.
    pub fn issue(&self, token: &str, now: Timestamp) -> Result<(String, Timestamp), Rejection> {
        let mut open = self.open.lock().expect("keeping tickets does not panic");
        if open.len() >= self.count_max {
            open.retain(|_, ticket| ticket.expires_at > now);
        }
        if open.len() >= self.count_max {
            let max = self.count_max as u64;
            let detail = format!("{max} tickets are open, the limit tickets_max; try again in a moment");
            return Err(problem(429, "tickets_full", detail).limit(max, max));
        }
        let (ticket, expires_at) = (secret::fresh("ticket"), now + self.life);
        open.insert(secret::hash(&ticket), Open { token: token.to_owned(), expires_at });
        Ok((ticket, expires_at))
    }

    /// Uses a ticket up, and returns the hash of the token that it stands for.
    pub fn redeem(&self, ticket: &str, now: Timestamp) -> Option<String> {
        let found = self.open.lock().expect("keeping tickets does not panic").remove(&secret::hash(ticket))?;
        (now < found.expires_at).then_some(found.token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    #[test]
    fn a_ticket_is_good_once_and_until_its_end() {
        let tickets = Tickets::new(Span::secs(30), 10);
        let (ticket, end) = tickets.issue("hash", NOW).expect("there is room");
        assert_eq!(end, NOW + Span::secs(30));
        assert_eq!(tickets.redeem("ticket_other", NOW), None);
        assert_eq!(tickets.redeem(&ticket, NOW), Some("hash".into()));
        assert_eq!(tickets.redeem(&ticket, NOW), None);
        let (late, end) = tickets.issue("hash", NOW).expect("there is room");
        assert_eq!(tickets.redeem(&late, end), None);
    }

    #[test]
    fn tickets_are_bounded_and_ended_ones_make_room() {
        let tickets = Tickets::new(Span::secs(30), 2);
        tickets.issue("a", NOW).expect("the first fits");
        tickets.issue("b", NOW).expect("the second fits");
        assert_eq!(tickets.issue("c", NOW).expect_err("the third does not").0.code, "tickets_full");
        tickets.issue("c", NOW + Span::secs(30)).expect("the others have ended");
    }
}
