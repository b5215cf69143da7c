//! Personas: ways of speaking that an owner's runs ask agents to take on.

use tenure_model::entity::Decision;

use super::command::{PERSONA_NAME_MAX, PersonaLimits, Refusal, Reply};
use super::event::Event;
use super::state::Owner;

impl Owner {
    pub(super) fn set_persona(
        &self,
        name: String,
        instructions: String,
        limits: PersonaLimits,
    ) -> Result<Decision<Self>, Refusal> {
        let long = name.chars().count() > PERSONA_NAME_MAX;
        if name.is_empty() || long || name.trim() != name || name.contains(char::is_control) {
            return Err(Refusal::BadPersonaName);
        }
        if instructions.trim().is_empty() {
            return Err(Refusal::EmptyPersona);
        }
        let (size, max) = (instructions.len() as u64, limits.persona_bytes_max);
        if size > max {
            return Err(Refusal::PersonaTooLarge { size, max });
        }
        let known = self.personas.get(&name);
        if known == Some(&instructions) {
            return Ok(Decision::nothing(Reply::Done));
        }
        let (there, max) = (self.personas.len() as u64, limits.personas_max);
        if known.is_none() && there >= max {
            return Err(Refusal::PersonasFull { there, max });
        }
        Ok(Decision { events: vec![Event::PersonaSet { name, instructions }], ..Decision::nothing(Reply::Done) })
    }

    pub(super) fn remove_persona(&self, name: String) -> Decision<Self> {
        let there = self.personas.contains_key(&name);
        let events = there.then_some(Event::PersonaRemoved { name }).into_iter().collect();
        Decision { events, ..Decision::nothing(Reply::Done) }
    }
}
