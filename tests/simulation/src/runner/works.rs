//! A runner's works: started once, ended for sure, and all that their agents say is numbered and kept.

use tenure_model::chat::FinishReason;
use tenure_model::id::WorkId;
use tenure_model::link::{TurnFrame, WorkPhase, WorkSpec};

use super::Runner;
use crate::agent::Agent;
use crate::plan::Flaw;
use crate::scene::{RunnerStep, Scene, short};
use crate::truth::Fact;
use crate::work::{Spool, Work};

impl Runner {
    /// Starts a work once; its spool is there before its agent begins.
    pub(super) fn begin(&mut self, spec: WorkSpec, scene: &mut Scene) {
        let Some(process) = &mut self.process else { return };
        let key = (spec.work, spec.generation);
        let known = process.works.get(&spec.work).map(|work| work.phase);
        let again = scene.plan.has(Flaw::RunnerStartsAgain);
        if !again && (process.finished.contains(&key) || known.is_some_and(|phase| phase != WorkPhase::Accepted)) {
            return;
        }
        let mut work = Work::accepted(spec.session, spec.generation);
        work.phase = WorkPhase::Running;
        work.agent = Some(Agent::new(&mut scene.chance));
        process.works.insert(spec.work, work);
        self.spools.insert(spec.work, Spool::new(spec.session, spec.generation));
        scene.fact(Fact::Began { work: spec.work, generation: spec.generation });
        scene.note(format!("runner {}", self.place), || format!("begins {}", short(spec.work)));
        self.later(1, 300, RunnerStep::Speak { work: spec.work }, scene);
    }

    /// Lets an agent say the next thing.
    pub(super) fn speak(&mut self, id: WorkId, scene: &mut Scene) {
        let Some(work) = self.process.as_mut().and_then(|process| process.works.get_mut(&id)) else {
            return;
        };
        if work.phase != WorkPhase::Running || work.stop.is_some() {
            return;
        }
        let Some(frame) = work.agent.as_mut().and_then(Agent::next_frame) else {
            return;
        };
        scene.fact(Fact::Said { work: id, frame: &frame });
        let over = matches!(frame, TurnFrame::Finalize { .. });
        self.keep(id, frame);
        if !over {
            let pause_max = if scene.chance.one_in(15) { 3_000 } else { 200 };
            self.later(1, pause_max, RunnerStep::Speak { work: id }, scene);
        }
        self.pump(scene);
    }

    /// Numbers a frame: it is written down before it is sent.
    fn keep(&mut self, id: WorkId, frame: TurnFrame) {
        let Some(work) = self.process.as_mut().and_then(|process| process.works.get_mut(&id)) else {
            return;
        };
        if matches!(frame, TurnFrame::Finalize { .. }) {
            work.phase = WorkPhase::Ended;
        }
        if let Some(spool) = self.spools.get_mut(&id) {
            spool.frames.push(frame.clone());
        }
        work.push(frame);
    }

    /// Ends a work for the server: its processes are asked to leave, and are gone a little later.
    pub(super) fn stop(&mut self, id: WorkId, generation: u32, reason: FinishReason, scene: &mut Scene) {
        if scene.plan.has(Flaw::RunnerNeverEnds) {
            return;
        }
        let Some(work) = self.process.as_mut().and_then(|process| process.works.get_mut(&id)) else {
            return;
        };
        if work.generation != generation || work.phase == WorkPhase::Ended || work.stop.is_some() {
            return;
        }
        work.stop = Some(reason);
        match work.phase {
            WorkPhase::Accepted => self.end(id, scene),
            _ => self.later(1, 2_000, RunnerStep::Gone { work: id }, scene),
        }
    }

    /// Nothing of a work runs any more: its last frame says so.
    pub(super) fn end(&mut self, id: WorkId, scene: &mut Scene) {
        let Some(work) = self.process.as_ref().and_then(|process| process.works.get(&id)) else {
            return;
        };
        if let (Some(reason), true) = (work.stop, work.phase != WorkPhase::Ended) {
            self.keep(id, TurnFrame::Finalize { reason, error: None, result: None });
            self.pump(scene);
        }
    }

    pub(super) fn drop_work(&mut self, id: WorkId, generation: u32, scene: &Scene) {
        let remembers_all = scene.plan.has(Flaw::RunnerRemembersTooMuch);
        let Some(process) = &mut self.process else { return };
        let Some(work) = process.works.get(&id).filter(|work| work.generation == generation) else {
            return;
        };
        // What was never begun may be offered again in the same generation: its acceptance may have been lost.
        if work.phase != WorkPhase::Accepted || remembers_all {
            process.finished.insert((id, generation));
        }
        process.works.remove(&id);
        self.spools.remove(&id);
    }

    pub(super) fn forget_told(&mut self, scene: &Scene) {
        let Some(process) = &self.process else { return };
        let told = process.works.iter().filter(|(_, work)| work.is_told());
        let told: Vec<_> = told.map(|(id, work)| (*id, work.generation)).collect();
        told.into_iter().for_each(|(id, generation)| self.drop_work(id, generation, scene));
    }
}
