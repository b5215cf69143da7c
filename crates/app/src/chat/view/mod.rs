//! The client's picture of a session: folds events into it and yields what is new to show, each word once.
//!
//! It is pure: connecting, fetching and printing are done around it. Events may come again (a reconnect repeats the
//! position at which the line broke) and pictures may come in between; what was shown before is not yielded again.

mod runs;
mod shown;
mod turn;

#[cfg(test)]
mod run_tests;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use tenure_model::chat::{FinishReason, PromptMode};
use tenure_model::id::{PromptId, QuestionId, ThreadId, TurnId};
use tenure_model::view::{Message, MessageRole, QuestionView, QueuedPrompt, SessionStatus, SessionView, ThreadView};
use tenure_protocol::client::{ClientEvent, Presence, RunPicture};

use runs::Runs;
pub use runs::{Run, what};
pub use shown::{RunNews, Shown};
pub use turn::{OpenTurn, is_over};

/// How many finished turns are remembered.
const ENDED_MAX: usize = 1_000;

/// Something is missing between what is held and what came: a new picture is needed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gap;

/// A session as far as it is known.
#[derive(Default)]
pub struct ClientView {
    pub title: String,
    pub status: Option<SessionStatus>,
    pub mode: PromptMode,
    pub threads: Vec<ThreadView>,
    pub queue: Vec<QueuedPrompt>,
    pub questions: Vec<QuestionView>,
    pub models: Vec<String>,
    pub presence: Vec<Presence>,
    pub turns: BTreeMap<TurnId, OpenTurn>,
    pub runs: Runs,
    ended: BTreeMap<TurnId, FinishReason>,
    /// Which turn each prompt became, as far as it was seen.
    taken: BTreeMap<PromptId, TurnId>,
    /// The number of the last message shown, and whose messages of that number were.
    newest: Option<(u64, Vec<MessageRole>)>,
}

impl ClientView {
    /// Returns the number below which every message was shown; none before the first one.
    pub fn newest_seq(&self) -> Option<u64> {
        self.newest.as_ref().map(|(seq, _)| *seq)
    }

    /// Returns how a turn ended, once it has.
    pub fn finish_of(&self, turn: TurnId) -> Option<FinishReason> {
        self.ended.get(&turn).copied()
    }

    /// Returns the turn that a prompt became, once it was taken.
    pub fn turn_of(&self, prompt: PromptId) -> Option<TurnId> {
        self.taken.get(&prompt).copied()
    }

    /// Returns the thread of prompts that name none.
    pub fn default_thread(&self) -> Option<ThreadId> {
        self.threads.iter().min_by_key(|thread| (thread.created_at, thread.id)).map(|thread| thread.id)
    }

    /// Returns the open turn of a thread.
    pub fn open_turn(&self, thread: ThreadId) -> Option<&OpenTurn> {
        self.turns.values().find(|turn| turn.thread == thread)
    }

    /// Lists the waiting prompts of a thread, in order.
    pub fn queue_of(&self, thread: ThreadId) -> Vec<&QueuedPrompt> {
        self.queue.iter().filter(|prompt| prompt.thread == thread).collect()
    }

    /// Returns the oldest open question of a thread.
    pub fn question_of(&self, thread: ThreadId) -> Option<&QuestionView> {
        self.questions.iter().find(|question| question.thread == thread)
    }

    /// Takes messages of the transcript, oldest first, that were fetched beside the stream.
    pub fn catch_up(&mut self, messages: Vec<Message>) -> Vec<Shown> {
        messages.into_iter().flat_map(|message| self.message(message, None)).collect()
    }

