//! What a chat client has on its screen: its events folded, and a memory of every word that it was ever shown.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tenure_model::chat::{FinishReason, Part, PromptMode, TextKind};
use tenure_model::id::{QuestionId, ThreadId, TurnId};
use tenure_model::view::{Message, MessageRole, QueuedPrompt, SessionStatus, SessionView};
use tenure_protocol::client::ClientEvent;

/// A client's picture of one session. Every event can be applied twice.
#[derive(Clone, Debug, Default)]
pub struct View {
    pub cursor: Option<u64>,
    /// The finished messages that were told or fetched, in the order of the transcript: a record that ends one turn and
    /// opens the next holds the answer first.
    pub messages: BTreeMap<(u64, bool), Message>,
    /// The open turns with their parts so far.
    pub turns: BTreeMap<TurnId, BTreeMap<u32, Part>>,
    pub queue: Vec<QueuedPrompt>,
    pub questions: BTreeMap<QuestionId, String>,
    pub threads: BTreeMap<ThreadId, String>,
    pub title: String,
    pub mode: PromptMode,
    pub status: Option<SessionStatus>,
    /// The text of every part as it was shown last; nothing is ever taken out. Shared, so that others can look at it
    /// while this client goes on.
    pub seen: Arc<Mutex<Seen>>,
    /// Whether messages were told in between that are to be fetched.
    pub fetch: bool,
}

/// Every word that was shown, by turn and part.
pub type Seen = BTreeMap<TurnId, BTreeMap<u32, String>>;

impl View {
    /// Takes an event up.
    pub fn apply(&mut self, mut event: ClientEvent) {
        if let Some(position) = event.position_mut() {
            self.cursor = self.cursor.max(Some(*position));
        }
        match event {
            ClientEvent::Init { session, .. } => self.replace(session),
            ClientEvent::Resync { position, session, .. } => {
                self.cursor = Some(position);
                self.replace(session);
            }
            ClientEvent::Message { message, .. } => self.keep(message),
            ClientEvent::Finalize { message, .. } => {
                self.turns.remove(&message.turn);
                self.keep(message);
            }
            ClientEvent::MessageCreate { turn, .. } => {
                self.turns.entry(turn).or_default();
            }
            ClientEvent::TextDelta { turn, part, kind, offset, text, .. } => self.text(turn, part, kind, offset, &text),
            ClientEvent::ToolUpdate { turn, part, call, .. } => {
                let parts = self.turns.entry(turn).or_default();
                let output = match parts.remove(&part) {
                    Some(Part::ToolCall { output, .. }) => output,
                    _ => String::new(),
                };
                parts.insert(part, Part::ToolCall { call, output });
            }
            ClientEvent::Question { question, .. } => {
                self.questions.insert(question.question, question.text);
            }
            ClientEvent::QuestionResolved { question, .. } => {
                self.questions.remove(&question);
            }
            ClientEvent::QueueState { queue, .. } => self.queue = queue,
            ClientEvent::ThreadCreated { thread, .. } | ClientEvent::ThreadUpdated { thread, .. } => {
                self.threads.insert(thread.id, thread.title);
            }
            ClientEvent::Title { title, .. } => self.title = title,
            ClientEvent::SessionUpdated { status, mode, .. } => (self.status, self.mode) = (Some(status), mode),
            _ => {}
        }
    }

    /// Takes up messages that were fetched.
    pub fn fetched(&mut self, messages: Vec<Message>) {
        messages.into_iter().for_each(|message| self.keep(message));
        self.fetch = false;
    }

    /// Returns the whole text of a turn's answer, when it is finished, and how it ended.
    pub fn answer(&self, turn: TurnId) -> Option<(String, Option<FinishReason>)> {
        let is_it = |message: &&Message| message.turn == turn && message.role == MessageRole::Assistant;
        let message = self.messages.values().find(is_it)?;
        Some((text_of(&message.parts), message.finish))
    }

    fn replace(&mut self, session: SessionView) {
        self.turns = session.turns.into_iter().map(|turn| (turn.turn, turn.parts)).collect();
        self.queue = session.queue;
        self.questions = session.questions.into_iter().map(|asked| (asked.question, asked.text)).collect();
        self.threads = session.threads.into_iter().map(|thread| (thread.id, thread.title)).collect();
        (self.title, self.mode, self.status) = (session.title, session.mode, Some(session.status));
        self.fetch = true;
        for (turn, parts) in self.turns.clone() {
            parts.iter().for_each(|(place, part)| show(&self.seen, turn, *place, words(part)));
        }
    }

    fn keep(&mut self, message: Message) {
        if message.role == MessageRole::Assistant {
            (0..).zip(&message.parts).for_each(|(place, part)| show(&self.seen, message.turn, place, words(part)));
        }
        self.messages.insert((message.seq, message.role == MessageRole::User), message);
    }

    fn text(&mut self, turn: TurnId, place: u32, kind: TextKind, offset: u64, more: &str) {
        let Some(parts) = self.turns.get_mut(&turn) else { panic!("text of {turn}, which is not open") };
        let part = parts.entry(place).or_insert_with(|| match kind {
            TextKind::Reasoning => Part::Reasoning { text: String::new() },
            TextKind::Text | TextKind::Output => Part::Text { text: String::new() },
        });
        let (Part::Text { text } | Part::Reasoning { text } | Part::ToolCall { output: text, .. }) = part else {
            panic!("text of part {place} of {turn}, which takes none")
        };
        let offset = usize::try_from(offset).expect("it fits in memory");
        assert!(offset <= text.len(), "text is missing before {offset} in part {place} of {turn}: there is {text:?}");
        text.push_str(more.get(text.len() - offset..).unwrap_or_default());
        show(&self.seen, turn, place, text);
    }

    /// Tells whether words of a turn were shown.
    pub fn has_seen(&self, turn: TurnId, said: &str) -> bool {
        let seen = self.seen.lock().expect("nobody panics with it");
        seen.get(&turn).is_some_and(|parts| parts.values().any(|text| text == said))
    }
}

/// Notes what is shown. What was shown before must still be there.
fn show(seen: &Mutex<Seen>, turn: TurnId, place: u32, text: &str) {
    let mut seen = seen.lock().expect("nobody panics with it");
    let seen = seen.entry(turn).or_default().entry(place).or_default();
    let more = text.strip_prefix(seen.as_str());
    let more = more.unwrap_or_else(|| panic!("part {place} of {turn} was {seen:?} and is {text:?}: words are gone"));
    seen.push_str(more);
}

/// Returns the words of a part that grow while it streams.
pub fn words(part: &Part) -> &str {
    match part {
        Part::Text { text } | Part::Reasoning { text } => text,
        Part::ToolCall { output, .. } => output,
        Part::Error { .. } | Part::Finish { .. } => "",
    }
}

/// Returns what an answer says.
pub fn text_of(parts: &[Part]) -> String {
    let texts = parts.iter().filter_map(|part| match part {
        Part::Text { text } => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}
