//! What holds after each step of a run's life, by name.

use std::collections::{BTreeMap, BTreeSet};

use tenure_model::entity::Entity;
use tenure_model::id::ExecutionId;
use tenure_workflow::StepPath;
use tenure_workflow::execution::event::Next;
use tenure_workflow::execution::state::Slot;
use tenure_workflow::execution::{Effect, Event};

use super::World;

impl World {
    pub fn check(&self) {
        self.every_started_step_ends_once();
        self.no_attempt_is_asked_for_twice();
        self.a_working_run_has_a_slot();
        self.something_will_happen();
    }

    fn every_started_step_ends_once(&self) {
        let mut open: BTreeMap<&StepPath, u32> = BTreeMap::new();
        let mut started: BTreeSet<(&StepPath, u32)> = BTreeSet::new();
        for (event, _) in &self.events {
            let ends = match event {
                Event::StepStarted { path, attempt, .. } => {
                    let follows = open.insert(path, *attempt).is_none_or(|before| before + 1 == *attempt);
                    let fresh = started.insert((path, *attempt));
                    assert!(follows && fresh, "{path} was started twice\n{}", self.transcript());
                    continue;
                }
                Event::StepCompleted { path, .. }
                | Event::StepCancelled { path, .. }
                | Event::CatchEnded { path, .. } => path,
                Event::StepFailed { path, next: Next::Continue | Next::Fail, .. } => path,
                Event::Ended { .. } => {
                    assert!(open.is_empty(), "{open:?} have not ended\n{}", self.transcript());
                    continue;
                }
                _ => continue,
            };
            assert!(open.remove(ends).is_some(), "{ends} ended without having started\n{}", self.transcript());
        }
        let open: Vec<_> = open.into_keys().collect();
        let running: Vec<_> = self.state.steps.keys().collect();
        assert_eq!(open, running, "{}", self.transcript());
    }

    fn no_attempt_is_asked_for_twice(&self) {
        let mut seen: Vec<String> = Vec::new();
        for effect in &self.effects {
            let name = match effect {
                Effect::Do { turn, .. } => turn.to_string(),
                Effect::Call { key, .. } => key.to_string(),
                Effect::StartChild { child: ExecutionId(child), .. } => child.to_string(),
                _ => continue,
            };
            seen.push(name);
        }
        // A call that was let go on is asked for again: it was not made before.
        let allowed = self.events.iter().filter(|(event, _)| matches!(event, Event::StepAllowed { .. })).count();
        let once = seen.len() - allowed;
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), once, "something was asked for twice\n{}", self.transcript());
    }

    fn a_working_run_has_a_slot(&self) {
        let works = self.state.steps.values().any(|step| step.is_active());
        assert!(!works || self.state.slot == Slot::Held, "it works without a slot\n{}", self.transcript());
        let held = matches!(self.state.slot, Slot::Held | Slot::Asked { .. });
        let asked = self.effects.iter().filter(|effect| matches!(effect, Effect::AskSlot { .. })).count();
        let freed = self.effects.iter().filter(|effect| matches!(effect, Effect::FreeSlot)).count();
        assert_eq!(asked - freed, usize::from(held), "slots are not given back\n{}", self.transcript());
    }

    pub(super) fn something_will_happen(&self) {
        let rests = self.state.ended.is_some() || self.state.paused.is_some();
        let hopeful = rests || self.state.wake_at().is_some() || !self.asks.is_empty();
        assert!(hopeful, "the run waits for nothing\n{}", self.transcript());
    }
}
