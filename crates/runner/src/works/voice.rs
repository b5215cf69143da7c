//! What an agent speaks through: turns its words, calls and questions into frames of its work.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tenure_model::chat::{AgentStatus, TextKind, ToolCall, ToolStatus, Usage};
use tenure_model::id::{QuestionId, derived};
use tenure_model::link::TurnFrame;
use tenure_model::time::Span;
use tenure_model::workspace::{FilesChanged, GitState};
use tokio::sync::oneshot;
use tracing::warn;

use super::work::{State, Work};
use crate::identity::fresh_id;

/// The longest text in one frame; longer ones are split.
const TEXT_BYTES_MAX: usize = 16 * 1024;
/// The longest line for people: a title of a call, the detail of a status.
const LINE_BYTES_MAX: usize = 500;
/// The longest id of a call; a longer one is replaced by one derived from it.
const CALL_ID_BYTES_MAX: usize = 200;
/// The most options of a question, and the most models in a list; what is beyond is left out.
const OPTIONS_MAX: usize = 20;
const MODELS_MAX: usize = 200;
/// The most bytes of a call's arguments or result; longer ones are cut, and say so.
const VALUE_BYTES_MAX: usize = 256 * 1024;

/// Speaks for one work. Clones speak for the same work.
#[derive(Clone)]
pub struct Voice(Arc<Work>);

impl Voice {
    pub fn new(work: Arc<Work>) -> Self {
        Self(work)
    }

    pub fn work(&self) -> &Work {
        &self.0
    }

    /// Opens the message; the first frame of a turn.
    pub fn create(&self, agent: &str, model: Option<String>, agent_session: Option<String>) {
        self.say(TurnFrame::MessageCreate { agent: agent.to_owned(), model, agent_session });
    }

    /// Adds to the answer.
    pub fn text(&self, text: &str) {
        self.stream(TextKind::Text, text);
    }

    /// Adds to what the agent thinks aloud.
    pub fn reasoning(&self, text: &str) {
        self.stream(TextKind::Reasoning, text);
    }

    /// Tells a call as it stands now, when that is news.
    pub fn tool(&self, mut call: ToolCall) {
        let masker = self.0.masker();
        call.call = call_id(&call.call);
        call.arguments = cut(masker.masked_value(call.arguments));
        call.result = call.result.map(|result| cut(masker.masked_value(result)));
        call.title = call.title.map(|title| shortened(&masker.mask(&title), LINE_BYTES_MAX));
        call.error = call.error.map(|error| shortened(&masker.mask(&error), TEXT_BYTES_MAX));
        let mut state = self.0.lock();
        // What was held back goes before what ends its part.
        if state.transcript.known(&call.call).is_none()
            && let Some((kind, text)) = state.masking.end_said(masker)
        {
            self.add_text(&mut state, kind, &text);
        }
        if !matches!(call.status, ToolStatus::Pending | ToolStatus::Running) {
            let text = state.masking.end_printed(masker, &call.call);
            self.add_output(&mut state, &call.call, &text);
        }
        if state.transcript.known(&call.call) == Some(&call) {
            return;
        }
        let frame = state.transcript.tool(call);
        self.0.keep(&mut state, frame);
    }

    /// Returns the call as it was last told.
    pub fn known_call(&self, call: &str) -> Option<ToolCall> {
        self.0.lock().transcript.known(&call_id(call)).cloned()
    }

    /// Tells what a running call has just printed.
    pub fn output(&self, call: &str, text: &str) {
        let call = call_id(call);
        let mut state = self.0.lock();
        let text = state.masking.print(self.0.masker(), &call, text);
        self.add_output(&mut state, &call, &text);
    }

    /// Tells what the agent is doing, when that is news.
    pub fn status(&self, status: AgentStatus, detail: Option<String>) {
        let detail = detail.map(|detail| shortened(&self.0.masker().mask(&detail), LINE_BYTES_MAX));
        let frame = TurnFrame::AgentStatus { status, detail };
        let mut state = self.0.lock();
        if state.status.as_ref() != Some(&frame) {
            state.status = Some(frame.clone());
            self.0.keep(&mut state, frame);
        }
    }

    pub fn usage(&self, usage: Usage) {
        self.say(TurnFrame::Usage { usage });
    }

    pub fn title(&self, title: &str) {
        let title = shortened(&self.0.masker().mask(title), 200);
        self.say(TurnFrame::Title { title });
    }

    /// Tells where the workspace's repository stands.
    pub fn git_state(&self, git: GitState) {
        self.say(TurnFrame::GitState { git });
    }

    /// Tells how the workspace's files differ.
    pub fn files_changed(&self, changed: FilesChanged) {
        self.say(TurnFrame::FilesChanged { changed });
    }

    /// Tells that the workspace's files are kept under the id of this work.
    pub fn checkpoint(&self) {
        self.say(TurnFrame::Checkpoint {});
    }

    pub fn models(&self, mut models: Vec<String>, current: Option<String>) {
        models.truncate(MODELS_MAX);
        self.say(TurnFrame::Models { models, current });
    }

