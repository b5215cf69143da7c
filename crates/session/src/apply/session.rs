//! What events change in the session itself and in its queue.

use tenure_model::chat::{PromptMode, Usage};
use tenure_model::id::{ExecutionId, TurnId};
use tenure_model::time::Timestamp;

use crate::event::Event;
use crate::queue;
use crate::sandbox::Sandbox;
use crate::state::{About, Participant, Session, Thread};

impl Session {
    pub(super) fn fold_session(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::Created { owner, owner_name, title, agent, model, purpose, mode, limits, thread, repo, runner } => {
                self.limits = limits.clone();
                self.threads.insert(*thread, Thread::opened(None, at, None));
                self.about = Some(About {
                    owner: *owner,
                    owner_name: owner_name.clone(),
                    created_at: at,
                    title: title.clone(),
                    titled_by_person: title.is_some(),
                    agent: agent.clone(),
                    model: model.clone(),
                    purpose: *purpose,
                    mode: *mode,
                    default_thread: *thread,
                    repo: repo.clone(),
                    runner: runner.placement.clone(),
                });
                self.sandbox = runner.sandbox.as_ref().map(|policy| Sandbox::of(policy, at));
            }
            Event::TitleSet { title, .. } => {
                if let Some(about) = &mut self.about {
                    about.title = Some(title.clone());
                    about.titled_by_person = true;
                }
            }
            Event::ModeSet { mode, .. } => {
                if let Some(about) = &mut self.about {
                    about.mode = *mode;
                }
            }
            Event::Shared { user, name, role, .. } => {
                self.participants.insert(*user, Participant { name: name.clone(), role: *role });
            }
            Event::Unshared { user, .. } => {
                self.participants.remove(user);
            }
            Event::Terminated { .. } => self.terminated_at = Some(at),
            Event::RequestAnswered { user, request, fingerprint, reply } => {
                self.requests.keep(*user, request.clone(), *fingerprint, reply.clone(), at, &self.limits);
            }
            Event::ThreadOpened { thread, title, step_of, draws, .. } => {
                let opened = Thread { draws: draws.clone(), ..Thread::opened(title.clone(), at, *step_of) };
                self.threads.insert(*thread, opened);
            }
            Event::ThreadRenamed { thread, title, .. } => {
                if let Some(thread) = self.threads.get_mut(thread) {
                    thread.title = Some(title.clone());
                }
            }
            _ => {}
        }
    }

    pub(super) fn fold_queue(&mut self, event: &Event) {
        match event {
            Event::PromptQueued { prompt } => {
                self.mark_retried(prompt.retry_of, true);
                queue::insert(&mut self.queue, prompt.clone());
            }
            Event::PromptEdited { prompt, text, .. } => {
                for queued in self.queue.iter_mut().filter(|queued| queued.id == *prompt) {
                    queued.text.clone_from(text);
                }
            }
            Event::PromptMoved { prompt, before, .. } => queue::shift(&mut self.queue, *prompt, *before),
            Event::PromptWithdrawn { prompt, .. } => {
                if let Some(gone) = queue::take(&mut self.queue, *prompt) {
                    self.mark_retried(gone.retry_of, false);
                }
            }
            Event::PromptPromoted { prompt, .. } => {
                if let Some(mut promoted) = queue::take(&mut self.queue, *prompt) {
                    promoted.mode = PromptMode::Steer;
                    queue::insert(&mut self.queue, promoted);
                }
            }
            _ => {}
        }
    }

    fn mark_retried(&mut self, turn: Option<TurnId>, retried: bool) {
        let closed = self.threads.values_mut().filter_map(|thread| thread.last.as_mut());
        for last in closed.filter(|last| Some(last.turn) == turn) {
            last.retried = retried;
        }
    }
}

impl Thread {
    fn opened(title: Option<String>, at: Timestamp, step_of: Option<ExecutionId>) -> Self {
        let (agent_session, usage, last, draws) = (None, Usage::default(), None, vec![]);
        Self { title, opened_at: at, agent_session, usage, last, step_of, draws }
    }
}
