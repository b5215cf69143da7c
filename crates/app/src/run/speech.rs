//! What agents say in the session of a run, as far as it belongs to the run's steps, one speaker at a time.

use std::collections::BTreeMap;

use tenure_model::chat::FinishReason;
use tenure_model::id::{SessionId, TurnId};
use tenure_protocol::client::ClientEvent;
use tenure_protocol::execution::StepEvent;

use crate::chat::{ClientView, Shown, brief};
use crate::client::api::Api;
use crate::client::link::{Link, News};
use crate::failure::{Failure, Outcome};

/// How many messages are fetched that were finished before this joined.
const MISSED_MAX: usize = 200;
/// How many turns wait for the step that they belong to; a session may have turns of others.
const UNCLAIMED_MAX: usize = 64;

/// One thing to print.
#[derive(Clone, PartialEq, Debug)]
pub enum Said {
    /// From here on the agent of this step speaks.
    Speaker(String),
    Part(Box<Shown>),
    Question(String),
}

/// The session as far as it was told.
#[derive(Default)]
pub struct Speech {
    line: Option<(Api, SessionId, Link)>,
    /// It cannot be seen, and is not asked for again.
    closed: bool,
    view: ClientView,
    /// The steps that turns belong to; nothing for turns that are not told, such as a command's.
    steps: BTreeMap<TurnId, Option<String>>,
    /// What waits until its step is known, or until whoever speaks has ended.
    waiting: BTreeMap<TurnId, Vec<Shown>>,
    speaker: Option<TurnId>,
    /// Who was named last.
    named: Option<TurnId>,
}

impl Speech {
    /// Joins a session, once.
    pub fn join(&mut self, api: &Api, session: SessionId) {
        if self.line.is_none() && !self.closed {
            self.line = Some((api.clone(), session, Link::join(api, session)));
        }
    }

    /// Waits for what happens next; for ever without a session.
    pub async fn next(&mut self) -> Option<News> {
        match &mut self.line {
            Some((_, _, link)) => link.next().await,
            None => std::future::pending().await,
        }
    }

    /// Stops listening: the run can be told without.
    pub fn leave(&mut self) {
        self.line = None;
        self.closed = true;
    }

    /// Takes one event and returns what is to be printed now.
    pub async fn take(&mut self, event: ClientEvent) -> Outcome<Vec<Said>> {
        let Some((api, session, link)) = &self.line else { return Ok(vec![]) };
        let mut shown = vec![];
        if matches!(event, ClientEvent::Init { .. } | ClientEvent::Resync { .. }) {
            match api.messages_after(*session, self.view.newest_seq(), MISSED_MAX).await {
                Ok(messages) => shown = self.view.catch_up(messages),
                Err(Failure::Unavailable(_)) => {
                    link.renew();
                    return Ok(vec![]);
                }
                Err(failure) => return Err(failure),
            }
        }
        match self.view.apply(event) {
            Ok(more) => shown.extend(more),
            Err(_) => link.renew(),
        }
        Ok(shown.into_iter().flat_map(|shown| self.sort(shown)).collect())
    }

    /// Learns which turn does a step; returns what had waited for that.
    pub fn learn(&mut self, step: &StepEvent) -> Vec<Said> {
        let Some(turn) = step.turn else { return vec![] };
        let path = (step.kind == "agent_prompt").then(|| step.path.clone());
        if path.is_none() {
            self.waiting.remove(&turn);
        }
        self.steps.insert(turn, path);
        self.go_on()
    }

    /// Tells whether the last word of this step's agent is still to come.
    pub fn awaits(&self, path: &str) -> bool {
        self.line.is_some() && self.turns_of(path).any(|turn| self.view.finish_of(turn).is_none())
    }

    /// Returns all that a step's agent has said and that was not printed, because the step is over.
    pub fn rest_of(&mut self, path: &str) -> Vec<Said> {
        let turns: Vec<_> = self.turns_of(path).collect();
        turns.into_iter().flat_map(|turn| self.flush(turn)).collect()
    }

    /// Tells whether a step's agent could be heard.
    pub fn heard(&self, path: &str) -> bool {
        self.line.is_some() && self.turns_of(path).any(|turn| self.view.finish_of(turn).is_some())
    }

    fn turns_of(&self, path: &str) -> impl Iterator<Item = TurnId> {
        self.steps.iter().filter(move |(_, of)| of.as_deref() == Some(path)).map(|(turn, _)| *turn)
    }

    fn flush(&mut self, turn: TurnId) -> Vec<Said> {
        let waiting = self.waiting.remove(&turn).unwrap_or_default();
        if waiting.is_empty() { vec![] } else { self.speak(turn, waiting) }
    }

