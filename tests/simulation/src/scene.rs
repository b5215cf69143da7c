//! The scene: the time, the luck, what will happen next, and the all-seeing witness. Everybody acts through it.

use std::collections::BTreeMap;
use std::fmt;

use tenure_model::id::{SessionId, WorkId};
use tenure_model::view::Role;
use tenure_model::{Span, Timestamp};
use tenure_session::By;

use crate::chance::Chance;
use crate::courier::EffectId;
use crate::invariants;
use crate::journal::Journal;
use crate::net::{ConnId, Net, Way};
use crate::plan::{Link, Plan};
use crate::say::Say;
use crate::truth::{Fact, Truth};

/// When every run begins.
pub const START: Timestamp = Timestamp(1_800_000_000_000);

/// Something that will happen. Parts of a process name the start of it that they belong to, and die with it.
#[expect(clippy::large_enum_variant, reason = "the agenda boxes each event")]
#[derive(Clone, Debug)]
pub enum Event {
    /// A message arrives at the end of its way.
    Arrives {
        conn: ConnId,
        way: Way,
        say: Say,
    },
    /// One end notices that a connection is over.
    Noticed {
        conn: ConnId,
        way: Way,
    },
    ServerStarts,
    Server {
        start: u64,
        what: ServerStep,
    },
    RunnerStarts {
        runner: usize,
    },
    Runner {
        runner: usize,
        start: u64,
        what: RunnerStep,
    },
    PersonConnects {
        person: usize,
    },
    PersonWants {
        person: usize,
    },
    PersonAsksAgain {
        person: usize,
        request: u64,
    },
    Trouble,
    Heals,
}

/// A step of a server process.
#[derive(Clone, Debug)]
pub enum ServerStep {
    /// The writer makes some of what waits durable.
    Flush,
    /// What is durable is told.
    Release,
    Alarm {
        session: SessionId,
    },
    /// The courier looks at an effect again.
    Deliver {
        effect: EffectId,
    },
    OrderUnanswered {
        effect: EffectId,
        conn: ConnId,
    },
    /// What somebody who joins has missed is read.
    Read {
        conn: ConnId,
    },
    /// A socket that was stalled drains.
    Drained {
        conn: ConnId,
    },
}

/// A step of a runner process.
#[derive(Clone, Debug)]
pub enum RunnerStep {
    Connect,
    Heartbeat {
        conn: ConnId,
    },
    /// The agent of a work goes on.
    Speak {
        work: WorkId,
    },
    /// The process group of a work is gone.
    Gone {
        work: WorkId,
    },
    LeaseEnds,
}

/// Somebody who uses a session.
#[derive(Clone, Debug)]
pub struct Character {
    pub by: By,
    pub session: SessionId,
    pub role: Role,
}

/// What everybody shares.
pub struct Scene {
    pub now: Timestamp,
    pub chance: Chance,
    pub plan: Plan,
    pub truth: Truth,
    pub net: Net,
    /// The disk.
    pub journal: Journal,
    /// The people, and what they may do.
    pub cast: Vec<Character>,
    /// Whether everything works from now on.
    pub healed: bool,
    agenda: BTreeMap<(Timestamp, u64, u64), Box<Event>>,
    scheduled: u64,
    transcript: Option<Vec<String>>,
}

impl Scene {
    pub fn new(plan: Plan, chance: Chance, with_transcript: bool) -> Self {
        Self {
            now: START,
            chance,
            truth: Truth { orderly: plan.link == Link::Orderly, ..Truth::default() },
            plan,
            net: Net::default(),
            journal: Journal::default(),
            cast: vec![],
            healed: false,
            agenda: BTreeMap::new(),
            scheduled: 0,
            transcript: with_transcript.then(Vec::new),
        }
    }

    /// Lets something happen at a time; what happens at one time happens in any order.
    pub fn at(&mut self, at: Timestamp, event: Event) {
        self.scheduled += 1;
        let luck = self.chance.draw();
        self.agenda.insert((at.max(self.now), luck, self.scheduled), Box::new(event));
    }

    pub fn after(&mut self, span: Span, event: Event) {
        self.at(self.now + span, event);
    }

    /// Lets something happen within a time.
    pub fn within(&mut self, low_ms: u64, high_ms: u64, event: Event) {
        let pause = Span(self.chance.between(low_ms, high_ms));
        self.after(pause, event);
    }

    /// Takes what happens next, and moves the time there.
    pub fn next_event(&mut self) -> Option<Event> {
        let ((at, ..), event) = self.agenda.pop_first()?;
        self.now = at;
        Some(*event)
    }

    /// Has the witness take note of something that has happened, and every invariant judge it.
    pub fn fact(&mut self, fact: Fact<'_>) {
        if self.truth.violation.is_none() {
            self.truth.violation = invariants::judge(&self.truth, &fact);
        }
        self.truth.take(&fact);
    }

    /// Writes a line of the transcript, when there is one.
    pub fn note(&mut self, who: impl fmt::Display, what: impl FnOnce() -> String) {
        if let Some(lines) = &mut self.transcript {
            let since = self.now.since(START).0;
            lines.push(format!("{:>4}.{:03}  {who}: {}", since / 1_000, since % 1_000, what()));
        }
    }

    pub fn into_transcript(self) -> Vec<String> {
        self.transcript.unwrap_or_default()
    }
}

/// Shows the start of an id: enough to tell the ids of one run apart.
pub fn short(id: impl fmt::Display) -> String {
    let text = id.to_string();
    // Fresh ids begin with their time, so that their end tells more.
    text[text.len().saturating_sub(5)..].to_owned()
}
