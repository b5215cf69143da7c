//! Calls of the server's tools on their way over the link: each is said again after every reconnect until it is answered.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use serde_json::{Map, Value};
use tenure_model::id::{SessionId, WorkId};
use tenure_protocol::Problem;
use tenure_protocol::runner::{RunnerMessage, ServerMessage};
use tenure_protocol::tool::{PromptRow, ToolAnswer, ToolRow};
use tokio::sync::{Notify, Semaphore, oneshot};
use tokio::time::timeout;

use crate::identity::fresh_id;

/// Calls under way at once; others wait their turn.
const CALLS_MAX: usize = 64;
/// How long a call may take, with all the time that the runner has no link.
const CALL_WITHIN: Duration = Duration::from_secs(10 * 60);

/// How long a prompt may take.
const PROMPT_WITHIN: Duration = Duration::from_secs(30);

/// The work that a call is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Calling {
    pub session: SessionId,
    pub work: WorkId,
    pub generation: u32,
}

/// The calls of all works.
pub struct Calls {
    pending: Mutex<BTreeMap<String, Pending>>,
    places: Semaphore,
    news: Notify,
}

/// A call that was not answered.
struct Pending {
    message: RunnerMessage,
    answer: oneshot::Sender<ServerMessage>,
    /// Whether it was said over the link that there is now.
    said: bool,
}

impl Default for Calls {
    fn default() -> Self {
        Self { pending: Mutex::default(), places: Semaphore::new(CALLS_MAX), news: Notify::new() }
    }
}

impl Calls {
    /// Asks for the tools that a work may call.
    pub async fn list(&self, calling: Calling) -> Result<Vec<ToolRow>, Problem> {
        let Calling { session, work, generation } = calling;
        match self.ask(|reference| RunnerMessage::ListTools { reference, session, work, generation }).await? {
            ServerMessage::Tools { tools, .. } => Ok(tools),
            other => Err(unexpected(other)),
        }
    }

    /// Asks for the prompts that a work may read.
    pub async fn prompts(&self, calling: Calling) -> Result<Vec<PromptRow>, Problem> {
        let Calling { session, work, generation } = calling;
        let message = |reference| RunnerMessage::ListPrompts { reference, session, work, generation };
        match self.soon(message).await? {
            ServerMessage::Prompts { prompts, .. } => Ok(prompts),
            other => Err(unexpected(other)),
        }
    }

    /// Reads a prompt for a work: what it is about, and its text.
    pub async fn prompt(
        &self,
        calling: Calling,
        name: String,
        arguments: Map<String, Value>,
    ) -> Result<(String, String), Problem> {
        let Calling { session, work, generation } = calling;
        let message = |reference| RunnerMessage::GetPrompt { reference, session, work, generation, name, arguments };
        match self.soon(message).await? {
            ServerMessage::Prompt { about, text, .. } => Ok((about, text)),
            other => Err(unexpected(other)),
        }
    }

    /// Asks what an older server does not know, which answers nothing then.
    async fn soon(&self, message: impl FnOnce(String) -> RunnerMessage) -> Result<ServerMessage, Problem> {
        if let Ok(told) = timeout(PROMPT_WITHIN, self.ask(message)).await {
            return told;
        }
        let seconds = PROMPT_WITHIN.as_secs();
        let detail = format!("the server did not answer within {seconds} s; it may be older than this runner");
        Err(Problem::new(504, "prompt_late", detail))
    }

    /// Calls a tool for a work. The call has a key of its own unless `key` gives it one, so that saying it again does nothing
    /// twice.
    pub async fn call(
        &self,
        calling: Calling,
        name: String,
        params: Map<String, Value>,
        key: Option<String>,
    ) -> Result<ToolAnswer, Problem> {
        let Calling { session, work, generation } = calling;
        let message = |reference: String| {
            let key = Some(key.unwrap_or_else(|| reference.clone()));
            RunnerMessage::CallTool { reference, session, work, generation, name, params, key }
        };
        match self.ask(message).await? {
            ServerMessage::Called { answer, .. } => Ok(answer),
            other => Err(unexpected(other)),
        }
    }

    /// Asks and waits. Whoever stops waiting takes the question back.
    async fn ask(&self, message: impl FnOnce(String) -> RunnerMessage) -> Result<ServerMessage, Problem> {
        let asking = async {
            let _place = self.places.acquire().await.expect("the places are never closed");
            let reference = fresh_id().to_string();
            let (answer, told) = oneshot::channel();
            let pending = Pending { message: message(reference.clone()), answer, said: false };
            self.lock().insert(reference.clone(), pending);
            let _asked = Asked { calls: self, reference };
            self.news.notify_one();
            told.await.expect("only its answer takes a question away while somebody waits")
        };
        timeout(CALL_WITHIN, asking).await.map_err(|_| {
            let detail = format!("the server did not answer within {} minutes", CALL_WITHIN.as_secs() / 60);
            Problem::new(504, "tool_late", detail)
        })
    }

    /// Begins a fresh connection: what was not answered is said again.
    pub fn resume(&self) {
        for pending in self.lock().values_mut() {
            pending.said = false;
        }
        self.news.notify_one();
    }

