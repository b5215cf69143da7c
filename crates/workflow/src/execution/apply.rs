//! Folding: what each event changes. It cannot fail, and accepts every event ever written.

use std::sync::Arc;

use tenure_model::time::Timestamp;

use super::event::Event;
use super::running::Doing;
use super::state::{About, Decided, Ended, Ending, Execution, KeptEvent, Queue, Slot, Spot};
use crate::requests::Answered;

impl Execution {
    /// Folds one event into the state.
    pub(crate) fn fold(&mut self, event: &Event, at: Timestamp) {
        self.updated_at = at;
        match event {
            Event::Started { start, inputs, run, session, key, due } => {
                let (inputs, run, key) = (Arc::new(inputs.clone()), Arc::new(run.clone()), key.clone());
                let start = start.clone();
                let about = About { start, inputs, run, session: *session, key, started_at: at, due: *due };
                self.about = Some(Arc::new(about));
                self.slot = Slot::Asked { at, since: at, queue: None };
                self.ready.insert(Spot::Root);
            }
            Event::SlotQueued { ahead, why } => {
                if let Slot::Asked { queue, .. } = &mut self.slot {
                    *queue = Some(Queue { ahead: *ahead, why: why.clone() });
                }
            }
            Event::SlotGranted | Event::SlotTaken => self.slot = Slot::Held,
            Event::SlotFreed => self.slot = Slot::None,
            Event::SlotAskedAgain => {
                if let Slot::Asked { at: asked, .. } = &mut self.slot {
                    *asked = at;
                }
            }
            Event::Paused { by } => self.paused = Some(by.clone()),
            Event::Resumed { .. } => self.paused = None,
            Event::Ending { end, error, reason, by } => {
                let (error, reason, by) = (error.clone(), reason.clone(), by.clone());
                self.ending = Some(Ending { end: *end, error, reason, by, since: at });
            }
            Event::Ended { end, outputs, error, reason } => {
                let (outputs, error, reason) = (Arc::new(outputs.clone()), error.clone(), reason.clone());
                self.ended = Some(Ended { end: *end, outputs, error, reason, at });
                self.slot = Slot::None;
                self.ready.clear();
                self.events.clear();
            }
            Event::RequestAnswered { user, request, fingerprint, reply } => {
                let max = self.limits().requests_kept_max;
                let answered = Answered { at, fingerprint: *fingerprint, reply: reply.clone() };
                Arc::make_mut(&mut self.requests).keep(*user, request.clone(), answered, max);
            }
            Event::EventKept { name, payload, .. } => {
                self.events.push_back(KeptEvent { name: name.clone(), payload: payload.clone() });
            }
            Event::EventTaken { name } => {
                if let Some(place) = self.events.iter().position(|kept| kept.name == *name) {
                    self.events.remove(place);
                }
            }
            Event::ApprovalDecided { path, approval, decision, by, link, .. } => {
                let max = self.limits().approvals_kept_max;
                let (links, asked) = match self.steps.get(path).map(|step| &step.doing) {
                    Some(Doing::Approval { asked }) => (
                        asked.links_at(at).cloned().collect(),
                        asked.others(&self.about().start.owner_name).cloned().collect(),
                    ),
                    _ => Default::default(),
                };
                let decided = Arc::make_mut(&mut self.decided);
                let by = by.clone();
                decided.insert(*approval, Decided { decision: *decision, by, link: *link, at, links, asked });
                while decided.len() as u64 > max {
                    let oldest = decided.iter().min_by_key(|(_, decided)| decided.at).map(|(id, _)| *id);
                    oldest.and_then(|id| decided.remove(&id));
                }
            }
            Event::StepStarted { .. }
            | Event::StepTaken { .. }
            | Event::StepAsked { .. }
            | Event::StepAllowed { .. }
            | Event::StepHeld { .. }
            | Event::StepRepaired { .. }
            | Event::StepCompleted { .. }
            | Event::StepFailed { .. }
            | Event::StepSkipped { .. }
            | Event::StepReused { .. }
            | Event::StepCancelling { .. }
            | Event::StepCancelled { .. }
            | Event::StepUnknown { .. }
            | Event::StepResolved { .. }
            | Event::BodyStarted { .. }
            | Event::BodyEnded { .. }
            | Event::CatchEnded { .. }
            | Event::ApprovalEscalated { .. }
            | Event::ApprovalLinked { .. }
            | Event::ApprovalLinkRevoked { .. } => self.fold_step(event, at),
        }
    }
}
