//! Given/when/then for entities: rules written as specs.
//!
//! ```text
//! given::<Session>(id, [Created{..}]).when(prompt("hi")).then([PromptQueued{..}])
//! ```
//! Every accepted command is sent a second time behind the scenes and must decide to nothing; the state must survive
//! being written down and read back; every fold is checked against its own replay.

pub mod golden;

use std::fmt::Debug;

use uuid::Uuid;

use crate::entity::{Ctx, Decision, Delta, Entity};
use crate::time::{Span, Timestamp};

/// When the first command of a spec is decided, unless the spec says otherwise.
pub const START: Timestamp = Timestamp(1_800_000_000_000);

/// An entity in a known state, at a known time.
#[derive(Clone, Debug)]
pub struct Given<E: Entity> {
    pub id: Uuid,
    pub state: E,
    pub now: Timestamp,
    pub seq: u64,
}

/// Starts a spec from a history, one record per event.
pub fn given<E: Entity>(id: impl Into<Uuid>, history: impl IntoIterator<Item = E::Event>) -> Given<E> {
    let mut given = Given { id: id.into(), state: E::default(), now: START, seq: 0 };
    for event in history {
        given.seq += 1;
        given.state.apply(&event, given.now);
    }
    given
}

impl<E: Entity> Given<E> {
    /// Lets time pass.
    pub fn after(mut self, span: Span) -> Self {
        self.now = self.now + span;
        self
    }

    /// Returns what the next decision of this spec will know, for predicting the ids that it draws.
    pub fn ctx(&self) -> Ctx {
        let entropy = u128::from(self.seq).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835) ^ self.id.as_u128();
        Ctx { id: self.id, now: self.now, seq: self.seq + 1, entropy }
    }

    fn folded(&self, decision: &Decision<E>) -> Self {
        let mut next = self.clone();
        if !decision.events.is_empty() || !decision.effects.is_empty() {
            next.seq += 1;
        }
        for event in &decision.events {
            next.state.apply(event, next.now);
        }
        for delta in &decision.deltas {
            next.state.absorb(delta);
        }
        for delta in &decision.deltas {
            next.state.absorb(delta);
        }
        let written = serde_json::to_value(&next.state).expect("a state can be written");
        let read: E = serde_json::from_value(written.clone()).expect("a written state can be read");
        assert_eq!(
            serde_json::to_value(&read).expect("a state can be written"),
            written,
            "a state survives a snapshot"
        );
        next
    }

    /// Sends a command; when it is accepted, sends it again and expects silence.
    #[track_caller]
    pub fn when(self, command: E::Command) -> Then<E> {
        let result = self.state.decide(command.clone(), &self.ctx());
        let after = match &result {
            Ok(decision) => {
                let after = self.folded(decision);
                match after.state.decide(command, &after.ctx()) {
                    Ok(again) => {
                        assert!(again.is_silent(), "a repeated command must decide to nothing, got {again:#?}")
                    }
                    Err(refusal) => panic!("a repeated command must be answered, was refused because {refusal}"),
                }
                after
            }
            Err(_) => self,
        };
        Then { result, after }
    }

    /// Wakes the entity as the clock would; waking it again at the same time must do nothing more.
    #[track_caller]
    pub fn wake(self) -> Then<E>
    where
        E::Refusal: Debug,
    {
        let due = self.state.wake_at();
        assert!(due.is_some_and(|due| due <= self.now), "nothing is due at {}, next is {due:?}", self.now);
        let decision = self.state.wake(&self.ctx());
        let after = self.folded(&decision);
        assert_ne!(
            after.state.wake_at().filter(|due| *due <= after.now).map(|_| decision.is_silent()),
            Some(true),
            "a wake that does nothing must not stay due"
        );
        Then { result: Ok(decision), after }
    }
}

/// What a command led to.
#[derive(Debug)]
pub struct Then<E: Entity> {
    pub result: Result<Decision<E>, E::Refusal>,
    pub after: Given<E>,
}

impl<E: Entity> Then<E> {
    /// Returns the decision of an accepted command.
    #[track_caller]
    pub fn decision(&self) -> &Decision<E> {
        match &self.result {
            Ok(decision) => decision,
            Err(refusal) => panic!("refused because {refusal}"),
        }
    }

    /// Expects exactly these events.
    #[track_caller]
    pub fn then(self, events: impl IntoIterator<Item = E::Event>) -> Self {
        let expected: Vec<_> = events.into_iter().collect();
        assert_eq!(self.decision().events, expected);
        self
    }

    /// Expects exactly these effects.
    #[track_caller]
    pub fn effects(self, effects: impl IntoIterator<Item = E::Effect>) -> Self {
        let expected: Vec<_> = effects.into_iter().collect();
        assert_eq!(self.decision().effects, expected);
        self
    }

    /// Expects exactly these deltas.
    #[track_caller]
    pub fn deltas(self, deltas: impl IntoIterator<Item = Delta>) -> Self {
        let expected: Vec<_> = deltas.into_iter().collect();
        assert_eq!(self.decision().deltas, expected);
        self
    }

    /// Expects a refusal whose text contains `why`.
    #[track_caller]
    pub fn refused(self, why: &str) -> Given<E> {
        match &self.result {
            Ok(decision) => panic!("expected a refusal about {why:?}, got {:#?}", decision.events),
            Err(refusal) => {
                assert!(refusal.to_string().contains(why), "expected a refusal about {why:?}, got: {refusal}")
            }
        }
        self.after
    }

    /// Expects that nothing was written.
    #[track_caller]
    pub fn silent(self) -> Given<E> {
        assert!(self.decision().is_silent(), "expected silence, got {:#?}", self.decision());
        self.after
    }

    /// Goes on from the state that was reached.
    #[track_caller]
    pub fn and(self) -> Given<E> {
        self.decision();
        self.after
    }

    /// Shows the state that was reached, for assertions on it.
    pub fn state(&self) -> &E {
        &self.after.state
    }
}
