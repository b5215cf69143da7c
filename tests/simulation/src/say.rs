//! Everything that is said over links: runners with servers, people with servers.

use std::rc::Rc;

use tenure_model::id::{BootId, QuestionId, RunnerId, SessionId, WorkId};
use tenure_model::link::{HeldWork, TurnFrame, WorkOffer, WorkSpec};
use tenure_model::{Delta, Timestamp};
use tenure_session::effect::CancelCause;
use tenure_session::{Action, Event, Reply};

use crate::courier::EffectId;
use crate::picture::Picture;

/// One message.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a simulated network carries few messages at a time")]
pub enum Say {
    // A runner to its server.
    Hello { runner: RunnerId, boot: BootId, capacity: usize, held: Vec<HeldWork> },
    Accept { effect: EffectId },
    Decline { effect: EffectId },
    Done { effect: EffectId },
    Frames { session: SessionId, work: WorkId, generation: u32, first: u64, frames: Vec<TurnFrame> },
    Heartbeat { works: Vec<HeldWork> },

    // A server to its runner.
    Welcome { verdicts: Vec<Verdict> },
    Offer { effect: EffectId, offer: WorkOffer },
    Start { effect: EffectId, spec: Box<WorkSpec> },
    Cancel { effect: EffectId, work: WorkId, generation: u32, reason: CancelCause },
    Answer { effect: EffectId, work: WorkId, generation: u32, question: QuestionId, answer: Option<String> },
    Ack { work: WorkId, generation: u32, next: u64 },
    Drop { work: WorkId, generation: u32, why: String },
    HeartbeatAnswered,

    // A person to their server.
    Join { after: Option<u64> },
    Want { request: u64, id: String, action: Action },

    // A server to a person.
    Picture { position: u64, picture: Rc<Picture> },
    News { position: u64, item: Item },
    Live { position: u64 },
    Answered { request: u64, answer: Answer },
}

/// One thing that a person is shown.
#[derive(Clone, Debug)]
pub enum Item {
    Event { seq: u64, at: Timestamp, event: Rc<Event> },
    Text(Rc<Delta>),
}

/// What a command led to.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Taken(Reply),
    Refused(String),
    /// To be tried again.
    Unavailable,
}

/// What becomes of a work that a runner holds.
#[derive(Clone, Copy, Debug)]
pub enum Verdict {
    Keep { work: WorkId, generation: u32, next: u64 },
    Drop { work: WorkId, generation: u32 },
}