    /// Takes one event and returns what is new to show.
    pub fn apply(&mut self, event: ClientEvent) -> Result<Vec<Shown>, Gap> {
        match event {
            ClientEvent::Init { session, runs, presence, .. } => {
                self.presence = presence;
                Ok(self.picture(session, runs))
            }
            ClientEvent::Resync { session, runs, presence, reason, .. } => {
                self.presence = presence;
                let mut shown = vec![Shown::Notice(format!("the picture was renewed: {reason}"))];
                shown.extend(self.picture(session, runs));
                Ok(shown)
            }
            ClientEvent::Message { message, .. } => Ok(self.message(message, None)),
            ClientEvent::Finalize { message, error, .. } => Ok(self.message(message, error)),
            ClientEvent::MessageCreate { turn, thread, prompts, .. } => {
                self.taken.extend(prompts.into_iter().map(|prompt| (prompt, turn)));
                if !self.ended.contains_key(&turn) {
                    self.turns.entry(turn).or_insert_with(|| OpenTurn::new(turn, thread));
                }
                Ok(vec![])
            }
            ClientEvent::TextDelta { turn, part, kind, offset, text, .. } => {
                self.in_turn(turn, |open| open.text(part, kind, offset, &text))
            }
            ClientEvent::ToolUpdate { turn, part, call, .. } => self.in_turn(turn, |open| Ok(open.tool(part, call))),
            ClientEvent::TurnPhase { turn, phase, agent, waiting, .. } => self.in_turn(turn, |open| {
                open.phase = phase;
                open.detail = waiting;
                open.agent = agent.or(open.agent.take());
                Ok(vec![])
            }),
            ClientEvent::AgentStatus { turn, status, detail, .. } => self.in_turn(turn, |open| {
                open.status = status;
                open.detail = detail;
                Ok(vec![])
            }),
            other => Ok(self.about_session(other)),
        }
    }

    /// Yields again what is open in a thread, for somebody who turns to it.
    pub fn open_again(&self, thread: ThreadId) -> Vec<Shown> {
        let Some(open) = self.open_turn(thread) else {
            return vec![];
        };
        let mut anew = OpenTurn::new(open.turn, thread);
        open.parts.iter().flat_map(|(at, part)| anew.part(*at, part.clone())).collect()
    }

    fn about_session(&mut self, event: ClientEvent) -> Vec<Shown> {
        match event {
            ClientEvent::Question { question, .. } => return self.asked(question).into_iter().collect(),
            ClientEvent::QuestionResolved { question, answer, by, .. } => {
                return self.resolved(question, answer, by).into_iter().collect();
            }
            ClientEvent::QueueState { queue, .. } => self.queue = queue,
            ClientEvent::QueueWithdrawn { prompt, .. } => self.queue.retain(|queued| queued.prompt != prompt),
            ClientEvent::ThreadCreated { thread, .. } | ClientEvent::ThreadUpdated { thread, .. } => {
                self.threads.retain(|known| known.id != thread.id);
                self.threads.push(thread);
                self.threads.sort_by_key(|thread| (thread.created_at, thread.id));
            }
            ClientEvent::Title { title, .. } => {
                let changed = self.title != title;
                self.title = title;
                return changed.then(|| Shown::Notice(format!("title: {}", self.title))).into_iter().collect();
            }
            ClientEvent::SessionUpdated { status, mode, .. } => {
                let ended = status == SessionStatus::Terminated && self.status != Some(status);
                self.status = Some(status);
                self.mode = mode;
                return ended.then(|| Shown::Notice("the session was terminated".to_owned())).into_iter().collect();
            }
            ClientEvent::RunAttached { run, .. } => return self.runs.attached(run).into_iter().collect(),
            ClientEvent::RunStep { execution, step, .. } => {
                return self.runs.step(execution, *step).into_iter().collect();
            }
            ClientEvent::RunUpdated { run, approvals, .. } => return self.runs.updated(*run, &approvals),
            ClientEvent::Approval { approval, .. } => return self.runs.asks(*approval).into_iter().collect(),
            ClientEvent::ApprovalDecided { decided, .. } => return self.runs.decided(decided).into_iter().collect(),
            ClientEvent::RunEnded { execution, end, .. } => return self.runs.ended(execution, end),
            ClientEvent::Models { models, .. } => self.models = models,
            ClientEvent::ModelSwitched { to, reason, .. } => {
                return vec![Shown::Notice(format!("the model {to} goes on: {reason}"))];
            }
            ClientEvent::PresenceChanged { presence } => self.presence = presence,
            // Usage is told with the end of its turn; the rest is for the connection.
            _ => {}
        }
        vec![]
    }

