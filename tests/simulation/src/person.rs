//! A person at a chat client: wants things, asks again until answered, watches, and comes back where they left off.

use std::collections::BTreeMap;

use tenure_model::Span;
use tenure_model::chat::PromptMode;
use tenure_model::view::{MessageRole, Purpose, Role};
use tenure_session::Action;

use crate::net::{ConnId, Way};
use crate::picture::Picture;
use crate::plan::Flaw;
use crate::say::{Answer, Say};
use crate::scene::{Event, Scene};
use crate::truth::Fact;

/// One person, with what they see and what they wait for.
pub struct Person {
    pub place: usize,
    pub conn: Option<ConnId>,
    /// Up to where the news were told.
    pub cursor: Option<u64>,
    pub picture: Picture,
    /// The requests without an answer.
    pub open: BTreeMap<u64, Request>,
    requests: u64,
}

pub struct Request {
    id: String,
    action: Action,
    /// Sent once more after the answer, to hear the same one again.
    curious: bool,
}

impl Person {
    pub fn new(place: usize) -> Self {
        let (open, picture) = (BTreeMap::new(), Picture::default());
        Self { place, conn: None, cursor: None, picture, open, requests: 0 }
    }

    pub fn connected(&mut self, conn: ConnId, scene: &mut Scene) {
        self.conn = Some(conn);
        scene.send(conn, Way::ToServer, Say::Join { after: self.cursor });
    }

    pub fn left(&mut self, conn: ConnId, scene: &mut Scene) {
        if self.conn == Some(conn) {
            self.conn = None;
            scene.within(100, 4_000, Event::PersonConnects { person: self.place });
        }
    }

    /// Takes what the server says.
    pub fn hear(&mut self, conn: ConnId, say: Say, scene: &mut Scene) {
        if self.conn != Some(conn) {
            return;
        }
        match say {
            Say::Picture { position, picture } => {
                scene.fact(Fact::ShownPicture { position, picture: &picture });
                self.picture = (*picture).clone();
                self.cursor = Some(position);
            }
            Say::News { position, item } => {
                scene.fact(Fact::Shown { position, item: &item });
                if !self.picture.take(&item) {
                    scene.fact(Fact::Missed { position, item: &item });
                }
                self.cursor = self.cursor.max(Some(position));
            }
            Say::Live { position } => self.cursor = self.cursor.max(Some(position)),
            Say::Answered { request, answer } => self.answered(request, answer, scene),
            other => unreachable!("a server does not say {other:?} to a person"),
        }
    }

    fn answered(&mut self, number: u64, answer: Answer, scene: &mut Scene) {
        let character = scene.cast[self.place].clone();
        let Some(request) = self.open.get_mut(&number) else {
            return;
        };
        let (user, role, id) = (character.by.user, character.role, request.id.clone());
        scene.fact(Fact::Answered { user, role, request: &id, answer: &answer });
        scene.note(&character.by.name, || format!("hears of {id}: {answer:?}"));
        let creates = matches!(request.action, Action::Create { .. });
        match answer {
            Answer::Unavailable => {}
            Answer::Taken(_) if request.curious => request.curious = false,
            // The owner comes before the session: whoever is early asks again.
            Answer::Refused(_) if creates => {}
            _ => {
                self.open.remove(&number);
            }
        }
    }

    /// Asks again for what has no answer.
    pub fn asks_again(&mut self, number: u64, scene: &mut Scene) {
        let Some(request) = self.open.get_mut(&number) else {
            return;
        };
        if scene.plan.has(Flaw::ClientForgetsItsRequests) {
            request.id.push('+');
        }
        let (id, action) = (request.id.clone(), request.action.clone());
        if let Some(conn) = self.conn {
            scene.send(conn, Way::ToServer, Say::Want { request: number, id, action });
        }
        scene.within(500, 5_000, Event::PersonAsksAgain { person: self.place, request: number });
    }

