//! What policies say to where calls came from: in conversations, once nobody waits there for a person any more, and to steps of
//! runs, which wait for nothing else.

use std::sync::{Arc, RwLock};

use tenure_account::Realm;
use tenure_account::policy::Effect;
use tenure_account::policy::rule::Who;
use tenure_journal::EffectId;
use tenure_model::id::{ApprovalId, SessionId, ThreadId, UserId};
use tenure_model::request::RequestId;
use tenure_session::{Action, By, Command, Session};
use tenure_workflow::Execution;
use tenure_workflow::execution::error::{APPROVAL_EXPIRED, CALL_DENIED};
use tenure_workflow::execution::{self, StepError};
use tenure_workflow::people::Author;
use uuid::Uuid;

use crate::courier::{Attempt, Attempting, Performer};
use crate::directory::{AskError, Directory};
use crate::runs;

/// Tells sessions and runs what became of the calls that waited.
pub(crate) struct Voice {
    pub sessions: Directory<Session>,
    pub executions: Directory<Execution>,
    pub realm: Arc<RwLock<Arc<Realm>>>,
}

impl Performer for Voice {
    type Effect = Effect;
    /// The session or the run.
    type Lane = Uuid;

    fn lane(&self, effect: &Effect) -> Uuid {
        match effect {
            Effect::Tell { session, .. } => session.0,
            Effect::TellStep { step, .. } => step.execution.0,
        }
    }

    fn attempt(self: Arc<Self>, id: EffectId, effect: Arc<Effect>) -> Attempting {
        Box::pin(async move {
            match &*effect {
                Effect::Tell { approval, session, thread, text } => {
                    self.say(UserId(id.key.id), *approval, (*session, *thread), text).await
                }
                Effect::TellStep { approval, step, approved, by, reason } => {
                    let result = match approved {
                        true => Ok(by.as_ref().map(author)),
                        false => Err(denied(by.as_ref(), reason.as_deref())),
                    };
                    let command = execution::Command::Leave { step: step.clone(), approval: *approval, result };
                    runs::tell(&self.executions, step.execution, command).await
                }
            }
        })
    }

    fn gave_up(self: Arc<Self>, id: EffectId, effect: Arc<Effect>, why: String) -> Attempting {
        Box::pin(async move {
            match &*effect {
                Effect::Tell { .. } => {
                    tracing::warn!(effect = %id, "a session could not be told what became of its call: {why}");
                    Attempt::Settled
                }
                // A person has decided: their word is not dropped while the step waits for it.
                Effect::TellStep { .. } => Attempt::Again(why),
            }
        })
    }
}

impl Voice {
    async fn say(
        &self,
        owner: UserId,
        approval: ApprovalId,
        (session, thread): (SessionId, ThreadId),
        text: &str,
    ) -> Attempt {
        let realm = self.realm.read().expect("keeping the view does not panic").clone();
        // Nothing is started any more for somebody who was shut out.
        let Some(user) = realm.acting(owner) else { return Attempt::Settled };
        let by = By { user: owner, name: user.name.clone(), admin: false };
        let request = RequestId::parse(format!("approval-{approval}")).expect("it is made of letters and digits");
        let (thread, text) = (Some(thread), text.to_owned());
        let action = Action::Prompt { thread, text, attachments: vec![], mode: None, agent: None, model: None };
        match self.sessions.ask(session, Command::Client { by, request: Some(request), action }).await {
            Ok(_) => Attempt::Settled,
            Err(AskError::Refused(refusal)) => {
                tracing::info!(session.id = %session, "nobody was told what became of a call: {refusal}");
                Attempt::Settled
            }
            Err(other) => Attempt::Again(other.to_string()),
        }
    }
}

/// Says why a call was not let go on: of the person who has denied it, or of the deadline.
pub fn denied(by: Option<&Who>, reason: Option<&str>) -> StepError {
    let why = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
    match by {
        Some(by) => StepError::new(CALL_DENIED, format!("{} has denied the call{why}", by.name)),
        None => StepError::new(APPROVAL_EXPIRED, format!("nobody has decided in time whether the call may go on{why}")),
    }
}

fn author(who: &Who) -> Author {
    Author { user: who.user, name: who.name.clone() }
}