    fn picture(&mut self, session: SessionView, runs: Vec<RunPicture>) -> Vec<Shown> {
        self.title = session.title;
        self.status = Some(session.status);
        self.mode = session.mode;
        self.threads = session.threads;
        self.threads.sort_by_key(|thread| (thread.created_at, thread.id));
        self.queue = session.queue;
        self.models = session.models;
        // Steps first: the text of their turns stands below them.
        let mut shown = self.runs.picture(session.runs, runs);
        let mut before = std::mem::take(&mut self.turns);
        for picture in session.turns {
            let id = picture.turn;
            let held = before.remove(&id);
            if self.ended.contains_key(&id) {
                continue;
            }
            let mut open = held.unwrap_or_else(|| OpenTurn::new(id, picture.thread));
            shown.extend(open.picture(picture));
            self.turns.insert(id, open);
        }
        shown.extend(before.keys().map(|_| Shown::Notice("a turn ended meanwhile".to_owned())));
        let gone: Vec<_> = self.questions.iter().map(|question| question.question).collect();
        for question in gone {
            if session.questions.iter().all(|open| open.question != question) {
                shown.extend(self.resolved(question, None, None));
            }
        }
        shown.extend(session.questions.into_iter().filter_map(|question| self.asked(question)));
        shown
    }

    fn in_turn(
        &mut self,
        turn: TurnId,
        act: impl FnOnce(&mut OpenTurn) -> Result<Vec<Shown>, Gap>,
    ) -> Result<Vec<Shown>, Gap> {
        match self.turns.get_mut(&turn) {
            Some(open) => act(open),
            None if self.ended.contains_key(&turn) => Ok(vec![]),
            None => Err(Gap),
        }
    }

    fn message(&mut self, message: Message, error: Option<String>) -> Vec<Shown> {
        if self.was_shown(&message) {
            return vec![];
        }
        if message.role == MessageRole::User {
            let text = message.parts.iter().filter_map(spoken).collect::<Vec<_>>().join("\n");
            let (thread, author, attachments) = (message.thread, message.author, message.attachments);
            return vec![Shown::Said { thread, author, text, attachments }];
        }
        let open = self.turns.remove(&message.turn).unwrap_or_else(|| OpenTurn::new(message.turn, message.thread));
        let (reason, shown) = open.finish(&message, error);
        self.ended.insert(message.turn, reason);
        while self.ended.len() > ENDED_MAX {
            self.ended.pop_first();
        }
        self.taken.retain(|_, turn| self.turns.contains_key(turn) || self.ended.contains_key(turn));
        shown
    }

    /// Tells whether a message was shown, and notes that it is now. They come in the order of their numbers; one record can
    /// hold the end of a turn and the prompt of the next one.
    fn was_shown(&mut self, message: &Message) -> bool {
        match &mut self.newest {
            Some((seq, _)) if message.seq < *seq => true,
            Some((seq, roles)) if message.seq == *seq => {
                let known = roles.contains(&message.role);
                roles.extend((!known).then_some(message.role));
                known
            }
            _ => {
                self.newest = Some((message.seq, vec![message.role]));
                false
            }
        }
    }

    fn asked(&mut self, question: QuestionView) -> Option<Shown> {
        if self.questions.iter().any(|known| known.question == question.question) {
            return None;
        }
        self.questions.push(question.clone());
        Some(Shown::Asked(question))
    }

    fn resolved(&mut self, question: QuestionId, answer: Option<String>, by: Option<String>) -> Option<Shown> {
        let at = self.questions.iter().position(|known| known.question == question)?;
        let QuestionView { thread, text, .. } = self.questions.remove(at);
        Some(Shown::Resolved { thread, text, answer, by })
    }
}

fn spoken(part: &tenure_model::chat::Part) -> Option<&str> {
    match part {
        tenure_model::chat::Part::Text { text } => Some(text),
        _ => None,
    }
}