    /// Asks for something.
    pub fn asks(&mut self, action: Action, scene: &mut Scene) {
        self.requests += 1;
        let name = scene.cast[self.place].by.name.clone();
        let id = format!("{name} {}", self.requests);
        scene.note(&name, || format!("wants as {id}: {action:?}"));
        let curious = scene.chance.one_in(4);
        self.open.insert(self.requests, Request { id, action, curious });
        self.asks_again(self.requests, scene);
    }

    /// Creates the session.
    pub fn creates(&mut self, scene: &mut Scene) {
        let by = scene.cast[self.place].by.clone();
        let create = Action::Create {
            owner: by.user,
            owner_name: by.name,
            title: None,
            agent: None,
            model: None,
            purpose: if scene.chance.one_in(6) { Purpose::Orchestrator } else { Purpose::Interactive },
            mode: PromptMode::Followup,
            limits: scene.plan.limits.clone(),
            repo: None,
            runner: Default::default(),
        };
        self.asks(create, scene);
        let session = scene.cast[self.place].session;
        let others: Vec<_> =
            scene.cast.iter().filter(|c| c.session == session && c.role != Role::Owner).cloned().collect();
        for other in others {
            let (user, name, role) = (other.by.user, other.by.name, other.role);
            self.asks(Action::Share { user, name, role }, scene);
        }
    }

    /// Wants something, as people do who look at what is going on.
    pub fn wants_something(&mut self, scene: &mut Scene) {
        if scene.healed {
            return;
        }
        let number = self.requests + 1;
        let text = format!("{} says {number}", scene.cast[self.place].by.name);
        let picture = &self.picture;
        let chance = &mut scene.chance;
        let waiting = chance.pick(picture.queue.keys().copied());
        let question = chance.pick(picture.questions.keys().copied());
        let turn = chance.pick(picture.turns.keys().copied());
        let thread = chance.pick(picture.threads.iter().copied().map(Some).chain([None])).flatten();
        let action = match (chance.between(0, 99), waiting, question, turn) {
            (0..40, _, Some(question), _) => Action::Answer { question, answer: text },
            (0..6, Some(prompt), ..) => Action::WithdrawPrompt { prompt },
            (6..12, Some(prompt), ..) => Action::EditPrompt { prompt, text: format!("{text}, edited") },
            (12..20, Some(prompt), ..) => Action::PromotePrompt { prompt },
            (20..26, Some(prompt), ..) => Action::MovePrompt {
                prompt,
                before: chance.pick(picture.queue.keys().copied().map(Some).chain([None])).flatten(),
            },
            (26..33, _, _, turn @ Some(_)) => Action::Abort { thread: None, turn },
            (33..36, ..) => Action::Abort { thread, turn: None },
            (36..41, ..) => Action::OpenThread { title: None },
            (41..48, ..) if self.last_turn().is_some() => {
                Action::Retry { turn: self.last_turn().expect("it was just found") }
            }
            (48..50, ..) => Action::SetMode { mode: PromptMode::Collect },
            (50..51, ..) => Action::Terminate,
            _ => {
                let mode = chance.pick([
                    None,
                    None,
                    Some(PromptMode::Steer),
                    Some(PromptMode::Collect),
                    Some(PromptMode::Followup),
                ]);
                let (mode, attachments) = (mode.flatten(), vec![]);
                Action::Prompt { thread, text, attachments, mode, agent: None, model: None }
            }
        };
        self.asks(action, scene);
        let pause_max = scene.chance.pick([800, 4_000, 15_000]).expect("there are three");
        scene.after(Span(pause_max / 4 + pause_max * (number % 3) / 3), Event::PersonWants { person: self.place });
    }

    fn last_turn(&self) -> Option<tenure_model::id::TurnId> {
        let mut assistants = self.picture.messages.values().filter(|message| message.role == MessageRole::Assistant);
        assistants.next_back().map(|message| message.turn)
    }
}
