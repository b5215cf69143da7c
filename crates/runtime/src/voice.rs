//! What policies say in the conversations that calls came from, once nobody waits there for a person any more.

use std::sync::{Arc, RwLock};

use tenure_account::Realm;
use tenure_account::policy::Effect;
use tenure_journal::EffectId;
use tenure_model::id::{SessionId, UserId};
use tenure_model::request::RequestId;
use tenure_session::{Action, By, Command, Session};

use crate::courier::{Attempt, Attempting, Performer};
use crate::directory::{AskError, Directory};

/// Tells sessions what became of the calls that waited.
pub(crate) struct Voice {
    pub sessions: Directory<Session>,
    pub realm: Arc<RwLock<Arc<Realm>>>,
}

impl Performer for Voice {
    type Effect = Effect;
    type Lane = SessionId;

    fn lane(&self, Effect::Tell { session, .. }: &Effect) -> SessionId {
        *session
    }

    fn attempt(self: Arc<Self>, id: EffectId, effect: Arc<Effect>) -> Attempting {
        Box::pin(async move { self.say(UserId(id.key.id), &effect).await })
    }

    fn gave_up(self: Arc<Self>, id: EffectId, _: Arc<Effect>, why: String) -> Attempting {
        Box::pin(async move {
            tracing::warn!(effect = %id, "a session could not be told what became of its call: {why}");
            Attempt::Settled
        })
    }
}

impl Voice {
    async fn say(&self, owner: UserId, effect: &Effect) -> Attempt {
        let Effect::Tell { approval, session, thread, text } = effect;
        let realm = self.realm.read().expect("keeping the view does not panic").clone();
        // Nothing is started any more for somebody who was shut out.
        let Some(user) = realm.acting(owner) else { return Attempt::Settled };
        let by = By { user: owner, name: user.name.clone(), admin: false };
        let request = RequestId::parse(format!("approval-{approval}")).expect("it is made of letters and digits");
        let (thread, text) = (Some(*thread), text.clone());
        let action = Action::Prompt { thread, text, attachments: vec![], mode: None, agent: None, model: None };
        match self.sessions.ask(*session, Command::Client { by, request: Some(request), action }).await {
            Ok(_) => Attempt::Settled,
            Err(AskError::Refused(refusal)) => {
                tracing::info!(session.id = %session, "nobody was told what became of a call: {refusal}");
                Attempt::Settled
            }
            Err(other) => Attempt::Again(other.to_string()),
        }
    }
}