    /// Takes the next message to say. One of more than `bytes_max` bytes would end the link, so it is refused here.
    pub fn take(&self, bytes_max: u64) -> Option<RunnerMessage> {
        let mut all = self.lock();
        loop {
            let (reference, pending) = all.iter_mut().find(|(_, pending)| !pending.said)?;
            pending.said = true;
            let size = serde_json::to_string(&pending.message).expect("messages are plain data").len() as u64;
            if size <= bytes_max {
                // There may be more than one.
                self.news.notify_one();
                return Some(pending.message.clone());
            }
            let reference = reference.clone();
            let detail = format!("the call has {size} bytes, and the server takes messages of {bytes_max}");
            let problem = Problem::new(413, "body_too_large", detail).with_limit(bytes_max, size);
            tell(all.remove(&reference), ServerMessage::Refused { reference, problem });
        }
    }

    /// Waits until there may be something to say.
    pub async fn news(&self) {
        self.news.notified().await;
    }

    /// Hands an answer to whoever waits for it.
    pub fn answered(&self, answer: ServerMessage) {
        use ServerMessage::{Called, Prompt, Prompts, Refused, Tools};
        let (Tools { reference, .. }
        | Called { reference, .. }
        | Prompts { reference, .. }
        | Prompt { reference, .. }
        | Refused { reference, .. }) = &answer
        else {
            return;
        };
        let pending = self.lock().remove(reference);
        tell(pending, answer);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Pending>> {
        self.pending.lock().expect("no holder of this lock panics")
    }
}

/// A question that somebody waits for.
struct Asked<'a> {
    calls: &'a Calls,
    reference: String,
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.calls.lock().remove(&self.reference);
    }
}

fn tell(pending: Option<Pending>, answer: ServerMessage) {
    if let Some(pending) = pending {
        // Whoever asked may have left just now.
        let _ = pending.answer.send(answer);
    }
}

fn unexpected(answer: ServerMessage) -> Problem {
    match answer {
        ServerMessage::Refused { problem, .. } => problem,
        _ => Problem::new(502, "tool_answer_unexpected", "the server answered something else than was asked"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;
    use tokio::task::JoinHandle;

    use super::*;

    const ROOM: u64 = 10_000;

    fn calling() -> Calling {
        Calling { session: SessionId::default(), work: WorkId::default(), generation: 1 }
    }

    fn called(calls: &Arc<Calls>, text: &str) -> JoinHandle<Result<ToolAnswer, Problem>> {
        let (calls, params) = (Arc::clone(calls), json!({ "text": text }).as_object().expect("it is one").clone());
        tokio::spawn(async move { calls.call(calling(), "echo".to_owned(), params, None).await })
    }

    /// Waits for the next message to say.
    async fn said(calls: &Calls) -> RunnerMessage {
        loop {
            calls.news().await;
            if let Some(message) = calls.take(ROOM) {
                return message;
            }
        }
    }

    fn answer_to(message: &RunnerMessage) -> ServerMessage {
        let RunnerMessage::CallTool { reference, params, .. } = message else { panic!("{message:?}") };
        let text = params["text"].as_str().expect("a text").to_owned();
        let answer = ToolAnswer { success: true, text, data: json!(null) };
        ServerMessage::Called { reference: reference.clone(), answer }
    }

    #[tokio::test]
    async fn what_was_not_answered_is_said_again_as_it_was() {
        let calls = Arc::<Calls>::default();
        let (first, second) = (called(&calls, "a"), called(&calls, "b"));
        let said_first = [said(&calls).await, said(&calls).await];
        assert_eq!(calls.take(ROOM), None, "once over one link");
        calls.answered(answer_to(&said_first[0]));
        calls.resume();
        assert_eq!(said(&calls).await, said_first[1]);
        assert_eq!(calls.take(ROOM), None);
        calls.answered(answer_to(&said_first[1]));
        let texts = [first, second].map(async |call| call.await.expect("it ends").expect("an answer").text);
        let [first, second] = texts;
        assert_eq!((first.await.as_str(), second.await.as_str()), ("a", "b"));
        // A late repeat of an answer is nobody's.
        calls.answered(answer_to(&said_first[1]));
    }

    #[tokio::test]
    async fn who_leaves_takes_the_call_back_and_a_large_one_is_never_said() {
        let calls = Arc::<Calls>::default();
        let left = called(&calls, "a");
        said(&calls).await;
        left.abort();
        assert!(left.await.is_err_and(|error| error.is_cancelled()));
        calls.resume();
        assert_eq!(calls.take(ROOM), None);

        let large = called(&calls, &"x".repeat(ROOM as usize));
        let refused = tokio::select! {
            refused = large => refused.expect("it ends").expect_err("it is too large"),
            said = said(&calls) => panic!("{said:?}"),
        };
        assert_eq!((refused.code.as_str(), refused.limit), ("body_too_large", Some(ROOM)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_never_answered_ends_and_what_is_answered_otherwise_fails() {
        let calls = Arc::<Calls>::default();
        let late = called(&calls, "a").await.expect("it ends").expect_err("nobody answers");
        assert_eq!(late.code, "tool_late");
        let odd = called(&calls, "b");
        let RunnerMessage::CallTool { reference, .. } = said(&calls).await else { panic!("it is a call") };
        calls.answered(ServerMessage::Tools { reference, tools: vec![] });
        assert_eq!(odd.await.expect("it ends").expect_err("no answer").code, "tool_answer_unexpected");
    }
}
