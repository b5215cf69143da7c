//! The runs of triggers: started from the workflow as it stands, ended for later ones, and asked how they stand.

use std::sync::Arc;

use serde_json::Value;
use tenure_model::id::{ExecutionId, FiringId, UserId, WorkflowId};
use tenure_workflow::execution::Command;
use tenure_workflow::execution::command::{Fired, Start, Trigger, TriggerKind};
use tenure_workflow::library::About;
use tenure_workflow::people::Author;
use tenure_workflow::scheduler::{Answer, Firing};
use tenure_workflow::trigger::{Kind, Offered};

use super::Schedules;
use crate::courier::Attempt;
use crate::directory::AskError;

/// Why nothing is done for an owner, as a code and in words.
pub(super) const SHUT_OUT: (&str, &str) =
    ("owner_shut_out", "its owner is no user of this server any more, or every token of theirs was revoked");

/// Which run a firing wants.
pub(super) struct StartRun<'e> {
    pub firing: &'e Firing,
    /// By slug or id.
    pub workflow: &'e str,
    pub kind: Kind,
    /// The trigger's.
    pub name: &'e str,
    pub watched: bool,
}

/// Why a run is not started.
enum Not {
    Refused(String, String),
    Again(String),
}

impl Schedules {
    pub(super) async fn start_run(&self, owner: UserId, run: ExecutionId, wanted: StartRun<'_>) -> Attempt {
        let firing = wanted.firing.id;
        let answer = match self.begun(owner, run, wanted).await {
            Ok(()) => Answer::Started { execution: run },
            Err(Not::Refused(code, why)) => Answer::Refused { code, why },
            Err(Not::Again(why)) => return Attempt::Again(why),
        };
        self.answer(owner, firing, answer).await
    }

    /// Starts the run. One that is there already was started by this very firing, as its id says, whatever has become of the
    /// workflow since.
    async fn begun(&self, owner: UserId, run: ExecutionId, wanted: StartRun<'_>) -> Result<(), Not> {
        let before = self.executions.look(run).await.map_err(|error| Not::Again(error.to_string()))?;
        if before.state.about.is_some() {
            return Ok(());
        }
        let owner_name = self.owner_name(owner).ok_or_else(|| refused(SHUT_OUT.0, SHUT_OUT.1))?;
        let named = wanted.workflow;
        let found = self.owned.workflow(owner, named).await.map_err(Not::Again)?;
        let (id, found) =
            found.ok_or_else(|| refused("workflow_unknown", format!("there is no workflow \"{named}\"")))?;
        if !found.enabled {
            return Err(refused("workflow_disabled", format!("the workflow \"{named}\" is disabled")));
        }
        let start = self.start_of(owner, owner_name, (id, found), wanted).await?;
        match self.executions.ask(run, Command::Start(Box::new(start))).await {
            Ok(_) => Ok(()),
            Err(AskError::Refused(refusal)) => Err(refused(refusal.code(), refusal.to_string())),
            Err(other) => Err(Not::Again(other.to_string())),
        }
    }

    async fn start_of(
        &self,
        owner: UserId,
        owner_name: String,
        (workflow, found): (WorkflowId, About),
        StartRun { firing, kind, name, watched, .. }: StartRun<'_>,
    ) -> Result<Start, Not> {
        let definition = found.definition.clone();
        let payload = match firing.payload.filter(|_| Offered::wants_payload(&definition)) {
            Some(record) => Some(self.payload(owner, record).await?),
            None => None,
        };
        let inputs = firing.offered.complete(&definition, firing.inputs.clone(), payload.as_ref());
        let personas = self.owned.personas(owner, &definition).await;
        let fired = Fired { trigger: firing.trigger, firing: firing.id, watched };
        Ok(Start {
            owner,
            by: Author { user: owner, name: owner_name.clone() },
            owner_name,
            workflow: Some(workflow),
            hash: found.current().hash,
            definition,
            inputs,
            trigger: Trigger { kind: kind_of(kind, firing.test), name: Some(name.to_owned()), fired: Some(fired) },
            session: None,
            repo: None,
            personas: personas.map_err(|error| Not::Again(error.to_string()))?,
            parent: None,
            above: vec![],
            retrying: None,
            test: firing.test,
            limits: self.limits.clone(),
        })
    }

    async fn payload(&self, owner: UserId, record: u64) -> Result<Value, Not> {
        let store = self.store.clone();
        let read = tokio::task::spawn_blocking(move || super::delivered(&store, owner, record)).await;
        let read = read.map_err(|error| error.to_string()).and_then(|read| read.map_err(|error| error.to_string()));
        let stored = read.map_err(Not::Again)?;
        let stored = stored.ok_or_else(|| refused("payload_lost", "what was delivered cannot be read any more"))?;
        stored.payload().map_err(|refusal| refused(refusal.code(), refusal.to_string()))
    }

    /// Ends a run for a later one. Its end is told like any other.
    pub(super) async fn cancel_run(&self, owner: UserId, firing: FiringId, run: ExecutionId) -> Attempt {
        match self.executions.ask(run, Command::TriggerEnds { firing }).await {
            Ok(_) => self.ask_run(owner, firing, run).await,
            // It was never started.
            Err(AskError::Refused(refusal)) => self.refuse(owner, firing, refusal.code(), refusal.to_string()).await,
            Err(other) => Attempt::Again(other.to_string()),
        }
    }

    pub(super) async fn ask_run(&self, owner: UserId, firing: FiringId, run: ExecutionId) -> Attempt {
        let state: Arc<_> = match self.executions.look(run).await {
            Ok(look) => look.state,
            Err(error) => return Attempt::Again(error.to_string()),
        };
        let answer = match (&state.about, &state.ended) {
            (None, _) => {
                Answer::Refused { code: "execution_unknown".to_owned(), why: "there is no such run".to_owned() }
            }
            (Some(_), Some(ended)) => Answer::Ended { end: ended.end },
            (Some(_), None) => Answer::Running,
        };
        self.answer(owner, firing, answer).await
    }
}

fn refused(code: &str, why: impl Into<String>) -> Not {
    Not::Refused(code.to_owned(), why.into())
}

fn kind_of(kind: Kind, test: bool) -> TriggerKind {
    match kind {
        _ if test => TriggerKind::Test,
        Kind::Schedule => TriggerKind::Schedule,
        Kind::Webhook => TriggerKind::Webhook,
        Kind::Github => TriggerKind::Github,
        Kind::Manual => TriggerKind::Manual,
    }
}
