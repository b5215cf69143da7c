//! What stands for a token once: the ticket that a browser shows when it opens a websocket, and the code that signs it in.

use std::collections::HashMap;
use std::sync::Mutex;

use tenure_model::{Span, Timestamp};

use super::secret;
use crate::problem::{Rejection, problem};

/// What tickets of a kind are called.
pub struct Kind {
    prefix: &'static str,
    many: &'static str,
    limit: &'static str,
    full: &'static str,
}

/// What opens one websocket.
pub const TICKETS: Kind = Kind { prefix: "ticket", many: "tickets", limit: "tickets_max", full: "tickets_full" };
/// What signs one browser in.
pub const CODES: Kind =
    Kind { prefix: "code", many: "sign-in codes", limit: "sign_in_codes_max", full: "sign_in_codes_full" };

/// Tickets of one kind that were not used yet. They live in memory: after a restart new ones are asked for.
pub struct Tickets {
    kind: Kind,
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
    pub fn new(kind: Kind, life: Span, count_max: usize) -> Self {
        Self { kind, open: Mutex::default(), life, count_max }
    }

    /// Issues a ticket that stands for the token with this hash, and tells when it ends.
    pub fn issue(&self, token: &str, now: Timestamp) -> Result<(String, Timestamp), Rejection> {
        let mut open = self.open.lock().expect("keeping tickets does not panic");
        if open.len() >= self.count_max {
            open.retain(|_, ticket| ticket.expires_at > now);
        }
        if open.len() >= self.count_max {
            let max = self.count_max as u64;
            let Kind { many, limit, full, .. } = self.kind;
            let detail = format!("{max} {many} are open, the limit {limit}; try again in a moment");
            return Err(problem(429, full, detail).limit(max, max));
        }
        let (ticket, expires_at) = (secret::fresh(self.kind.prefix), now + self.life);
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
        let tickets = Tickets::new(TICKETS, Span::secs(30), 10);
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
        let tickets = Tickets::new(TICKETS, Span::secs(30), 2);
        tickets.issue("a", NOW).expect("the first fits");
        tickets.issue("b", NOW).expect("the second fits");
        assert_eq!(tickets.issue("c", NOW).expect_err("the third does not").0.code, "tickets_full");
        tickets.issue("c", NOW + Span::secs(30)).expect("the others have ended");
    }
}
