//! The witness: what has really happened, seen from outside of all processes. It forgets nothing in a crash.

use std::collections::{BTreeMap, BTreeSet};

use tenure_model::Decision;
use tenure_model::chat::Part;
use tenure_model::id::{PromptId, SessionId, ThreadId, TurnId, UserId, WorkId};
use tenure_model::link::TurnFrame;
use tenure_model::view::Role;
use tenure_session::{Command, Event, Refusal, Reply, Session, TextDelta};

use crate::journal::Commit;
use crate::picture::{Picture, text_of};
use crate::say::{Answer, Item};

/// Something that has happened.
pub enum Fact<'a> {
    /// A commit is on disk, or was acknowledged as if it were.
    Committed {
        position: u64,
        commit: &'a Commit,
    },
    /// An agent has said something, whether anybody hears it or not.
    Said {
        work: WorkId,
        frame: &'a TurnFrame,
    },
    /// The agent of a work was started.
    Began {
        work: WorkId,
        generation: u32,
    },
    /// A runner died, or gave its lease up, while it had this work.
    RunnerLost {
        work: WorkId,
    },
    /// A runner was told that all frames below `next` are durable.
    Acknowledged {
        work: WorkId,
        next: u64,
    },
    /// A command was judged a second time.
    Repeated {
        command: &'a Command,
        decision: &'a Result<Decision<Session>, Refusal>,
    },
    /// A person heard the answer to a request.
    Answered {
        user: UserId,
        role: Role,
        request: &'a str,
        answer: &'a Answer,
    },
    /// A person was shown something.
    Shown {
        position: u64,
        item: &'a Item,
    },
    ShownPicture {
        position: u64,
        picture: &'a Picture,
    },
    /// A person was shown text without what stands before it.
    Missed {
        position: u64,
        item: &'a Item,
    },
}

/// An invariant that did not hold.
#[derive(Clone, Debug)]
pub struct Violation {
    pub invariant: &'static str,
    pub detail: String,
}

/// All that the witness remembers.
#[derive(Default)]
pub struct Truth {
    pub violation: Option<Violation>,
    /// Whether links keep their order.
    pub orderly: bool,
    pub position: u64,
    pub turns: BTreeMap<TurnId, TurnTruth>,
    pub prompts: BTreeMap<PromptId, PromptTruth>,
    /// The text of every prompt that was queued, apart from retries.
    pub wishes: BTreeSet<String>,
    pub said: BTreeMap<WorkId, BTreeMap<u32, String>>,
    pub began: BTreeMap<(WorkId, u32), u32>,
    pub lost: BTreeSet<WorkId>,
    /// The answers that people have heard, refusals apart.
    pub answers: BTreeMap<(UserId, String), Reply>,
    /// How much of each part was shown to anybody.
    pub seen: BTreeMap<TurnId, BTreeMap<u32, usize>>,
    /// How many facts there were.
    pub facts: u64,
}

/// What is durable of one turn.
pub struct TurnTruth {
    pub session: SessionId,
    pub thread: ThreadId,
    pub open: bool,
    pub next_frame: u64,
    pub text: BTreeMap<u32, String>,
}

/// What became of one prompt.
pub struct PromptTruth {
    pub session: SessionId,
    pub text: String,
    pub fate: Fate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Waits,
    Taken,
    Withdrawn,
    /// It became the answer to a question.
    Answered,
}

impl Truth {
    /// Takes note of a fact.
    pub fn take(&mut self, fact: &Fact<'_>) {
        self.facts += 1;
        match fact {
            Fact::Committed { position, commit } => {
                self.position = *position;
                let events = commit.record.iter().flat_map(|record| &record.events);
                events.for_each(|event| self.event(commit.session, event));
                for delta in &commit.deltas {
                    let Some(more) = TextDelta::read(delta) else { continue };
                    let Some(turn) = self.turns.get_mut(&TurnId(delta.stream)) else {
                        continue;
                    };
                    turn.next_frame = turn.next_frame.max(delta.number + 1);
                    turn.text.entry(more.part).or_default().push_str(&more.text);
                }
            }
            Fact::Said { work, frame: TurnFrame::TextDelta { part, text, .. } } => {
                self.said.entry(*work).or_default().entry(*part).or_default().push_str(text);
            }
            Fact::Began { work, generation } => *self.began.entry((*work, *generation)).or_default() += 1,
            Fact::RunnerLost { work } => {
                self.lost.insert(*work);
            }
            Fact::Answered { user, request, answer: Answer::Taken(reply), .. } => {
                self.answers.insert((*user, (*request).to_owned()), reply.clone());
            }
            Fact::Shown { item: Item::Text(delta), .. } => {
                if let Some(more) = TextDelta::read(delta) {
                    self.show(TurnId(delta.stream), more.part, more.offset as usize + more.text.len());
                }
            }
            Fact::ShownPicture { picture, .. } => {
                for (turn, open) in &picture.turns {
                    for (part, content) in &open.parts {
                        self.show(*turn, *part, text_of(content).len());
                    }
                }
            }
            Fact::Said { .. }
            | Fact::Acknowledged { .. }
            | Fact::Repeated { .. }
            | Fact::Answered { .. }
            | Fact::Shown { .. }
            | Fact::Missed { .. } => {}
        }
    }

    fn show(&mut self, turn: TurnId, part: u32, length: usize) {
        let seen = self.seen.entry(turn).or_default().entry(part).or_default();
        *seen = length.max(*seen);
    }

    fn event(&mut self, session: SessionId, event: &Event) {
        if let Some((turn, frame)) = event.frame()
            && let Some(turn) = self.turns.get_mut(&turn)
        {
            turn.next_frame = turn.next_frame.max(frame + 1);
        }
        match event {
            Event::PromptQueued { prompt } => {
                let (text, fate) = (prompt.text.clone(), Fate::Waits);
                if prompt.retry_of.is_none() {
                    self.wishes.insert(text.clone());
                }
                self.prompts.insert(prompt.id, PromptTruth { session, text, fate });
            }
            Event::PromptEdited { prompt, text, .. } => {
                if let Some(prompt) = self.prompts.get_mut(prompt) {
                    prompt.text.clone_from(text);
                }
            }
            Event::PromptWithdrawn { prompt, .. } => self.fate(*prompt, Fate::Withdrawn),
            Event::QuestionAnswered { prompt: Some(prompt), .. } => self.fate(*prompt, Fate::Answered),
            Event::TurnOpened { turn, thread, message, .. } => {
                message.prompts.iter().for_each(|prompt| self.fate(*prompt, Fate::Taken));
                let (thread, text) = (*thread, BTreeMap::new());
                self.turns.insert(*turn, TurnTruth { session, thread, open: true, next_frame: 0, text });
            }
            Event::TurnFinished { turn, parts, next_frame, .. } => {
                if let Some(turn) = self.turns.get_mut(turn) {
                    turn.open = false;
                    turn.next_frame = *next_frame;
                    turn.text = texts(parts);
                }
            }
            _ => {}
        }
    }

    fn fate(&mut self, prompt: PromptId, fate: Fate) {
        if let Some(prompt) = self.prompts.get_mut(&prompt) {
            prompt.fate = fate;
        }
    }
}

/// Returns the texts of a finished message by part, where there is any.
pub fn texts(parts: &[Part]) -> BTreeMap<u32, String> {
    let texts = (0..).zip(parts.iter().map(text_of));
    texts.filter(|(_, text)| !text.is_empty()).map(|(part, text)| (part, text.to_owned())).collect()
}
