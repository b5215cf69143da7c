//! What the run of a world wants, and what must hold of it.

use tenure_model::step::{RunEnd, StepWork};
use tenure_session::effect::CancelCause;
use tenure_session::run::{StepTask, StepThread};
use tenure_session::{Command, Effect, StepCommand};

use crate::running::*;
use crate::world::World;

/// What a step may want.
#[derive(Clone, Copy, Debug)]
pub enum Wish {
    Prompt { interrupt: bool, single_use: bool },
    Shell,
    Tool,
}

impl World {
    /// The run wants something in a thread of the session, or in one for this step alone.
    pub fn run_wants(&mut self, thread: u8, wish: Wish) {
        let Some(thread) = self.thread(thread) else { return };
        let number = self.count() as u128;
        let single_use = matches!(wish, Wish::Prompt { single_use: true, .. });
        let id = if single_use { tenure_model::id::ThreadId(turn(number).0) } else { thread };
        let work = match wish {
            Wish::Prompt { interrupt, .. } => {
                let (persona, agent, models) = (None, None, vec![]);
                StepWork::Prompt { text: format!("s{number}"), persona, agent, models, interrupt }
            }
            Wish::Shell => StepWork::Shell { command: format!("s{number}"), env: Default::default(), cwd: None },
            Wish::Tool => StepWork::Tool { tool: format!("s{number}"), arguments: Default::default() },
        };
        let thread = StepThread { id, title: None, single_use };
        let task = StepTask { thread, work, ..prompt_of_step(number, "") };
        if self.send_command(does(task.clone())).is_ok() {
            self.tasks.push(task);
        }
    }

    /// The run does not know whether it was heard, and says the same again.
    pub fn run_repeats(&mut self, which: u8) {
        let Some(task) = self.task(which) else { return };
        let before = self.records.len();
        self.send_command(does(task)).expect("a repeat is answered");
        assert_eq!(self.records.len(), before, "a repeat decides to nothing");
    }

    /// The run does not want a work any more.
    pub fn run_undoes(&mut self, which: u8) {
        let Some(task) = self.task(which) else { return };
        let undo = StepCommand::Undo { turn: task.turn, cause: CancelCause::Undone };
        self.send_command(Command::Step(undo)).expect("a work can always be undone");
    }

    /// A repair round takes the place of a work.
    pub fn run_supersedes(&mut self, which: u8) {
        let Some(task) = self.task(which) else { return };
        let supersede = StepCommand::Supersede { turn: task.turn };
        self.send_command(Command::Step(supersede)).expect("a round can always be superseded");
    }

    pub fn run_ends(&mut self) {
        let close = StepCommand::Close { execution: RUN, end: RunEnd::Completed };
        self.send_command(Command::Step(close)).expect("a run can always end");
    }

    /// A run hears of the end of each of its works once, whatever became of it, and of a beginning only before that.
    pub fn every_step_is_told_its_end_once(&self) {
        for task in &self.tasks {
            let waits = |queued: &tenure_session::message::QueuedPrompt| {
                queued.step.as_ref().is_some_and(|step| step.turn == task.turn)
            };
            let goes_on = self.session.turns.contains_key(&task.turn) || self.session.queue.iter().any(waits);
            let effects = self.records.iter().flat_map(|record| &record.effects);
            let news: Vec<&Effect> = effects
                .filter(|effect| match effect {
                    Effect::StepBegan { turn, .. } | Effect::TellStep { turn, .. } => *turn == task.turn,
                    _ => false,
                })
                .collect();
            let began = news.iter().filter(|effect| matches!(effect, Effect::StepBegan { .. })).count();
            let ended = news.len() - began;
            assert!(began <= 1 && ended == usize::from(!goes_on), "every_step_is_told_its_end_once: {news:#?}");
            assert!(!matches!(news.last(), Some(Effect::StepBegan { .. }) if ended > 0), "the end is told last");
        }
    }

    fn task(&self, which: u8) -> Option<StepTask> {
        let place = usize::from(which).checked_rem(self.tasks.len())?;
        self.tasks.get(place).cloned()
    }
}
