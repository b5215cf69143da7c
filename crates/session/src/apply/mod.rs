//! Folding: what each event changes. It cannot fail, and accepts every event ever written.

mod run;
mod session;
mod turn;

use tenure_model::chat::FinishReason;
use tenure_model::id::TurnId;
use tenure_model::time::Timestamp;

use crate::event::Event;
use crate::run::StepOver;
use crate::state::{AgentSession, ClosedTurn, Session};
use crate::turn::{MessageHead, Outcome, Turn};
use crate::workspace::RestoreOver;

pub(crate) use turn::call_size;

/// A title that is made of the first prompt has at most so many characters.
const AUTO_TITLE_CHARS_MAX: usize = 60;

impl Session {
    /// Folds one event into the state.
    pub(crate) fn fold(&mut self, event: &Event, at: Timestamp) {
        self.updated_at = at;
        if let Some((turn, frame)) = event.frame()
            && let Some(turn) = self.turns.get_mut(&turn)
        {
            turn.next_frame = turn.next_frame.max(frame + 1);
            turn.held_up = None;
        }
        if let Event::TurnAccepted { runner, .. } = event {
            self.home = Some(*runner);
        }
        match event {
            Event::Created { .. }
            | Event::TitleSet { .. }
            | Event::ModeSet { .. }
            | Event::Shared { .. }
            | Event::Unshared { .. }
            | Event::Terminated { .. }
            | Event::RequestAnswered { .. }
            | Event::ThreadOpened { .. }
            | Event::ThreadRenamed { .. } => self.fold_session(event, at),
            Event::Sandbox { generation, what } => {
                self.sandbox.iter_mut().for_each(|sandbox| sandbox.fold(*generation, what, at));
            }
            Event::RunAttached { .. }
            | Event::RunEnded { .. }
            | Event::StepDropped { .. }
            | Event::TurnSuperseded { .. }
            | Event::ThreadClosed { .. } => self.fold_run(event, at),
            Event::PromptQueued { .. }
            | Event::PromptEdited { .. }
            | Event::PromptMoved { .. }
            | Event::PromptWithdrawn { .. }
            | Event::PromptPromoted { .. } => self.fold_queue(event),
            Event::TurnOpened { turn, thread, generation, message, retry_of } => {
                self.open_turn(*turn, Turn::opened(*thread, *generation, message.clone(), *retry_of, at));
            }
            Event::TurnFinished { .. } => self.finish_turn(event, at),
            Event::GitStateChanged { turn, git, .. } => self.in_workspace(*turn, |there| there.git = Some(git.clone())),
            Event::FilesChanged { turn, changed, .. } => {
                self.in_workspace(*turn, |there| there.files = changed.clone());
            }
            Event::CheckpointMade { turn, .. } => self.keep_checkpoint(*turn, at),
            Event::TitleProposed { title, .. } => self.propose_title(title),
            Event::ModelsListed { models, current, .. } => {
                self.models.clone_from(models);
                self.model_in_use.clone_from(current);
            }
            Event::ModelSwitched { to, .. } => self.model_in_use = Some(to.clone()),
            Event::QuestionAnswered { turn, question, answer, by, prompt } => {
                self.queue.retain(|queued| Some(queued.id) != *prompt);
                self.in_turn(*turn, |turn| {
                    turn.questions.get_mut(question).into_iter().for_each(|asked| {
                        asked.outcome = Outcome::Answered { answer: answer.clone(), by: by.clone() };
                    })
                });
            }
            Event::MessageCreated { turn, agent, model, agent_session, .. } => {
                let head =
                    MessageHead { agent: agent.clone(), model: model.clone(), agent_session: agent_session.clone() };
                self.create_message(*turn, head);
            }
            Event::TurnHeldUp { turn, .. }
            | Event::TurnAskedAgain { turn }
            | Event::TurnAccepted { turn, .. }
            | Event::TurnStarted { turn }
            | Event::LeaseChecked { turn, .. }
            | Event::LeaseRenewed { turn, .. }
            | Event::TurnCancelling { turn, .. }
            | Event::ToolUpdated { turn, .. }
            | Event::QuestionAsked { turn, .. }
            | Event::QuestionRefused { turn, .. }
            | Event::QuestionExpired { turn, .. }
            | Event::AgentStatusChanged { turn, .. }
            | Event::UsageReported { turn, .. } => self.in_turn(*turn, |turn| turn.fold(event, at)),
        }
    }

    fn in_turn(&mut self, turn: TurnId, change: impl FnOnce(&mut Turn)) {
        if let Some(turn) = self.turns.get_mut(&turn) {
            change(turn);
        }
    }

    fn open_turn(&mut self, id: TurnId, turn: Turn) {
        self.queue.retain(|queued| !turn.message.prompts.contains(&queued.id));
        if let Some(about) = &mut self.about
            && about.title.is_none()
            && turn.step().is_none()
        {
            let line = turn.message.text.lines().map(str::trim).find(|line| !line.is_empty());
            about.title = line.map(|line| line.chars().take(AUTO_TITLE_CHARS_MAX).collect());
        }
        self.turns.insert(id, turn);
    }

    fn finish_turn(&mut self, event: &Event, at: Timestamp) {
        let Event::TurnFinished { turn: id, thread, reason, usage, next_frame, .. } = event else {
            return;
        };
        let Some(turn) = self.turns.remove(id) else { return };
        self.sandbox.iter_mut().for_each(|sandbox| sandbox.served(*reason, at));
        if let Some(step) = turn.step() {
            let (step, generation, next_frame) = (step.clone(), turn.generation, *next_frame);
            let over = StepOver { step, thread: *thread, generation, next_frame, superseded: false };
            self.steps_over.keep(*id, over, self.limits.steps_kept_max);
        }
        if turn.message.restore.is_some() {
            let (turn, generation, next_frame) = (*id, turn.generation, *next_frame);
            self.restored = Some(RestoreOver { turn, generation, next_frame });
        }
        let Some(thread) = self.threads.get_mut(thread) else {
            return self.usage_before.add(usage);
        };
        thread.usage.add(usage);
        if !turn.is_prompt() {
            return;
        }
        // A step's prompt is tried again by its run alone.
        let retryable = matches!(reason, FinishReason::Interrupted | FinishReason::Error) && turn.step().is_none();
        thread.last = Some(ClosedTurn {
            turn: *id,
            generation: turn.generation,
            reason: *reason,
            at,
            next_frame: *next_frame,
            message: retryable.then_some(turn.message),
            retried: false,
        });
    }

    fn propose_title(&mut self, title: &str) {
        if let Some(about) = &mut self.about
            && !about.titled_by_person
            && !title.is_empty()
        {
            about.title = Some(title.to_owned());
        }
    }

    fn create_message(&mut self, id: TurnId, head: MessageHead) {
        let Some(turn) = self.turns.get_mut(&id) else { return };
        if let (Some(thread), Some(session)) = (self.threads.get_mut(&turn.thread), &head.agent_session) {
            thread.agent_session = Some(AgentSession { agent: head.agent.clone(), id: session.clone() });
        }
        turn.created = Some(head);
    }
}
