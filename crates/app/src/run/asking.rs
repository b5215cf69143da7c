//! The gates of a run: who answers them here, and how an answer reaches the server, whatever happens to it meanwhile.

use std::collections::VecDeque;

use tenure_model::id::ApprovalId;
use tenure_protocol::execution::{ApprovalView, Decide, Decided, Verdict};
use tokio::sync::mpsc;

use crate::client::api::{Api, fresh_key};
use crate::client::backoff::Backoff;
use crate::client::link::spread;
use crate::failure::{Failure, Outcome};

/// How many answers may be on their way at once before the next one waits.
const ANSWERS_MAX: usize = 64;

/// Who decides at this end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Manner {
    /// A person at the terminal.
    Ask,
    /// Every gate gets this answer.
    Always(Verdict),
    /// Nobody; it is said how to decide elsewhere.
    Elsewhere,
}

/// The open gates, and the answers that are on their way.
pub struct Asking {
    manner: Manner,
    open: VecDeque<ApprovalView>,
    send: mpsc::Sender<Outcome<Decided>>,
    taken: mpsc::Receiver<Outcome<Decided>>,
}

/// What a person has typed.
#[derive(PartialEq, Eq, Debug)]
pub struct Answer {
    pub verdict: Verdict,
    pub reason: Option<String>,
}

impl Asking {
    pub fn new(manner: Manner) -> Self {
        let (send, taken) = mpsc::channel(ANSWERS_MAX);
        Self { manner, open: VecDeque::new(), send, taken }
    }

    /// Notes that people are asked, and answers when that is decided here already. Returns what to tell the person.
    pub fn ask(&mut self, api: &Api, view: ApprovalView) -> Option<String> {
        self.close(view.id);
        match self.manner {
            Manner::Always(verdict) => {
                self.send(api, &view, Answer { verdict, reason: None });
                None
            }
            Manner::Ask => {
                self.open.push_back(view);
                Some("y or n, and a reason if you like:".to_owned())
            }
            Manner::Elsewhere => {
                Some(format!("waiting for: tenure approval approve {} (or deny; --reason says why)", view.id))
            }
        }
    }

    /// Notes that something is no longer asked.
    pub fn close(&mut self, approval: ApprovalId) {
        self.open.retain(|view| view.id != approval);
    }

    /// Returns what is asked now.
    pub fn current(&self) -> Option<&ApprovalView> {
        self.open.front()
    }

    /// Takes a line that a person typed; an error says what can be typed.
    pub fn typed(&mut self, api: &Api, line: &str) -> Result<(), String> {
        let Some(view) = self.open.front().cloned() else {
            return Err("nothing is asked now".to_owned());
        };
        let answer = parse(line).ok_or("write y or n, and a reason if you like")?;
        self.send(api, &view, answer);
        Ok(())
    }

    /// Waits for what the server says to an answer.
    pub async fn taken(&mut self) -> Outcome<Decided> {
        self.taken.recv().await.expect("the other end is held here")
    }

    /// Tells whether a refusal is a reason to leave: nobody here can decide, and nobody sits here to do something else.
    pub fn gives_up(&self, failure: &Failure) -> bool {
        let over = |status: u16| matches!(status, 404 | 409 | 410);
        matches!((self.manner, failure), (Manner::Always(_), Failure::Refused(problem)) if !over(problem.status))
    }

    /// Sends an answer until the server has taken or refused it; its key makes repeats harmless.
    fn send(&self, api: &Api, view: &ApprovalView, answer: Answer) {
        let path = format!("/api/executions/{}/approvals/{}", view.execution, view.id);
        let body = Decide { hash: view.hash.clone(), decision: answer.verdict, reason: answer.reason, grant: None };
        let (api, told, key) = (api.clone(), self.send.clone(), fresh_key());
        tokio::spawn(async move {
            let mut backoff = Backoff::default();
            loop {
                let outcome: Outcome<Decided> = api.post_keyed(&path, &key, &body).await;
                if !matches!(outcome, Err(Failure::Unavailable(_))) {
                    // Nobody listens any more when this fails.
                    let _ = told.send(outcome).await;
                    return;
                }
                tokio::time::sleep(backoff.next(spread())).await;
            }
        });
    }
}

/// Understands `y`, `yes`, `n` and `no`, each with a reason behind it.
fn parse(line: &str) -> Option<Answer> {
    let line = line.trim();
    let (word, reason) = line.split_once(|c: char| c.is_whitespace() || c == ',' || c == ':').unwrap_or((line, ""));
    let verdict = match word.to_lowercase().as_str() {
        "y" | "yes" => Verdict::Approved,
        "n" | "no" => Verdict::Denied,
        _ => return None,
    };
    let reason = reason.trim();
    Some(Answer { verdict, reason: (!reason.is_empty()).then(|| reason.to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_and_no_take_a_reason() {
        let answer = |verdict, reason: Option<&str>| Some(Answer { verdict, reason: reason.map(str::to_owned) });
        assert_eq!(parse("y"), answer(Verdict::Approved, None));
        assert_eq!(parse(" Yes, it is tested\n"), answer(Verdict::Approved, Some("it is tested")));
        assert_eq!(parse("n too late"), answer(Verdict::Denied, Some("too late")));
        for other in ["", "yeah", "maybe no"] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
