//! A client that goes on whatever happens: it prompts, aborts and steers, asks again until answered, and comes back where
//! it left off. It remembers every answer and every word.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tenure_model::chat::PromptMode;
use tenure_model::id::{SessionId, TurnId};
use tenure_protocol::client::{ClientCommand, ClientEvent, Reply};
use tenure_simulation::chance::Chance;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::socket::{Over, Socket};
use super::view::Seen;
use super::{Api, View};

/// What a chatter is told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Prompts and aborts.
    Chat,
    /// Asks for nothing more, and watches until everything is over.
    ComeToRest,
}

/// What a chatter was told by the server: it must hold for ever.
#[derive(Debug, Default)]
pub struct Told {
    /// The answers to its requests.
    pub replies: BTreeMap<String, Reply>,
    /// Every word that it was shown.
    pub seen: Arc<Mutex<Seen>>,
    pub reconnects: u64,
}

/// One client of one session.
pub struct Chatter {
    pub session: SessionId,
    address: String,
    api: Api,
    token: String,
    chance: Chance,
    view: View,
    /// The requests without an answer.
    open: BTreeMap<String, ClientCommand>,
    requests: u64,
    /// Makes the text of the next prompt.
    prompts: Box<dyn FnMut() -> String + Send>,
    told: Arc<Mutex<Told>>,
}

impl Chatter {
    pub fn new(
        (address, token): (&str, &str),
        session: SessionId,
        chance: Chance,
        prompts: impl FnMut() -> String + Send + 'static,
    ) -> Self {
        let view = View::default();
        let told = Told { seen: view.seen.clone(), ..Told::default() };
        Self {
            session,
            address: address.to_owned(),
            api: Api::new(address, token),
            token: token.to_owned(),
            chance,
            view,
            open: BTreeMap::new(),
            requests: 0,
            prompts: Box::new(prompts),
            told: Arc::new(Mutex::new(told)),
        }
    }

    /// Returns what this client was told, as it grows.
    pub fn told(&self) -> Arc<Mutex<Told>> {
        self.told.clone()
    }

    /// Chats until it is to rest and everything is over; returns what it has on its screen.
    pub async fn chat(mut self, mut wish: watch::Receiver<Wish>) -> View {
        loop {
            let opening = Box::pin(Socket::open(&self.address, &self.token, self.session, self.view.cursor));
            if let Ok(socket) = opening.await {
                match self.talk(socket, &mut wish).await {
                    Ok(()) => return self.view,
                    Err(Over(_)) => self.told.lock().expect("nobody panics with it").reconnects += 1,
                }
            }
            // tidy: allow(sleep) because a client that lost its server dials again after a pause, as real ones do
            sleep(Duration::from_millis(self.chance.between(20, 200))).await;
        }
    }

    async fn talk(&mut self, mut socket: Socket, wish: &mut watch::Receiver<Wish>) -> Result<(), Over> {
        for (id, command) in self.open.clone() {
            socket.send(&id, command).await?;
        }
        let mut next = Instant::now();
        loop {
            if *wish.borrow() == Wish::ComeToRest && self.is_at_rest() {
                return Ok(());
            }
            let chats = *wish.borrow() == Wish::Chat;
            tokio::select! {
                event = socket.next() => self.take(event?).await?,
                _ = wish.changed() => {}
                // tidy: allow(sleep) because it is the pause of a person between two prompts
                () = sleep_until(next), if chats => {
                    next = Instant::now() + Duration::from_millis(self.chance.between(50, 1_500));
                    self.want(&mut socket).await?;
                }
            }
        }
    }

    fn is_at_rest(&self) -> bool {
        let view = &self.view;
        self.open.is_empty() && view.turns.is_empty() && view.queue.is_empty() && !view.fetch && view.cursor.is_some()
    }

    async fn take(&mut self, event: ClientEvent) -> Result<(), Over> {
        match event {
            ClientEvent::Reply { request_id: Some(id), reply, .. } => {
                self.open.remove(&id);
                self.told.lock().expect("nobody panics with it").replies.insert(id, reply);
            }
            // A refusal that tells to try again is answered by trying again; another one is an answer.
            ClientEvent::Error { problem } if !problem.retry => {
                if let Some(id) = problem.request_id {
                    self.open.remove(&id);
                }
            }
            ClientEvent::Error { problem } => return Err(Over(problem.detail)),
            event => self.view.apply(event),
        }
        if self.view.fetch {
            let Some(messages) = self.api.try_messages(self.session).await else {
                return Err(Over("the messages are not to be had".into()));
            };
            self.view.fetched(messages);
        }
        Ok(())
    }

    async fn want(&mut self, socket: &mut Socket) -> Result<(), Over> {
        let turn: Option<TurnId> = self.view.turns.keys().next().copied();
        let waiting = self.view.queue.len();
        let command = match (self.chance.between(0, 9), turn) {
            (0, Some(turn)) => ClientCommand::Abort { thread: None, turn: Some(turn) },
            _ if waiting > 3 => return Ok(()),
            (luck, _) => {
                let mode = (luck == 1).then_some(PromptMode::Steer);
                let (thread, text, attachments, agent, model) = (None, (self.prompts)(), vec![], None, None);
                ClientCommand::Prompt { thread, text, attachments, mode, agent, model }
            }
        };
        self.requests += 1;
        let id = format!("request {}", self.requests);
        self.open.insert(id.clone(), command.clone());
        socket.send(&id, command).await
    }
}
