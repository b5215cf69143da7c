//! What one seed's run is made of: how many take part, what goes wrong how often, and which flaw is built in.

use tenure_model::Span;
use tenure_session::Limits;

use crate::chance::Chance;

/// How the links to runners behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// As a connection does: late, stalled or broken, but in order and without loss until then.
    Orderly,
    /// Worse than any connection: messages are lost, repeated and overtaken as well.
    Wild,
}

/// A mistake built into the world on purpose, to prove that an invariant would notice it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// What the outbox holds is not delivered after a restart.
    CourierForgets,
    /// Now and then a delta is acknowledged and not stored.
    JournalLosesDeltas,
    /// Now and then a record is acknowledged and not stored.
    JournalLosesRecords,
    /// News are told before they are durable.
    TellsTooEarly,
    /// A frame is acknowledged before it is durable.
    AcknowledgesTooEarly,
    /// A repeated `start` starts again.
    RunnerStartsAgain,
    /// What was dropped before it began counts as begun.
    RunnerRemembersTooMuch,
    /// What was sent counts as delivered.
    RunnerTrustsTheLink,
    /// A resend carries a new request id.
    ClientForgetsItsRequests,
    /// News that come while a client joins are left out.
    FeedLeavesAGap,
    /// What a returning client has missed is read when its turn may be over and its text gone.
    FeedReadsLate,
    /// A runner goes on when its lease is over, and when it is told to end.
    RunnerNeverEnds,
}

/// What a run is made of.
#[derive(Clone, Debug)]
pub struct Plan {
    pub seed: u64,
    pub flaw: Option<Flaw>,
    pub link: Link,
    pub sessions: u64,
    pub runners: u64,
    pub people_per_session: u64,
    /// How long things go wrong and people want something; after it everything heals.
    pub troubled_for: Span,
    /// The longest pause between two troubles.
    pub trouble_pause_max: Span,
    /// The server dies between two steps, once in so many.
    pub crash_one_in: u64,
    pub snapshot_every: u64,
    pub limits: Limits,
    pub heartbeat: Span,
    /// How long a runner may take to answer an order.
    pub order_timeout: Span,
}

impl Plan {
    /// Draws the plan of a seed.
    pub fn of(seed: u64, flaw: Option<Flaw>) -> (Self, Chance) {
        let mut chance = Chance::new(seed);
        let plan = Self {
            seed,
            flaw,
            link: if chance.percent(60) { Link::Orderly } else { Link::Wild },
            sessions: chance.between(1, 2),
            runners: chance.between(1, 2),
            people_per_session: chance.between(1, 3),
            troubled_for: Span::secs(chance.between(20, 90)),
            trouble_pause_max: Span::secs(chance.between(3, 30)),
            crash_one_in: chance.pick([60, 250, 1_000]).expect("there are three"),
            snapshot_every: chance.pick([3, 20, 1_000]).expect("there are three"),
            limits: Limits {
                lease_ms: Span::secs(60),
                lease_margin_ms: Span::secs(5),
                offer_timeout_ms: Span::secs(5),
                cancel_deadline_ms: Span::secs(5),
                question_timeout_ms: Span::secs(20),
                turn_timeout_ms: Span::mins(15),
                queue_max: 8,
                ..Limits::default()
            },
            heartbeat: Span::secs(10),
            order_timeout: Span::secs(10),
        };
        (plan, chance)
    }

    pub fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }
}
