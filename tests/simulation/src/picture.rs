//! A session as somebody sees it who watches: a second reading of the events, which knows nothing of the first.

use std::collections::{BTreeMap, BTreeSet};

use tenure_model::chat::{Part, TextKind};
use tenure_model::id::{PromptId, QuestionId, SessionId, ThreadId, TurnId};
use tenure_model::view::{Message, MessageRole, TurnPhase};
use tenure_model::{Delta, Timestamp};
use tenure_session::{Event, Session, TextDelta};

use crate::journal::Journal;
use crate::say::Item;

/// What somebody who watches has in front of them. Everything can be applied twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    pub threads: BTreeSet<ThreadId>,
    /// The finished messages; seq and author's side name one.
    pub messages: BTreeMap<(u64, bool), Message>,
    pub turns: BTreeMap<TurnId, OpenTurn>,
    /// The waiting prompts; their order is told whole by the server.
    pub queue: BTreeMap<PromptId, String>,
    pub questions: BTreeMap<QuestionId, TurnId>,
}

/// A turn that is not over.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenTurn {
    pub thread: ThreadId,
    pub phase: TurnPhase,
    pub parts: BTreeMap<u32, Part>,
}

impl Picture {
    /// Draws the picture of a state and of the messages up to a position.
    pub fn of(state: &Session, id: SessionId, journal: &Journal, up_to: u64) -> Self {
        let mut picture = Self::default();
        let Some(view) = state.view(id) else { return picture };
        for news in journal.news(id, 0, up_to) {
            news.events.iter().for_each(|event| picture.keep_message(event, news.seq, news.at));
        }
        picture.threads = view.threads.iter().map(|thread| thread.id).collect();
        picture.queue = view.queue.into_iter().map(|queued| (queued.prompt, queued.text)).collect();
        picture.questions = view.questions.into_iter().map(|asked| (asked.question, asked.turn)).collect();
        let open = |turn: tenure_model::view::TurnView| {
            (turn.turn, OpenTurn { thread: turn.thread, phase: turn.phase, parts: turn.parts })
        };
        picture.turns = view.turns.into_iter().map(open).collect();
        picture
    }

    /// Takes something up; tells whether nothing is missing before it.
    #[must_use]
    pub fn take(&mut self, item: &Item) -> bool {
        match item {
            Item::Event { seq, at, event } => {
                self.event(event, *seq, *at);
                true
            }
            Item::Text(delta) => self.text(delta).is_some(),
        }
    }

    fn keep_message(&mut self, event: &Event, seq: u64, at: Timestamp) {
        if let Some(message) = tenure_session::view::message(event, seq, at) {
            self.messages.insert((seq, message.role == MessageRole::User), message);
        }
    }

    fn event(&mut self, event: &Event, seq: u64, at: Timestamp) {
        self.keep_message(event, seq, at);
        match event {
            Event::Created { thread, .. } | Event::ThreadOpened { thread, .. } => {
                self.threads.insert(*thread);
            }
            Event::PromptQueued { prompt } => {
                self.queue.insert(prompt.id, prompt.text.clone());
            }
            Event::PromptEdited { prompt, text, .. } => {
                self.queue.entry(*prompt).and_modify(|known| known.clone_from(text));
            }
            Event::PromptWithdrawn { prompt, .. } => {
                self.queue.remove(prompt);
            }
            Event::TurnOpened { turn, thread, message, .. } => {
                self.queue.retain(|prompt, _| !message.prompts.contains(prompt));
                let opened = OpenTurn { thread: *thread, phase: TurnPhase::Offering, parts: BTreeMap::new() };
                self.turns.entry(*turn).or_insert(opened);
            }
            Event::TurnAccepted { turn, .. } => self.phase(*turn, TurnPhase::Accepted),
            Event::TurnStarted { turn } => self.phase(*turn, TurnPhase::Running),
            Event::TurnCancelling { turn, .. } => self.phase(*turn, TurnPhase::Cancelling),
            Event::TurnFinished { turn, .. } => {
                self.turns.remove(turn);
                self.questions.retain(|_, of| of != turn);
            }
            Event::ToolUpdated { turn, part, call, .. } => {
                let Some(open) = self.turns.get_mut(turn) else { return };
                let output = match open.parts.remove(part) {
                    Some(Part::ToolCall { output, .. }) => output,
                    _ => String::new(),
                };
                open.parts.insert(*part, Part::ToolCall { call: call.clone(), output });
            }
            Event::QuestionAsked { turn, question, .. } => {
                self.questions.insert(*question, *turn);
            }
            Event::QuestionAnswered { question, prompt, .. } => {
                self.questions.remove(question);
                self.queue.retain(|waiting, _| Some(*waiting) != *prompt);
            }
            Event::QuestionExpired { question, .. } => {
                self.questions.remove(question);
            }
            _ => {}
        }
    }

    fn phase(&mut self, turn: TurnId, phase: TurnPhase) {
        if let Some(turn) = self.turns.get_mut(&turn) {
            turn.phase = phase;
        }
    }

    /// Adds text by its offset; nothing when its turn is not open, or its place is not reached.
    fn text(&mut self, delta: &Delta) -> Option<()> {
        let open = self.turns.get_mut(&TurnId(delta.stream))?;
        let more = TextDelta::read(delta)?;
        let part = open.parts.entry(more.part).or_insert_with(|| match more.kind {
            TextKind::Reasoning => Part::Reasoning { text: String::new() },
            _ => Part::Text { text: String::new() },
        });
        let text = text_of_mut(part);
        let known = text.len().checked_sub(more.offset as usize)?;
        text.push_str(more.text.get(known..).unwrap_or_default());
        Some(())
    }
}

/// Returns the text of a part, or the output of a tool call.
pub fn text_of(part: &Part) -> &str {
    match part {
        Part::Text { text } | Part::Reasoning { text } => text,
        Part::ToolCall { output, .. } => output,
        Part::Error { .. } | Part::Finish { .. } => "",
    }
}

fn text_of_mut(part: &mut Part) -> &mut String {
    match part {
        Part::Text { text } | Part::Reasoning { text } => text,
        Part::ToolCall { output, .. } => output,
        Part::Error { message } => message,
        Part::Finish { .. } => unreachable!("an open turn has no final part"),
    }
}