    /// Tells that another model goes on with the prompt, and why.
    pub fn switched_model(&self, from: Option<String>, to: String, reason: &str) {
        let reason = shortened(reason, LINE_BYTES_MAX);
        self.say(TurnFrame::ModelSwitched { from, to, reason });
    }

    /// Asks people and waits; nothing comes back when the time for it was over.
    pub async fn ask(&self, text: &str, mut options: Vec<String>, timeout: Option<Duration>) -> Option<String> {
        options.truncate(OPTIONS_MAX);
        let masker = self.0.masker();
        let shown: Vec<String> = options.iter().map(|option| masker.mask(option).into_owned()).collect();
        let question = QuestionId::from(fresh_id());
        let (tx, answer) = oneshot::channel();
        let timeout_ms = timeout.map(|timeout| Span(u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX)));
        {
            let mut state = self.0.lock();
            state.questions.insert(question, tx);
            let (text, options) = (shortened(&masker.mask(text), TEXT_BYTES_MAX), shown.clone());
            self.0.keep(&mut state, TurnFrame::Question { question, text, options, timeout_ms });
        }
        // A dropped sender means that the work is over: no answer will come.
        let answer = answer.await.ok().flatten()?;
        // Who asked knows the option by its own words.
        let chosen = shown.iter().position(|option| *option == answer);
        Some(chosen.map_or(answer, |place| options.swap_remove(place)))
    }

    /// Adds text of a kind to the message.
    pub fn stream(&self, kind: TextKind, text: &str) {
        let mut state = self.0.lock();
        for (kind, text) in state.masking.say(self.0.masker(), kind, text) {
            self.add_text(&mut state, kind, &text);
        }
    }

    fn add_text(&self, state: &mut State, kind: TextKind, text: &str) {
        for piece in pieces(text, TEXT_BYTES_MAX) {
            let frame = state.transcript.text(kind, piece);
            self.0.keep(state, frame);
        }
    }

    fn add_output(&self, state: &mut State, call: &str, text: &str) {
        for piece in pieces(text, TEXT_BYTES_MAX) {
            if let Some(frame) = state.transcript.output(call, piece) {
                self.0.keep(state, frame);
            }
        }
    }

    /// Keeps a frame that is told in one piece. Whatever it says is masked, so that a new kind of frame cannot forget it.
    fn say(&self, frame: TurnFrame) {
        match self.0.masker().masked_as(frame) {
            Ok(frame) => self.0.keep(&mut self.0.lock(), frame),
            Err(error) => warn!(%error, "a frame that holds a secret in a fixed word cannot be told"),
        }
    }
}

/// Splits `text` into pieces of at most `bytes_max` bytes, never inside a character.
pub fn pieces(text: &str, bytes_max: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = rest.floor_char_boundary(bytes_max);
        if end == 0 {
            // A single character longer than the limit still goes out.
            end = rest.chars().next().map_or(rest.len(), char::len_utf8);
        }
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

/// Cuts a text to at most `bytes_max` bytes, the mark of the cut included.
fn shortened(text: &str, bytes_max: usize) -> String {
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    const MARK: &str = "…";
    format!("{}{MARK}", &text[..text.floor_char_boundary(bytes_max - MARK.len())])
}

fn call_id(id: &str) -> String {
    if id.len() <= CALL_ID_BYTES_MAX {
        return id.to_owned();
    }
    derived(&["call", id]).to_string()
}

/// Replaces a value that is too large for a frame by its beginning, as text.
fn cut(value: Value) -> Value {
    let text = value.to_string();
    if text.len() <= VALUE_BYTES_MAX {
        return value;
    }
    let kept = &text[..text.floor_char_boundary(VALUE_BYTES_MAX / 2)];
    Value::String(format!("{kept}… [cut: {} bytes in all]", text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_never_split_a_character() {
        let text = "aäöü€🙂z";
        for size in 1..9 {
            let all: Vec<&str> = pieces(text, size).collect();
            assert_eq!(all.concat(), text);
            assert!(all.iter().all(|piece| piece.len() <= size.max(4)));
        }
    }

    #[test]
    fn long_lines_and_ids_fit_their_limits() {
        assert_eq!(shortened(&"é".repeat(300), 200).len(), 199);
        assert_eq!(shortened("short", 200), "short");
        let long = "x".repeat(CALL_ID_BYTES_MAX + 1);
        assert!(call_id(&long).len() <= CALL_ID_BYTES_MAX);
        assert_eq!(call_id(&long), call_id(&long));
        assert_ne!(call_id(&long), call_id(&format!("{long}y")));
        assert_eq!(call_id("c1"), "c1");
    }

    #[test]
    fn a_huge_value_is_cut_and_says_so() {
        let huge = Value::String("x".repeat(VALUE_BYTES_MAX * 2));
        let kept = cut(huge);
        let text = kept.as_str().unwrap();
        assert!(text.len() < VALUE_BYTES_MAX && text.ends_with("bytes in all]"));
        assert_eq!(cut(Value::from(3)), Value::from(3));
    }
}
