//! What events change in the runs of a session.

use tenure_model::time::Timestamp;

use crate::event::Event;
use crate::life::FIRST_GENERATION;
use crate::queue;
use crate::run::{Run, StepOver};
use crate::state::Session;

impl Session {
    pub(super) fn fold_run(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::RunAttached { execution, workflow, title, repo, draws } => {
                let (workflow, title, repo) = (workflow.clone(), title.clone(), repo.clone());
                let draws = draws.clone();
                self.runs.insert(*execution, Run { workflow, title, repo, draws, attached_at: at, ended: None });
                self.forget_runs();
            }
            Event::RunEnded { execution, end } => {
                if let Some(run) = self.runs.get_mut(execution) {
                    run.ended = Some(*end);
                }
            }
            Event::StepDropped { prompt, turn, thread, step, .. } => {
                queue::take(&mut self.queue, *prompt);
                let (step, generation) = (step.clone(), FIRST_GENERATION);
                let over = StepOver { step, thread: *thread, generation, next_frame: 0, superseded: false };
                self.steps_over.keep(*turn, over, self.limits.steps_kept_max);
            }
            Event::TurnSuperseded { turn, .. } => self.steps_over.supersede(*turn),
            Event::ThreadClosed { thread } => {
                if let Some(closed) = self.threads.remove(thread) {
                    self.usage_before.add(&closed.usage);
                }
            }
            _ => {}
        }
    }
}
