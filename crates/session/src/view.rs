//! A session and its messages as people see them.

use tenure_model::chat::{AgentStatus, FinishReason, Part, Usage};
use tenure_model::id::{SessionId, ThreadId, TurnId};
use tenure_model::time::Timestamp;
use tenure_model::view::{
    Message, MessageRole, QuestionView, QueuedPrompt, Role, SessionView, ThreadView, TurnPhase, TurnView,
};

use crate::event::Event;
use crate::message;
use crate::state::{Session, Thread};
use crate::turn::{Phase, Turn};

impl Session {
    /// Returns the whole of the session but its transcript; nothing when there is no such session.
    pub fn view(&self, id: SessionId) -> Option<SessionView> {
        let about = self.about.as_ref()?;
        let mut participants: std::collections::BTreeMap<_, _> =
            self.participants.iter().map(|(user, participant)| (*user, participant.role)).collect();
        participants.insert(about.owner, Role::Owner);
        let mut threads: Vec<_> = self.threads.iter().map(|(id, thread)| thread.view(*id)).collect();
        threads.sort_by_key(|thread| (thread.id != about.default_thread, thread.created_at, thread.id));
        Some(SessionView {
            id,
            title: self.title().to_owned(),
            status: self.status(),
            purpose: about.purpose,
            owner: about.owner,
            participants,
            created_at: about.created_at,
            updated_at: self.updated_at,
            agent: about.agent.clone(),
            model: self.model_in_use.clone().or_else(|| about.model.clone()),
            models: self.models.clone(),
            mode: about.mode,
            threads,
            queue: self.queue.iter().map(message::QueuedPrompt::view).collect(),
            turns: self.turns.iter().map(|(id, turn)| turn.view(*id)).collect(),
            questions: self.turns.iter().flat_map(|(id, turn)| turn.question_views(*id)).collect(),
            usage: self.usage(),
            runs: self.run_views(),
            workspace: self.workspace_view(),
            runner: about.runner.clone(),
            states: self.joint_state(),
            sandbox: self.sandbox_view(),
        })
    }

    /// Returns all that was used in this session, open turns included.
    pub fn usage(&self) -> Usage {
        let mut sum = self.usage_before.clone();
        self.threads.values().for_each(|thread| sum.add(&thread.usage));
        self.turns.values().for_each(|turn| sum.add(&turn.usage));
        sum
    }
}

impl Thread {
    /// Returns the thread as people see it.
    pub fn view(&self, id: ThreadId) -> ThreadView {
        let retryable = |last: &&crate::state::ClosedTurn| last.message.is_some() && !last.retried;
        ThreadView {
            id,
            title: self.title.clone().unwrap_or_default(),
            created_at: self.opened_at,
            last_finish: self.last.as_ref().map(|last| last.reason),
            retry: self.last.as_ref().filter(retryable).map(|last| last.turn),
        }
    }
}

impl message::QueuedPrompt {
    /// Returns the prompt as people see it.
    pub fn view(&self) -> QueuedPrompt {
        QueuedPrompt {
            prompt: self.id,
            thread: self.thread,
            text: self.text.clone(),
            attachments: self.attachments.iter().map(|file| file.name.clone()).collect(),
            mode: self.mode,
            author: self.by.user,
            author_name: self.by.name.clone(),
            queued_at: self.queued_at,
            step: self.step.as_ref().map(|step| step.asked.step.clone()),
        }
    }
}

impl Turn {
    /// Returns the turn as people see it, with its parts so far.
    pub fn view(&self, id: TurnId) -> TurnView {
        TurnView {
            turn: id,
            thread: self.thread,
            phase: self.phase.seen(),
            waiting: self.waiting(),
            runner: self.phase.hold().map(|hold| hold.runner),
            agent: self.agent(),
            started_at: self.opened_at,
            status: self.seen_status(),
            parts: self.parts.clone(),
            usage: self.usage.clone(),
            step: self.step().cloned(),
        }
    }

