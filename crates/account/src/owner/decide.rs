//! The owner as an entity: how many sessions, which one orchestrates, which personas and connectors.

use std::collections::BTreeMap;

use tenure_model::entity::{Ctx, Decision, Entity};
use tenure_model::id::{Kind, SessionId, UserId, derived};
use tenure_model::time::Timestamp;
use tenure_model::{Row, SummaryKey};
use uuid::Uuid;

use super::command::{Command, Refusal, Reply};
use super::effect::Effect;
use super::event::Event;
use super::state::Owner;

/// Active sessions of one owner, unless configured otherwise.
pub const SESSIONS_MAX: u64 = 1_000;

impl Entity for Owner {
    const KIND: Kind = Kind::Owner;
    type Id = UserId;
    type Command = Command;
    type Event = Event;
    type Effect = Effect;
    type Reply = Reply;
    type Refusal = Refusal;

    fn decide(&self, command: Command, ctx: &Ctx) -> Result<Decision<Self>, Refusal> {
        let active = self.active.len() as u64;
        match command {
            Command::SessionOpened { session, .. } if self.active.contains(&session) => {
                Ok(Decision::nothing(Reply::Counted { active }))
            }
            Command::SessionOpened { sessions_max: max, .. } if active >= max => {
                Err(Refusal::SessionsFull { active, max })
            }
            Command::SessionOpened { session, .. } => {
                Ok(decided(Event::SessionOpened { session }, Reply::Counted { active: active + 1 }))
            }
            Command::SessionClosed { session } if !self.active.contains(&session) => {
                Ok(Decision::nothing(Reply::Counted { active }))
            }
            Command::SessionClosed { session } => {
                Ok(decided(Event::SessionClosed { session }, Reply::Counted { active: active - 1 }))
            }
            Command::Orchestrator => Ok(self.name_orchestrator(ctx)),
            Command::SetPersona { name, instructions, limits } => self.set_persona(name, instructions, limits),
            Command::RemovePersona { name } => Ok(self.remove_persona(name)),
            Command::SetConnector { name, change, by, limits } => self.set_connector(name, &change, by, limits),
            Command::RemoveConnector { name, by } => Ok(self.remove_connector(name, by)),
            Command::ResealConnector { name, headers } => Ok(self.reseal_connector(name, headers)),
            Command::SeeTools { name, tools, by, limits } => self.see_tools(name, tools, by, limits),
        }
    }

    fn wake(&self, _ctx: &Ctx) -> Decision<Self> {
        Decision::nothing(Reply::Counted { active: self.active.len() as u64 })
    }

    fn apply(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::SessionOpened { session } => {
                self.active.insert(*session);
            }
            Event::SessionClosed { session } => {
                self.active.remove(session);
            }
            Event::OrchestratorNamed { session } => self.orchestrator = Some(*session),
            Event::PersonaSet { name, instructions } => {
                self.personas.insert(name.clone(), instructions.clone());
            }
            Event::PersonaRemoved { name } => {
                self.personas.remove(name);
            }
            Event::ConnectorSet { .. }
            | Event::ConnectorRemoved { .. }
            | Event::ConnectorResealed { .. }
            | Event::ConnectorToolsSeen { .. } => self.fold_connector(event, at),
        }
    }

    fn wake_at(&self) -> Option<Timestamp> {
        None
    }

    fn summaries(&self, _id: Uuid) -> BTreeMap<SummaryKey, Row> {
        BTreeMap::new()
    }
}

impl Owner {
    fn name_orchestrator(&self, ctx: &Ctx) -> Decision<Self> {
        if let Some(session) = self.orchestrator {
            return Decision::nothing(Reply::Orchestrator { session });
        }
        let session = SessionId(derived(&["orchestrator", &ctx.id.to_string()]));
        decided(Event::OrchestratorNamed { session }, Reply::Orchestrator { session })
    }
}

fn decided(event: Event, reply: Reply) -> Decision<Owner> {
    Decision { events: vec![event], ..Decision::nothing(reply) }
}
