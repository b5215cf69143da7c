//! Triggers in a house: whose they are, how they are saved, and what became of them.

use tenure_account::realm::{Command as RealmCommand, NewToken, Reply as RealmReply, TokenRole};
use tenure_account::realm_id;
use tenure_model::Timestamp;
use tenure_model::id::TriggerId;
use tenure_model::request::RequestId;
use tenure_workflow::Scheduler;
use tenure_workflow::people::By;
use tenure_workflow::scheduler::{Action, Command, Event, Reply};
use tenure_workflow::trigger::Patch;

use crate::house::{House, within};

/// A user of the server, who signs in with a token of theirs.
pub async fn user(house: &House) -> By {
    let token = NewToken { name: "first".into(), role: TokenRole::Admin, hash: "a".repeat(64), expires_at: None };
    let command = RealmCommand::Bootstrap { admin: "ann".into(), tokens: vec![token] };
    match within("the user", house.runtime.realm.ask(realm_id(), command)).await.expect("there is room").reply {
        RealmReply::Bootstrapped { admin, .. } => By { user: admin, name: "ann".into(), admin: false, agent: false },
        other => panic!("a first user was answered with {other:?}"),
    }
}

impl House {
    pub async fn schedule(&self, by: &By, command: Command) -> Reply {
        let asked = within("an answer", self.runtime.schedulers.ask(by.user, command)).await;
        asked.expect("the scheduler does it").reply
    }

    pub async fn trigger(&self, by: &By, text: &str) -> TriggerId {
        let patch = Patch::text(text).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
        let action = Action::Upsert { patch, expected: None };
        match self.schedule(by, Command::Client { by: by.clone(), request: None, action }).await {
            Reply::Saved { trigger, .. } => trigger,
            other => panic!("a trigger was answered with {other:?}"),
        }
    }

    /// Does something that is done once.
    pub async fn once(&self, by: &By, key: &str, action: Action) -> Reply {
        let request = Some(RequestId::parse(key).expect("a request id"));
        self.schedule(by, Command::Client { by: by.clone(), request, action }).await
    }

    /// Waits until an owner's scheduler has noted something, and returns all that it has noted.
    pub async fn noted(&self, by: &By, what: &str, wanted: impl Fn(&[Event]) -> bool) -> Vec<Event> {
        let mut news = self.runtime.schedulers.feed().subscribe(by.user, 10_000);
        within(what, async {
            loop {
                // What was recorded before is durable once the state can be looked at.
                self.runtime.schedulers.look(by.user).await.expect("the scheduler can be read");
                let events = self.events(by);
                if wanted(&events) {
                    return events;
                }
                news.next().await.expect("the feed goes on");
            }
        })
        .await
    }

    /// Returns all that an owner's scheduler has noted.
    pub fn events(&self, by: &By) -> Vec<Event> {
        let key = tenure_model::EntityKey::new(tenure_model::Kind::Scheduler, by.user);
        let stored = self.runtime.store.records(key, 1, 10_000).expect("the journal can be read");
        let record = |body: &[u8]| serde_json::from_slice::<tenure_model::Record<Scheduler>>(body).expect("a record");
        stored.iter().flat_map(|stored| record(&stored.body).events).collect()
    }
}

pub fn at(text: &str) -> Timestamp {
    tenure_workflow::definition::parse_instant(text).unwrap_or_else(|| panic!("{text} is no instant"))
}