    fn sort(&mut self, shown: Shown) -> Vec<Said> {
        let turn = match &shown {
            Shown::Text { turn, .. } | Shown::Tool { turn, .. } => *turn,
            Shown::Ended { turn, reason: FinishReason::EndTurn, .. } => *turn,
            Shown::Asked(question) => return vec![Said::Question(brief(&question.text))],
            // What was asked stands in the step's own line, and so does what became of it.
            Shown::Said { .. } | Shown::Ended { .. } | Shown::Resolved { .. } | Shown::Run(_) | Shown::Notice(_) => {
                return self.go_on();
            }
        };
        if matches!(self.steps.get(&turn), Some(None)) {
            return vec![];
        }
        add(self.waiting.entry(turn).or_default(), shown);
        self.forget_strangers();
        self.go_on()
    }

    /// Lets whoever speaks go on, or somebody else begin.
    fn go_on(&mut self) -> Vec<Said> {
        let mut said = vec![];
        loop {
            if let Some(speaker) = self.speaker {
                said.extend(self.flush(speaker));
                if self.view.finish_of(speaker).is_none() {
                    return said;
                }
                self.speaker = None;
            }
            let next = self.waiting.keys().find(|turn| matches!(self.steps.get(turn), Some(Some(_)))).copied();
            let Some(next) = next else { return said };
            said.extend(self.flush(next));
        }
    }

    fn speak(&mut self, turn: TurnId, parts: Vec<Shown>) -> Vec<Said> {
        self.speaker = Some(turn);
        let changed = self.named.replace(turn) != Some(turn);
        let path = self.steps.get(&turn).cloned().flatten().filter(|_| changed);
        path.map(Said::Speaker).into_iter().chain(parts.into_iter().map(|shown| Said::Part(Box::new(shown)))).collect()
    }

    fn forget_strangers(&mut self) {
        let strangers: Vec<_> = self.waiting.keys().filter(|turn| !self.steps.contains_key(turn)).copied().collect();
        let too_many = strangers.len().saturating_sub(UNCLAIMED_MAX);
        strangers.into_iter().take(too_many).for_each(|turn| drop(self.waiting.remove(&turn)));
    }
}

/// Adds a piece; text that goes on is joined.
fn add(pieces: &mut Vec<Shown>, shown: Shown) {
    if let (Some(Shown::Text { part: last, text: held, .. }), Shown::Text { part, text, anew: false, .. }) =
        (pieces.last_mut(), &shown)
        && last == part
    {
        held.push_str(text);
        return;
    }
    pieces.push(shown);
}

#[cfg(test)]
mod tests {
    use tenure_model::chat::TextKind;
    use tenure_model::id::ThreadId;
    use tenure_protocol::execution::StepPhase;
    use uuid::Uuid;

    use super::*;
    use crate::run::samples;

    fn turn(n: u128) -> TurnId {
        TurnId(Uuid::from_u128(n))
    }

    fn text(n: u128, text: &str) -> Shown {
        let kind = TextKind::Text;
        Shown::Text { thread: ThreadId::default(), turn: turn(n), part: 0, kind, text: text.to_owned(), anew: false }
    }

    fn step(path: &str, kind: &str, n: u128) -> StepEvent {
        StepEvent { kind: kind.to_owned(), turn: Some(turn(n)), ..samples::step(path, StepPhase::Started) }
    }

    fn read(said: Vec<Said>) -> String {
        let line = |said| match said {
            Said::Speaker(path) => format!("[{path}]"),
            Said::Part(shown) => match *shown {
                Shown::Text { text, .. } => text,
                other => format!("{other:?}"),
            },
            other => format!("{other:?}"),
        };
        said.into_iter().map(line).collect()
    }

    #[test]
    fn text_waits_for_its_step_and_other_text_is_not_told() {
        let mut speech = Speech::default();
        assert_eq!(read(speech.sort(text(1, "the "))), "");
        assert_eq!(read(speech.sort(text(2, "of a command"))), "");
        assert_eq!(read(speech.learn(&step("say", "agent_prompt", 1))), "[say]the ");
        assert_eq!(read(speech.learn(&step("run", "bash", 2))), "");
        assert_eq!(read(speech.sort(text(2, "more"))), "");
        assert_eq!(read(speech.sort(text(1, "end"))), "end");
    }

    #[test]
    fn one_speaks_at_a_time_and_the_end_of_a_step_gives_it_the_word() {
        let mut speech = Speech::default();
        assert_eq!(read(speech.learn(&step("a", "agent_prompt", 1))), "");
        assert_eq!(read(speech.learn(&step("b", "agent_prompt", 2))), "");
        assert_eq!(read(speech.sort(text(1, "one "))), "[a]one ");
        assert_eq!(read(speech.sort(text(2, "two "))), "");
        assert_eq!(read(speech.sort(text(2, "three"))), "");
        assert_eq!(read(speech.rest_of("b")), "[b]two three");
    }

    #[test]
    fn turns_of_nobody_are_forgotten() {
        let mut speech = Speech::default();
        for n in 0..1_000 {
            speech.sort(text(n, "chat"));
        }
        assert_eq!(speech.waiting.len(), UNCLAIMED_MAX);
    }
}
