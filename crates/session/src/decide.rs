//! The session as an entity: which rule answers which command.

use std::collections::BTreeMap;

use tenure_model::entity::{Ctx, Decision, Entity, SummaryKey};
use tenure_model::id::{Kind, SessionId};
use tenure_model::time::Timestamp;
use uuid::Uuid;

use crate::{Command, Effect, Event, Refusal, Reply, Session};

impl Entity for Session {
    const KIND: Kind = Kind::Session;
    type Id = SessionId;
    type Command = Command;
    type Event = Event;
    type Effect = Effect;
    type Reply = Reply;
    type Refusal = Refusal;

    fn decide(&self, _command: Command, _ctx: &Ctx) -> Result<Decision<Self>, Refusal> {
        Err(Refusal::Unknown)
    }

    fn wake(&self, _ctx: &Ctx) -> Decision<Self> {
        Decision::nothing(Reply::Done)
    }

    fn apply(&mut self, _event: &Event, at: Timestamp) {
        self.updated_at = at;
    }

    fn wake_at(&self) -> Option<Timestamp> {
        None
    }

    fn summaries(&self, _id: Uuid) -> BTreeMap<SummaryKey, serde_json::Value> {
        BTreeMap::new()
    }
}