    /// Returns the open questions as people see them.
    pub fn question_views(&self, id: TurnId) -> Vec<QuestionView> {
        let view = |(question, asked): (_, &crate::turn::Question)| QuestionView {
            question,
            turn: id,
            thread: self.thread,
            text: asked.text.clone(),
            options: asked.options.clone(),
            asked_at: asked.asked_at,
            expires_at: asked.deadline,
        };
        self.open_questions().into_iter().map(view).collect()
    }

    /// Returns the agent that answers: the one that began, else the runner's choice, else the one that was asked for.
    pub fn agent(&self) -> Option<String> {
        let began = self.created.as_ref().map(|head| head.agent.clone());
        began.or_else(|| self.phase.hold().map(|hold| hold.agent.clone())).or_else(|| self.message.agent.clone())
    }

    /// Says in one sentence what the turn waits for.
    fn waiting(&self) -> Option<String> {
        if let Some(held_up) = &self.held_up {
            return Some(held_up.why.clone());
        }
        match &self.phase {
            Phase::Offering => Some("waits for a runner to take it on".into()),
            Phase::Accepted { .. } => Some("waits for its runner to begin".into()),
            Phase::Cancelling { .. } => Some("waits for its runner to confirm that nothing runs any more".into()),
            Phase::Running { .. } if !self.open_questions().is_empty() => Some("waits for an answer".into()),
            Phase::Running { .. } => None,
        }
    }

    pub(crate) fn seen_status(&self) -> AgentStatus {
        if !self.open_questions().is_empty() {
            return AgentStatus::Waiting;
        }
        let said = self.status.as_ref().map(|said| said.status);
        said.unwrap_or(if matches!(self.phase, Phase::Running { .. }) {
            AgentStatus::Thinking
        } else {
            AgentStatus::Idle
        })
    }
}

impl Phase {
    /// Returns the phase as people see it.
    pub fn seen(&self) -> TurnPhase {
        match self {
            Phase::Offering => TurnPhase::Offering,
            Phase::Accepted { .. } => TurnPhase::Accepted,
            Phase::Running { .. } => TurnPhase::Running,
            Phase::Cancelling { .. } => TurnPhase::Cancelling,
        }
    }
}

/// Returns the message of the transcript that an event holds, if it holds one.
pub fn message(event: &Event, seq: u64, at: Timestamp) -> Option<Message> {
    match event {
        Event::TurnOpened { turn, thread, message, .. } => {
            let names: Vec<_> = message.authors.iter().map(|author| author.name.as_str()).collect();
            Some(Message {
                seq,
                at,
                role: MessageRole::User,
                thread: *thread,
                turn: *turn,
                author: names.join(", "),
                parts: vec![Part::Text { text: message.text.clone() }],
                attachments: message.attachments.iter().map(|file| file.name.clone()).collect(),
                finish: None,
                usage: None,
                step: message.step.as_ref().map(|asked| asked.step.clone()),
            })
        }
        Event::TurnFinished { turn, thread, reason, agent, parts, usage, step, .. } => Some(Message {
            seq,
            at,
            role: MessageRole::Assistant,
            thread: *thread,
            turn: *turn,
            author: agent.clone().unwrap_or_default(),
            parts: parts.clone(),
            attachments: vec![],
            finish: Some(*reason),
            usage: Some(usage.clone()),
            step: step.clone(),
        }),
        _ => None,
    }
}

/// Shows a message of a turn that another repair round took the place of: it counts as canceled.
pub fn superseded(mut message: Message) -> Message {
    if message.role == MessageRole::Assistant {
        message.finish = Some(FinishReason::Canceled);
        message.parts.retain(|part| !matches!(part, Part::Finish { .. }));
        message.parts.push(Part::Finish { reason: FinishReason::Canceled });
    }
    message
}
