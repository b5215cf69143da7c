//! Runs in a house: how they are started, told something and waited for.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use tenure_journal::StoredRecord;
use tenure_model::id::{ExecutionId, SessionId};
use tenure_model::{EntityKey, Kind};
use tenure_runtime::{Look, gate_id};
use tenure_session::Session;
use tenure_workflow::execution::command::{Start, Trigger, TriggerKind};
use tenure_workflow::execution::{Action, Command, Reply, Status};
use tenure_workflow::library::{self, workflow_id};
use tenure_workflow::people::{Author, By};
use tenure_workflow::{Definition, Execution, Gate, read};
use uuid::Uuid;

use crate::house::{House, ann, within};

pub fn run(number: u128) -> ExecutionId {
    ExecutionId(Uuid::from_u128(0xe0_0000 + number))
}

/// Ann, as workflows know her.
pub fn owner() -> By {
    By { user: ann().user, name: "ann".into(), admin: false, agent: false }
}

pub fn definition(text: &str) -> Arc<Definition> {
    let read = read::text(text);
    Arc::new(read.unwrap_or_else(|mistakes| panic!("the definition is wrong: {mistakes:#?}")))
}

pub fn start_of(text: &str) -> Start {
    let definition = definition(text);
    let Author { user, name } = owner().author();
    Start {
        owner: user,
        owner_name: name,
        by: owner().author(),
        workflow: None,
        hash: definition.hash(),
        definition,
        inputs: Map::new(),
        trigger: Trigger { kind: TriggerKind::Manual, name: None, fired: None },
        session: None,
        repo: None,
        personas: Default::default(),
        parent: None,
        above: vec![],
        retrying: None,
        test: false,
        limits: Default::default(),
    }
}

impl House {
    pub async fn start(&self, id: ExecutionId, start: Start) -> Option<SessionId> {
        let asked = self.runtime.executions.ask(id, Command::Start(Box::new(start)));
        match within("the start", asked).await.expect("the run starts").reply {
            Reply::Started { session, .. } => session,
            other => panic!("a start was answered with {other:?}"),
        }
    }

    pub async fn wants(&self, id: ExecutionId, action: Action) -> Reply {
        let command = Command::Client { by: owner(), request: None, action };
        within("an answer", self.runtime.executions.ask(id, command)).await.expect("the run does it").reply
    }

    pub async fn event(&self, id: ExecutionId, name: &str) {
        let (name, payload) = (name.to_owned(), json!({ "by": "a test" }));
        self.wants(id, Action::Event { name, payload }).await;
    }

    pub async fn run(&self, id: ExecutionId) -> Arc<Execution> {
        within("a look", self.runtime.executions.look(id)).await.expect("the run can be read").state
    }

    /// Waits until a run is as wanted, looking again after each of its commits.
    pub async fn run_until(&self, id: ExecutionId, what: &str, wanted: impl Fn(&Execution) -> bool) -> Arc<Execution> {
        let mut news = self.runtime.executions.feed().subscribe(id, 10_000);
        within(what, async {
            loop {
                let run = self.run(id).await;
                if wanted(&run) {
                    return run;
                }
                news.next().await.expect("the feed goes on");
            }
        })
        .await
    }

    /// Waits for the end of a run and returns what it gives.
    pub async fn outputs(&self, id: ExecutionId) -> Value {
        let run = self.run_until(id, "the end of the run", |run| run.ended.is_some()).await;
        let ended = run.ended.clone().expect("it has ended");
        assert_eq!(run.status(), Status::Completed, "{:?} {:?}", ended.error, ended.reason);
        let outputs = ended.outputs.iter().map(|(name, value)| (name.clone(), value.as_ref().clone()));
        Value::Object(outputs.collect())
    }

    /// Waits until the gate is as wanted.
    pub async fn gate_until(&self, what: &str, wanted: impl Fn(&Gate) -> bool) {
        let mut news = self.runtime.gate.feed().subscribe(gate_id(), 1_000);
        within(what, async {
            while !wanted(&self.runtime.gate.look(gate_id()).await.expect("the gate can be read").state) {
                news.next().await.expect("the feed goes on");
            }
        })
        .await;
    }

    /// Waits until a session is as wanted.
    pub async fn session_until(&self, id: SessionId, what: &str, wanted: impl Fn(&Session) -> bool) -> Look<Session> {
        let mut news = self.runtime.sessions.feed().subscribe(id, 1_000);
        within(what, async {
            loop {
                let look = self.runtime.sessions.look(id).await.expect("the session can be read");
                if wanted(&look.state) {
                    return look;
                }
                news.next().await.expect("the feed goes on");
            }
        })
        .await
    }

    /// Stores a workflow of ann's.
    pub async fn save(&self, text: &str) {
        self.save_for(&owner(), text).await;
    }

    /// Stores a workflow of somebody's.
    pub async fn save_for(&self, by: &By, text: &str) {
        let definition = definition(text);
        let id = workflow_id(by.user, &definition.slug);
        let source = library::Source::Sync;
        let action = library::Action::Sync { owner: by.user, definition, source, expected: None };
        let command = library::Command { by: by.clone(), request: None, action };
        within("an answer", self.runtime.workflows.ask(id, command)).await.expect("the workflow is stored");
    }

    pub fn records(&self, id: ExecutionId) -> Vec<StoredRecord> {
        let key = EntityKey::new(Kind::Execution, id);
        self.runtime.store.records(key, 1, 10_000).expect("the journal can be read")
    }
}
